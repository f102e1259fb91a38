// What a mail asks of the servers behind ours, and servers that can't take it as it is: a real
// Postfix with DSN, one without DSN and 8BITMIME, and none with REQUIRETLS. And what is kept of a
// session that failed.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, describe, test } from "node:test";

import nodemailer from "nodemailer";

import { free_ports } from "./lib/files.mjs";
import { fixture } from "./lib/fixture.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { until } from "./lib/until.mjs";

let host;
let bob;
before(async () => {
  host = await MailHost.start();
  bob = host.dovecot.add_account("bob");
});
after(() => host?.stop());

/** Postern with an integration at a port of Postfix; `outgoing`: others than the usual fields. */
async function sender(t, outgoing = {}, env = {}) {
  const made = await fixture(t, host, { incoming: false, outgoing, postern: { env } });
  made.integration = await made.add();
  made.send = (body) =>
    made.postern.api("POST", "/send", { integration: "Support", to: [bob.address], ...body });
  made.send_mail = (bytes, query = "") =>
    made.postern.api("POST", `/send?to=${bob.address}&integration=Support${query}`, bytes, {
      headers: { "Content-Type": "message/rfc822" },
    });
  return made;
}

const arrived = (account, subject) =>
  until(
    `"${subject}" in ${account.address}'s mailbox`,
    () => host.dovecot.mails_about(subject, account.address)[0],
    30000,
  );

/** The notification of success that Postfix sends to who asked for it. */
const notified = (account) => arrived(account, "Successful Mail Delivery Report");

describe("delivery status notifications", () => {
  test("asked for by POST /send come back with envelope id and original recipient", async (t) => {
    const { account, postern, send } = await sender(t);
    const dsn = { notify: ["success", "failure"], ret: "headers", envid: "ticket 42" };
    const { id } = await send({ subject: "with dsn", text: "t", dsn });
    const settled = await postern.settled(id);
    assert.equal(settled.state, "sent", JSON.stringify(settled));
    assert.deepEqual(settled.notes, []);
    assert.deepEqual(settled.dsn.notify, ["success", "failure"]);
    const report = await notified(account);
    assert.match(report, /Original-Envelope-Id: ticket 42/);
    assert.match(report, new RegExp(`Original-Recipient: rfc822;\\s*${bob.address}`));
    assert.match(report, /Action: (delivered|relayed)/);
  });

  test("asked for at the listener, by nodemailer, go on to the server", async (t) => {
    const [port] = await free_ports(1);
    const { certificate, key } = host.certificates.server;
    const { account, postern, integration } = await sender(
      t,
      {},
      {
        POSTERN_SUBMISSION_LISTEN: `127.0.0.1:${port}`,
        POSTERN_SUBMISSION_CERTIFICATE: certificate,
        POSTERN_SUBMISSION_KEY: key,
      },
    );
    const { login, password } = await postern.api(
      "POST",
      `/integrations/${integration.id}/submission-password`,
    );
    const transport = nodemailer.createTransport({
      host: "localhost",
      port,
      requireTLS: true,
      tls: { ca: fs.readFileSync(host.certificates.ca.certificate) },
      auth: { user: login, pass: password },
    });
    await transport.sendMail({
      from: account.address,
      to: bob.address,
      subject: "by nodemailer with dsn",
      text: "t",
      dsn: { id: "node-1", return: "full", notify: ["success"], recipient: bob.address },
    });
    transport.close();
    const report = await notified(account);
    assert.match(report, /Original-Envelope-Id: node-1/);
    assert.match(report, new RegExp(`Original-Recipient: rfc822;\\s*${bob.address}`));
  });

  test("cannot be asked of a server without DSN, which a note tells", async (t) => {
    const { postern, send } = await sender(t, { port: host.postfix.ports.bare });
    const { id } = await send({ subject: "no dsn", text: "t", dsn: { notify: ["success"] } });
    const settled = await postern.settled(id);
    assert.equal(settled.state, "sent", JSON.stringify(settled));
    assert.match(settled.notes.join(), /no DSN/);
    await arrived(bob, "no dsn");
  });
});

