// What people see of an integration: the transcript of a session that failed, a recording of one
// that works, and the list of what happened; never a secret in any of them.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { fixture, new_account, with_postern } from "./lib/fixture.mjs";
import { mail, MailHost } from "./lib/mail_host.mjs";
import { postern_command } from "./lib/postern.mjs";
import { until } from "./lib/until.mjs";

let host;
before(async () => (host = await MailHost.start()));
after(() => host?.stop());

const wrong = "wrong-password-42";
const dialogue = ({ lines }) =>
  lines.map(({ from, text }) => `${from === "client" ? "C" : "S"}: ${text}`).join("\n");

/** In no dress in which it may have passed over the line. */
function assert_untold(text, account, ...passwords) {
  for (const password of passwords) {
    assert.ok(!text.includes(password), text);
    const blob = Buffer.from(`\0${account.address}\0${password}`).toString("base64");
    assert.ok(!text.includes(blob.slice(8, 24)), text);
    assert.ok(!text.includes(Buffer.from(password).toString("base64").slice(0, 12)), text);
  }
}

const refused = (account) => ({
  ...account,
  password: wrong,
});

describe("a transcript", () => {
  test("shows what Dovecot said to a wrong password, and is there after a crash", async (t) => {
    const postern = await with_postern(t, host, { secrets: [wrong] });
    const account = refused(new_account(host));
    for (const security of ["tls", "starttls"]) {
      const { id } = await postern.api("POST", "/integrations", {
        name: security,
        incoming: host.incoming(account, { security }),
      });
      const { last_incoming_error } = await postern.status(
        id,
        (status) => status.incoming_state === "failing",
        "fails",
      );
      assert.ok(last_incoming_error.transcript.includes(id), JSON.stringify(last_incoming_error));
      const pointed = await postern.api("GET", last_incoming_error.transcript);
      await postern.crash();
      await postern.start();
      const transcript = await postern.api("GET", `/integrations/${security}/transcript`);
      assert.equal(transcript.protocol, "imap");
      assert.equal(transcript.step, "login");
      assert.deepEqual(pointed.lines.length > 4, true);
      const text = dialogue(transcript);
      assert.match(text, /^C: \[connecting to localhost port \d+\]$/m);
      assert.match(text, /^S: \* OK .*Dovecot/m);
      assert.match(text, /^C: \S+ (AUTHENTICATE PLAIN|LOGIN) ?(\*\*\*)?$/m);
      assert.match(text, /\*\*\*/);
      assert.match(text, /^S: \S+ NO \[AUTHENTICATIONFAILED\]/m);
      assert_untold(JSON.stringify(transcript), account, wrong);
    }
  });

  test("shows what Postfix said to a wrong password", async (t) => {
    const { postern, account, add } = await fixture(t, host, {
      incoming: false,
      outgoing: { auth: { method: "password", username: "nobody@example.test", password: wrong } },
    });
    const { id } = await add();
    const sent = await postern.api("POST", "/send", {
      integration: id,
      mode: "sync",
      to: account.address,
      subject: "s",
      text: "t",
    });
    assert.equal(sent.result_code, 40);
    const transcript = await postern.api("GET", `/integrations/${id}/transcript?direction=outgoing`);
    const text = dialogue(transcript);
    assert.match(text, /^S: 220 /m);
    assert.match(text, /^C: STARTTLS$/m);
    assert.match(text, /^C: AUTH PLAIN \*\*\*$/m);
    assert.match(text, /^S: 535 /m);
    assert_untold(JSON.stringify(transcript), { address: "nobody@example.test" }, wrong);
    const none = await postern.api("GET", `/integrations/${id}/transcript?direction=incoming`);
    assert.deepEqual([none.at, none.lines], [null, []]);
  });

  test("is in the failing step of a connection test, and in the last one when asked", async (t) => {
    const postern = await with_postern(t, host, { secrets: [wrong] });
    const account = new_account(host);
    const values = { name: "x", incoming: host.incoming(refused(account)) };
    const failed = (await postern.steps("/integrations/test", values)).at(-1);
    assert.equal(failed.step, "login");
    assert.match(dialogue(failed.transcript), /NO \[AUTHENTICATIONFAILED\]/);
    assert_untold(JSON.stringify(failed), account, wrong);

    const { id } = await postern.api("POST", "/integrations", {
      name: "Support",
      enabled: false,
      address: account.address,
      incoming: host.incoming(account),
      outgoing: host.outgoing(account),
    });
    const steps = await postern.steps(`/integrations/${id}/test?transcript=always`);
    const told = steps.filter(({ transcript }) => transcript);
    assert.deepEqual(
      told.map(({ transcript }) => transcript.protocol),
      ["imap", "smtp"],
    );
    assert.match(dialogue(told[0].transcript), /EXAMINE/);
    assert_untold(JSON.stringify(told), account, account.password);

    const env = { POSTERN_URL: postern.url, POSTERN_TOKEN: postern.token };
    const plain = await postern_command(["test", "Support"], { env });
    assert.equal(plain.code, 0, plain.errors);
    assert.ok(!plain.output.includes("S: "), plain.output);
    const full = await postern_command(["test", "Support", "--transcript"], { env });
    assert.match(full.output, /^ +S: 220 /m);
    assert.match(full.output, /^ +S: \* OK .*Dovecot/m);
    assert_untold(full.output, account, account.password);
  });

  test("is recorded on demand, mails as their length", async (t) => {
    const { postern, account, add } = await fixture(t, host, { outgoing: {} });
    const { id } = await add();
    await postern.status(id, (status) => status.incoming_state === "ok", "works");
    const bad = await postern.call("POST", `/integrations/${id}/transcript`, { seconds: 0 });
    assert.equal(bad.status, 400);
    const nothing = await postern.api("GET", `/integrations/${id}/transcript?recorded=true`);
    assert.equal(nothing.at, null);

    const begun = await postern.call("POST", `/integrations/${id}/transcript`, { seconds: 300 });
    assert.equal(begun.status, 202);
    await postern.api("POST", `/integrations/${id}/check`);
    await host.deliver(account.address, mail({ to: account.address, body: "private words\n" }));
    const recorded = await until("the fetch is recorded", async () => {
      const got = await postern.api("GET", `/integrations/${id}/transcript?recorded=true`);
      return /UID FETCH[^]*bytes\]/.test(dialogue(got)) && got;
    });
    assert.ok(Date.parse(recorded.recording_until) > Date.now() + 200000);
    assert.ok(recorded.lines.every(({ connection }) => connection >= 1));
    assert.ok(!dialogue(recorded).includes("private words"));
    assert_untold(JSON.stringify(recorded), account, account.password);

    await postern.api("POST", "/send", {
      integration: id,
      mode: "sync",
      to: account.address,
      subject: "s",
      text: "private words",
    });
    const sent = await postern.api(
      "GET",
      `/integrations/${id}/transcript?recorded=true&direction=outgoing`,
    );
    assert.match(dialogue(sent), /C: DATA[^]*S: 354.*\nC: \[\d+ bytes\]\nS: 250 /);
    assert.ok(!dialogue(sent).includes("private words"));
    assert_untold(JSON.stringify(sent), account, account.password);
  });
});

