// Limits of a real Dovecot, and what it tells of changes: a full mailbox, too many connections of one
// user, QRESYNC.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { fixture } from "./lib/fixture.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import { tap } from "./lib/tap.mjs";
import { until } from "./lib/until.mjs";

const connections_max = 1;
// Two mails fill a mailbox.
const limits = `
mail_plugins = quota
protocol imap {
  mail_plugins = imap_zlib quota imap_quota
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:messages=2
}
`;
const few_connections = `
protocol imap {
  mail_max_userip_connections = ${connections_max}
}
`;

const with_host = (options) => {
  const made = {};
  before(async () => (made.host = await MailHost.start(options)));
  after(() => made.host?.stop());
  return made;
};

const about = (account, subject, body = "Hello.\n") => mail({ to: account.address, subject, body });

describe("a full mailbox", () => {
  const made = with_host({ dovecot: limits });

  test("lets a mail be moved all the same", async (t) => {
    const { host } = made;
    const { postern, receiver, account, add } = await fixture(t, host, {
      incoming: { after_fetch: { action: "move", folder: "Done" } },
    });
    for (const subject of ["one", "two"]) {
      await host.deliver(account.address, about(account, subject));
    }
    await assert.rejects(host.deliver(account.address, about(account, "three")), /[Qq]uota/);
    await add();
    for (const subject of ["one", "two"]) await receiver.request_about(subject);
    await until("both are moved", () => host.dovecot.uids(account.address).length === 0);
    assert.equal(host.dovecot.uids(account.address, "Done").length, 2);
    assert.deepEqual(await postern.list("/events?kind=imap.after_fetch_failed"), []);
  });

  test("refuses the copy of what was sent, and the mail is sent all the same", async (t) => {
    const { host } = made;
    const bob = host.dovecot.add_account("bob");
    const { postern, account, add } = await fixture(t, host, { outgoing: { save_to_sent: true } });
    for (const subject of ["one", "two"]) {
      await host.deliver(account.address, about(account, subject));
    }
    await add();
    const sent = await postern.api("POST", "/send", {
      integration: "Support",
      to: [bob.address],
      subject: "has no room",
      text: "Hello.",
    });
    assert.equal((await postern.settled(sent.id)).state, "sent");
    // It is tried again, for three days: room may be made.
    await until("the server's words", () =>
      /copies in the Sent folder wait: .*Quota exceeded/.test(postern.log()),
    );
    assert.deepEqual(await postern.list("/events?kind=imap.login_failed"), []);
  });
});

// A namespace with a quota of its own: what lies there counts for itself.
const full_archive = `
mail_plugins = quota
protocol imap {
  mail_plugins = imap_zlib quota imap_quota
}
namespace full {
  prefix = Full/
  separator = /
  location = maildir:~/full
}
plugin {
  quota = count:User:ns=
  quota2 = count:Full:ns=Full/
  quota_vsizes = yes
  quota2_rule = *:messages=1
}
`;

describe("a full folder for what is done", () => {
  const made = with_host({ smtp: false, dovecot: full_archive });

  test("is a refusal that is told once a mail, and repeats nothing", async (t) => {
    const { host } = made;
    const line = await tap(t, host.dovecot.ports.starttls);
    const { postern, receiver, account, add } = await fixture(t, host, {
      incoming: {
        security: "none",
        port: line.port,
        after_fetch: { action: "move", folder: "Full/Done" },
      },
    });
    for (const subject of ["one", "two", "three"]) {
      await host.deliver(account.address, about(account, subject));
    }
    const { id } = await add();
    for (const subject of ["one", "two", "three"]) await receiver.request_about(subject);
    const failed = () => postern.list("/events?kind=imap.after_fetch_failed");
    await until("two refusals", async () => (await failed()).length === 2);
    for (const { message } of await failed()) assert.match(message, /[Qq]uota/);
    assert.equal(host.dovecot.uids(account.address, "Full/Done").length, 1);
    assert.equal(host.dovecot.uids(account.address).length, 2);

    // What was refused is not asked for again: not at the next mail, a check or a restart.
    await postern.api("POST", `/integrations/${id}/check`);
    await host.deliver(account.address, about(account, "four"));
    await receiver.request_about("four");
    await until("its refusal", async () => (await failed()).length === 3);
    await postern.crash();
    await postern.start();
    await host.deliver(account.address, about(account, "five"));
    await receiver.request_about("five");
    await until("the last refusal", async () => (await failed()).length === 4);
    const moves = line.sent().match(/UID MOVE (\S+)/g);
    for (const uid of [4, 5]) {
      assert.equal(moves.filter((move) => move === `UID MOVE ${uid}`).length, 1, moves.join());
    }
    assert.equal(receiver.requests.length, 5);
    assert.equal((await postern.integration(id)).status.incoming_state, "ok");
    assert.deepEqual(await postern.list("/events?kind=imap.connection_failed"), []);
  });
});

