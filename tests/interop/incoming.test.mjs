// Mail from a real Dovecot to a webhook: nothing lost, nothing changed, nothing twice.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Webhook } from "standardwebhooks";

import { fixture } from "./lib/fixture.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import { signature_is_good } from "./lib/receiver.mjs";
import { until } from "./lib/until.mjs";

const sha256 = (bytes) => crypto.createHash("sha256").update(bytes).digest("hex");
const numbered = (account, count, subject = "mail") =>
  Array.from({ length: count }, (_, n) =>
    mail({ to: account.address, subject: `${subject} ${n}` }),
  );
const subjects = (receiver) =>
  receiver
    .mails()
    .map(({ subject }) => subject)
    .sort();

/** The same webhook-id has always the same body, and every mail has one id alone. */
function assert_ids_stand(receiver) {
  const bodies = new Map();
  const ids = new Map();
  for (const { id, body, json } of receiver.requests) {
    const { timestamp, ...rest } = json;
    const text = JSON.stringify(rest);
    assert.equal(bodies.get(id) ?? text, text, `two bodies under ${id}`);
    bodies.set(id, text);
    assert.equal(ids.get(json.data.id) ?? id, id, `two ids for ${json.data.id}`);
    ids.set(json.data.id, id);
    assert.ok(body.length > 0);
  }
}

let host;
before(async () => (host = await MailHost.start({ smtp: true })));
after(() => host?.stop());

describe("a mail on its way in", () => {
  for (const security of ["tls", "starttls"]) {
    test(`is stored, signed and handed over (${security})`, async (t) => {
      const { postern, receiver, account, target, add } = await fixture(t, host, {
        incoming: { security },
      });
      await add();
      await host.mail_in(
        account.address,
        mail({
          to: account.address,
          subject: "Drücker kaputt",
          body: "Guten Tag.\n.\n..zwei Punkte\n",
          id: "first@client.test",
        }),
      );

      const request = await receiver.request_about("Drücker kaputt");

      const checked = new Webhook(target.secret).verify(request.body, request.headers);
      assert.ok(signature_is_good(target.secret, request.headers, request.body));
      assert.equal(checked.type, "message.received");
      assert.ok(!Number.isNaN(Date.parse(checked.timestamp)));
      const data = checked.data;
      assert.match(data.id, /^msg_/);
      assert.equal(data.integration.name, "Support");
      assert.equal(data.folder, "INBOX");
      assert.equal(data.uid, 1);
      assert.equal(data.message_id, "<first@client.test>");
      assert.deepEqual(data.from, [{ name: "Carol", address: "carol@example.test" }]);
      assert.deepEqual(
        data.to.map(({ address }) => address),
        [account.address],
      );
      assert.deepEqual(data.cc, []);
      assert.equal(data.class, "normal");
      assert.deepEqual(data.attachments, []);
      assert.deepEqual(data.defects, []);
      assert.match(data.text, /^Guten Tag\.\r?\n\.\r?\n\.\.zwei Punkte/);
      assert.ok(
        data.headers.some(([name, value]) => name === "Message-ID" && value.includes("first@")),
      );

      const raw = await postern.api("GET", `/messages/${data.id}/raw`);
      const on_server = host.dovecot.mail(account.address, 1);
      assert.equal(sha256(raw), sha256(on_server));
      assert.equal(data.sha256, sha256(on_server));
      assert.equal(data.size_bytes, on_server.length);
      assert.ok(data.raw_url.endsWith(`/messages/${data.id}/raw`));
    });
  }

  test("leaves the mailbox as it was before", async (t) => {
    const { receiver, account, add } = await fixture(t, host);
    await host.deliver(account.address, mail({ to: account.address, subject: "unseen" }));
    await add();
    await receiver.request_about("unseen");
    assert.equal(host.dovecot.flags(account.address, 1).replace("\\Recent", "").trim(), "");
  });

  test("reaches the webhook within seconds by IDLE", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host, {
      incoming: { poll_interval_s: 3600 },
    });
    const { id } = await add();
    await postern.status(id, (status) => status.incoming_state === "ok", "first check done");
    const put = Date.now();
    await host.deliver(account.address, mail({ to: account.address, subject: "idle" }));
    const request = await receiver.request_about("idle", 10000);
    assert.ok(request.at - put < 5000, `took ${request.at - put} ms`);
  });

  test("is found by polling", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host, {
      incoming: { mode: "poll", poll_interval_s: 10 },
    });
    const { id } = await add();
    await postern.status(id, (status) => status.incoming_state === "ok", "first check done");
    await host.deliver(account.address, mail({ to: account.address, subject: "polled" }));
    await receiver.request_about("polled", 25000);
  });
});

