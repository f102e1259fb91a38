// Mail from a real Dovecot by POP3 to a webhook: the same promises as by IMAP.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import net from "node:net";
import tls from "node:tls";
import { after, before, describe, test } from "node:test";

import { fixture } from "./lib/fixture.mjs";
import { free_port } from "./lib/files.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import { until } from "./lib/until.mjs";

const sha256 = (bytes) => crypto.createHash("sha256").update(bytes).digest("hex");
const subjects = (receiver) =>
  receiver
    .mails()
    .map(({ subject }) => subject)
    .sort();
const pop3 = (others = {}) => ({ protocol: "pop3", poll_interval_s: 5, ...others });

/** A POP3 session that has the mailbox until end() is called. */
async function occupy(dovecot, account) {
  const socket = tls.connect({
    port: dovecot.ports.pop3_tls,
    host: "127.0.0.1",
    rejectUnauthorized: false,
  });
  let said = "";
  socket.on("error", () => {});
  socket.on("data", (bytes) => (said += bytes));
  await until("the greeting", () => said.includes("\r\n"));
  socket.write(`USER ${account.address}\r\nPASS ${account.password}\r\n`);
  await until("the login", () => said.split("\r\n").length > 3);
  assert.ok(!said.includes("-ERR"), said);
  return { end: () => socket.destroy() };
}

/** Passes bytes to `port`, and breaks each connection for which `limit(number)` bytes have come back. */
async function breaking_proxy(t, port, limit) {
  const proxy = { port: await free_port(), connections: 0 };
  const server = net.createServer((client) => {
    let left = limit(++proxy.connections);
    const upstream = net.connect(port, "127.0.0.1");
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    client.on("error", cut).on("close", cut).pipe(upstream);
    upstream.on("error", cut).on("close", cut);
    upstream.on("data", (bytes) => {
      left -= bytes.length;
      if (left < 0) return cut();
      client.write(bytes);
    });
  });
  await new Promise((resolve) => server.listen(proxy.port, "127.0.0.1", resolve));
  t.after(() => server.close());
  return proxy;
}

let host;
before(async () => (host = await MailHost.start({ smtp: false })));
after(() => host?.stop());

describe("a mail on its way in by POP3", () => {
  for (const security of ["tls", "starttls"]) {
    test(`is stored and handed over byte for byte (${security})`, async (t) => {
      const { postern, receiver, account, add } = await fixture(t, host, {
        incoming: pop3({ security }),
      });
      await add();
      const body = ".\n..\n...dots\n.\n\nend\n";
      await host.deliver(account.address, mail({ to: account.address, subject: "dots", body }));

      const { json } = await receiver.request_about("dots");

      const on_server = host.dovecot.mail(account.address, 1);
      assert.equal(json.data.folder, "INBOX");
      assert.equal(json.data.sha256, sha256(on_server));
      const raw = await postern.api("GET", `/messages/${json.data.id}/raw`);
      assert.ok(raw.equals(on_server));
      const { status } = await postern.integration("Support");
      assert.equal(status.incoming_state, "ok");
    });
  }

  test("of 30 MiB arrives byte for byte", async (t) => {
    const { postern, receiver, account, add } = await fixture(t, host, { incoming: pop3() });
    const line = `.${"0123456789".repeat(7)}\n`;
    const body = line.repeat(Math.ceil((30 * 1024 * 1024) / line.length));
    host.dovecot.save(account.address, mail({ to: account.address, subject: "big", body }));
    await add();
    const { json } = await receiver.request_about("big", 90000);
    const on_server = host.dovecot.mail(account.address, 1);
    assert.ok(on_server.length > 30 * 1024 * 1024);
    assert.equal(json.data.sha256, sha256(on_server));
    const raw = await postern.api("GET", `/messages/${json.data.id}/raw`);
    assert.ok(raw.equals(on_server));
  });

  test("over message_bytes_max is told and stops no other", async (t) => {
    const { postern, receiver, account, add } = await fixture(t, host, {
      incoming: pop3({ message_bytes_max: 2000 }),
    });
    const large = mail({ to: account.address, subject: "large", body: "x\n".repeat(2000) });
    await host.deliver(account.address, large);
    await host.deliver(account.address, mail({ to: account.address, subject: "small" }));
    await add();
    await receiver.request_about("small");
    const events = await postern.list("/events?kind=pop3.download_failed");
    assert.equal(events.length, 1);
    assert.match(events[0].message, /larger than 2000 bytes/);
    await receiver.request_about("large"); // its header
    assert.deepEqual(subjects(receiver).sort(), ["large", "small"]);
  });

  test("was there before: left alone with start_from now, and with a later date", async (t) => {
    for (const start_from of ["now", "2026-02-03"]) {
      const { postern, receiver, account, add } = await fixture(t, host, {
        incoming: pop3({ start_from }),
      });
      const received = "Received: from a by b; Mon, 02 Feb 2026 10:00:00 +0000\n";
      const old = received + mail({ to: account.address, subject: "old" });
      host.dovecot.save(account.address, old);
      const { id } = await add();
      await postern.status(id, (status) => status.last_successful_check, "first check done");
      await host.deliver(account.address, mail({ to: account.address, subject: "new" }));
      await receiver.request_about("new");
      assert.deepEqual(subjects(receiver), ["new"]);
    }
  });
});

