// The clock jumps by a year, forth and back, while Postern runs or between two lives, and things
// wait for their time: a hand-over for its next try, a recipient for the next attempt. All has to
// come to its end as if nothing were, and nobody is called in a storm. Promise 24.
import fs from "node:fs";
import path from "node:path";

import { until } from "../../interop/lib/until.mjs";
import { World } from "../lib/world.mjs";

export const about = "the clock jumps by a year";
export const short = { rounds: 4, mails: 20, lives: 1 };
export const long = { rounds: 16, mails: 40, lives: 3 };

const go_on_limit_ms = 60000;
const calls_in_a_storm = 200; // more of any kind for the few mails of a round is one
// While it is down it is set back only: set forward, that is a year of absence.
const jumps = [
  { where: "+1y" },
  { where: "+0" },
  { where: "-1y", down: true },
  { where: "+0" },
  { where: "-1y" },
  { where: "+0" },
  { where: "+1y" },
  { where: "+0", down: true },
];

/** Debian's libfaketime, in its folder of the machine's kind. */
function library() {
  const folder = fs
    .readdirSync("/usr/lib")
    .map((name) => `/usr/lib/${name}/faketime/libfaketime.so.1`)
    .find((file) => fs.existsSync(file));
  if (!folder) throw new Error("libfaketime is not installed");
  return folder;
}

const jumps_seen = (world) => world.postern.log().split("what waits was moved").length;

/** One jump while hand-overs and deliveries wait. */
async function jump(world, set_clock, { where, down }, mails, wrong) {
  world.hook.status = 503;
  const before = { requests: world.hook.requests, logins: world.imap.logins };
  await world.traffic(mails, 200);
  await until("a hand-over was refused", () => world.hook.requests > before.requests);
  world.hook.status = 204;
  const seen = jumps_seen(world);
  if (down) await world.crash();
  set_clock(where);
  if (down) await world.postern.start();
  const jumped = Date.now();
  await world.traffic(mails, 200); // before it is seen that the clock was set
  await until(
    `all goes on after ${where}`,
    () => world.imap.waiting() === 0 && world.clients.waiting() === 0,
    go_on_limit_ms,
  ).catch((error) => wrong.push(error.message));
  await until("the jump was seen", () => jumps_seen(world) > seen, go_on_limit_ms);
  const { program } = world.postern;
  if (program.end) wrong.push(`it ended at ${where}: ${world.postern.log().slice(-1500)}`);
  for (const [kind, count] of [
    ["hand-overs", world.hook.requests - before.requests],
    ["logins", world.imap.logins - before.logins],
  ]) {
    if (count > calls_in_a_storm) wrong.push(`${count} ${kind} around ${where}`);
  }
  return Date.now() - jumped;
}

export async function life({ random, rounds, mails, say }) {
  const world = await World.make({ random: random.fork() });
  const file = path.join(world.postern.folder, "clock");
  const set_clock = (where) => {
    fs.writeFileSync(`${file}.new`, `${where}\n`);
    fs.renameSync(`${file}.new`, file);
  };
  set_clock("+0");
  Object.assign(world.postern.settings, {
    LD_PRELOAD: library(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    NO_FAKE_STAT: "1",
  });
  await world.begin();
  const wrong = [];
  let slowest = 0;
  for (let round = 0; round < rounds; round++) {
    const next = jumps[round % jumps.length];
    const took = await jump(world, set_clock, next, mails, wrong);
    slowest = Math.max(slowest, took);
    say(`clock ${next.where}${next.down ? " between two lives" : ""}: all done ${took} ms later`);
  }
  say(`at most ${slowest} ms`);
  wrong.push(...(await world.settle()));
  const figures = { mails: world.mails(), jumps: rounds };
  return { figures, wrong: [...wrong, ...(await world.end())] };
}
