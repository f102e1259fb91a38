// Deaths at the moments in which the write-ahead log is moved into the database, by a thread of its
// own, while commits go on (storage/checkpointer): in the midst of a move, right after the log began
// anew, and in the move of a start that finds a full log. The other kinds' lives are too short for
// that: a log is moved from 16 MiB on, and begins anew past 64. Killed; in every second life its
// power is cut. Promises 1, 2, 9, 18.
import path from "node:path";

import { pause, until } from "../../interop/lib/until.mjs";
import { cut_power, Disk, lost_mail, stop_still } from "../lib/disk.mjs";
import { LogIndex } from "../lib/log_index.mjs";
import { injecting } from "../lib/strace.mjs";
import { World } from "../lib/world.mjs";

export const about = "deaths while the log is moved into the database";
export const short = { rounds: 3, lives: 1 };
export const long = { rounds: 12, lives: 12 };

const bytes_max = 900_000; // no file yet: all of it goes through the log
const disk_mib = 3000; // sparse
const waiting_max = 24; // mails under way
const full_frames = 600; // not yet moved while it runs
const limit_ms = 60000;
const none = "0".repeat(16);

/** Mail in all directions until it is stopped. */
function feed(world) {
  let going = true;
  const ended = (async () => {
    while (going) {
      if (world.imap.waiting() + world.clients.waiting() < waiting_max) await world.traffic(12, 20);
      else await pause(5);
    }
  })();
  return () => {
    going = false;
    return ended;
  };
}

/** Resolves as soon as `condition` holds of what the index tells; it may not be there at times. */
const see = (what, index, condition) => until(what, () => condition(index.look()), limit_ms, 1);

const moments = {
  async "in a move"(world, index, random) {
    for (let left = random.between(0, 2); left >= 0; left--) {
      await see("no move is under way", index, ({ moving }) => !moving);
      await see("a move", index, ({ moving }) => moving);
    }
    // Some at once; the others later in it, or between it and the next commits.
    if (random.chance(0.5)) await pause(random.between(1, 25));
  },

  async "after the log began anew"(world, index, random) {
    await see("a log", index, ({ frames }) => frames > 0);
    const { salt } = index.look();
    await see("the log begins anew", index, (now) => now.frames > 0 && now.salt !== salt);
    await pause(random.between(0, 25));
  },

  async "in the start's move"(world, index) {
    await see("a log worth moving", index, ({ frames }) => frames > full_frames);
    await world.crash();
    const { salt } = index.look();
    await world.postern.spawn();
    // Before that the index is made anew, and holds nothing; behind it the log has another salt.
    await see("a start's move", index, (now) => now.salt !== none && (now.moving || now.salt !== salt));
  },
};

/** The death itself; whether pages were on their way. */
async function die(world, disk, index) {
  await stop_still(world.pid());
  const { moving } = index.look();
  if (disk) await cut_power(world, disk);
  else await world.crash();
  return moving;
}

async function round(world, disk, name, random, wrong) {
  const index = new LogIndex(world);
  const stop = feed(world);
  await moments[name](world, index, random).catch((error) => wrong.push(error.message));
  const moving = await die(world, disk, index);
  await Promise.all([stop(), world.postern.start()]);
  return moving;
}

/** Where the database's own fsyncs do nothing, and the log's do, a cut has to lose mail. */
async function check_the_check(random) {
  const disk = new Disk(disk_mib);
  const world = await World.make({ random: random.fork(), data: disk.data, bytes_max });
  await world.begin();
  await world.postern.terminate();
  const rules = ["fsync:retval=0", "fdatasync:retval=0"];
  const paths = [path.join(world.postern.data, "postern.db")];
  world.postern.wrap = injecting(rules, { paths });
  await world.postern.start();
  const stop = feed(world);
  await moments["after the log began anew"](world, new LogIndex(world), random);
  await cut_power(world, disk);
  await stop();
  if (await lost_mail(world, disk)) return [];
  return ["a move without any fsync lost nothing: it tests nothing"];
}

export async function life({ random, rounds, number }) {
  const wrong = number === 1 ? await check_the_check(random.fork()) : [];
  const disk = number % 2 === 1 ? new Disk(disk_mib) : undefined;
  const world = await World.make({ random: random.fork(), data: disk?.data, bytes_max });
  const figures = { mails: 0, [disk ? "power cuts" : "kills"]: rounds, "in the midst of a move": 0 };
  await world.begin();
  for (let n = 0; n < rounds; n++) {
    const names = Object.keys(moments);
    const name = names[(number + n) % names.length];
    if (await round(world, disk, name, random.fork(), wrong)) figures["in the midst of a move"]++;
  }
  wrong.push(...(await world.settle()));
  if (figures["in the midst of a move"] === 0) wrong.push("no move was met: it tests nothing");
  figures.mails = world.mails();
  wrong.push(...(await world.end()));
  disk?.remove();
  return { figures, wrong };
}
