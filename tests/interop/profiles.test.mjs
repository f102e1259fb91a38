// Notification profiles at work about a real outage: by mail through a real Postfix into a real
// mailbox, by an SMS gateway with a templated HTTP call, by a signed webhook; step by step, not in
// the quiet hours, and to its end. (The hours themselves go by in tests/sim.)
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";

import { Webhook } from "standardwebhooks";

import { new_account, with_postern } from "./lib/fixture.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { Receiver } from "./lib/receiver.mjs";
import { until } from "./lib/until.mjs";

const patience_ms = 120000;

let host; // carries the notices, and is never in trouble
let other; // is stopped and started
before(async () => {
  host = await MailHost.start();
  other = await MailHost.start({ smtp: false });
});
after(async () => {
  await other?.stop();
  await host?.stop();
});

async function listener(t) {
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  return receiver;
}

/** As /^…/ of each mail about an outage in a mailbox. */
const subjects = (duty) =>
  host.dovecot
    .mails(duty.address)
    .filter((text) => /^X-Postern-Notice: /m.test(text))
    .map((text) => /^Subject: ((?:.*\r\n[ \t])*.*)\r$/m.exec(text)[1].replace(/\r\n/g, ""));

/** Postern with a default integration that works and one mailbox that is watched. */
async function watched(t) {
  const account = new_account(host, "post");
  const mailbox = new_account(other, "watched");
  const secrets = [account.password, mailbox.password, "gateway-key-42"];
  const env = { POSTERN_HTTP_PUBLIC_URL: "https://postern.example" };
  const postern = await with_postern(t, host, { secrets, env });
  await postern.api("POST", "/integrations", {
    name: "Post",
    is_default: true,
    address: account.address,
    outgoing: host.outgoing(account),
  });
  const ca_pem = fs.readFileSync(other.certificates.ca.certificate, "utf8");
  await postern.api("POST", "/integrations", {
    name: "Watched",
    incoming: other.incoming(mailbox, { tls: { ca_pem } }),
  });
  await postern.status("Watched", (status) => status.incoming_state === "ok", "it works");
  return postern;
}

const tell = (postern, ...profiles) =>
  postern.api("PATCH", "/settings", { monitoring: { notify_after: 1, profiles } });

/** Stops the server of the watched mailbox; `back()` starts it again. */
async function outage(t, postern) {
  await other.dovecot.stop();
  const start = async () => {
    if (other.dovecot.program.end) await other.dovecot.start();
  };
  t.after(start);
  return async () => {
    await start();
    await postern.api("POST", "/integrations/Watched/check");
  };
}

/** The gateway's call for a text message, as its maker documents it. */
const by_sms = (gateway, ...to) => ({
  type: "sms",
  name: "phone",
  to,
  method: "POST",
  url: `${gateway.url}/send?number={{to}}`,
  headers: { "X-Key": "{{secret}}", "Content-Type": "application/json" },
  body: '{"recipient": "{{to}}", "message": "{{text}}"}',
  secret: "gateway-key-42",
});

/** By the name of its path: what one receiver was called for. */
const calls = (receiver, what) => receiver.requests.filter(({ path }) => path.startsWith(`/hook/${what}`));

const called = (receiver, what, nth = 0) =>
  until(`${what} is called`, () => calls(receiver, what)[nth], patience_ms);

const hour = (by) => `${String((new Date().getUTCHours() + by + 24) % 24).padStart(2, "0")}:00`;

