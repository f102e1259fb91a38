// Fetching small mails over one TLS connection from a private Dovecot: a raw client that discards
// them, Postern until they are durable, until they are digested too, and until a webhook target has
// acknowledged each as well, mbsync with and without fsync.
import fs from "node:fs";
import path from "node:path";

import { make_certificates } from "../interop/lib/certificates.mjs";
import { Dovecot } from "../interop/lib/dovecot.mjs";
import { free_port, remove_folder, temporary_folder } from "../interop/lib/files.mjs";
import { at_exit, Program, run_now } from "../interop/lib/processes.mjs";
import { cpu_each, in_turns, measure, measure_foreign, print_mark, print_rates, rate, ratio,
  read_arguments, until_listens } from "./lib/bench.mjs";

const given = read_arguments({ mails: [10000, 50], rounds: [3, 1], parallel: [8, 4] });
const average_bytes = 6200;

/** A mail of 1 to 11 KB, as the small ones of a helpdesk's mailbox are. */
function mail(number) {
  const size = average_bytes * (0.2 + (1.6 * ((number * 7919) % 1000)) / 1000);
  const line = `${"The quick brown fox jumps over the lazy dog; ".repeat(2).slice(0, 74)}\n`;
  const head =
    `Return-Path: <carol@example.test>\nReceived: from client.test by mx.example.test;` +
    ` Mon, 2 Feb 2026 10:00:00 +0000\nFrom: Carol <carol@example.test>\n` +
    `To: bench@example.test\nSubject: mail ${number} of the benchmark\n` +
    `Message-ID: <${number}.bench@client.test>\nDate: Mon, 02 Feb 2026 10:00:00 +0000\n` +
    `MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n`;
  return head + line.repeat(Math.max(1, Math.round((size - head.length) / line.length)));
}

/** Lays the mails into the maildir as Dovecot's own delivery does. Gives their bytes as sent. */
function fill(maildir) {
  for (const name of ["cur", "new", "tmp"]) {
    fs.mkdirSync(path.join(maildir, name), { recursive: true });
  }
  let bytes = 0;
  for (let i = 0; i < given.mails; i++) {
    const text = mail(i);
    const virtual = text.length + text.split("\n").length - 1;
    const name = `${1770000000 + i}.M${i}P1.bench,S=${text.length},W=${virtual}:2,`;
    fs.writeFileSync(path.join(maildir, "cur", name), text);
    bytes += virtual;
  }
  run_now("chown", ["-R", "mail:mail", maildir]);
  return bytes;
}

function mbsync_settings(folder, fsync) {
  const file = path.join(folder, "mbsyncrc");
  fs.writeFileSync(
    file,
    `FSync ${fsync ? "yes" : "no"}
IMAPAccount far
Host localhost
Port ${dovecot.ports.tls}
User ${account.address}
Pass ${account.password}
SSLType IMAPS
CertificateFile ${authority}

IMAPStore far
Account far

MaildirStore near
Path ${folder}/
Inbox ${folder}/inbox

Channel bench
Far :far:
Near :near:
Sync PullNew
SyncState *
`,
  );
  return file;
}

async function mbsync(folder, fsync) {
  const figure = await measure_foreign("mbsync", ["-c", mbsync_settings(folder, fsync), "-a"]);
  const count = ["cur", "new"]
    .map((name) => fs.readdirSync(path.join(folder, "inbox", name)).length)
    .reduce((a, b) => a + b);
  if (count !== given.mails) throw new Error(`mbsync has ${count} mails`);
  return figure;
}

async function raw() {
  const args = [dovecot.ports.tls, authority, account.address, account.password];
  const figure = await measure(path.join(given.programs, "bench_fetch_raw"), args);
  if (figure.mails !== given.mails) throw new Error(`raw has ${figure.mails} mails`);
  return figure;
}

function postern(folder, ...until) {
  return measure(path.join(given.programs, "bench_postern"), [
    "fetch", path.join(folder, "data"), dovecot.ports.tls, authority, account.address,
    account.password, given.mails, ...until,
  ]);
}

const folder = temporary_folder("bench");
at_exit(() => remove_folder(folder));
const certificates = make_certificates(path.join(folder, "tls"));
const authority = certificates.ca.certificate;
const dovecot = await Dovecot.start(path.join(folder, "dovecot"), certificates.server, authority);
const account = dovecot.add_account("bench");
const bytes = fill(path.join(folder, "dovecot", "mail", account.address));
await raw(); // Dovecot makes its index
const hook_port = await free_port();
const hook = new Program(path.join(given.programs, "bench_web_sink"), [String(hook_port)]);
await until_listens(hook_port);

const figures = await in_turns(given.rounds, {
  raw,
  postern: (own) => postern(own, "stored"),
  "postern, digested": (own) => postern(own, "digested"),
  "postern, handed over": (own) => postern(own, "handed", hook_port, given.parallel),
  mbsync: (own) => mbsync(own, true),
  "mbsync without fsync": (own) => mbsync(own, false),
});
await dovecot.stop();
hook.kill("SIGTERM");
await hook.ended;
const taken = JSON.parse(hook.output).requests;
const expected = given.mails * given.rounds;
if (taken !== expected) throw new Error(`the webhook was called ${taken} times, not ${expected}`);

print_rates(`fetch (${(bytes / 1e6).toFixed(0)} MB)`, given.mails, figures, "raw");
const mails = given.mails;
print_mark("postern : raw", ratio(figures, "postern", "raw"), "≥ 0.7");
print_mark("postern : mbsync", ratio(figures, "postern", "mbsync"), "≥ 8");
print_mark("CPU a mail stored", cpu_each(figures.postern, mails), "≤ 0.15", " ms");
const handed = figures["postern, handed over"];
print_mark("handed over a second", rate(handed, mails), "≥ 3000");
print_mark("CPU a mail handed over, in all", cpu_each(handed, mails), "≤ 0.5", " ms");
