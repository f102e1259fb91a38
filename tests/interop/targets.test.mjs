// Mail from a real Dovecot to each kind of target: helpdesks by their documents' words, a relay by a
// real Postfix, a folder of a real Dovecot.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { new_account, with_postern } from "./lib/fixture.mjs";
import { Helpdesk } from "./lib/helpdesk.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import { until } from "./lib/until.mjs";

let host;
before(async () => (host = await MailHost.start()));
after(() => host?.stop());

/** Postern with a target and an account; `add` begins to watch it. */
async function with_target(t, target, { secrets = [], incoming = {} } = {}) {
  const account = new_account(host);
  const postern = await with_postern(t, host, { secrets: [account.password, ...secrets] });
  const made = await postern.api("POST", "/targets", { name: "desk", ...target });
  for (const secret of secrets) {
    const shown = JSON.stringify(await postern.api("GET", `/targets/${made.id}`));
    assert.ok(!shown.includes(secret), "a secret is shown");
  }
  const add = () =>
    postern.api("POST", "/integrations", {
      name: "Support",
      address: account.address,
      incoming: host.incoming(account, incoming),
    });
  const about = (subject, wanted, limit_ms = 60000) =>
    until(
      `the hand-over of "${subject}"`,
      async () => {
        const message = (await postern.list("/messages")).find((one) => one.subject === subject);
        const full = message && (await postern.api("GET", `/messages/${message.id}`));
        const one = full?.handovers.at(-1);
        if (one && wanted(one)) return one;
        throw new Error(JSON.stringify(one ?? "none"));
      },
      limit_ms,
    );
  const state = (wanted) => (one) => one.state === wanted;
  return { account, postern, target: made, add, about, state };
}

async function with_helpdesk(t, type, settings) {
  const desk = await Helpdesk.start(type);
  t.after(() => desk.stop());
  const made = await with_target(t, { type, url: desk.url, ...settings }, { secrets: [desk.key] });
  return { desk, ...made };
}

const steered = (bytes) =>
  bytes.replace(
    "Subject:",
    "X-Zammad-Ticket-Owner: mallory\nX-OTRS-Queue: Raw\n folded\nSubject:",
  );

