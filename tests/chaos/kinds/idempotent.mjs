// Mails said three times and more under one Idempotency-Key, some with another body too, while the
// program is killed, stopped, or loses its power, often at the very moment in which the SMTP server
// takes a mail. One key is one mail; the double that promise 11 allows is counted by itself (see
// lib/keyed_books.mjs). Every second life is on a disk whose power is cut. Promises 9 to 11.
import { pause, until } from "../../interop/lib/until.mjs";
import { cut_power, Disk } from "../lib/disk.mjs";
import { check_keys } from "../lib/keyed_books.mjs";
import { KeyedCalls } from "../lib/keyed_calls.mjs";
import { World } from "../lib/world.mjs";

export const about = "one Idempotency-Key, many calls, and deaths";
export const short = { rounds: 6, mails: 20, lives: 1 };
export const long = { rounds: 20, mails: 25, lives: 10 };

const lanes = 16;
const users = ["ann", "bob", "cleo"];
const settle_limit_ms = 90000;

/** The lives of one world: how each ends, and which may have left something under way. */
class Deaths {
  figures = { kills: 0, "power cuts": 0, stops: 0 };
  ended = new Set();

  constructor(world, disk, random, wrong) {
    Object.assign(this, { world, disk, random, wrong });
  }

  /** Ends the present life; the next start is the caller's. */
  async die() {
    const { world, disk } = this;
    this.ended.add(world.sink.life);
    if (disk) {
      await cut_power(world, disk);
      this.figures["power cuts"]++;
    } else {
      await world.crash();
      this.figures.kills++;
    }
    world.sink.life++;
  }

  /** In the midst of a mail: it stands still before the server's 250 leaves. */
  async die_at_a_mail() {
    const { world, random } = this;
    let left = random.between(1, 12);
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, 1500); // so many may not come any more
      world.sink.on_take = () => {
        if (--left !== 0) return;
        process.kill(world.pid(), "SIGSTOP");
        clearTimeout(timer);
        resolve();
      };
    });
    world.sink.on_take = undefined;
    await this.die();
  }

  async stop() {
    const { world } = this;
    this.ended.add(world.sink.life);
    const { code, signal } = await world.postern.terminate();
    if (code !== 0) this.wrong.push(`ended by SIGTERM with ${code ?? signal}`);
    world.sink.life++;
    this.figures.stops++;
  }

  /** One of the ends above, then perhaps some more in starts, then a start. */
  async next() {
    const { world, random } = this;
    const draw = random.fraction();
    if (draw < 0.45) await this.die_at_a_mail();
    else {
      await pause(random.between(0, 500));
      await (draw < 0.9 ? this.die() : this.stop());
    }
    while (random.chance(0.2)) {
      await world.postern.spawn();
      await pause(random.between(0, 250));
      await this.die();
    }
    await world.postern.start();
  }
}

/** Waits for the end of all; what is unknown and to be sent again is sent now, not in 5 minutes. */
async function settle(world, calls, wrong) {
  const { postern } = world;
  const wait = (what, condition) =>
    until(what, condition, settle_limit_ms).catch((error) => wrong.push(error.message));
  await wait("all calls have their answer", () => calls.waiting() === 0);
  await wait("all deliveries have ended", async () => {
    let open = 0;
    for (const { id, state, next_attempt_at } of await postern.list("/deliveries?limit=200")) {
      const resend = state === "unknown" && next_attempt_at; // else its caller was told
      if (resend) await postern.call("POST", `/deliveries/${id}/retry`);
      if (resend || ["queued", "sending"].includes(state)) open++;
    }
    return open === 0;
  });
}

/** The books have to see what is put into them: a mail too many, a delivery too many. */
function check_the_check(calls, deliveries, transactions, ended) {
  const clean = (sent) => check_keys(calls, deliveries, sent, ended).wrong.length;
  const before = clean(transactions);
  const last = transactions.findLast(({ name }) => name);
  const delivery = deliveries.find(({ subject }) => subject === last.name);
  const seen = [
    clean([...transactions, last]) > before,
    clean([...transactions, { ...last, message_id: "<another@far.test>" }]) > before,
    clean(transactions.filter(({ name }) => name !== last.name)) > before,
    check_keys(calls, [...deliveries, delivery], transactions, ended).wrong.length > before,
  ];
  return seen.every(Boolean) ? [] : [`the books see not all of what is wrong: ${seen}`];
}

export async function life({ random, rounds, mails, number, say }) {
  const wrong = [];
  const disk = number % 2 === 1 ? new Disk() : undefined;
  const world = await World.make({ random: random.fork(), data: disk?.data });
  const calls = new KeyedCalls((...words) => world.postern.call(...words), random.fork());
  const deaths = new Deaths(world, disk, random.fork(), wrong);
  await world.begin();
  calls.run(lanes);
  for (let round = 0; round < rounds; round++) {
    calls.round = round;
    for (let n = 0; n < mails; n++) calls.add(`key-${round}-${n}`, random.of(users), round);
    await deaths.next();
  }
  calls.round = Infinity;
  await settle(world, calls, wrong);
  await deaths.stop();
  await world.postern.start();
  calls.ask_again(rounds);
  await settle(world, calls, wrong);
  const deliveries = await world.postern.list("/deliveries?limit=200");
  const found = check_keys(calls, deliveries, world.sink.transactions, deaths.ended);
  wrong.push(...found.wrong);
  wrong.push(...check_the_check(calls, deliveries, world.sink.transactions, deaths.ended));
  await calls.stop();
  say(`put off: ${JSON.stringify([...calls.put_off])}`);
  const figures = {
    keys: calls.keys.size,
    ...calls.figures,
    ...deaths.figures,
    transactions: world.sink.transactions.length,
    "doubles by a death, marked": found.doubles,
  };
  wrong.push(...(await world.end()));
  disk?.remove();
  return { figures, wrong };
}