test("an outage at notification profiles", async (t) => {
  const duty = new_account(host, "duty");
  const [phone, chat] = [await listener(t), await listener(t)];
  // One breaks at the end alone: a way that fails would bring later steps forward.
  chat.answer = ({ path, json }) =>
    path === "/hook/broken" && json.data.status === "closed" ? 500 : 204;
  const hook = (name) => ({ type: "webhook", name, url: `${chat.url}/${name}` });
  const postern = await watched(t);
  const made = await postern.api("POST", "/profiles", {
    name: "On duty",
    channels: [
      { type: "email", name: "mail", to: [duty.address] },
      by_sms(phone, "+49 170 1", "+49 170 2"),
      hook("signed"),
      { ...hook("slack"), format: "slack" },
    ],
  });
  assert.ok(!JSON.stringify(made).includes("gateway-key-42"));
  await postern.api("POST", "/profiles", {
    name: "Steps",
    channels: [hook("first"), hook("second"), by_sms(phone, "+49 170 3")],
    steps: [
      { channels: ["first"] },
      { after_s: 3, channels: ["second"] },
      { after_s: 3600, channels: ["phone"] },
    ],
  });
  await postern.api("POST", "/profiles", {
    name: "Asleep",
    channels: [hook("asleep")],
    // A day less one hour, and now is in its middle.
    quiet_hours: { from: hour(-11), to: hour(12), time_zone: "UTC" },
  });
  await postern.api("POST", "/profiles", { name: "Broken", channels: [hook("broken"), hook("awake")] });
  await tell(postern, "On duty", "Steps", "Asleep", "Broken");
  const back = await outage(t, postern);
  let signed;

  await t.test("are told by mail, SMS and signed webhook", async () => {
    const texts = await until("both phones", () => phone.requests.length >= 2 && phone.requests, patience_ms);
    assert.deepEqual(texts.map(({ json }) => json.recipient).sort(), ["+49 170 1", "+49 170 2"]);
    for (const { json, path, headers } of texts) {
      assert.match(json.message, /FAILING: Watched/);
      assert.ok(Buffer.byteLength(json.message) <= 160, json.message);
      assert.equal(path, `/hook/send?number=${encodeURIComponent(json.recipient)}`);
      assert.equal(headers["x-key"], "gateway-key-42");
    }
    const request = await called(chat, "signed");
    signed = new Webhook(made.channels[2].secret).verify(request.body.toString(), request.headers);
    assert.equal(signed.data.status, "open");
    assert.equal(signed.data.problems[0].integration.name, "Watched");
    assert.match((await called(chat, "slack")).json.text, /FAILING: Watched/);
    await until("the mail", () => subjects(duty).some((each) => /FAILING: Watched/.test(each)), patience_ms);
  });

  await t.test("go on to the next step until somebody takes it up", async () => {
    const first = await called(chat, "first");
    const second = await called(chat, "second");
    assert.equal(second.json.data.dedup_key, first.json.data.dedup_key);
    // By the link in the notice, without signing in: it asks first, since scanners follow links.
    const { pathname, search } = new URL(signed.data.acknowledge_url);
    const link = `${postern.url}${pathname}${search}`;
    const problem = async () =>
      (await postern.list("/problems")).find((each) => each.integration?.name === "Watched");
    const asked = await fetch(link);
    assert.equal(asked.status, 200);
    assert.match(await asked.text(), /<form method="post">/);
    assert.equal((await problem()).acknowledged_at, null);
    assert.equal((await fetch(link.slice(0, -1), { method: "POST" })).status, 410);
    assert.equal((await fetch(link, { method: "POST" })).status, 200);
    assert.match((await problem()).acknowledged_by, /^the link in notice ntc_/);
  });

  await t.test("are told its end, but for who slept or was not told", async () => {
    await back();
    const closed = (what) =>
      until(
        `${what} is told the end`,
        () =>
          calls(chat, what).find(
            ({ json }) => json.data.status === "closed" && json.data.dedup_key === signed.data.dedup_key,
          ),
        patience_ms,
      );
    await closed("signed");
    await closed("first");
    await closed("second");
    await closed("awake");
    await until("the mail of its end", () => subjects(duty).some((each) => /RECOVERED: Watched/.test(each)), patience_ms);
    const texts = () => phone.requests.filter(({ json }) => /RECOVERED: Watched/.test(json.message));
    await until("the phones are told as well", () => texts().length === 2, patience_ms);
    assert.ok(phone.requests.every(({ json }) => json.recipient !== "+49 170 3"));
    assert.equal(calls(chat, "asleep").length, 0);
  });

  await t.test("have a channel that fails: it stops no other and is a problem itself", async () => {
    const trouble = await until(
      "that a channel fails is a problem",
      async () => (await postern.list("/problems")).find((each) => each.kind === "notice.unsent"),
      patience_ms,
    );
    assert.match(trouble.title, /Broken: broken/);
    await until(
      "it is told by one that works",
      () => calls(chat, "awake").some(({ json }) => /Broken: broken/.test(json.data.problems[0].title)),
      patience_ms,
    );
  });
});