describe("a helpdesk", () => {
  const kinds = [
    ["osticket", (key) => ({ api_key: key })],
    ["redmine", (key) => ({ api_key: key, project: "desk", fields: { unknown_user: "ignore" } })],
    ["rails_relay", (key) => ({ auth: { password: key } })],
  ];
  for (const [type, settings] of kinds) {
    test(`${type} is given the mail without a stranger's orders, byte by byte`, async (t) => {
      const { desk, account, postern, target, add, about, state } = await with_helpdesk(
        t,
        type,
        settings(`key-of-${type}`),
      );
      await host.deliver(
        account.address,
        steered(mail({ to: account.address, subject: "for a ticket", body: "Grüße.\n" })),
      );
      await add();
      await about("for a ticket", state("acknowledged"));
      assert.equal(desk.tickets.length, 1);
      const stored = host.dovecot.mail(account.address, 1).toString("latin1");
      assert.match(stored, /X-OTRS-Queue/);
      assert.equal(
        desk.tickets[0].mail.toString("latin1"),
        stored.replace(/X-Zammad-Ticket-Owner.*\r\nX-OTRS-Queue.*\r\n folded\r\n/, ""),
      );
      if (type === "redmine") assert.equal(desk.tickets[0].project, "desk");
      const tested = await postern.api("POST", `/targets/${target.id}/test`);
      assert.equal(tested.ok, true, JSON.stringify(tested));
      assert.equal(desk.tickets.length, 1, "a test makes no ticket");
      const secret = type === "rails_relay" ? { auth: { password: "no" } } : { api_key: "no" };
      const wrong = await postern.api("POST", `/targets/${target.id}/test`, secret);
      assert.equal(wrong.ok, false);
      assert.match(wrong.steps.at(-1).field, /api_key|auth\/password/);
    });

    test(`${type} with a wrong secret is tried on, and takes the mail once it is right`, async (t) => {
      const { desk, account, postern, target, add, about } = await with_helpdesk(
        t,
        type,
        settings("no"),
      );
      await host.deliver(account.address, mail({ to: account.address, subject: "locked out" }));
      await add();
      const one = await about("locked out", ({ attempts }) => attempts >= 1);
      assert.equal(one.state, "waiting");
      await postern.api("PATCH", `/targets/${target.id}`, settings(desk.key));
      await postern.api("POST", `/handovers/${one.id}/retry`);
      await about("locked out", ({ state }) => state === "acknowledged");
      assert.equal(desk.tickets.length, 1);
    });
  }

  test("that refuses a mail for good is not asked again, and takes the next one", async (t) => {
    for (const [type, from] of [
      ["osticket", "banned@example.test"],
      ["redmine", "stranger@example.test"],
    ]) {
      const { desk, account, postern, add, about, state } = await with_helpdesk(t, type, {
        api_key: `key-of-${type}`,
      });
      await host.deliver(
        account.address,
        mail({ from, to: account.address, subject: "refused" }),
        mail({ to: account.address, subject: "welcome" }),
      );
      await add();
      const refused = await about("refused", state("parked"));
      assert.match(refused.last_error ?? "", /^refused for good|^$/);
      assert.equal(refused.attempts, 1);
      await about("welcome", state("acknowledged"));
      assert.equal(desk.tickets.length, 1);
      const [event] = (await postern.list("/events")).filter(
        ({ kind }) => kind === "handover.parked",
      );
      assert.match(event.message, /refused for good/);
    }
  });

  test("zammad gets a ticket a thread, articles in it, and a new one when it is gone", async (t) => {
    const { desk, account, postern, add, about, state } = await with_helpdesk(t, "zammad", {
      api_key: "key-of-zammad",
      group: "Users",
      fields: { priority: "2 normal" },
    });
    const answer = (subject, id) =>
      mail({ to: account.address, subject, id }).replace(
        "Subject:",
        "References: <first@client.test>\nIn-Reply-To: <first@client.test>\nSubject:",
      );
    await host.deliver(
      account.address,
      mail({ to: account.address, subject: "first", id: "first@client.test" }),
    );
    const { id } = await add();
    await about("first", state("acknowledged"));
    await host.deliver(account.address, answer("second", "second@client.test"));
    await postern.api("POST", `/integrations/${id}/check`);
    await about("second", state("acknowledged"));
    assert.equal(desk.tickets.length, 1);
    assert.deepEqual(
      desk.tickets[0].articles.map(({ subject }) => subject),
      ["first", "second"],
    );
    assert.equal(desk.tickets[0].given.customer, "guess:carol@example.test");
    assert.equal(desk.tickets[0].given.priority, "2 normal");
    desk.tickets[0].gone = true;
    await host.deliver(account.address, answer("third", "third@client.test"));
    await postern.api("POST", `/integrations/${id}/check`);
    await about("third", state("acknowledged"));
    assert.equal(desk.tickets.length, 2);
    assert.equal(desk.tickets[1].title, "third");
  });

  test("zammad whose answers are lost has each mail once", async (t) => {
    const { desk, account, postern, add, about, state } = await with_helpdesk(t, "zammad", {
      api_key: "key-of-zammad",
      group: "Users",
    });
    desk.answers_lost = 1;
    await host.deliver(
      account.address,
      mail({ to: account.address, subject: "opened", id: "opened@client.test" }),
    );
    const { id } = await add();
    const opened = await about("opened", state("acknowledged"));
    assert.equal(opened.attempts, 2);
    assert.equal(desk.tickets.length, 1);
    desk.answers_lost = 1;
    await host.deliver(
      account.address,
      mail({ to: account.address, subject: "answered", id: "answered@client.test" }).replace(
        "Subject:",
        "In-Reply-To: <opened@client.test>\nSubject:",
      ),
    );
    await postern.api("POST", `/integrations/${id}/check`);
    const answered = await about("answered", state("acknowledged"));
    assert.equal(answered.attempts, 2);
    assert.deepEqual(
      desk.tickets.map(({ articles }) => articles.map(({ subject }) => subject)),
      [["opened", "answered"]],
    );
  });

  test("raw gets the bytes as they came, signed and named, orders and all", async (t) => {
    const { desk, account, add, about, state } = await with_helpdesk(t, "raw", {
      auth: { username: "postern", password: "key-of-raw" },
    });
    await host.deliver(
      account.address,
      steered(mail({ to: account.address, subject: "as it is", body: "0\n.\n..\n" })),
    );
    await add();
    const one = await about("as it is", state("acknowledged"));
    const [{ mail: bytes, headers }] = desk.tickets;
    assert.deepEqual(bytes, host.dovecot.mail(account.address, 1));
    assert.equal(headers["content-type"], "message/rfc822");
    assert.equal(headers["x-postern-handover"], one.id);
    assert.match(headers["x-postern-message"], /^msg_/);
    assert.match(headers.authorization, /^Basic /);
    assert.match(headers["webhook-signature"], /^v1,/);
  });

  test("that is dead or slow delays no other", async (t) => {
    const { desk, account, postern, add } = await with_helpdesk(t, "osticket", {
      api_key: "key-of-osticket",
    });
    const slow = await Helpdesk.start("raw");
    t.after(() => slow.stop());
    slow.fault = () => new Promise(() => {});
    await postern.api("POST", "/targets", { name: "slow", type: "raw", url: slow.url });
    await postern.api("POST", "/targets", {
      name: "dead",
      type: "smtp",
      host: "127.0.0.1",
      port: 9,
      security: "none",
      recipients: ["nobody@example.test"],
    });
    const subjects = Array.from({ length: 20 }, (_, n) => `mail ${n}`);
    await host.deliver(
      account.address,
      ...subjects.map((subject) => mail({ to: account.address, subject })),
    );
    await add();
    await until("all tickets", () => desk.tickets.length === subjects.length, 60000);
    assert.ok(slow.requests <= 4, "no more in flight than it may have");
  });

  test("gets of a mail that is too large the header and a notice, and the mail when asked for", async (t) => {
    const desk = await Helpdesk.start("osticket");
    t.after(() => desk.stop());
    const { account, postern, add } = await with_target(
      t,
      { type: "osticket", url: desk.url, api_key: desk.key },
      { secrets: [desk.key], incoming: { message_bytes_max: 20000 } },
    );
    await host.deliver(
      account.address,
      mail({ to: account.address, subject: "large", body: "0123456789\n".repeat(5000), id: "l@x" }),
    );
    await add();
    const notice = await until("the notice", () => desk.tickets[0]);
    assert.match(notice.mail.toString(), /^Subject: large\r$/m);
    assert.match(notice.mail.toString(), /This mail has \d+ bytes/);
    assert.ok(notice.mail.length < 5000);
    const [row] = await postern.list("/messages?state=too_large");
    assert.equal(row.id.slice(0, 4), "msg_");
    desk.tickets.length = 0; // else osTicket knows its Message-ID
    assert.equal((await postern.call("POST", `/messages/${row.id}/reprocess`)).status, 202);
    const whole = await until("the mail", () => desk.tickets[0]);
    assert.deepEqual(whole.mail, host.dovecot.mail(account.address, 1));
  });
});

