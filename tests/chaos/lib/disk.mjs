// A small disk of our own: ext4 in a loop file, which keeps what was not fsynced in memory for five
// minutes (commit=300). Cutting its power is copying the file: what is not in it is gone.
// Needs the kernel's root; as the root of a user namespace no file system can be mounted.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { remove_folder } from "../../interop/lib/files.mjs";
import { at_exit, run_now } from "../../interop/lib/processes.mjs";
import { until } from "../../interop/lib/until.mjs";

const image_mib = 192;

/** Whether this process may mount a loop file. */
export function may_mount() {
  try {
    const disk = new Disk(8);
    disk.remove();
    return true;
  } catch {
    return false;
  }
}

/** In memory where there is such a place: nobody waits for the machine's own disk. */
function shelf() {
  try {
    fs.accessSync("/dev/shm", fs.constants.W_OK);
    return "/dev/shm";
  } catch {
    return os.tmpdir();
  }
}

/** "T" stopped, "R" running, …: of each thread of the process. */
const thread_states = (pid) =>
  fs
    .readdirSync(`/proc/${pid}/task`)
    .map((task) => /\) (\S)/.exec(fs.readFileSync(`/proc/${pid}/task/${task}/stat`, "latin1"))[1]);

/** Stops a process; returns when none of its threads is in the kernel any more. */
export async function stop_still(pid) {
  process.kill(pid, "SIGSTOP");
  await until(`pid ${pid} stands still`, () =>
    thread_states(pid).every((state) => ["T", "t", "Z"].includes(state)),
  );
}

/** The power of a world on `disk` goes, and comes back; the next start is the caller's. */
export async function cut_power(world, disk) {
  await stop_still(world.pid());
  const copy = disk.copy();
  await world.crash();
  disk.go_on_with(copy);
}

/**
 * Whether mail is lost behind a cut in a world whose fsyncs did nothing: a check of the check. Ends
 * the world and its disk. What comes up again is no matter: it may find no database at all.
 */
export async function lost_mail(world, disk) {
  world.postern.wrap = undefined;
  const wrong = await world.postern.start().then(
    () => world.settle(2000),
    () => ["it did not start"],
  );
  await world.end().catch(() => {});
  disk.remove();
  return wrong.length > 0;
}

export class Disk {
  #image;
  #next = 0;

  constructor(mib = image_mib) {
    this.folder = fs.mkdtempSync(path.join(shelf(), "postern-chaos-disk-"));
    this.forget = at_exit(() => this.remove());
    this.point = path.join(this.folder, "mounted");
    fs.mkdirSync(this.point);
    this.#image = this.#new_image();
    run_now("truncate", ["-s", `${mib}M`, this.#image]);
    run_now("mkfs.ext4", ["-q", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", this.#image]);
    this.#mount();
  }

  /** Where Postern's data may lie. */
  get data() {
    return path.join(this.point, "data");
  }

  #new_image() {
    return path.join(this.folder, `disk-${this.#next++}.img`);
  }

  #mount() {
    run_now("mount", ["-o", "loop,commit=300", this.#image, this.point]);
  }

  /** What the disk would hold if the power went now; Postern has to stand still meanwhile. */
  copy() {
    const copy = this.#new_image();
    run_now("cp", ["--sparse=always", this.#image, copy]);
    return copy;
  }

  /** Goes on with the copy instead, as after a power cut; nobody may have a file open. */
  go_on_with(copy) {
    run_now("umount", [this.point]);
    fs.rmSync(this.#image);
    this.#image = copy;
    this.#mount();
  }

  remove() {
    try {
      run_now("umount", [this.point]);
    } catch {
      // Not mounted.
    }
    remove_folder(this.folder);
    this.forget?.();
  }
}
