// SIGTERM under load, with peers that hang in the middle of an answer; and the start with many
// mails spooled and handed over to nobody yet. Promise 25: both within 10 s.
import { pause, until } from "../../interop/lib/until.mjs";
import { World } from "../lib/world.mjs";

export const about = "SIGTERM under load, a start with much spooled";
export const short = { rounds: 4, mails: 40, spooled: 1000, lives: 1 };
export const long = { rounds: 40, mails: 60, spooled: 100000, lives: 1 };

const limit_ms = 10000;
const store_limit_ms = 900000;

async function stop_under_load(world, random, mails, wrong) {
  // Now and then nobody answers: neither the webhook nor the mail server.
  const mute = random.chance(0.5);
  world.hook.mute = mute;
  const traffic = world.traffic(mails, 300);
  await pause(random.between(0, 500));
  const { code, signal, ms } = await world.postern.terminate();
  const words = world.postern.log().slice(-1500);
  if (code !== 0) wrong.push(`ended by SIGTERM with ${code ?? signal}:\n${words}`);
  if (ms > limit_ms) wrong.push(`took ${ms} ms to end:\n${words}`);
  world.hook.mute = false;
  await Promise.all([traffic, world.postern.start()]);
  return ms;
}

async function stored(world) {
  const { url, token } = world.postern;
  const headers = { authorization: `Bearer ${token}` };
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  return Number(/^postern_messages_stored_total (\S+)/m.exec(text)?.[1] ?? 0);
}

/** Much is stored and nobody takes it; a kill, then the start's time in ms. */
async function start_with(world, count, wrong) {
  const before = await stored(world);
  world.hook.status = 503;
  world.consumer.pause = true;
  for (let n = 0; n < count; n++) world.mail_in();
  await until(
    `${count} mails are stored`,
    async () => (await stored(world)) - before >= count,
    store_limit_ms,
  );
  await world.crash();
  const begun = Date.now();
  await world.postern.start();
  const took = Date.now() - begun;
  if (took > limit_ms) wrong.push(`took ${took} ms to start with ${count} spooled`);
  const { code, ms } = await world.postern.terminate();
  if (code !== 0 || ms > limit_ms) wrong.push(`ended with ${code} after ${ms} ms`);
  await world.postern.start();
  world.hook.status = 204;
  world.consumer.pause = false;
  return took;
}

export async function life({ random, rounds, mails, spooled, say }) {
  const world = await World.make({ random: random.fork(), spooled_share: 0.005 });
  const wrong = [];
  let slowest = 0;
  await world.begin();
  for (let round = 0; round < rounds; round++) {
    slowest = Math.max(slowest, await stop_under_load(world, random, mails, wrong));
  }
  wrong.push(...(await world.settle()));
  wrong.push(...(await world.end()));
  const second = await World.make({ random: random.fork(), small: true });
  await second.begin();
  const took = await start_with(second, spooled, wrong);
  say(`ended within ${slowest} ms; started in ${took} ms with ${spooled} spooled`);
  if (spooled <= 5000) wrong.push(...(await second.settle()));
  wrong.push(...(await second.end()));
  return { figures: { mails: world.mails() + spooled, stops: rounds }, wrong };
}