describe("a relay by Postfix", () => {
  const relay = (account, others = {}) => ({
    type: "smtp",
    host: "localhost",
    port: host.postfix.ports.starttls,
    security: "starttls",
    auth: { username: account.address, password: account.password },
    ...others,
  });

  test("keeps the mail's header, says who resent it, and reads each recipient's reply", async (t) => {
    const desk = new_account(host, "desk");
    const gone = "gone@example.test";
    host.postfix.policy = ({ recipient, protocol_state }) =>
      protocol_state === "RCPT" && recipient === gone ? "550 5.1.1 no such user" : undefined;
    t.after(() => (host.postfix.policy = () => undefined));
    const { account, postern, target, add, about, state } = await with_target(
      t,
      relay(desk, { recipients: [desk.address, gone] }),
      { secrets: [desk.password] },
    );
    const tested = await postern.api("POST", `/targets/${target.id}/test`);
    assert.equal(tested.ok, true, JSON.stringify(tested));
    assert.ok(tested.steps.some(({ step }) => step === "login"));
    await host.deliver(
      account.address,
      steered(mail({ to: account.address, subject: "relayed", id: "relayed@client.test" })),
    );
    const { id } = await add();
    const one = await about("relayed", state("acknowledged"));
    assert.match(JSON.stringify(one), /gone@example\.test/);
    const text = await until("the relayed mail", () => {
      const [uid] = host.dovecot.uids(desk.address);
      return uid && host.dovecot.mail(desk.address, uid).toString();
    });
    assert.match(text, /^From: Carol <carol@example\.test>\r$/m);
    assert.match(text, /^Message-ID: <relayed@client\.test>\r$/m);
    assert.match(text, new RegExp(`^Resent-From: ${desk.address.replace(".", "\\.")}\r$`, "m"));
    assert.match(text, /^Resent-Message-ID: <hnd_/m);
    assert.match(text, /^X-Postern-Loop: /m);
    assert.ok(!/X-Zammad|X-OTRS/.test(text));
    assert.ok(text.indexOf("Resent-Date") < text.indexOf("From: Carol"));

    await host.deliver(account.address, mail({ to: account.address, subject: "and the next" }));
    await postern.api("POST", `/integrations/${id}/check`);
    assert.equal((await about("and the next", state("acknowledged"))).attempts, 1);
    await until("both are there", () => host.dovecot.uids(desk.address).length === 2);
  });

  test("goes on with the recipient who was put off, and gives nobody the mail twice", async (t) => {
    const first = new_account(host, "first");
    const second = new_account(host, "second");
    let put_off = 0;
    host.postfix.policy = ({ recipient, protocol_state }) =>
      protocol_state === "RCPT" && recipient === second.address && put_off++ === 0
        ? "450 4.2.0 later"
        : undefined;
    t.after(() => (host.postfix.policy = () => undefined));
    const { account, add, about, state } = await with_target(
      t,
      relay(first, { recipients: [first.address, second.address] }),
      { secrets: [first.password] },
    );
    await host.deliver(account.address, mail({ to: account.address, subject: "twice" }));
    await add();
    await about("twice", state("acknowledged"));
    await until("both have it", () => host.dovecot.uids(second.address).length === 1);
    assert.equal(host.dovecot.uids(first.address).length, 1);
  });

  test("is ended when the mail comes back to the mailbox it came from", async (t) => {
    const { account, postern, add, about, state } = await with_target(t, {
      type: "smtp",
      host: "127.0.0.1",
      port: host.postfix.ports.mx,
      security: "none",
      recipients: ["nobody@example.test"],
    });
    await postern.api("PATCH", "/targets/desk", { recipients: [account.address] });
    await host.deliver(account.address, mail({ to: account.address, subject: "round" }));
    const { id } = await add();
    await until("it came back once", () => host.dovecot.uids(account.address).length === 2);
    await postern.api("POST", `/integrations/${id}/check`);
    const parked = await about("round", state("parked"));
    assert.equal(parked.attempts, 1);
    assert.equal(host.dovecot.uids(account.address).length, 2);
  });
});

