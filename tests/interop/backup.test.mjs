// Backup while mail comes in and goes out, restore elsewhere, serve from it; and what is refused.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { fixture } from "./lib/fixture.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import { Postern, postern_command } from "./lib/postern.mjs";
import { until } from "./lib/until.mjs";

let host;
let bob;
before(async () => {
  host = await MailHost.start();
  bob = host.dovecot.add_account("bob");
});
after(() => host?.stop());

const sha256 = (bytes) => crypto.createHash("sha256").update(bytes).digest("hex");
const big = (account, n) =>
  mail({
    to: account.address,
    subject: `big ${n}`,
    body: `${crypto.randomBytes(60).toString("base64")}\n`.repeat(16000),
  });

/** A Postern on a folder of its own that nobody has started yet. */
function elsewhere(t, postern, env = {}) {
  const other = Postern.prepare({ env: { SSL_CERT_FILE: postern.settings.SSL_CERT_FILE, ...env } });
  t.after(() => other.stop());
  return other;
}

const command = (postern, args, env = {}) =>
  postern_command([...args, "--data", postern.data], { env });

test("a backup under load is served from elsewhere, byte by byte the same", async (t) => {
  const start = await fixture(t, host, { outgoing: {} });
  const { postern, receiver, account, target } = start;
  const { id } = await start.add();
  const send = (subject) =>
    postern.api("POST", "/send", { integration: id, to: bob.address, subject, text: "Hello." });
  await postern.settled((await send("before")).id);
  await host.deliver(account.address, ...[1, 2, 3].map((n) => big(account, n)));
  for (const n of [1, 2, 3]) await receiver.request_about(`big ${n}`, 30000);
  let over = false;
  const load = (async () => {
    for (let n = 0; !over; n += 1) {
      await host.deliver(
        account.address,
        n % 4 === 0 ? big(account, `more ${n}`) : mail({ to: account.address, subject: `m ${n}` }),
      );
      await send(`out ${n}`);
    }
  })();
  const file = path.join(postern.folder, "backup.tar");
  const key = path.join(postern.folder, "key");
  fs.copyFileSync(path.join(postern.data, "secret.key"), key);
  fs.chmodSync(key, 0o600);

  const made = await command(postern, ["backup", file]);
  const checked = await command(postern, ["verify"]);
  over = true;
  await load;

  assert.equal(made.code, 0, made.errors);
  assert.match(made.errors, /copying the database/);
  assert.equal(checked.code, 0, checked.output + checked.errors);
  assert.match(checked.output, / 0 findings\./);
  assert.ok(!fs.readFileSync(file).includes(fs.readFileSync(key)), "the key is in the backup");
  const other = elsewhere(t, postern, { POSTERN_SECRETS_KEY_FILE: key });
  const restored = await command(other, ["restore", file], { POSTERN_SECRETS_KEY_FILE: key });
  assert.equal(restored.code, 0, restored.errors);
  const again = await command(other, ["restore", file], { POSTERN_SECRETS_KEY_FILE: key });
  assert.equal(again.code, 78);
  assert.match(again.errors, /not empty/);
  const found = await command(other, ["verify"], { POSTERN_SECRETS_KEY_FILE: key });
  assert.equal(found.code, 0, found.output + found.errors);

  const restored_at = Date.now();
  await other.start();
  const originals = new Map((await postern.list("/messages")).map((each) => [each.id, each]));
  const copies = await other.list("/messages");
  assert.ok(copies.length >= 3);
  for (const copy of copies) {
    const raw = await other.api("GET", `/messages/${copy.id}/raw`);
    assert.equal(sha256(raw), copy.sha256);
    const original = originals.get(copy.id);
    if (original) assert.equal(copy.sha256, original.sha256);
    // Of what the backup came too early for, the copy may have fetched some from the server since.
    else assert.ok(Date.parse(copy.stored_at) >= restored_at, `${copy.id} is the copy's alone`);
  }
  // What was promised before the copy was made is kept by it too: sent, or sent now.
  const promised = await other.list("/deliveries");
  assert.ok(promised.length >= 1);
  for (const delivery of promised) {
    const [raw, original] = await Promise.all(
      [other, postern].map((each) => each.api("GET", `/deliveries/${delivery.id}/raw`)),
    );
    assert.equal(sha256(raw), sha256(original));
    await other.settled(delivery.id, ["sent"], 60000);
  }
  // Its secrets work: it logs in at Dovecot, and signs as before.
  await other.status(id, (status) => status.incoming_state === "ok", "logged in", 60000);
  const before = receiver.requests.length;
  await host.deliver(account.address, mail({ to: account.address, subject: "after" }));
  await until("both hand it over", () => {
    const both = receiver.requests
      .slice(before)
      .filter(({ json }) => json.data.subject === "after");
    return new Set(both.map(({ id: webhook_id }) => webhook_id)).size === 2;
  });
  assert.ok(target.secret);
});

test("what is damaged, cut off, or not the key is refused, and nothing is made", async (t) => {
  const { postern, receiver, account, add } = await fixture(t, host);
  await add();
  await host.deliver(account.address, big(account, 7));
  await receiver.request_about("big 7", 30000);
  const file = path.join(postern.folder, "backup.tar");
  assert.equal((await command(postern, ["backup", file])).code, 0);
  const whole = fs.readFileSync(file);
  const key = path.join(postern.data, "secret.key");
  const other = elsewhere(t, postern);
  const restore = (bytes, key_file = key) => {
    fs.writeFileSync(file, bytes);
    return command(other, ["restore", file], { POSTERN_SECRETS_KEY_FILE: key_file });
  };

  const flipped = Buffer.from(whole);
  flipped[whole.length >> 1] ^= 1;
  for (const bytes of [flipped, whole.subarray(0, whole.length >> 1), Buffer.from("no archive")]) {
    const refused = await restore(bytes);
    assert.equal(refused.code, 65, refused.errors);
    assert.match(refused.errors, /damaged|no backup/);
    assert.ok(!fs.existsSync(other.data));
  }
  const wrong = path.join(postern.folder, "wrong.key");
  fs.writeFileSync(wrong, `${crypto.randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
  const refused = await restore(whole, wrong);
  assert.equal(refused.code, 65, refused.errors);
  assert.match(refused.errors, /does not open with the key/);
  assert.equal((await restore(whole, path.join(postern.folder, "none"))).code, 78);
  assert.equal((await command(other, ["restore", file])).code, 78);
  const missing = { POSTERN_SECRETS_KEY_FILE: key };
  assert.equal((await command(other, ["restore", `${file}.no`], missing)).code, 66);
  assert.equal((await command(other, ["backup", `${file}.no`])).code, 66);
  assert.ok(!fs.existsSync(`${file}.no`));
});

test("verify finds a flipped byte", async (t) => {
  const { postern, receiver, account, add } = await fixture(t, host);
  await add();
  await host.deliver(account.address, big(account, 8));
  const { json } = await receiver.request_about("big 8", 30000);
  const spool = path.join(postern.data, "spool");
  const [name] = fs
    .readdirSync(spool, { recursive: true })
    .filter((each) => fs.statSync(path.join(spool, each)).isFile());
  const bytes = fs.readFileSync(path.join(spool, name));
  bytes[1000] ^= 1;
  fs.writeFileSync(path.join(spool, name), bytes);

  const found = await command(postern, ["verify"]);

  assert.equal(found.code, 65, found.output + found.errors);
  assert.ok(found.output.includes(json.data.id), found.output);
  assert.match(found.output, / 1 findings\./);
});
