// Received mail in depth, from a real Dovecot: several folders, UIDs that change their meaning, a
// server that restarts, mails over the limit, and many mails without a repeat.
// POSTERN_MANY=100000 plays the last one in full.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { fixture } from "./lib/fixture.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import { run_now } from "./lib/processes.mjs";
import { pause, until } from "./lib/until.mjs";

const many = Number(process.env.POSTERN_MANY ?? 3000);
const subjects = (receiver) => receiver.mails().map(({ subject }) => subject);
const first_check = (postern, id) =>
  postern.status(id, (status) => status.last_successful_check, "first check done");
const events = async (postern, kind) =>
  (await postern.list("/events")).filter((event) => event.kind === kind);

/** Every mail has one hand-over, acknowledged at once: one request. */
function assert_no_repeat(receiver) {
  const seen = new Set();
  for (const { json } of receiver.requests) {
    assert.ok(!seen.has(json.data.id), `${json.data.subject} was handed over twice`);
    seen.add(json.data.id);
  }
}

let host;
before(async () => (host = await MailHost.start({ smtp: false })));
after(() => host?.stop());

describe("several folders", () => {
  const folders = ["Büro", "Archiv/Überall & ~ 日本"];

  test("with Unicode names are watched on one connection", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host, {
      incoming: { more_folders: folders, poll_interval_s: 5 },
    });
    for (const folder of folders) host.dovecot.create_folder(account.address, folder);
    const { id } = await add();
    await first_check(postern, id);
    for (const folder of ["INBOX", ...folders]) {
      host.dovecot.save(account.address, mail({ to: account.address, subject: folder }), folder);
    }
    await until("three mails", () => receiver.mails().length === 3);
    assert.deepEqual(subjects(receiver).sort(), ["INBOX", ...folders].sort());
    const by_subject = new Map(receiver.mails().map((each) => [each.subject, each.folder]));
    for (const folder of folders) assert.equal(by_subject.get(folder), folder);
  });

  test("hold one mail when it is the same in all of them", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host, {
      incoming: { more_folders: ["Archive"] },
    });
    const { id } = await add();
    await first_check(postern, id);
    const bytes = mail({ to: account.address, subject: "same", id: "same@client.test" });
    for (const folder of ["INBOX", "Archive", "INBOX"]) {
      host.dovecot.save(account.address, bytes, folder);
    }
    host.dovecot.save(account.address, mail({ to: account.address, subject: "last" }), "Archive");
    await postern.api("POST", `/integrations/${id}/check`);
    await receiver.request_about("last");
    await receiver.request_about("same");
    assert.deepEqual(subjects(receiver).sort(), ["last", "same"]);
    assert.equal((await postern.list("/messages")).length, 2);
  });

  test("are watched although one of them is missing, which is told once", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host, {
      incoming: { more_folders: ["Nirgends", "Archive"], poll_interval_s: 5 },
    });
    const { id } = await add();
    await first_check(postern, id);
    host.dovecot.save(account.address, mail({ to: account.address, subject: "there" }), "Archive");
    await receiver.request_about("there");
    const told = await events(postern, "imap.download_failed");
    assert.equal(told.length, 1);
    assert.match(told[0].message, /Nirgends/);
    assert.equal((await postern.integration(id)).status.incoming_state, "ok");
  });
});

