// Dead and lying name servers: many accounts whose names nobody answers, some whose answers lie,
// and some healthy ones, which must not be later for that. Then a name server that is dead for all,
// and comes back. Promises 5, 21, 24.
import { until } from "../../interop/lib/until.mjs";
import { DnsServer, sayings } from "../lib/dns_server.mjs";
import { World } from "../lib/world.mjs";

export const about = "dead and lying DNS";
export const short = { dead: 60, late_ms: 10000, mails: 6, lives: 1 };
export const long = { dead: 1000, late_ms: 1000, mails: 30, lives: 1 };

const liars = Object.keys(sayings).filter((word) => !["silent", "ttl", "good"].includes(word));
const noticed_ms = 120000;
const back_ms = 120000;

/** How long each of some mails takes from the mailbox to the webhook: the median in ms. */
async function latency(world, mails) {
  const taken = [];
  for (let n = 0; n < mails; n++) {
    const begun = Date.now();
    const name = world.mail_in();
    await until(`${name} is handed over`, () => world.hook.taken.has(name), 60000);
    taken.push(Date.now() - begun);
  }
  return taken.sort((one, other) => one - other)[Math.floor(taken.length / 2)];
}

async function add(world, user, host) {
  const { incoming, ...rest } = world.integration(user, host);
  await world.postern.api("POST", "/integrations", { ...rest, incoming, outgoing: undefined });
}

async function check_liars(world, wrong) {
  for (const liar of liars) {
    const told = async () => (await world.postern.integration(liar)).status.last_incoming_error;
    await until(`${liar} tells its error`, told, noticed_ms).catch((error) =>
      wrong.push(error.message),
    );
  }
  const strangers = [...world.imap.users_in].filter((user) => liars.includes(user));
  if (strangers.length > 0) wrong.push(`these reached a server by a lie: ${strangers.join(", ")}`);
}

export async function life({ random, dead, late_ms, mails, say }) {
  const dns = await DnsServer.start();
  const world = await World.make({ random: random.fork(), small: true, host: "good.chaos.test" });
  const wrong = [];
  await world.begin();
  const calm = await latency(world, mails);
  for (const liar of [...liars, "ttl"]) await add(world, liar, `${liar}.chaos.test`);
  for (let n = 0; n < dead; n++) await add(world, `dead-${n}`, `silent-${n}.chaos.test`);
  const troubled = await latency(world, mails);
  await world.crash();
  await world.postern.start();
  const restarted = await latency(world, mails);
  say(`mailbox to webhook: ${calm} ms; beside ${dead} dead names ${troubled} ms, and ${restarted}`);
  for (const each of [troubled, restarted]) {
    if (each > calm + late_ms) wrong.push(`healthy ones took ${each} ms instead of ${calm}`);
  }
  await check_liars(world, wrong);
  if (!world.imap.users_in.has("ttl")) wrong.push("an answer with a long life was not believed");

  dns.dead = true;
  await world.crash();
  await world.postern.start();
  const name = world.mail_in();
  const asked = dns.asked;
  await until("it asks for names", () => dns.asked > asked);
  dns.dead = false;
  await until("the healthy ones are back", () => world.hook.taken.has(name), back_ms).catch(
    (error) => wrong.push(error.message),
  );
  wrong.push(...(await world.settle(noticed_ms)));
  const figures = { mails: world.mails(), "dead names": dead, liars: liars.length };
  wrong.push(...(await world.end()));
  dns.stop();
  return { figures, wrong };
}
