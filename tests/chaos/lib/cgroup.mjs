// A memory limit as containers and systemd set it: a control group of our own below the one we are
// in. With v1 and v2, where this process may make one; the kernel kills who goes beyond it.
import fs from "node:fs";
import path from "node:path";

import { at_exit, run_now } from "../../interop/lib/processes.mjs";

const entering = 'echo $$ > "$0/cgroup.procs" && exec "$@"';

/** Folder and name of the limit's file, of v2's tree and of v1's. */
function* places() {
  const own = (pattern) => pattern.exec(fs.readFileSync("/proc/self/cgroup", "utf8"))?.[1];
  const v1 = own(/^\d+:(?:\w+,)*memory(?:,\w+)*:(.*)$/m);
  const v2 = own(/^0::(.*)$/m);
  for (const within of [v1, "/"]) {
    if (v1 !== undefined) yield [`/sys/fs/cgroup/memory${within}`, "memory.limit_in_bytes"];
  }
  for (const within of [v2, "/"]) {
    if (v2 !== undefined) yield [`/sys/fs/cgroup${within}`, "memory.max"];
  }
}

export class Cgroup {
  /** A group with no limit yet; nothing where none can be made. */
  static make() {
    for (const [above, limit] of places()) {
      const folder = path.join(above, `postern-chaos-${process.pid}`);
      try {
        fs.mkdirSync(folder);
      } catch {
        continue;
      }
      const group = new Cgroup(folder, path.join(folder, limit));
      try {
        group.limit(1024);
        run_now("sh", ["-c", entering, folder, "true"]);
        return group;
      } catch {
        group.remove();
      }
    }
    return undefined;
  }

  constructor(folder, file) {
    this.folder = folder;
    this.file = file;
    this.forget = at_exit(() => fs.rmdirSync(folder));
  }

  limit(mib) {
    // v1 takes no less than what is used: what former lives left in the cache goes first.
    const empty = path.join(this.folder, "memory.force_empty");
    if (fs.existsSync(empty)) fs.writeFileSync(empty, "0");
    fs.writeFileSync(this.file, `${mib * 1024 * 1024}`);
  }

  /** Words to start a program with, so that it runs in here. */
  wrap() {
    return ["sh", "-c", entering, this.folder];
  }

  remove() {
    this.forget();
    fs.rmdirSync(this.folder);
  }
}