describe("nothing twice and nothing lost", () => {
  test("when UIDVALIDITY is reset", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host, {
      incoming: { poll_interval_s: 5 },
    });
    const { id } = await add();
    await first_check(postern, id);
    const put = (subject) =>
      host.deliver(account.address, mail({ to: account.address, subject }));
    for (let n = 0; n < 20; ++n) await put(`before ${n}`);
    await until("twenty mails", () => receiver.mails().length === 20);
    host.dovecot.doveadm(
      "mailbox",
      "update",
      "--uid-validity",
      "1999999999",
      "-u",
      account.address,
      "INBOX",
    );
    await put("after");
    await postern.api("POST", `/integrations/${id}/check`);
    await receiver.request_about("after");
    await postern.api("POST", `/integrations/${id}/check`);
    await put("last");
    await receiver.request_about("last");
    assert.equal(receiver.requests.length, 22);
    assert_no_repeat(receiver);
    assert.equal((await events(postern, "mailbox.uidvalidity_changed")).length, 1);
  });

  test("when the server restarts under load", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host);
    const { id } = await add();
    await first_check(postern, id);
    const wave = (from) =>
      host.deliver(
        account.address,
        ...Array.from({ length: 60 }, (_, n) =>
          mail({ to: account.address, subject: `load ${from + n}` }),
        ),
      );
    await wave(0);
    await host.dovecot.stop();
    await host.dovecot.start();
    await wave(60);
    await host.dovecot.stop();
    await host.dovecot.start();
    await wave(120);
    await postern.api("POST", `/integrations/${id}/check`);
    await until("180 mails", () => new Set(subjects(receiver)).size === 180, 60000);
    assert_no_repeat(receiver);
  });

  test("when a day is fetched again by hand", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host, {
      incoming: { start_from: "now" },
    });
    await host.deliver(account.address, mail({ to: account.address, subject: "earlier" }));
    const { id } = await add();
    await first_check(postern, id);
    await host.deliver(account.address, mail({ to: account.address, subject: "now" }));
    await receiver.request_about("now");
    const since = new Date(Date.now() - 86400e3).toISOString().slice(0, 10);
    await postern.api("POST", `/integrations/${id}/check`, { since });
    await receiver.request_about("earlier");
    assert.equal(receiver.requests.length, 2);
    const wrong = await postern.call("POST", `/integrations/${id}/check`, { since: "yesterday" });
    assert.equal(wrong.status, 400);
  });

  test(`in ${many} mails`, { timeout: 3600e3 }, async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host);
    receiver.answer = (request) => {
      request.body = request.headers = undefined; // of 100,000 they would fill the memory
      return 204;
    };
    await host.deliver(account.address, mail({ to: account.address, subject: "0" }));
    const inbox = path.join(host.dovecot.folder, "mail", account.address, "new");
    for (let n = 1; n < many; ++n) {
      const bytes = mail({ to: account.address, subject: String(n) });
      // Not at one go: an idle connection to Postern that it closes meanwhile has to be noticed.
      await fs.promises.writeFile(path.join(inbox, `${1700000000 + n}.M${n}P1.host`), bytes);
    }
    run_now("chown", ["-R", "mail:mail", inbox]);
    const begun = Date.now();
    const { id } = await add();
    const passed = () => `${(Date.now() - begun) / 1000} s`;
    for (let told = 10000; told < many; told += 10000) {
      await until(`${told} mails`, () => receiver.requests.length >= told, 300000);
      console.log(`${told} mails in ${passed()}`);
    }
    await until(`${many} mails`, () => receiver.requests.length >= many, 300000);
    t.diagnostic(`${many} mails in ${passed()}`);
    host.dovecot.doveadm(
      "mailbox",
      "update",
      "--uid-validity",
      "1888888888",
      "-u",
      account.address,
      "INBOX",
    );
    await host.deliver(account.address, mail({ to: account.address, subject: "last" }));
    await postern.api("POST", `/integrations/${id}/check`);
    await receiver.request_about("last", Math.max(60000, many * 10));
    t.diagnostic(`compared with a renumbered folder after ${passed()}`);
    assert.equal(receiver.requests.length, many + 1);
    assert_no_repeat(receiver);
    assert.equal(new Set(subjects(receiver)).size, many + 1);
  });
});

describe("bad and good mails", () => {
  test("over the limit are recorded, told once, and fetched when asked for", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host, {
      incoming: { message_bytes_max: 20000 },
    });
    const body = "0123456789".repeat(5000);
    await host.deliver(
      account.address,
      mail({ to: account.address, subject: "large", body }),
      mail({ to: account.address, subject: "small" }),
    );
    await add();
    await receiver.request_about("small");
    const row = await until("its header is read", async () =>
      (await postern.list("/messages?state=too_large")).find(({ subject }) => subject === "large"));
    assert.ok(row.size_bytes > 50000);
    assert.equal(row.trouble.stage, "size");
    assert.equal((await events(postern, "imap.download_failed")).length, 1);
    const answer = await postern.call("POST", `/messages/${row.id}/reprocess`);
    assert.equal(answer.status, 202);
    const about_large = (whole) =>
      receiver.requests.find(
        ({ json }) =>
          json?.data?.subject === "large" && json.data.defects.includes("too_large") !== whole,
      );
    const notice = await until("the header with a notice", () => about_large(false));
    assert.equal(notice.json.data.state, "too_large");
    assert.equal(notice.json.data.text, null);
    const request = await until("the whole mail", () => about_large(true));
    assert.equal(request.json.data.id, row.id);
    assert.notEqual(request.id, notice.id, "another mail than the notice");
    assert.equal((await postern.list("/messages?state=too_large")).length, 0);
  });

  test("that come every 0.4 s all leave within a second", async (t) => {
    const { receiver, account, add, postern } = await fixture(t, host);
    const { id } = await add();
    await first_check(postern, id);
    const put = new Map();
    for (let n = 0; n < 25; ++n) {
      await host.deliver(account.address, mail({ to: account.address, subject: `tick ${n}` }));
      put.set(`tick ${n}`, Date.now());
      await pause(400);
    }
    await until("25 mails", () => receiver.requests.length === 25);
    const late = receiver.requests
      .map((request) => [request.json.data.subject, request.at])
      .filter(([subject, at]) => at - put.get(subject) > 1000);
    assert.deepEqual(late, []);
  });
});
