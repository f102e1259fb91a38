// What the IMAP engine does beyond the plain session, against a real Dovecot: who we are (ID),
// compression, folder names beyond ASCII.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, describe, test } from "node:test";

import { fixture } from "./lib/fixture.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import { tap } from "./lib/tap.mjs";

const folder = "Entwürfe & Ablage";
const folder_on_wire = "Entw&APw-rfe &- Ablage";

let host;
before(async () => (host = await MailHost.start({ smtp: false })));
after(() => host?.stop());

const sha256 = (bytes) => crypto.createHash("sha256").update(bytes).digest("hex");

describe("the IMAP line", () => {
  test("is compressed both ways where that is wanted, and the bytes are the same", async (t) => {
    const line = await tap(t, host.dovecot.ports.starttls);
    const { receiver, account, add } = await fixture(t, host, {
      incoming: { security: "none", port: line.port, compress: true, folder },
    });
    host.dovecot.create_folder(account.address, folder);
    const zeros = "A".repeat(76) + "\n";
    const large = mail({
      to: account.address,
      subject: "swells when unpacked",
      body: zeros.repeat(40000),
    });
    host.dovecot.save(account.address, large, folder);
    await add();

    const first = await receiver.request_about("swells when unpacked");
    host.dovecot.save(account.address, mail({ to: account.address, subject: "in IDLE" }), folder);
    const second = await receiver.request_about("in IDLE");

    assert.equal(first.json.data.folder, folder);
    assert.equal(first.json.data.sha256, sha256(host.dovecot.mail(account.address, 1, folder_on_wire)));
    assert.equal(second.json.data.sha256, sha256(host.dovecot.mail(account.address, 2, folder_on_wire)));
    assert.match(line.sent(), /COMPRESS DEFLATE\r\n/);
    assert.ok(!line.sent().includes("UID FETCH"), "a command went in plain");
    assert.ok(!line.told().includes("in IDLE"), "a mail came in plain");
    assert.ok(line.told().length < large.length / 20, `${line.told().length} bytes came`);
  });

  test("stays plain by itself; the server hears who we are", async (t) => {
    const line = await tap(t, host.dovecot.ports.starttls);
    const { receiver, account, add } = await fixture(t, host, {
      incoming: { security: "none", port: line.port, folder },
    });
    host.dovecot.create_folder(account.address, folder);
    host.dovecot.save(account.address, mail({ to: account.address, subject: "in plain" }), folder);
    const integration = await add();

    const { json } = await receiver.request_about("in plain");

    assert.equal(integration.incoming.compress, false);
    assert.equal(json.data.folder, folder);
    assert.match(line.sent(), /ID \("name" "Postern" "version" "[0-9.]+"\)\r\n/);
    assert.match(line.sent(), /EXAMINE "Entw&APw-rfe &- Ablage"\r\n/);
    assert.ok(!line.sent().includes("COMPRESS"));
    assert.match(line.told(), /Subject: in plain/);
  });
});
