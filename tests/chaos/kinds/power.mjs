// Power cuts, at random moments under load: the program is stopped, the disk as it is copied, and
// Postern goes on with the copy, which has what was fsynced and nothing else. Promises 1, 2, 9, 10.
import { pause } from "../../interop/lib/until.mjs";
import { cut_power, Disk, lost_mail } from "../lib/disk.mjs";
import { injecting } from "../lib/strace.mjs";
import { World } from "../lib/world.mjs";

export const about = "power cuts";
export const short = { rounds: 4, mails: 40, lives: 1 };
export const long = { rounds: 20, mails: 35, lives: 10 };

async function die_in_start(world, disk, random) {
  await world.postern.spawn();
  await pause(random.between(0, 250));
  if (world.postern.program.end) throw new Error(`it ended:\n${world.postern.log()}`);
  await cut_power(world, disk);
}

/** With an fsync that does nothing such a cut has to lose mail, or it tests nothing. */
async function check_the_check(random) {
  const disk = new Disk();
  const world = await World.make({ random, data: disk.data });
  await world.begin();
  await world.postern.terminate();
  world.postern.wrap = injecting(["fsync:retval=0", "fdatasync:retval=0"]);
  await world.postern.start();
  await world.traffic(40, 500);
  await cut_power(world, disk);
  if (await lost_mail(world, disk)) return [];
  return ["a cut without any fsync lost nothing: it tests nothing"];
}

export async function life({ random, rounds, mails, number }) {
  const wrong = number === 0 ? await check_the_check(random.fork()) : [];
  const disk = new Disk();
  const world = await World.make({ random: random.fork(), data: disk.data });
  let cuts = 0;
  await world.begin();
  for (let round = 0; round < rounds; round++) {
    const traffic = world.traffic(mails, random.between(100, 600));
    await pause(random.between(0, 700));
    await cut_power(world, disk);
    cuts++;
    while (random.chance(0.2)) {
      await die_in_start(world, disk, random);
      cuts++;
    }
    await Promise.all([world.postern.start(), traffic]);
  }
  wrong.push(...(await world.settle()));
  const figures = { mails: world.mails(), "power cuts": cuts };
  wrong.push(...(await world.end()));
  disk.remove();
  return { figures, wrong };
}