describe("nothing lost, nothing twice by POP3", () => {
  test("over restarts and kill -9", async (t) => {
    const { postern, receiver, account, add } = await fixture(t, host, { incoming: pop3() });
    await add();
    const count = 60;
    const arriving = (async () => {
      for (let n = 0; n < count; n++)
        await host.deliver(account.address, mail({ to: account.address, subject: `kill ${n}` }));
    })();
    for (const mails of [5, 20]) {
      await until(`${mails} mails`, () => receiver.mails().length >= mails, 40000);
      await postern.crash();
      await postern.start();
    }
    await arriving;
    await until("all mails", () => new Set(subjects(receiver)).size === count, 60000);
    await postern.terminate();
    const before = receiver.requests.length;
    await postern.start();
    await host.deliver(account.address, mail({ to: account.address, subject: "last" }));
    await receiver.request_about("last");
    assert.equal(receiver.requests.length, before + 1, "a restart hands nothing over again");
    assert.equal((await postern.list("/messages?limit=100")).length, count + 1);
    const ids = new Map();
    for (const { id, json } of receiver.requests) {
      assert.equal(ids.get(json.data.id) ?? id, id, "two ids for one mail");
      ids.set(json.data.id, id);
    }
  });

  test("when the line breaks in the middle of a mail", async (t) => {
    const proxy = await breaking_proxy(t, host.dovecot.ports.pop3_tls, (number) =>
      number <= 3 ? 40000 * number : Infinity,
    );
    const { receiver, account, add } = await fixture(t, host, {
      incoming: pop3({ port: proxy.port }),
    });
    const mails = Array.from({ length: 8 }, (_, n) =>
      mail({ to: account.address, subject: `cut ${n}`, body: "0123456789\n".repeat(2000) }),
    );
    await host.deliver(account.address, ...mails);
    await add();
    await until("8 mails", () => receiver.mails().length === 8, 60000);
    assert.ok(proxy.connections > 3);
    assert.equal(new Set(subjects(receiver)).size, 8);
    assert.equal(receiver.requests.length, 8);
  });
});