test("a mail that demands TLS all the way is not given to a server that promises none", async (t) => {
  const { send } = await sender(t);
  const sent = await send({ subject: "secret", text: "t", require_tls: true, mode: "sync" });
  assert.equal(sent.result_code, 53, JSON.stringify(sent));
  assert.match(sent.result_message, /REQUIRETLS/);
  assert.equal(sent.require_tls, true);
});

describe("a server without 8BITMIME", () => {
  const eight_bit = (subject, more = "") =>
    `Subject: ${subject}\r\n${more}MIME-Version: 1.0\r\n` +
    "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
    "ein Wort für dich allein\r\n" +
    "--b\r\nContent-Type: application/x-odd\r\nContent-Transfer-Encoding: 8bit\r\n\r\nöäü\r\n--b--\r\n";

  test("gets 8-bit parts re-encoded, each by itself", async (t) => {
    const { postern, send_mail } = await sender(t, { port: host.postfix.ports.bare });
    const { id } = await send_mail(eight_bit("seven bits"));
    const settled = await postern.settled(id);
    assert.equal(settled.state, "sent", JSON.stringify(settled));
    assert.match(settled.notes.join(), /8BITMIME/);
    const mail = await arrived(bob, "seven bits");
    assert.match(mail, /ein Wort f=C3=BCr dich allein/);
    assert.match(mail, /Content-Transfer-Encoding: base64\r?\n\r?\nw7bDpMO8/);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(mail, /[^\x00-\x7f]/);
  });

  test("gets nothing of a signed mail that would be broken", async (t) => {
    const { postern, send_mail } = await sender(t, { port: host.postfix.ports.bare });
    const { id } = await send_mail(eight_bit("signed", "DKIM-Signature: v=1; b=x\r\n"));
    const settled = await postern.settled(id);
    assert.equal(settled.state, "failed");
    assert.equal(settled.result_code, 53, JSON.stringify(settled));
    assert.match(settled.result_message, /signed/);
  });

  test("with 8BITMIME it goes as it is", async (t) => {
    const { postern, send_mail } = await sender(t);
    const { id } = await send_mail(eight_bit("eight bits"));
    const settled = await postern.settled(id);
    assert.deepEqual(settled.notes, [], JSON.stringify(settled));
    assert.match(await arrived(bob, "eight bits"), /ein Wort für dich allein/);
  });
});

test("what was said in a failed attempt is kept with the delivery", async (t) => {
  const { postern, send, account } = await sender(t);
  host.postfix.policy = ({ protocol_state }) =>
    protocol_state === "RCPT" ? "450 4.7.1 come back later" : undefined;
  t.after(() => (host.postfix.policy = () => undefined));
  const { id } = await send({ subject: "twice", text: "t" });
  const waiting = await until("the first attempt ended", async () => {
    const shown = await postern.api("GET", `/deliveries/${id}`);
    return shown.history[0]?.ended_at && shown;
  });
  assert.equal(waiting.history[0].transcript, true, JSON.stringify(waiting));
  host.postfix.policy = () => undefined;
  await postern.api("POST", `/deliveries/${id}/retry`);
  const settled = await postern.settled(id);
  assert.equal(settled.state, "sent", JSON.stringify(settled));

  const { lines, protocol } = await postern.api("GET", `/deliveries/${id}/transcript`);
  const text = lines.map((line) => line.text).join("\n");
  assert.equal(protocol, "smtp");
  assert.match(text, /come back later/);
  assert.match(text, new RegExp(`RCPT TO:<${bob.address}>`));
  assert.ok(!text.includes(account.password));
  const { items } = await postern.api("GET", `/deliveries/${id}/attempts`);
  assert.deepEqual(
    items.map(({ transcript }) => transcript),
    [true, false],
  );
});
