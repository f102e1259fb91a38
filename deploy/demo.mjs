// Postern at work, for people to watch: a private Dovecot and Postfix, a webhook endpoint, and a
// Postern between them, all on loopback and gone afterwards. Started by deploy/start --demo.
// The servers are those of the tests (tests/interop/lib).
import crypto from "node:crypto";

import { MailHost, mail } from "../tests/interop/lib/mail_host.mjs";
import { Postern, postern_command } from "../tests/interop/lib/postern.mjs";
import { Receiver, signature_is_good } from "../tests/interop/lib/receiver.mjs";
import { pause, until } from "../tests/interop/lib/until.mjs";

const pause_ms = 3000;
const arrival_limit_ms = 30000;
const say = (text = "") => console.log(text);

function rounds_wanted() {
  const at = process.argv.indexOf("--rounds");
  return at < 0 ? Infinity : Number(process.argv[at + 1]);
}

async function start_servers() {
  say("Starting a private Dovecot (IMAP) and Postfix (SMTP) under their own certificate …");
  const host = await MailHost.start();
  const support = host.dovecot.add_account("support");
  const bob = host.dovecot.add_account("bob");
  const { ports } = host.dovecot;
  const smtp = host.postfix.ports;
  say(
    `  Dovecot  127.0.0.1:${ports.tls} (TLS), :${ports.starttls} (STARTTLS); ` +
      `mailboxes ${support.address}, ${bob.address}`,
  );
  say(
    `  Postfix  127.0.0.1:${smtp.starttls} (submission, STARTTLS), :${smtp.tls} (TLS), ` +
      `:${smtp.mx} (mail from outside)`,
  );
  const receiver = await Receiver.start();
  say(`  Webhook  ${receiver.url} (checks every signature)`);
  return { host, support, bob, receiver };
}

/** A Postern of its own with an admin, the target and the integration, made by the HTTP API. */
async function start_postern({ host, support, receiver }) {
  const password = crypto.randomBytes(9).toString("base64url");
  const postern = Postern.prepare({ authority: host.certificates.ca.certificate });
  const made = await postern_command(
    ["user", "set-password", "--name", "admin", "--data", postern.data],
    { input: `${password}\n` },
  );
  if (made.code !== 0) throw new Error(`the admin user could not be created: ${made.errors}`);
  await postern.start();
  say(`  Postern  ${postern.url}/  sign in as admin, password ${password}`);
  const target = await postern.add_target(receiver, { name: "Helpdesk" });
  const integration = await postern.api("POST", "/integrations", {
    name: "Support",
    address: support.address,
    display_name: "Example Support",
    is_default: true,
    incoming: host.incoming(support),
    outgoing: host.outgoing(support),
  });
  await postern.status(integration.id, (status) => status.incoming_state === "ok", "watching");
  say(
    `Postern watches ${support.address} (IMAP IDLE) and hands its mail to the target "Helpdesk".`,
  );
  return { postern, secret: target.secret };
}

async function one_in(number, { host, support, receiver, secret }) {
  const subject = `Printer on floor ${number} is on fire`;
  const put = Date.now();
  await host.mail_in(support.address, mail({ to: support.address, subject }));
  const request = await receiver.request_about(subject, arrival_limit_ms);
  const good = signature_is_good(secret, request.headers, request.body);
  say(
    `mail ${number} put into ${support.address} → stored by Postern as ${request.json.data.id} → ` +
      `handed over (signature ${good ? "ok" : "WRONG"}) after ${request.at - put} ms`,
  );
  return good;
}

async function one_out(number, { host, bob, postern }) {
  const subject = `Re: your ticket ${number}`;
  const { id } = await postern.api("POST", "/send", {
    integration: "Support",
    to: [bob.address],
    subject,
    text: "We are on our way.\n",
  });
  const delivery = await postern.settled(id, ["sent", "failed", "unknown"], arrival_limit_ms);
  if (delivery.state !== "sent") {
    say(`mail ${number} sent through Postern: ${delivery.state}, ${delivery.result_message}`);
    return false;
  }
  await until(
    `mail ${number} in bob's mailbox`,
    () => host.dovecot.mails(bob.address).some((text) => text.includes(`Subject: ${subject}\r\n`)),
    arrival_limit_ms,
  );
  say(`mail ${number} sent through Postern: ${delivery.result_message} → arrived in bob's mailbox`);
  return true;
}

/** Ends with the first Ctrl-C or SIGTERM; the second one ends the program at once. */
const asked_to_stop = new Promise((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.removeAllListeners(signal);
    process.once(signal, () => {
      process.once(signal, () => process.exit(1));
      resolve();
    });
  }
});

const running = {};

/** All rounds; whether all of it went well. */
async function work() {
  Object.assign(running, await start_servers());
  Object.assign(running, await start_postern(running));
  say();
  let well = true;
  for (let round = 0; round < rounds_wanted(); round++) {
    if (round > 0) await pause(pause_ms);
    well = (await one_in(2 * round + 1, running)) && well;
    well = (await one_out(2 * round + 2, running)) && well;
  }
  return well;
}

let well = true;
try {
  well = await Promise.race([work(), asked_to_stop.then(() => true)]);
} catch (error) {
  well = false;
  console.error(`The demo has failed: ${error.message}`);
  if (running.postern) console.error(running.postern.log().slice(-3000));
}
say();
say("Stopping everything …");
await running.postern?.stop();
await running.receiver?.stop();
await running.host?.stop();
say(well ? "All of it went well." : "Not all of it went well.");
process.exit(well ? 0 : 1);