describe("the activity", () => {
  test("tells what happened, newest first, page by page and over a restart", async (t) => {
    const { postern, account, add, receiver } = await fixture(t, host, { outgoing: {} });
    const { id } = await add();
    await host.deliver(account.address, mail({ to: account.address }));
    await receiver.request_about("hello");
    const { id: delivery } = await postern.api("POST", "/send", {
      integration: id,
      to: "someone@example.test",
      subject: "s",
      text: "t",
    });
    await postern.settled(delivery);
    await postern.api("POST", `/integrations/${id}/check`);
    await postern.api("PATCH", `/integrations/${id}`, { description: "changed" });
    await postern.status(id, (status) => status.incoming_state === "ok", "works");

    const where = `/integrations/${id}/activity`;
    const kinds = (items) => items.map(({ kind }) => kind);
    const durable = [
      "integration.created",
      "messages.stored",
      "handover.acknowledged",
      "check.requested",
      "integration.changed",
    ];
    const items = await until("all is told", async () => {
      const all = await postern.list(where);
      const wanted = [...durable, "check.succeeded", "connection.opened"];
      if (wanted.every((kind) => kinds(all).includes(kind))) return all;
      throw new Error(JSON.stringify(kinds(all)));
    });
    const times = items.map(({ at }) => Date.parse(at));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
    const send = items.find((item) => item.delivery === delivery);
    assert.match(send.kind, /^delivery\./);
    assert.equal(items.find(({ kind }) => kind === "check.requested").by, "admin");
    const paged = await postern.list(`${where}?limit=2`);
    for (const kind of durable) assert.ok(kinds(paged).includes(kind), kind);

    await postern.crash();
    await postern.start();
    const later = kinds(await postern.list(where));
    for (const kind of durable) assert.ok(later.includes(kind), `${kind} in ${later}`);
    const bad = await postern.call("GET", `${where}?cursor=nonsense`);
    assert.equal(bad.status, 400);
  });
});