describe("a folder of Dovecot", () => {
  test("is made, and gets the bytes and the time of arrival", async (t) => {
    const desk = new_account(host, "folder");
    const { account, postern, target, add, about, state } = await with_target(
      t,
      {
        type: "imap_append",
        host: "localhost",
        port: host.dovecot.ports.tls,
        security: "tls",
        auth: { username: desk.address, password: desk.password },
        folder: "Desk In",
      },
      { secrets: [desk.password] },
    );
    const tested = await postern.api("POST", `/targets/${target.id}/test`);
    assert.equal(tested.ok, true, JSON.stringify(tested));
    assert.match(tested.steps.at(-1).hint, /first mail makes it/);
    await host.deliver(
      account.address,
      mail({ to: account.address, subject: "kept", body: "Grüße.\n" }),
    );
    const { id } = await add();
    await about("kept", state("acknowledged"));
    const [uid] = host.dovecot.uids(desk.address, "Desk In");
    assert.deepEqual(
      host.dovecot.mail(desk.address, uid, "Desk In"),
      host.dovecot.mail(account.address, 1),
    );
    const received = (address, folder) =>
      host.dovecot
        .doveadm("-f", "flow", "fetch", "-u", address, "date.received.unixtime", "mailbox", folder)
        .toString()
        .trim();
    assert.equal(received(desk.address, "Desk In"), received(account.address, "INBOX"));

    await host.deliver(account.address, mail({ to: account.address, subject: "and the next" }));
    await postern.api("POST", `/integrations/${id}/check`);
    const next = await about("and the next", state("acknowledged"));
    assert.equal(next.attempts, 1);
    assert.equal(host.dovecot.uids(desk.address, "Desk In").length, 2);
    const { status } = await postern.api("GET", `/targets/${target.id}`);
    assert.equal(status.state, "ok");
    assert.equal(status.waiting, 0);
    assert.ok(status.last_success);
  });
});
