// kill -9 at a random moment, a third of them during the start, while mail comes in, is handed
// over, is pulled, and is sent through POST /send and the listener. Promises 1, 2, 9 to 12, 15, 16.
import { pause } from "../../interop/lib/until.mjs";
import { World } from "../lib/world.mjs";

export const about = "kill -9 at random moments";
export const short = { rounds: 6, mails: 40, lives: 1 };
export const long = { rounds: 20, mails: 35, lives: 27 };

async function die_in_start(world, random) {
  await world.postern.spawn();
  await pause(random.between(0, 250));
  await world.crash();
}

export async function life({ random, rounds, mails, say }) {
  const world = await World.make({ random: random.fork() });
  let kills = 0;
  await world.begin();
  for (let round = 0; round < rounds; round++) {
    const traffic = world.traffic(mails, random.between(100, 600));
    await pause(random.between(0, 700));
    await world.crash();
    kills++;
    while (random.chance(0.3)) {
      await die_in_start(world, random);
      kills++;
    }
    await Promise.all([world.postern.start(), traffic]);
  }
  const wrong = await world.settle();
  say(`${world.imap.fetches} fetches, ${world.hook.requests} hand-overs`);
  const figures = { mails: world.mails(), kills };
  return { figures, wrong: [...wrong, ...(await world.end())] };
}
