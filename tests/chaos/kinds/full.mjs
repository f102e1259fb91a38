// The disk is full: a small ext4 filled to the last block under load, and ENOSPC at the n-th write
// to the database by strace's injection, in the long form at each of the first. New mail is refused
// (507, 452; else the log says why), nothing is marked, Postern stays up, and goes on within
// 60 s of there being space again. Promise 17.
import fs from "node:fs";
import path from "node:path";

import { pause, until } from "../../interop/lib/until.mjs";
import { Disk } from "../lib/disk.mjs";
import { injecting } from "../lib/strace.mjs";
import { World } from "../lib/world.mjs";

export const about = "disk full";
export const short = { rounds: 1, writes: 2, mails: 30, lives: 1 };
export const long = { rounds: 2, each: true, mails: 20, lives: 12, spooled_share: 0.05 };

const disk_mib = 256; // all that a life mails has room in it, once there is room
const go_on_limit_ms = 60000;
const fill_limit_ms = 60000;
const block_bytes = 4096;
const database = ["postern.db", "postern.db-wal", "postern.db-shm"];
const refusals = ["503", "507", "452", "451"];
const clear = ["507", "452"];

const in_turn = (call, last, from_then_on) =>
  Array.from({ length: last }, (_, n) => ({ call, when: `${n + 1}${from_then_on}` }));

/** Every call that takes space, up to where a process is well under way: once, and from then on. */
const each_write = ["", "+"].flatMap((from_then_on) => [
  ...in_turn("pwrite64", 150, from_then_on),
  ...in_turn("ftruncate", 4, from_then_on),
  ...in_turn("mkdir", 8, from_then_on), // of large mails' folders
]);

/** This life's share of all of them; in the short form some, drawn. */
function share({ random, writes, each, lives, number }) {
  if (each) return each_write.filter((_, n) => n % lives === number);
  return Array.from({ length: writes }, () => {
    const once = random.chance(0.5);
    return { call: "pwrite64", when: `${random.between(20, 400)}${once ? "" : "+"}` };
  });
}

/** Takes all the space there is. */
function fill(file) {
  const block = Buffer.alloc(block_bytes, 1);
  const out = fs.openSync(file, "w");
  try {
    for (;;) fs.writeSync(out, block);
  } catch (error) {
    if (error.code !== "ENOSPC") throw error;
  } finally {
    fs.closeSync(out);
  }
}

function check_up(world, wrong, when) {
  const { program } = world.postern;
  if (program.end) wrong.push(`it ended ${when}: ${JSON.stringify(program.end)}\n${tail(world)}`);
}

const says_why = (program) => /disk is full/.test(program.output + program.errors);
const tail = (world) => world.postern.log().slice(-1500);

/** Refusals that a full disk does not explain. */
function odd_refusals(world) {
  return [...world.clients.refusals.keys()]
    .filter((words) => !refusals.includes(words))
    .map((words) => `a client was refused with ${words}`);
}

async function filled(world, disk, mails, wrong) {
  const ballast = path.join(disk.point, "ballast");
  const { refusals: said } = world.clients;
  said.clear();
  fill(ballast);
  const both = () => (said.has("503") || said.has("507")) && said.has("452");
  await until(
    "new mail is refused",
    async () => {
      // Freed blocks (a truncated log) are taken again.
      fill(`${ballast}-more`);
      if (world.clients.waiting() < 100) await world.traffic(mails, 200);
      return both() || world.postern.program.end;
    },
    fill_limit_ms,
  ).catch((error) => wrong.push(`${error.message}: ${JSON.stringify([...said])}`));
  check_up(world, wrong, "on a full disk");
  // Now and then one more try, but no mail over and over.
  const { fetches } = world.imap;
  await pause(3000);
  const more = world.imap.fetches - fetches;
  if (more > 2 * world.imap.waiting()) wrong.push(`${more} bodies were fetched in three seconds`);
  wrong.push(...odd_refusals(world));
  const health = await world.postern.call("GET", "/health").catch((error) => ({ status: error }));
  if (health.status !== 200) wrong.push(`GET /health: ${health.status}`);

  fs.rmSync(`${ballast}-more`, { force: true });
  fs.rmSync(ballast);
  const freed = Date.now();
  await until(
    "all goes on",
    () => world.clients.waiting() === 0 && world.imap.waiting() === 0,
    go_on_limit_ms,
  ).catch((error) => wrong.push(error.message));
  return Date.now() - freed;
}

/** ENOSPC at a write to the database: once, or from then on until a new start. */
async function at_write(world, { call, when }, mails, wrong) {
  await world.crash();
  const rule = `${call}:error=ENOSPC:when=${when}`;
  const paths = call === "mkdir" ? [] : database.map((name) => path.join(world.postern.data, name));
  world.postern.wrap = injecting([rule], { paths });
  world.clients.refusals.clear();
  await world.postern.spawn();
  const { program } = world.postern;
  // With no space from then on it may never be ready: it is up, and says so.
  const answers = () => fetch(`${world.postern.url}/readyz`).then(() => true);
  await until("it answers, or has ended", () => program.end || answers());
  // In the start itself it may say why it can't, for who starts it again to see: sysexits' EX_IOERR.
  const refused = program.end?.code === 74 && says_why(program);
  if (!refused) await live(world, mails, wrong, rule);
  await world.crash();
  world.postern.wrap = undefined;
  await world.postern.start();
}

async function live(world, mails, wrong, rule) {
  await world.traffic(mails, 300);
  const quiet = () => world.imap.waiting() === 0 && world.clients.waiting() === 0;
  await until("quiet", () => world.postern.program.end || quiet(), 2000).catch(() => {});
  check_up(world, wrong, `at ${rule}`);
  wrong.push(...odd_refusals(world).map((words) => `${words} at ${rule}`));
  // 507 and 452 say by themselves that there is no room; the others don't.
  const vague = [...world.clients.refusals.keys()].filter((said) => !clear.includes(said));
  if (vague.length > 0 && !says_why(world.postern.program)) {
    wrong.push(`mail was refused with ${vague} at ${rule}, and the log does not say why`);
  }
}

export async function life(plan) {
  const { random, rounds, mails, spooled_share, say } = plan;
  const disk = new Disk(disk_mib);
  const world = await World.make({ random: random.fork(), data: disk.data, spooled_share });
  const wrong = [];
  let slowest = 0;
  await world.begin();
  await world.traffic(mails, 300);
  for (let round = 0; round < rounds; round++) {
    const took = await filled(world, disk, mails, wrong);
    slowest = Math.max(slowest, took);
    say(`went on ${took} ms after there was space; ${JSON.stringify([...world.clients.refusals])}`);
    if (wrong.length > 0) break;
  }
  let refused = 0;
  for (const write of share(plan)) {
    if (wrong.length > 0) break;
    await at_write(world, write, mails, wrong);
    refused++;
  }
  if (world.postern.program.end) await world.postern.start();
  wrong.push(...(await world.settle()));
  const figures = { mails: world.mails(), "full disks": rounds, "refused writes": refused };
  wrong.push(...(await world.end()));
  disk.remove();
  return { figures, wrong };
}