describe("what was there before", () => {
  test("is left alone with start_from now", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host, {
      incoming: { start_from: "now" },
    });
    await host.deliver(account.address, ...numbered(account, 3, "old"));
    const { id } = await add();
    await postern.status(id, (status) => status.last_successful_check, "first check done");
    await host.deliver(account.address, mail({ to: account.address, subject: "new" }));
    await receiver.request_about("new");
    assert.deepEqual(subjects(receiver), ["new"]);
  });

  test("is fetched with start_from all", async (t) => {
    const { receiver, account, add } = await fixture(t, host);
    await host.deliver(account.address, ...numbered(account, 3, "old"));
    await add();
    await until("three mails", () => receiver.mails().length === 3);
    assert.deepEqual(subjects(receiver), ["old 0", "old 1", "old 2"]);
  });
});

describe("odd mails", () => {
  test("of 5 MiB arrive byte by byte", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host);
    const line = `${"0123456789".repeat(7)}\n`;
    await host.deliver(
      account.address,
      mail({
        to: account.address,
        subject: "big",
        body: line.repeat(Math.ceil((5 * 1024 * 1024) / line.length)),
      }),
    );
    await add();
    const { json } = await receiver.request_about("big", 60000);
    const on_server = host.dovecot.mail(account.address, 1);
    assert.ok(on_server.length > 5 * 1024 * 1024);
    assert.equal(json.data.sha256, sha256(on_server));
    assert.equal(json.data.text_truncated, true);
    const raw = await postern.api("GET", `/messages/${json.data.id}/raw`);
    assert.ok(raw.equals(on_server));
  });

  test("with NULs and without any header arrive as the server gives them", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host);
    host.dovecot.save(account.address, Buffer.from("Subject: nul\r\n\r\na\0b\0\0c\r\n"));
    host.dovecot.save(account.address, Buffer.from("\r\nno header at all\r\n"));
    host.dovecot.save(account.address, mail({ to: account.address, subject: "after them" }));
    await add();
    await receiver.request_about("after them");
    await until("three mails", () => receiver.mails().length === 3);
    for (const { id, uid, subject } of receiver.mails()) {
      const raw = await postern.api("GET", `/messages/${id}/raw`);
      assert.ok(raw.equals(host.dovecot.mail(account.address, uid)), `mail ${uid} was changed`);
      if (uid === 2) assert.equal(subject, null);
    }
  });

  test("with the same bytes again are one mail", async (t) => {
    const { receiver, account, add } = await fixture(t, host);
    const bytes = mail({ to: account.address, subject: "twice", id: "twice@client.test" });
    host.dovecot.save(account.address, bytes);
    host.dovecot.save(account.address, bytes);
    host.dovecot.save(account.address, mail({ to: account.address, subject: "end" }));
    await add();
    await receiver.request_about("end");
    assert.deepEqual(subjects(receiver), ["end", "twice"]);
  });
});

