// Mail from POST /send through a real Postfix into a real mailbox, and every way it can be refused.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { fixture, new_account } from "./lib/fixture.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { until } from "./lib/until.mjs";

let host;
let bob;
before(async () => {
  host = await MailHost.start();
  bob = host.dovecot.add_account("bob");
});
after(() => host?.stop());

const sender = async (t, outgoing = {}, others = {}) => {
  const made = await fixture(t, host, { incoming: false, outgoing, ...others });
  made.integration = await made.add();
  made.send = (body, options) =>
    made.postern.api(
      "POST",
      "/send",
      { integration: "Support", to: [bob.address], ...body },
      options,
    );
  made.refused = (body, options) =>
    made.postern.call(
      "POST",
      "/send",
      { integration: "Support", to: [bob.address], ...body },
      options,
    );
  return made;
};

/** The mail with this subject in the account's mailbox, as text. */
const arrived = (account, subject) =>
  until(
    `"${subject}" in ${account.address}'s mailbox`,
    () => host.dovecot.mails_about(subject, account.address)[0],
  );

function refuse_with(t, policy) {
  host.postfix.policy = policy;
  t.after(() => (host.postfix.policy = () => undefined));
}

describe("a mail that the server takes", () => {
  for (const security of ["starttls", "tls"]) {
    test(`is queued with 202 and sent (${security})`, async (t) => {
      const { postern, refused, account, integration } = await sender(t, { security });
      const answer = await refused({
        subject: `queued ${security}`,
        text: "Hello Bob.\n.\nBye.\n",
      });
      assert.equal(answer.status, 202);
      assert.match(answer.body.id, /^dlv_/);
      assert.equal(answer.body.integration, integration.id);
      const delivery = await postern.settled(answer.body.id);
      assert.equal(delivery.state, "sent");
      assert.equal(delivery.success, true);
      assert.equal(delivery.result_code, 0);
      assert.equal(delivery.smtp_code, 250);
      assert.match(delivery.result_message, /^250 2\.0\.0 Ok: queued as/);
      assert.equal(delivery.attempts, 1);
      assert.deepEqual(
        delivery.per_recipient.map(({ address, result_code }) => [address, result_code]),
        [[bob.address, 0]],
      );
      const text = await arrived(bob, `queued ${security}`);
      assert.ok(text.includes(`Message-ID: ${delivery.message_id}`));
      assert.match(text, new RegExp(`From:.*${account.address}`));
      assert.match(text, /Hello Bob\.\r\n\.\r\nBye\./);
      assert.match(text, /with ESMTPSA/);
      const { status } = await postern.integration(integration.id);
      assert.ok(status.last_successful_outgoing);
      assert.equal(status.outgoing_state, "ok");
    });
  }

  test("is answered with 200 and its end in sync mode", async (t) => {
    const { refused } = await sender(t);
    const { status, body } = await refused({ mode: "sync", subject: "sync", text: "now" });
    assert.equal(status, 200);
    assert.equal(body.state, "sent");
    assert.match(body.result_message, /queued as/);
    await arrived(bob, "sync");
  });

  test("carries text, HTML, an attachment, cc, own headers; bcc unseen", async (t) => {
    const carl = new_account(host, "carl");
    const dora = new_account(host, "dora");
    const { send } = await sender(t);
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, n) => n % 256));
    const sent = await send({
      mode: "sync",
      subject: "parts",
      text: "Grüße",
      html: "<p>Grüße</p>",
      cc: carl.address,
      bcc: [dora.address],
      headers: { "X-Ticket": "42" },
      in_reply_to: "<before@client.test>",
      attachments: [
        {
          filename: "zähler.bin",
          content_type: "application/octet-stream",
          content_base64: bytes.toString("base64"),
          content_id: null,
        },
      ],
    });
    assert.equal(sent.per_recipient.length, 3);
    for (const account of [bob, carl, dora]) {
      const text = await arrived(account, "parts");
      assert.match(text, /multipart\/mixed/);
      assert.match(text, /multipart\/alternative/);
      assert.match(text, /\r\nX-Ticket: 42\r\n/);
      assert.match(text, /\r\nIn-Reply-To: <before@client\.test>\r\n/);
      assert.match(text, new RegExp(`\\r\\nCc:.*${carl.address}`, "i"));
      assert.ok(!/^Bcc:/im.test(text));
      assert.ok(
        !text
          .split("\r\n\r\n")[0]
          .replace(/^(Delivered-To|Received|\s).*$/gm, "")
          .includes(dora.address),
        "the bcc address is in the header",
      );
      const encoded = bytes.toString("base64").slice(0, 60);
      assert.ok(text.replace(/\r\n/g, "").includes(encoded), "the attachment's bytes");
    }
  });

  test("goes through the default integration when none is named", async (t) => {
    const { postern } = await sender(t, {}, { integration: { is_default: true } });
    const sent = await postern.api("POST", "/send", {
      mode: "sync",
      to: bob.address,
      subject: "by default",
      text: "x",
    });
    assert.equal(sent.state, "sent");
  });

  test("shares one connection with the mails after it", async (t) => {
    const { send, postern } = await sender(t, { connections_max: 1 });
    const connections = () => (host.postfix.log().match(/: connect from /g) ?? []).length;
    const before_them = connections();
    const ids = [];
    for (let n = 0; n < 20; n++)
      ids.push((await send({ subject: `one of 20: ${n}`, text: "x" })).id);
    for (const id of ids) assert.equal((await postern.settled(id)).state, "sent");
    const made = connections() - before_them;
    assert.ok(made <= 5, `${made} connections for 20 mails`);
  });

  test("with the same Idempotency-Key is sent once", async (t) => {
    const { refused, postern } = await sender(t);
    const body = { subject: "only once", text: "x" };
    const headers = { "Idempotency-Key": "order-4711" };
    const first = await refused(body, { headers });
    const second = await refused(body, { headers });
    const other = await refused({ ...body, text: "y" }, { headers });
    assert.equal(first.status, 202);
    assert.equal(second.body.id, first.body.id);
    assert.equal(second.headers.get("idempotent-replayed"), "true");
    assert.equal(other.status, 422);
    await postern.settled(first.body.id);
    await arrived(bob, "only once");
    const copies = host.dovecot
      .mails(bob.address)
      .filter((text) => text.includes("Subject: only once"));
    assert.equal(copies.length, 1);
  });

  test("that was given 202 under load survives kill -9", async (t) => {
    const { postern, refused } = await sender(t);
    const carl = host.dovecot.add_account("carl-of-the-load");
    const accepted = [];
    let crashed = false;
    const client = async (name) => {
      for (let n = 0; !crashed; n++) {
        const subject = `load ${name} ${n}`;
        try {
          const answer = await refused({ to: [carl.address], subject, text: "x" });
          if (answer.status === 202) accepted.push({ id: answer.body.id, subject });
        } catch {
          return; // the program is gone, before or within its answer
        }
      }
    };
    const clients = Array.from({ length: 4 }, (_, name) => client(name));
    await until("sixty mails taken", () => accepted.length >= 60, 60000);
    crashed = true;
    await postern.crash();
    await Promise.all(clients);
    await postern.start();

    const ends = [];
    for (const { id } of accepted) ends.push(await postern.settled(id, ["sent", "unknown"], 60000));
    const unknown = ends.filter(({ state }) => state === "unknown");
    assert.ok(unknown.length <= 2, `${unknown.length} unknown, with two connections`);
    const sent = accepted.filter((_, n) => ends[n].state === "sent");
    await until("what was sent is there", () => {
      const there = new Set(host.dovecot.subjects(carl.address));
      return sent.every(({ subject }) => there.has(subject));
    });
  });

  test("in the queue survives kill -9", async (t) => {
    const { send, postern } = await sender(t);
    const ids = [];
    for (let n = 0; n < 20; n++) ids.push((await send({ subject: `killed ${n}`, text: "x" })).id);
    await postern.crash();
    await postern.start();
    const states = [];
    for (const id of ids) {
      const delivery = await until(`${id} is sent or unknown`, async () => {
        const seen = await postern.delivery(id);
        return ["sent", "unknown"].includes(seen.state) && seen;
      });
      states.push(delivery.state);
      if (delivery.state === "unknown") assert.ok(delivery.next_attempt_at);
    }
    assert.ok(states.filter((state) => state === "unknown").length <= 2, states.join());
    // Only what was under way at the kill may come twice: connections_max is 2.
    const there = host.dovecot.mails(bob.address);
    const copies = states.map(
      (_, n) => there.filter((text) => text.includes(`Subject: killed ${n}\r\n`)).length,
    );
    for (const [n, state] of states.entries()) {
      if (state === "sent") assert.ok(copies[n] >= 1, `copies of the mails: ${copies}`);
    }
    assert.ok(copies.filter((count) => count > 1).length <= 2, `copies of the mails: ${copies}`);
    assert.ok(Math.max(...copies) <= 2, `copies of the mails: ${copies}`);
  });
});

