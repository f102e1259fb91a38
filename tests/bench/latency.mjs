// How long a new mail takes to its webhook, `postern serve` with many integrations in IDLE at a
// private Dovecot, beside a bare IDLE client at the same mailboxes, which is told of the same mails:
// first one mailbox after the other, then one that is hit again and again. Dovecot itself tells no
// sooner than half a second after a mail has come; what is Postern's own is the difference.
import fs from "node:fs";
import path from "node:path";

import { make_certificates } from "../interop/lib/certificates.mjs";
import { Dovecot } from "../interop/lib/dovecot.mjs";
import { remove_folder, temporary_folder } from "../interop/lib/files.mjs";
import { at_exit, Program } from "../interop/lib/processes.mjs";
import { pause, until } from "../interop/lib/until.mjs";
import { print_mark, read_arguments } from "./lib/bench.mjs";
import { Hook } from "./lib/hook.mjs";
import { load, postern_class } from "./lib/serve.mjs";

const given = read_arguments({
  integrations: [100, 5], mails: [500, 10], every_ms: [60, 60], hits: [100, 5], hit_every_ms: [400, 400],
});
const { programs, integrations } = given;
const Postern = await postern_class(programs);

// One process for all: each would take an inotify instance of the few a user has. It can watch a
// mailbox for one client only, so the bare one has a Dovecot of its own over the same mailboxes.
const one_process = `service imap-login {
  service_count = 0
  client_limit = 2000
}
service imap {
  service_count = 0
  process_limit = 1
  client_limit = 2000
}
`;
const folder = temporary_folder("bench");
at_exit(() => remove_folder(folder));
const { ca, server } = make_certificates(path.join(folder, "tls"));
const dovecot_folder = path.join(folder, "dovecot");
const dovecot = await Dovecot.start(dovecot_folder, server, ca.certificate, { more: one_process });
const bare_dovecot = await Dovecot.start(path.join(folder, "bare"), server, ca.certificate, {
  more: `${one_process}mail_location = maildir:${dovecot_folder}/mail/%u\n`,
});
const accounts = Array.from({ length: integrations }, (_, i) => {
  bare_dovecot.add_account(`bench${i}`, "secret");
  return dovecot.add_account(`bench${i}`, "secret");
});
const names = path.join(folder, "accounts");
fs.writeFileSync(names, accounts.map((each) => `${each.address} ${each.password}\n`).join(""));
for (const { address } of accounts) dovecot.uids(address); // Dovecot makes the mailbox
const owner = fs.statSync(path.join(dovecot_folder, "mail"));

/** What was laid into the mailboxes: {account, place: the how-manieth there, at}, by its number. */
const laid = [];
const counts = accounts.map(() => 0);

/** Lays one mail into the mailbox as a delivery does. */
function lay(account) {
  const number = laid.length;
  const box = path.join(dovecot_folder, "mail", accounts[account].address);
  const name = `${1770000000 + number}.M${number}P1.bench`;
  const file = path.join(box, "tmp", name);
  fs.writeFileSync(file,
    `From: carol@example.test\nTo: ${accounts[account].address}\nSubject: latency ${number}\n` +
      `Message-ID: <${number}.latency@client.test>\nDate: Mon, 02 Feb 2026 10:00:00 +0000\n\nhello\n`,
  );
  fs.chownSync(file, owner.uid, owner.gid);
  laid.push({ account, place: ++counts[account], at: Number(process.hrtime.bigint()) / 1e9 });
  fs.renameSync(file, path.join(box, "new", name));
}

const raw = new Program(path.join(programs, "bench_idle_raw"), [
  String(bare_dovecot.ports.tls), ca.certificate, names,
]);
await until("the bare client waits", () => {
  if (raw.end) throw new Error(raw.errors);
  return raw.output.startsWith("ready");
}, 60000);

const hook = await Hook.start(programs, '"subject":"latency ');
const postern = await Postern.start({ authority: ca.certificate });
await postern.add_target(hook);
await load(programs, postern, { connections: 4, calls: integrations, status: 201 }, "POST",
  "/integrations", {
    name: "bench%N%", address: "bench%N%@example.test",
    incoming: {
      enabled: true, host: "localhost", port: dovecot.ports.tls, security: "tls",
      auth: { method: "password", username: "bench%N%@example.test", password: "secret" },
    },
  });
const all_told = () =>
  until("every mail came to the webhook", async () => (await hook.count()) >= laid.length, 120000);
await until("every integration is well", async () => {
  const { items } = await postern.api("GET", "/integrations?state=ok&limit=500");
  return items.length === integrations;
}, 60000);
for (let i = 0; i < integrations; i++) lay(i); // each of them has seen one before it counts
await all_told();

const first = laid.length;
for (let i = 0; i < given.mails; i++) {
  lay((i * 37) % integrations); // neighbours lie far apart
  await pause(given.every_ms);
}
await all_told();
const second = laid.length;
for (let i = 0; i < given.hits; i++) {
  lay(0);
  await pause(given.hit_every_ms);
}
await all_told();

/** [account, how many mails it is told of, when] */
const lines = () => raw.output.trim().split("\n").slice(1).map((line) => line.split(" ").map(Number));
await until("the bare client was told of every mail", () => {
  const seen = new Map(lines().map(([account, mails]) => [account, mails]));
  return counts.every((count, account) => seen.get(account) >= count);
}, 60000);
await postern.stop();
raw.kill("SIGTERM");
await raw.ended;
const { times } = await hook.stop();
await bare_dovecot.stop();
await dovecot.stop();

const hooked = new Map(times.map(([number, at]) => [number, at]).reverse()); // the first call counts
const told = accounts.map(() => []);
for (const [account, mails, at] of lines()) told[account].push({ mails, at });

function show(title, from, to) {
  const rows = laid.slice(from, to).map(({ account, place, at }, i) => {
    const seen = told[account].find((each) => each.mails >= place).at;
    const posted = hooked.get(from + i);
    return { bare: (seen - at) * 1000, postern: (posted - at) * 1000, beyond: (posted - seen) * 1000 };
  });
  console.log(`${title}, ${rows.length} mails, ms`);
  const sorted = {};
  for (const [name, what] of [
    ["bare", "bare IDLE client"], ["postern", "Postern's webhook"], ["beyond", "webhook after client"],
  ]) {
    sorted[name] = rows.map((row) => row[name]).sort((a, b) => a - b);
    const at = (share) => sorted[name][Math.round(share * (rows.length - 1))].toFixed(1).padStart(8);
    console.log(`  ${what.padEnd(22)}p50 ${at(0.5)}  p99 ${at(0.99)}  max ${at(1)}`);
  }
  const p99 = (name) => sorted[name][Math.round(0.99 * (rows.length - 1))];
  print_mark("p99 over the bare client's", p99("postern") - p99("bare"), "≤ 20", " ms");
}

show(`new mail → webhook, ${integrations} integrations in IDLE`, first, second);
show(`a mailbox hit every ${given.hit_every_ms} ms`, second, laid.length);