describe("many mails", () => {
  test("300 in a burst: none lost, none twice", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host);
    const { id } = await add();
    await postern.status(id, (status) => status.incoming_state === "ok", "first check done");
    const mails = numbered(account, 300, "burst");
    await Promise.all(
      [0, 1, 2].map((part) =>
        host.deliver(account.address, ...mails.slice(part * 100, part * 100 + 100)),
      ),
    );
    await until("300 mails", () => receiver.mails().length >= 300, 60000);
    const stored = await postern.list("/messages?limit=100");
    assert.equal(stored.length, 300);
    const told = receiver.requests.map(({ id, status, at, json }) => ({
      id,
      status,
      at,
      mail: json.data.id,
    }));
    const repeats = told.filter(({ id }) => told.filter((other) => other.id === id).length > 1);
    assert.deepEqual(repeats, [], "handed over twice");
    assert.equal(receiver.requests.length, 300);
    assert.equal(new Set(subjects(receiver)).size, 300);
    assert_ids_stand(receiver);
  });

  test("kill -9 in the middle, again and again: nothing lost, the same ids", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host);
    await add();
    const count = 150;
    const arriving = (async () => {
      for (const bytes of numbered(account, count, "kill"))
        await host.deliver(account.address, bytes);
    })();
    for (const mails of [10, 40, 80]) {
      await until(`${mails} mails`, () => receiver.mails().length >= mails, 40000);
      await postern.crash();
      await postern.start();
    }
    await arriving;
    await until("all mails", () => new Set(subjects(receiver)).size === count, 60000);
    assert_ids_stand(receiver);
    assert.equal((await postern.list("/messages?limit=100")).length, count);
  });

  test("Dovecot stopped and started again: Postern goes on", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host);
    const { id } = await add();
    await host.deliver(account.address, mail({ to: account.address, subject: "before" }));
    await receiver.request_about("before");
    await host.dovecot.stop();
    const status = await postern.status(
      id,
      (seen) => seen.consecutive_incoming_errors > 0,
      "failing",
    );
    assert.equal(status.last_incoming_error.kind, "imap.connection_failed");
    assert.ok(status.last_incoming_error.hint);
    await host.dovecot.start();
    await host.deliver(account.address, mail({ to: account.address, subject: "afterwards" }));
    await postern.api("POST", `/integrations/${id}/check`);
    await receiver.request_about("afterwards");
    const well = await postern.status(id, (seen) => seen.incoming_state === "ok", "well again");
    assert.equal(well.consecutive_incoming_errors, 0);
    assert.ok(well.last_incoming_error, "the last error is kept");
  });
});

describe("a webhook that does not take it", () => {
  test("is tried again with the same id and body, signed anew", async (t) => {
    const { receiver, account, add, target } = await fixture(t, host);
    receiver.answer = () => (receiver.requests.length === 1 ? 500 : 200);
    await add();
    await host.deliver(account.address, mail({ to: account.address, subject: "again" }));
    await receiver.request_about("again");
    const [first, second] = receiver.requests;
    assert.equal(first.id, second.id);
    assert.ok(second.at - first.at <= 14000, "the first retry comes within 14 s");
    for (const request of receiver.requests) {
      assert.equal(request.id, first.id);
      assert.ok(request.body.equals(first.body));
      new Webhook(target.secret).verify(request.body, request.headers);
    }
  });

  test("says 410: the target is disabled and the mail kept", async (t) => {
    const { receiver, account, add, target, postern } = await fixture(t, host);
    receiver.answer = () => 410;
    await add();
    await host.deliver(account.address, mail({ to: account.address, subject: "gone" }));
    await until(
      "the target is disabled",
      async () => (await postern.api("GET", `/targets/${target.id}`)).enabled === false,
    );
    const events = await postern.list("/events");
    assert.ok(events.some(({ kind }) => kind === "target.disabled"));
    assert.equal(receiver.requests.length, 1);
    receiver.answer = () => 200;
    await postern.api(
      "PATCH",
      `/targets/${target.id}`,
      { enabled: true },
      { headers: { "content-type": "application/merge-patch+json" } },
    );
    await receiver.request_about("gone");
  });

  test("redirects: the redirect is not followed", async (t) => {
    const { receiver, account, add } = await fixture(t, host);
    receiver.answer = ({ path }) =>
      path === "/hook" && receiver.requests.length === 1
        ? { status: 302, headers: { location: `http://127.0.0.1:${receiver.port}/other` } }
        : 200;
    await add();
    await host.deliver(account.address, mail({ to: account.address, subject: "redirected" }));
    await receiver.request_about("redirected");
    assert.deepEqual([...new Set(receiver.requests.map(({ path }) => path))], ["/hook"]);
  });
});
