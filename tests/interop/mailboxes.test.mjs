// Receiving from other servers than Dovecot, each in a root of its own: Cyrus IMAP, and Courier by
// IMAP and POP3.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { make_certificates } from "./lib/certificates.mjs";
import { Courier } from "./lib/courier.mjs";
import { Cyrus } from "./lib/cyrus.mjs";
import { Exim } from "./lib/exim.mjs";
import { remove_folder, temporary_folder } from "./lib/files.mjs";
import { with_postern } from "./lib/fixture.mjs";
import { LineClient } from "./lib/line_client.mjs";
import { mail } from "./lib/mail_host.mjs";
import { at_exit, run_now } from "./lib/processes.mjs";
import { Receiver } from "./lib/receiver.mjs";
import { until } from "./lib/until.mjs";

const password = "secret-of-support";
const account = {
  login: "support",
  password,
  password_hash: run_now("openssl", ["passwd", "-6", password]).toString().trim(),
};
const about = (subject) => mail({ to: "support@example.test", subject });
const numbered = (prefix, count) =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index}.`);

/** What a client of its own sees in the folder: its lines of "* n FETCH (...)", by IMAP. */
async function look(server, authority, folder, verb = "EXAMINE") {
  const client = await LineClient.connect(server.ports.imap, authority);
  try {
    client.say(`a LOGIN ${account.login} ${account.password}`);
    await client.line(/^a OK/);
    client.say(`b ${verb} ${folder}`);
    if (/^b NO/.test(await client.line(/^b /))) return undefined;
    client.say("c FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
    const lines = [];
    for (;;) {
      const line = await client.line(/^(\* \d+ FETCH|Subject:|c )/);
      if (line.startsWith("c ")) return lines;
      lines.push(line);
    }
  } finally {
    client.end();
  }
}
const subjects_in = (lines) =>
  (lines ?? []).filter((line) => line.startsWith("Subject:")).map((line) => line.slice(9));

for (const Server of [Cyrus, Courier]) {
  describe(Server.name, () => {
    let folder, forget, certificates, authority, server;
    before(async () => {
      folder = temporary_folder("mailbox");
      forget = at_exit(() => remove_folder(folder));
      certificates = make_certificates(path.join(folder, "tls"));
      authority = certificates.ca.certificate;
    });
    after(() => {
      remove_folder(folder);
      forget();
    });

    let roots = 0;
    const fixture = async (t, incoming = {}) => {
      server = await Server.start(path.join(folder, `${++roots}`), certificates.server, account);
      t.after(() => server.stop());
      // Cyrus makes the mailbox at the first login; Courier settles on a UIDVALIDITY when the folder
      // is first opened for more than reading.
      assert.deepEqual(await look(server, authority, "INBOX", "SELECT"), []);
      const postern = await with_postern(t, { certificates }, { secrets: [password] });
      const receiver = await Receiver.start();
      t.after(() => receiver.stop());
      await postern.add_target(receiver);
      const { id } = await postern.api("POST", "/integrations", {
        name: "Support",
        address: "support@example.test",
        incoming: {
          enabled: true,
          protocol: "imap",
          host: "localhost",
          port: server.ports[incoming.protocol === "pop3" ? "pop3" : "imap"],
          security: "tls",
          auth: { method: "password", username: account.login, password },
          start_from: "all",
          poll_interval_s: 10,
          ...incoming,
        },
      });
      return { postern, receiver, id };
    };
    const told = (receiver) =>
      receiver
        .mails()
        .map(({ subject }) => subject)
        .sort();

    test("everything comes once: what was there, what comes meanwhile, after a restart", async (t) => {
      const there = numbered("there", 5);
      const { postern, receiver, id } = await fixture(t);
      await server.deliver(...there.map(about));
      for (const subject of there) await receiver.request_about(subject);
      await postern.status(id, (status) => status.incoming_state === "ok", "is well");
      for (const subject of numbered("idle", 5)) {
        await server.deliver(about(subject));
        await receiver.request_about(subject);
      }
      await server.stop();
      await postern.status(id, (status) => status.incoming_state === "failing", "fails");
      await server.start();
      await server.deliver(about("after"));
      await postern.api("POST", `/integrations/${id}/check`);
      await receiver.request_about("after");

      assert.deepEqual(told(receiver), [...numbered("idle", 5), ...there, "after"].sort());
      assert.equal(receiver.requests.length, 11, "handed over twice");
      await postern.status(id, (status) => status.incoming_state === "ok", "is well again");
    });

    test("a mail is marked, moved into a new folder, or deleted after the hand-over", async (t) => {
      const { postern, receiver, id } = await fixture(t, { after_fetch: { action: "seen" } });
      await server.deliver(about("first"));
      await receiver.request_about("first");
      await until("first is seen", async () =>
        (await look(server, authority, "INBOX")).some((line) => line.includes("\\Seen")),
      );
      const becomes = (after_fetch) =>
        postern.api("PATCH", `/integrations/${id}`, { incoming: { after_fetch } });

      const made = Server === Courier ? "INBOX.Done" : "Done";
      await becomes({ action: "move", folder: made });
      await server.deliver(about("second"));
      await receiver.request_about("second");
      await until("second is moved", async () =>
        subjects_in(await look(server, authority, made)).includes("second"),
      );
      assert.deepEqual(subjects_in(await look(server, authority, "INBOX")), ["first"]);

      await becomes({ action: "delete", folder: null });
      await server.deliver(about("third"));
      await receiver.request_about("third");
      await until(
        "third is deleted",
        async () => subjects_in(await look(server, authority, "INBOX")).length === 1,
      );
      assert.deepEqual(await postern.list("/events?kind=imap.after_fetch_failed"), []);
    });

    test("a copy of what is sent lies in the Sent folder, once", async (t) => {
      const { postern, id } = await fixture(t);
      const sender = { address: "support@example.test", password };
      const exim = await Exim.start(path.join(folder, `${++roots}`), certificates.server, sender);
      t.after(() => exim.stop());
      await postern.api("PATCH", `/integrations/${id}`, {
        outgoing: {
          enabled: true,
          host: "localhost",
          port: exim.port,
          security: "starttls",
          auth: { method: "password", username: sender.address, password },
          save_to_sent: true,
        },
      });
      const sent = await postern.api("POST", "/send", {
        integration: "Support",
        to: "someone@example.test",
        subject: "copied",
        text: "Hello.",
      });
      assert.equal((await postern.settled(sent.id)).state, "sent");
      const copies = async () =>
        subjects_in(await look(server, authority, Server === Courier ? "INBOX.Sent" : "Sent"));
      await until("a copy", async () => (await copies()).includes("copied"));
      assert.deepEqual(await copies(), ["copied"]);
    });

    if (Server !== Courier) return;
    test("by POP3 everything comes once, and is deleted then", async (t) => {
      const subjects = numbered("by pop3", 5);
      const { postern, receiver, id } = await fixture(t, {
        protocol: "pop3",
        after_fetch: { action: "delete" },
      });
      await server.deliver(...subjects.map(about));
      await postern.api("POST", `/integrations/${id}/check`);
      for (const subject of subjects) await receiver.request_about(subject);
      await postern.api("POST", `/integrations/${id}/check`);
      await until(
        "the maildrop is empty",
        async () => (await look(server, authority, "INBOX")).length === 0,
        30000,
      );
      assert.deepEqual(told(receiver), subjects);
      assert.deepEqual(await postern.list("/events?kind=pop3.after_fetch_failed"), []);
    });
  });
}
