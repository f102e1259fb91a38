// Killed at the n-th call of a kind, before the kernel does it: fsync, fdatasync, write, pwrite64,
// rename, unlink, ftruncate, mkdir, sendto, by strace's injection. First in the very first start
// on an empty folder, then under load on a life that goes on. Promise 2.
import { until } from "../../interop/lib/until.mjs";
import { injecting } from "../lib/strace.mjs";
import { World } from "../lib/world.mjs";

export const about = "killed at the n-th call of a kind";
export const short = { rounds: 7, mails: 12, lives: 1 };
export const long = { each: true, mails: 12, lives: 15 };

const range = (call, last, step = 1) =>
  Array.from({ length: Math.ceil(last / step) }, (_, n) => ({ call, n: 1 + n * step }));

/** How far each kind comes in a first start, and in a process under load: see the README. */
const first_start = [
  ...range("fsync", 9),
  ...range("unlink", 2),
  ...range("rename", 1),
  ...range("ftruncate", 2),
  ...range("mkdir", 2),
  ...range("write", 12),
  ...range("fdatasync", 12),
  ...range("pwrite64", 400, 10),
].map((death) => ({ ...death, fresh: true }));
const under_load = [
  ...range("fdatasync", 60),
  ...range("fsync", 6),
  ...range("write", 30),
  ...range("sendto", 60),
  ...range("ftruncate", 3),
  ...range("pwrite64", 150),
];
const deaths = [...first_start, ...under_load];

const wrapped = ({ call, n }) => injecting([`${call}:signal=KILL:when=${n}`]);

/** Lets the started program live until its call kills it, or all is done; whether it was the call. */
async function live_until_killed(world) {
  const { program } = world.postern;
  const quiet = () =>
    world.imap.waiting() === 0 && world.clients.waiting() === 0 && world.clients.running;
  await until("it died, or nothing is left to do", () => program.end || quiet(), 60000);
  const by_call = program.end !== undefined;
  await world.crash();
  return by_call;
}

/** A life that begins with a death: the next start has to find its way. */
async function first_death(random, death, mails) {
  const world = await World.make({ random });
  world.postern.wrap = wrapped(death);
  await world.postern.spawn();
  const { program } = world.postern;
  const begun = world.begin_at(program).catch(() => {});
  await Promise.race([program.ended, begun]);
  const killed = program.end !== undefined;
  await world.crash();
  await begun; // or it goes on with the next life
  world.postern.wrap = undefined;
  await world.begin();
  await world.traffic(mails, 50);
  const wrong = await world.settle();
  return { world, killed, wrong: [...wrong, ...(await world.end())] };
}

async function next_death(world, death, mails) {
  world.postern.wrap = wrapped(death);
  await world.postern.spawn();
  const traffic = world.traffic(mails, 200);
  const killed = await traffic.then(() => live_until_killed(world));
  world.postern.wrap = undefined;
  return killed;
}

/** This life's share of all deaths: in the short form some, drawn; in the long one each. */
function share({ random, rounds, each, lives, number }) {
  // Dealt like cards: each life has first starts and calls under load, early and late ones.
  if (each) return deaths.filter((_, n) => n % lives === number);
  return Array.from({ length: rounds }, (_, n) => random.of(n === 0 ? first_start : under_load));
}

export async function life({ random, rounds, each, mails, lives, number, say }) {
  const wrong = [];
  const figures = { mails: 0, kills: 0, "calls not reached": 0 };
  const count = (killed, { call, n, fresh }) => {
    figures[killed ? "kills" : "calls not reached"]++;
    if (!killed) say(`${fresh ? "first start" : "under load"}: no ${call} ${n}`);
  };
  let world;
  for (const death of share({ random, rounds, each, lives, number })) {
    if (death.fresh) {
      const first = await first_death(random.fork(), death, mails);
      count(first.killed, death);
      figures.mails += first.world.mails();
      wrong.push(...first.wrong.map((words) => `${death.call} ${death.n}: ${words}`));
      continue;
    }
    if (!world) {
      world = await World.make({ random: random.fork() });
      await world.begin();
      await world.crash();
    }
    count(await next_death(world, death, mails), death);
  }
  if (world) {
    await world.postern.start();
    wrong.push(...(await world.settle()));
    figures.mails += world.mails();
    wrong.push(...(await world.end()));
  }
  return { figures, wrong };
}