describe("one connection too many", () => {
  const made = with_host({ smtp: false, dovecot: few_connections });

  test("is a limit and no wrong password, and has its turn when there is room", async (t) => {
    const { host } = made;
    const { postern, receiver, account, add } = await fixture(t, host);
    const { id } = await add();
    await postern.status(id, (status) => status.last_successful_check, "is connected");
    const second = await postern.api("POST", "/integrations", {
      name: "Second",
      address: account.address,
      incoming: host.incoming(account),
    });
    const refused = await postern.status(
      second.id,
      (status) => status.last_incoming_error,
      "is refused",
    );
    assert.match(refused.last_incoming_error.message, /Maximum number of connections/);
    assert.equal(refused.last_incoming_error.kind, "imap.connection_failed");
    assert.notEqual(refused.incoming_state, "disabled");

    await postern.api("POST", `/integrations/${id}/disable`);
    await until(
      "the server counts no connection",
      () => !host.dovecot.doveadm("who").toString().includes(account.address),
    );
    await host.deliver(account.address, about(account, "for the second"));
    await postern.api("POST", `/integrations/${second.id}/check`);
    const { json } = await receiver.request_about("for the second");
    assert.equal(json.data.integration.name, "Second");
    assert.deepEqual(await postern.list("/events?kind=imap.login_failed"), []);
  });
});

describe("what changed", () => {
const made = with_host({ smtp: false });

test("is asked for by QRESYNC, and nothing comes twice", async (t) => {
  const { host } = made;
  const line = await tap(t, host.dovecot.ports.starttls);
  const { postern, receiver, account, add } = await fixture(t, host, {
    incoming: { security: "none", port: line.port },
  });
  const first = ["one", "two", "three", "four"];
  for (const subject of first) await host.deliver(account.address, about(account, subject));
  const { id } = await add();
  for (const subject of first) await receiver.request_about(subject);
  await postern.status(id, (status) => status.incoming_state === "ok", "is well");
  assert.match(line.sent(), /ENABLE QRESYNC/);

  // Meanwhile somebody reads one and deletes another.
  const doveadm = (...words) => host.dovecot.doveadm(...words);
  doveadm("flags", "add", "-u", account.address, "\\Seen", "mailbox", "INBOX", "uid", "1");
  doveadm("expunge", "-u", account.address, "mailbox", "INBOX", "uid", "2");
  await host.deliver(account.address, about(account, "five"));
  await postern.api("POST", `/integrations/${id}/check`);
  await receiver.request_about("five");
  await until("QRESYNC", () => /EXAMINE "?INBOX"? \(QRESYNC \(\d+ \d+\)\)/.test(line.sent()));
  await until("its answer", () => /\* VANISHED \(EARLIER\) 2\r\n/.test(line.told()));

  // In IDLE a VANISHED leaves the count right: the next mail is noticed at once.
  doveadm("expunge", "-u", account.address, "mailbox", "INBOX", "uid", "3");
  await until("VANISHED", () => /\* VANISHED 3\r\n/.test(line.told()));
  await host.deliver(account.address, about(account, "six"));
  await receiver.request_about("six");
  assert.deepEqual(
    receiver.mails().map(({ subject }) => subject).sort(),
    [...first, "five", "six"].sort(),
  );
  assert.equal(receiver.requests.length, 6);
});
});