describe("after the hand-over by POP3", () => {
  test("a mail is deleted, and not a moment before", async (t) => {
    const { postern, receiver, account, add } = await fixture(t, host, {
      incoming: pop3({ after_fetch: { action: "delete", days: 0 } }),
    });
    let taking = false;
    receiver.answer = () => (taking ? 204 : 500);
    const { id } = await add();
    await host.deliver(account.address, mail({ to: account.address, subject: "kept" }));
    await until("a refused hand-over", () => receiver.requests.length > 0);
    await postern.api("POST", `/integrations/${id}/check`);
    const checked = (await postern.integration(id)).status.last_successful_check;
    await postern.status(id, (seen) => seen.last_successful_check !== checked, "another check");
    assert.equal(host.dovecot.uids(account.address).length, 1, "deleted before the hand-over");

    taking = true;
    for (const handover of await postern.list("/handovers"))
      await postern.api("POST", `/handovers/${handover.id}/retry`);
    await receiver.request_about("kept");
    await until("the mail is gone", () => host.dovecot.uids(account.address).length === 0, 20000);
    assert.equal(receiver.mails().length, 1);
  });

  test("what POP3 cannot do is refused when it is saved", async (t) => {
    const { postern, account } = await fixture(t, host);
    for (const [others, pointer] of [
      [{ after_fetch: { action: "seen" } }, "/incoming/after_fetch/action"],
      [{ after_fetch: { action: "move", folder: "Done" } }, "/incoming/after_fetch/action"],
      [{ more_folders: ["Archive"] }, "/incoming/more_folders"],
    ]) {
      const answer = await postern.call("POST", "/integrations", {
        name: "Support",
        incoming: host.incoming(account, pop3(others)),
      });
      assert.equal(answer.status, 400);
      assert.equal(answer.body.errors[0].pointer, pointer);
    }
  });
});

describe("trouble with POP3", () => {
  test("a wrong password is named as such", async (t) => {
    const { postern, account, add } = await fixture(t, host, {
      incoming: pop3({
        auth: { method: "password", username: "support1@example.test", password: "wrong" },
      }),
    });
    assert.ok(account);
    const { id } = await add();
    const status = await postern.status(id, (seen) => seen.last_incoming_error, "failing");
    assert.equal(status.last_incoming_error.kind, "pop3.login_failed");
    assert.equal(status.last_incoming_error.step, "login");
    assert.match(status.last_incoming_error.message, /Authentication failed/);
  });

  test("a mailbox in use is no wrong password, and is read when it is free", async (t) => {
    const { postern, receiver, account, add } = await fixture(t, host, { incoming: pop3() });
    await host.deliver(account.address, mail({ to: account.address, subject: "in use" }));
    const other = await occupy(host.dovecot, account);
    t.after(() => other.end());
    const { id } = await add();
    const status = await postern.status(id, (seen) => seen.last_incoming_error, "failing", 60000);
    assert.equal(status.last_incoming_error.kind, "pop3.login_failed");
    assert.match(status.last_incoming_error.hint, /Another program has the mailbox/);
    other.end();
    await postern.api("POST", `/integrations/${id}/check`);
    await receiver.request_about("in use");
  });

  test("the connection test goes step by step", async (t) => {
    const { postern, account } = await fixture(t, host);
    await host.deliver(account.address, mail({ to: account.address, subject: "newest" }));
    for (const security of ["tls", "starttls"]) {
      const steps = await postern.steps("/integrations/test", {
        name: "Test",
        incoming: host.incoming(account, pop3({ security })),
      });
      const names = steps.map(({ step }) => step);
      for (const step of ["dns", "tcp", "tls", "greeting", "capabilities", "login", "stat", "newest"])
        assert.ok(names.includes(step), `${step} in ${names}`);
      assert.ok(steps.every(({ ok }) => ok));
      assert.match(steps.find(({ step }) => step === "newest").server, /Subject: newest/);
    }
    const wrong = await postern.steps("/integrations/test", {
      name: "Test",
      incoming: host.incoming(account, pop3({ port: host.dovecot.ports.tls })),
    });
    const last = wrong.at(-1);
    assert.equal(last.ok, false);
    assert.match(last.server, /IMAP server/);
    assert.equal(last.field, "/incoming/port");
  });
});
