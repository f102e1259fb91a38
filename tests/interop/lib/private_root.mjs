// A root directory of a server's own: unpacked packages laid over this system's /usr, an /etc, /var
// and /run of their own, in a mount and pid namespace. For servers whose paths and users are built
// in and whose packages would drive others off the system.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { Program, run_now } from "./processes.mjs";

const unpack = path.join(path.dirname(fileURLToPath(import.meta.url)), "../unpack");
const first_id = 990;

/**
 * Binds what is shared, then runs the command; $1 the root, $2 the lower folders of /usr. The shell
 * stays the namespace's first process: a server that changes its user would outlive --kill-child.
 */
const enter = `set -eu
mount -t overlay overlay -o "lowerdir=$2" "$1/usr"
mount --rbind /dev "$1/dev"
mount -t proc proc "$1/proc"
root=$1; shift 2
chroot "$root" "$@"
exit $?`;

export class PrivateRoot {
  /**
   * @param packages Debian packages to unpack
   * @param users names of system users to have, each with a group of its name
   * @param tree a folder that packages are unpacked in already, instead of `packages`
   */
  constructor(folder, { packages, users, tree }) {
    this.folder = folder;
    for (const each of ["usr", "dev", "proc", "etc", "run", "tmp", "var/mail", "var/spool"]) {
      fs.mkdirSync(path.join(folder, each), { recursive: true });
    }
    fs.chmodSync(this.path("tmp"), 0o1777);
    fs.chmodSync(this.path("var/mail"), 0o1777);
    fs.symlinkSync("../run", this.path("var/run"));
    for (const each of ["bin", "sbin", "lib", "lib64"]) {
      fs.symlinkSync(`usr/${each}`, this.path(each));
    }
    for (const each of ["hosts", "nsswitch.conf", "services", "protocols"]) {
      if (fs.existsSync(`/etc/${each}`)) fs.copyFileSync(`/etc/${each}`, this.path(`etc/${each}`));
    }
    let passwd = "root:x:0:0:root:/root:/bin/sh\nmail:x:8:8:mail:/var/mail:/usr/sbin/nologin\n";
    let group = "root:x:0:\nmail:x:8:\n";
    users.forEach((name, index) => {
      passwd += `${name}:x:${first_id + index}:${first_id + index}::/var/mail:/usr/sbin/nologin\n`;
      group += `${name}:x:${first_id + index}:\n`;
    });
    this.users = users;
    this.write("etc/passwd", passwd);
    this.write("etc/group", group);
    const trees = tree ? [tree] : run_now(unpack, packages).toString().trim().split("\n");
    this.lower = [...trees.map((tree) => path.join(tree, "usr")), "/usr"].join(":");
  }

  ids(user) {
    const id = first_id + this.users.indexOf(user);
    return { uid: id, gid: id };
  }

  path(name) {
    return path.join(this.folder, name);
  }

  write(name, text, mode = 0o644) {
    fs.mkdirSync(path.dirname(this.path(name)), { recursive: true });
    fs.writeFileSync(this.path(name), text, { mode });
  }

  /** Its first process is the namespace's: with it all others end. */
  start(command) {
    return new Program("unshare", [
      "--mount",
      "--pid",
      "--fork",
      "--kill-child=SIGKILL",
      "bash",
      "-c",
      enter,
      "enter",
      this.folder,
      this.lower,
      ...command,
    ]);
  }
}

/** The mails in the private root's maildir, as text. */
export function maildir(root, name) {
  const folder = root.path(path.join(name, "new"));
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).map((file) => fs.readFileSync(path.join(folder, file), "utf8"));
}
