// What becomes of a mail at a real Dovecot once it is handed over: marked, moved, deleted, and
// nothing before.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { fixture } from "./lib/fixture.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import { until } from "./lib/until.mjs";

let host;
before(async () => (host = await MailHost.start({ smtp: false })));
after(() => host?.stop());

const numbered = (account, from, to) =>
  Array.from({ length: to - from }, (_, i) =>
    mail({ to: account.address, subject: `mail ${from + i}` }),
  );

const uids = (account, folder = "INBOX") => {
  try {
    return host.dovecot.uids(account.address, folder);
  } catch {
    return []; // there is no such folder yet
  }
};
const flags = (account, uid, folder) => String(host.dovecot.flags(account.address, uid, folder));
const all_have = (account, count, flag) =>
  until(`${count} mails with ${flag}`, () => {
    const there = uids(account);
    return there.length === count && there.every((uid) => flags(account, uid).includes(flag));
  });
const received = (receiver, count) =>
  until(`${count} hand-overs`, () => receiver.mails().length >= count, 30000);

describe("after a hand-over a mail", () => {
  test("is seen", async (t) => {
    const made = await fixture(t, host, { incoming: { after_fetch: { action: "seen" } } });
    await host.deliver(made.account.address, ...numbered(made.account, 0, 3));
    await made.add();
    await received(made.receiver, 3);
    await all_have(made.account, 3, "\\Seen");
    await host.deliver(made.account.address, ...numbered(made.account, 3, 4));
    await all_have(made.account, 4, "\\Seen");
    assert.equal(made.receiver.mails().length, 4);
  });

  test("has a keyword", async (t) => {
    const made = await fixture(t, host, {
      incoming: { after_fetch: { action: "keyword", keyword: "Postern-Done" } },
    });
    await host.deliver(made.account.address, ...numbered(made.account, 0, 2));
    await made.add();
    await all_have(made.account, 2, "Postern-Done");
  });

  test("is moved into a folder, which is made when missing", async (t) => {
    const made = await fixture(t, host, {
      incoming: { after_fetch: { action: "move", folder: "Erledigt/Übergeben" } },
    });
    await host.deliver(made.account.address, ...numbered(made.account, 0, 5));
    await made.add();
    await until("five mails moved", () => uids(made.account, "Erledigt/Übergeben").length === 5);
    assert.deepEqual(uids(made.account), []);
    assert.equal(made.receiver.mails().length, 5);
  });

  test("is deleted, and no other with it", async (t) => {
    const made = await fixture(t, host, { incoming: { after_fetch: { action: "delete" } } });
    await host.deliver(made.account.address, ...numbered(made.account, 0, 2));
    const first = ["mailbox", "INBOX", "uid", "1"];
    host.dovecot.doveadm("flags", "add", "-u", made.account.address, "\\Deleted", ...first);
    made.receiver.answer = ({ json }) => (json.data.subject === "mail 0" ? 503 : 200);
    await made.add();
    await until("the second is gone", () => uids(made.account).join() === "1");
    made.receiver.answer = () => 200;
  });
});

test("nothing happens while a required target has not taken the mail", async (t) => {
  const made = await fixture(t, host, { incoming: { after_fetch: { action: "delete" } } });
  made.receiver.answer = () => 503;
  await host.deliver(made.account.address, ...numbered(made.account, 0, 1));
  const { id } = await made.add();
  await until("a try", () => made.receiver.requests.length > 0);
  await made.postern.status(id, (status) => status.last_successful_check, "checked");
  assert.equal(uids(made.account).length, 1);
  assert.ok(!flags(made.account, 1).includes("\\Seen"));
  made.receiver.answer = () => 200;
  const [handover] = await made.postern.list("/handovers");
  await made.postern.api("POST", `/handovers/${handover.id}/retry`);
  await until("it is gone", () => uids(made.account).length === 0);
});

test("a kill in the middle makes no second copy and leaves none behind", async (t) => {
  const made = await fixture(t, host, {
    incoming: { after_fetch: { action: "move", folder: "Done" } },
  });
  await host.deliver(made.account.address, ...numbered(made.account, 0, 40));
  await made.add();
  await until("the first hand-over", () => made.receiver.mails().length > 0);
  await made.postern.crash();
  await made.postern.start();
  await until("all are moved", () => uids(made.account, "Done").length >= 40, 30000);
  await until("the folder is empty", () => uids(made.account).length === 0);
  assert.equal(uids(made.account, "Done").length, 40);
  const subjects = new Set(made.receiver.mails().map(({ subject }) => subject));
  assert.equal(subjects.size, 40);
});