describe("a mail that the server refuses", () => {
  test("for its sender: 50", async (t) => {
    const { send } = await sender(t);
    refuse_with(t, ({ protocol_state }) =>
      protocol_state === "MAIL" ? "550 5.7.1 you may not send here" : undefined,
    );
    const sent = await send({ mode: "sync", subject: "x", text: "x" });
    assert.equal(sent.state, "failed");
    assert.equal(sent.result_code, 50);
    assert.equal(sent.success, false);
    assert.equal(sent.retryable, false);
    assert.match(sent.result_message, /you may not send here/);
  });

  test("for all recipients: 51, each with its words", async (t) => {
    const { send } = await sender(t);
    refuse_with(t, ({ protocol_state, recipient }) =>
      protocol_state === "RCPT" ? `550 5.1.1 nobody called ${recipient}` : undefined,
    );
    const sent = await send({
      mode: "sync",
      to: "x@example.test; y@example.test",
      subject: "x",
      text: "x",
    });
    assert.equal(sent.state, "failed");
    assert.equal(sent.result_code, 51);
    for (const { address, result_code, smtp_code, message } of sent.per_recipient) {
      assert.equal(result_code, 51);
      assert.equal(smtp_code, 550);
      assert.ok(message.includes(`nobody called ${address}`), message);
    }
  });

  test("for some recipients: 52, sent to the others", async (t) => {
    const { send } = await sender(t);
    refuse_with(t, ({ protocol_state, recipient }) =>
      protocol_state === "RCPT" && recipient.startsWith("x@") ? "550 5.1.1 unknown" : undefined,
    );
    const sent = await send({
      mode: "sync",
      to: [bob.address, "x@example.test"],
      subject: "partial",
      text: "x",
    });
    assert.equal(sent.state, "sent");
    assert.equal(sent.result_code, 52);
    assert.equal(sent.success, true);
    assert.equal(sent.partial, true);
    const codes = Object.fromEntries(
      sent.per_recipient.map((one) => [one.address, one.result_code]),
    );
    assert.equal(codes[bob.address], 0);
    assert.notEqual(codes["x@example.test"], 0);
    await arrived(bob, "partial");
  });

  test("for its content: 53", async (t) => {
    const { send } = await sender(t);
    refuse_with(t, ({ protocol_state }) =>
      protocol_state === "END-OF-MESSAGE" ? "554 5.6.0 no such content here" : undefined,
    );
    const sent = await send({ mode: "sync", subject: "x", text: "x" });
    assert.equal(sent.state, "failed");
    assert.equal(sent.result_code, 53);
    assert.match(sent.result_message, /no such content/);
  });

  test("for its login: 40", async (t) => {
    const made = await fixture(t, host, { incoming: false });
    await made.postern.api("POST", "/integrations", {
      name: "Support",
      address: made.account.address,
      outgoing: host.outgoing({ ...made.account, password: "wrong-password" }),
    });
    const sent = await made.postern.api("POST", "/send", {
      integration: "Support",
      mode: "sync",
      to: bob.address,
      subject: "x",
      text: "x",
    });
    assert.equal(sent.result_code, 40);
    assert.match(sent.result_message, /535/);
    const status = await made.postern.status("Support", (seen) => seen.last_outgoing_error, "told");
    assert.equal(status.last_outgoing_error.kind, "smtp.login_failed");
    assert.equal(status.last_outgoing_error.step, "login");
    assert.ok(status.last_outgoing_error.hint);
  });

  test("for now (greylisting): queued with the time of the next attempt, then sent", async (t) => {
    const { send, postern } = await sender(t);
    refuse_with(t, ({ protocol_state }) =>
      protocol_state === "RCPT" ? "451 4.7.1 Greylisted, try again later" : undefined,
    );
    const { id } = await send({ subject: "greylisted", text: "x" });
    const waiting = await until("a first attempt", async () => {
      const delivery = await postern.delivery(id);
      return delivery.attempts === 1 && delivery.state === "queued" && delivery;
    });
    assert.match(waiting.result_message, /Greylisted/);
    const wait_s = (Date.parse(waiting.next_attempt_at) - Date.now()) / 1000;
    assert.ok(wait_s > 30 && wait_s < 100, `next attempt in ${wait_s} s`);
    host.postfix.policy = () => undefined;
    await postern.api("POST", `/deliveries/${id}/retry`);
    const sent = await postern.settled(id);
    assert.equal(sent.state, "sent");
    assert.equal(sent.attempts, 2);
    await arrived(bob, "greylisted");
  });

  test("because the server is away: queued, sent when it is back", async (t) => {
    const { send, postern, integration } = await sender(t);
    const port = integration.outgoing.port;
    await postern.api(
      "PATCH",
      `/integrations/${integration.id}`,
      { outgoing: { port: 1 } },
      { headers: { "content-type": "application/merge-patch+json" } },
    );
    const { id } = await send({ subject: "server away", text: "x" });
    const waiting = await until("a first attempt", async () => {
      const delivery = await postern.delivery(id);
      return delivery.attempts >= 1 && delivery.state === "queued" && delivery;
    });
    assert.ok(waiting.next_attempt_at);
    await postern.api(
      "PATCH",
      `/integrations/${integration.id}`,
      { outgoing: { port } },
      { headers: { "content-type": "application/merge-patch+json" } },
    );
    await postern.api("POST", `/deliveries/${id}/retry`);
    assert.equal((await postern.settled(id)).state, "sent");
  });
});

describe("a call that is refused before anything is queued", () => {
  test("names the result code: 20 unknown integration, 21 disabled, 22 outgoing off, 23 From", async (t) => {
    const { postern, refused, integration } = await sender(t);
    const code = async (body) => {
      const { status, body: problem } = await refused({ subject: "x", text: "x", ...body });
      assert.ok(status >= 400 && status < 500, `status ${status}`);
      return problem.result_code;
    };
    assert.equal(await code({ integration: "Nobody" }), 20);
    assert.equal(await code({ integration: null }), 20);
    assert.equal(await code({ from: "someone@elsewhere.test" }), 23);
    await postern.api("POST", `/integrations/${integration.id}/disable`);
    assert.equal(await code({}), 21);
    await postern.api("POST", `/integrations/${integration.id}/enable`);
    await postern.api(
      "PATCH",
      `/integrations/${integration.id}`,
      { outgoing: { enabled: false } },
      { headers: { "content-type": "application/merge-patch+json" } },
    );
    assert.equal(await code({}), 22);
  });
});
