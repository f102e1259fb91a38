// How far the write-ahead log is moved into the database, read off the file that Postern's own
// connections share: SQLite's "WAL-index format", in the machine's own order of octets.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const read_bytes = 136;
const frames_at = 16;
const salt_at = 32;
const moved_at = 96;
const under_way_at = 128;

export class LogIndex {
  /** @param world whose data folder it is; the disk under it may become another */
  constructor(world) {
    this.file = path.join(world.postern.data, "postern.db-shm");
  }

  /** {frames, salt, moving}: in the log, of this round of the log, whether pages are on their way. */
  look() {
    const bytes = Buffer.alloc(read_bytes);
    const file = fs.openSync(this.file, "r");
    try {
      fs.readSync(file, bytes, 0, read_bytes, 0);
    } finally {
      fs.closeSync(file);
    }
    const number = (at) => bytes[os.endianness() === "LE" ? "readUInt32LE" : "readUInt32BE"](at);
    return {
      frames: number(frames_at),
      salt: bytes.toString("hex", salt_at, salt_at + 8),
      moving: number(moved_at) < number(under_way_at),
    };
  }
}
