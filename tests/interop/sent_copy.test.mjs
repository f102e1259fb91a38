// A copy of what was sent, in the Sent folder of a real Dovecot: once, whatever happens between.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

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

const sender = async (t, others = {}) => {
  const made = await fixture(t, host, { outgoing: { save_to_sent: true }, ...others });
  made.send = (subject) =>
    made.postern.api("POST", "/send", {
      integration: "Support",
      to: [bob.address],
      bcc: ["hidden@example.test"],
      subject,
      text: "Hello.\n.\nBye.",
    });
  return made;
};

const copies = (account, subject, folder) => {
  try {
    return host.dovecot
      .mails(account.address, folder)
      .filter((text) => text.includes(`\r\nSubject: ${subject}\r\n`));
  } catch {
    return []; // there is no such folder yet
  }
};

const one_copy = (account, subject, folder) =>
  until(`a copy of "${subject}" in ${folder}`, () => copies(account, subject, folder)[0]);

describe("the Sent folder", () => {
  test("gets each sent mail once, seen, in a folder that is made when missing", async (t) => {
    const { postern, account, add, send } = await sender(t);
    await add();
    const delivery = await postern.settled((await send("copied")).id);
    const text = await one_copy(account, "copied", "Sent");
    assert.ok(text.includes(delivery.message_id));
    assert.ok(!text.includes("hidden@example.test"));
    const [uid] = host.dovecot.uids(account.address, "Sent");
    assert.match(String(host.dovecot.flags(account.address, uid, "Sent")), /Seen/);
  });

  test("is not given what is there already, also after a kill", async (t) => {
    const { postern, account, add, send } = await sender(t);
    host.dovecot.create_folder(account.address, "Sent");
    await add();
    for (let i = 0; i < 5; ++i) await send(`killed ${i}`);
    await until("the first copy", () => copies(account, "killed 0", "Sent").length > 0);
    await postern.crash();
    await postern.start();
    for (let i = 0; i < 5; ++i) await one_copy(account, `killed ${i}`, "Sent");
    await send("the last");
    await one_copy(account, "the last", "Sent");
    for (let i = 0; i < 5; ++i) {
      assert.equal(copies(account, `killed ${i}`, "Sent").length, 1, `killed ${i}`);
    }
  });

  test("is not asked for where there is no mailbox", async (t) => {
    const { add } = await sender(t, { incoming: false });
    await assert.rejects(add(), /save_to_sent/);
  });
});
