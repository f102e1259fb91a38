// The disk refuses an fsync (EIO), once or for good, in each thread at its n-th; what it refused it
// has not written. Postern may end, or refuse; then the power goes too, so that all that was
// acknowledged on the strength of a refused fsync is gone. Promise 18.
import { until } from "../../interop/lib/until.mjs";
import { Disk, stop_still } from "../lib/disk.mjs";
import { injecting } from "../lib/strace.mjs";
import { World } from "../lib/world.mjs";

export const about = "EIO at the n-th fsync, once and for good";
export const short = { rounds: 4, mails: 16, lives: 1 };
export const long = { rounds: 24, mails: 16, lives: 4 };

const spooled_share = 0.1; // of mails that are files, so that files are fsynced often

function draw(random, number, round) {
  const call = random.chance(0.6) ? "fdatasync" : "fsync";
  const for_good = (number + round) % 2 === 1;
  return { call, n: random.between(1, call === "fsync" ? 12 : 40), for_good };
}

/** Under traffic until it ended, or has nothing to do, or cannot do it any more. */
async function live(world, mails) {
  const { program } = world.postern;
  await world.traffic(mails, 300);
  const quiet = () => world.imap.waiting() === 0 && world.clients.waiting() === 0;
  await until("it ended or is quiet", () => program.end || quiet(), 4000).catch(() => {});
}

export async function life({ random, rounds, mails, number, say }) {
  const disk = new Disk();
  const world = await World.make({ random: random.fork(), data: disk.data, spooled_share });
  const figures = { mails: 0, "refused fsyncs": 0, "ends by itself": 0 };
  await world.begin();
  for (let round = 0; round < rounds; round++) {
    await world.crash();
    const { call, n, for_good } = draw(random, number, round);
    world.postern.wrap = injecting([`${call}:error=EIO:when=${n}${for_good ? "+" : ""}`]);
    await world.postern.spawn();
    await live(world, mails);
    const { end } = world.postern.program;
    if (end) figures["ends by itself"]++;
    else await stop_still(world.pid());
    const copy = disk.copy();
    await world.crash();
    disk.go_on_with(copy);
    figures["refused fsyncs"]++;
    if (round % 8 === 0) say(`${call} ${n}${for_good ? "+" : ""}: ${end ? "ended" : "went on"}`);
    world.postern.wrap = undefined;
    await world.postern.start();
  }
  const wrong = await world.settle();
  figures.mails = world.mails();
  wrong.push(...(await world.end()));
  disk.remove();
  return { figures, wrong };
}
