// A mailbox of many mails at a private Dovecot, and the clients that fetch it over TLS: a raw one
// that discards, Postern as bench_postern, mbsync.
import fs from "node:fs";
import path from "node:path";

import { make_certificates } from "../../interop/lib/certificates.mjs";
import { Dovecot } from "../../interop/lib/dovecot.mjs";
import { remove_folder, temporary_folder } from "../../interop/lib/files.mjs";
import { at_exit, run_now } from "../../interop/lib/processes.mjs";
import { measure, measure_foreign } from "./bench.mjs";

const line = `${"The quick brown fox jumps over the lazy dog; ".repeat(2).slice(0, 74)}\n`;
const encoded_line = `${"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2".repeat(2).slice(0, 76)}\n`;
const average_bytes = 6200;

function head(number, type) {
  return (
    `Return-Path: <carol@example.test>\nReceived: from client.test by mx.example.test;` +
    ` Mon, 2 Feb 2026 10:00:00 +0000\nFrom: Carol <carol@example.test>\n` +
    `To: bench@example.test\nSubject: mail ${number} of the benchmark\n` +
    `Message-ID: <${number}.bench@client.test>\nDate: Mon, 02 Feb 2026 10:00:00 +0000\n` +
    `MIME-Version: 1.0\nContent-Type: ${type}\n\n`
  );
}

/** A mail of 1 to 11 KB, as the small ones of a helpdesk's mailbox are. */
export function small_mail(number) {
  const size = average_bytes * (0.2 + (1.6 * ((number * 7919) % 1000)) / 1000);
  const begin = head(number, "text/plain; charset=utf-8");
  return begin + line.repeat(Math.max(1, Math.round((size - begin.length) / line.length)));
}

/**
 * Of a hundred 90 are small, eight have an attachment of 150 to 450 KB, two one of 1 to 3.5 MB:
 * 76 KB on average, 760 MB in 10,000.
 */
export function mixed_mail(number) {
  const place = number % 100;
  if (place % 10 !== 7) return small_mail(number);
  const chance = ((number * 7919) % 1000) / 1000;
  const size = place < 80 ? 150000 + 300000 * chance : 1000000 + 2500000 * chance;
  return (
    head(number, 'multipart/mixed; boundary="b"') +
    `--b\nContent-Type: text/plain; charset=utf-8\n\n${line.repeat(10)}` +
    "--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n" +
    'Content-Disposition: attachment; filename="a.pdf"\n\n' +
    `${encoded_line.repeat(Math.round(size / encoded_line.length))}--b--\n`
  );
}

export class Mailbox {
  /** `mails` of them as `make` (of a number) gives them; Dovecot has its index already. */
  static async start(programs, mails, make) {
    const box = new Mailbox();
    box.programs = programs;
    box.mails = mails;
    box.folder = temporary_folder("bench");
    at_exit(() => remove_folder(box.folder));
    const certificates = make_certificates(path.join(box.folder, "tls"));
    box.authority = certificates.ca.certificate;
    const own = path.join(box.folder, "dovecot");
    box.dovecot = await Dovecot.start(own, certificates.server, box.authority);
    box.account = box.dovecot.add_account("bench");
    box.megabytes = box.#fill(path.join(own, "mail", box.account.address), make) / 1e6;
    await box.raw();
    return box;
  }

  /** Lays the mails into the maildir as Dovecot's own delivery does. Gives their bytes as sent. */
  #fill(maildir, make) {
    for (const name of ["cur", "new", "tmp"]) {
      fs.mkdirSync(path.join(maildir, name), { recursive: true });
    }
    let bytes = 0;
    for (let i = 0; i < this.mails; i++) {
      const text = make(i);
      const virtual = text.length + text.split("\n").length - 1;
      const name = `${1770000000 + i}.M${i}P1.bench,S=${text.length},W=${virtual}:2,`;
      fs.writeFileSync(path.join(maildir, "cur", name), text);
      bytes += virtual;
    }
    run_now("chown", ["-R", "mail:mail", maildir]);
    return bytes;
  }

  stop() {
    return this.dovecot.stop();
  }

  async raw() {
    const { account, authority, dovecot } = this;
    const args = [dovecot.ports.tls, authority, account.address, account.password];
    const figure = await measure(path.join(this.programs, "bench_fetch_raw"), args);
    if (figure.mails !== this.mails) throw new Error(`raw has ${figure.mails} mails`);
    return figure;
  }

  /** `until`: the last words of `bench_postern fetch`. */
  postern(folder, ...until) {
    const { account, authority, dovecot } = this;
    return measure(path.join(this.programs, "bench_postern"), [
      ...["fetch", path.join(folder, "data"), dovecot.ports.tls, authority, account.address],
      ...[account.password, this.mails, ...until],
    ]);
  }

  async mbsync(folder, fsync) {
    const figure = await measure_foreign("mbsync", ["-c", this.#mbsync_file(folder, fsync), "-a"]);
    const count = ["cur", "new"]
      .map((name) => fs.readdirSync(path.join(folder, "inbox", name)).length)
      .reduce((a, b) => a + b);
    if (count !== this.mails) throw new Error(`mbsync has ${count} mails`);
    return figure;
  }

  #mbsync_file(folder, fsync) {
    const file = path.join(folder, "mbsyncrc");
    const { account, authority, dovecot } = this;
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
}
