// Bad peers: each gets its own code, a hint, and the name of the step that failed; nobody else
// waits for it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Dovecot } from "./lib/dovecot.mjs";
import { free_port, remove_folder, temporary_folder } from "./lib/files.mjs";
import { fixture } from "./lib/fixture.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import * as peers from "./lib/peers.mjs";

let host;
before(async () => (host = await MailHost.start()));
after(() => host?.stop());

/** A sync send through the given outgoing settings; an answer within the budget. */
async function send_through(t, outgoing, timeout_ms = 8000) {
  const { postern, add } = await fixture(t, host, { incoming: false, outgoing });
  const { id } = await add();
  const started = Date.now();
  const delivery = await postern.api("POST", "/send", {
    integration: "Support",
    mode: "sync",
    timeout_ms,
    to: ["bob@example.test"],
    subject: "x",
    text: "x",
  });
  assert.ok(Date.now() - started < timeout_ms + 5000, `answered after ${Date.now() - started} ms`);
  assert.notEqual(delivery.state, "sent");
  assert.ok(delivery.result_message.length > 0);
  const { status } = await postern.integration(id);
  return { delivery, error: status.last_outgoing_error, postern };
}

describe("an SMTP server that is not what was asked for", () => {
  const with_peer = (t, peer) => {
    t.after(() => peer.stop());
    return peer.port;
  };
  const cases = [
    ["nobody listens: 31", [31], async () => ({ port: await free_port(), security: "tls" })],
    ["no such host: 30", [30], async () => ({ host: "no-such-host.invalid", security: "tls" })],
    [
      "plain text at the TLS port: 33",
      [33],
      async (t) => ({
        port: with_peer(t, await peers.plain_peer("220 plain.example.test ESMTP\r\n")),
        security: "tls",
      }),
    ],
    [
      "TLS at the STARTTLS port: the time is over, 60",
      [60],
      async () => ({ port: host.postfix.ports.tls, security: "starttls" }),
    ],
    [
      "no STARTTLS: 35",
      [35],
      async (t) => ({
        security: "starttls",
        port: with_peer(
          t,
          await peers.scripted_peer([
            "220 x ESMTP\r\n",
            /^EHLO/,
            "250-x\r\n250 SIZE 1000000\r\n",
            /^QUIT/,
            "CUT",
          ]),
        ),
      }),
    ],
    [
      "no SMTP: 36",
      [36],
      async (t) => ({
        port: with_peer(t, await peers.plain_peer("SSH-2.0-OpenSSH_9.2\r\n")),
        security: "starttls",
      }),
    ],
    [
      "another name in the certificate: 34",
      [34],
      async (t) => ({
        security: "tls",
        port: with_peer(t, await peers.tls_peer(host.certificates.wrong_name, "220 x ESMTP\r\n")),
      }),
    ],
    [
      "an expired certificate: 34",
      [34],
      async (t) => ({
        security: "tls",
        port: with_peer(t, await peers.tls_peer(host.certificates.expired, "220 x ESMTP\r\n")),
      }),
    ],
    [
      "a foreign certificate: 34",
      [34],
      async (t) => ({
        security: "tls",
        port: with_peer(t, await peers.tls_peer(host.certificates.foreign, "220 x ESMTP\r\n")),
      }),
    ],
    [
      "silence: 60",
      [60],
      async (t) => ({ port: with_peer(t, await peers.silent_peer()), security: "starttls" }),
    ],
    [
      "a line cut at once: 31 or 36",
      [31, 36],
      async (t) => ({ port: with_peer(t, await peers.cutting_peer()), security: "starttls" }),
    ],
    [
      "a line cut after MAIL: tried again",
      [31, 36, 60],
      async (t) => ({
        security: "none",
        auth: { method: "none" },
        port: with_peer(
          t,
          await peers.scripted_peer(["220 x ESMTP\r\n", /^EHLO/, "250 x\r\n", /^MAIL/, "CUT"]),
        ),
      }),
    ],
    [
      "no common login: 42",
      [42],
      async (t) => ({
        security: "none",
        port: with_peer(
          t,
          await peers.scripted_peer(["220 x ESMTP\r\n", /^EHLO/, "250-x\r\n250 AUTH GSSAPI\r\n"]),
        ),
      }),
    ],
  ];
  for (const [name, codes, make] of cases) {
    test(name, async (t) => {
      const { delivery, error } = await send_through(t, await make(t), 4000);
      assert.ok(codes.includes(delivery.result_code), JSON.stringify(delivery));
      assert.ok(error?.hint, `a hint in ${JSON.stringify(error)}`);
      assert.ok(error.step, "the step that failed");
      assert.match(error.kind, /^smtp\./);
    });
  }

  test("is told no login and no mail", async (t) => {
    const untrusted = await peers.tls_peer(host.certificates.foreign, "220 x ESMTP\r\n");
    const stripped = await peers.scripted_peer([
      "220 x ESMTP\r\n",
      /^EHLO/,
      "250-x\r\n250 AUTH PLAIN LOGIN\r\n",
      /^QUIT/,
      "221 bye\r\n",
    ]);
    for (const [peer, security] of [
      [untrusted, "tls"],
      [stripped, "starttls"],
    ]) {
      t.after(() => peer.stop());
      await send_through(t, { port: peer.port, security }, 4000);
      assert.ok(peer.connections > 0);
      assert.doesNotMatch(peer.said, /AUTH|MAIL|RCPT/i);
    }
    assert.match(stripped.said, /EHLO/);
  });
});

describe("an IMAP server that is not what was asked for", () => {
  const cases = [
    ["nobody listens", "tcp", "imap.connection_failed", async () => ({ port: await free_port() })],
    [
      "no such host",
      "dns",
      "imap.connection_failed",
      async () => ({ host: "no-such-host.invalid" }),
    ],
    [
      "plain text at the TLS port",
      "tls",
      "imap.connection_failed",
      async (t) => {
        const peer = await peers.plain_peer("* OK plain\r\n");
        t.after(() => peer.stop());
        return { port: peer.port };
      },
    ],
    [
      "a foreign certificate (a real Dovecot)",
      "tls",
      "imap.connection_failed",
      async (t) => {
        const folder = temporary_folder("foreign");
        const dovecot = await Dovecot.start(
          folder,
          host.certificates.foreign,
          host.certificates.ca.certificate,
        );
        t.after(async () => {
          await dovecot.stop();
          remove_folder(folder);
        });
        return { port: dovecot.ports.tls };
      },
    ],
    [
      "no IMAP",
      "greeting",
      "imap.connection_failed",
      async (t) => {
        const peer = await peers.tls_peer(
          host.certificates.server,
          "220 smtp.example.test ESMTP\r\n",
        );
        t.after(() => peer.stop());
        return { port: peer.port };
      },
    ],
    [
      "a line cut after the greeting",
      null,
      "imap.connection_failed",
      async (t) => {
        const peer = await peers.scripted_peer(["* OK hello\r\n", /./, "CUT"]);
        t.after(() => peer.stop());
        return { port: peer.port, security: "none" };
      },
    ],
    [
      "a refused login",
      "login",
      "imap.login_failed",
      async () => ({
        auth: {
          method: "password",
          username: "support@example.test",
          password: "not-the-password",
        },
      }),
    ],
    ["a folder that is not there", "select", null, async () => ({ folder: "Nowhere" })],
  ];
  for (const [name, step, kind, make] of cases) {
    test(`${name}: step ${step ?? "named"}`, async (t) => {
      const { postern, add } = await fixture(t, host, { incoming: await make(t) });
      const { id } = await add();
      const status = await postern.status(id, (seen) => seen.last_incoming_error, "an error");
      const error = status.last_incoming_error;
      if (step) assert.equal(error.step, step, JSON.stringify(error));
      if (kind) assert.equal(error.kind, kind, JSON.stringify(error));
      assert.ok(error.hint && error.message, JSON.stringify(error));
      assert.ok(status.consecutive_incoming_errors >= 1);
      assert.equal(status.last_successful_check, null);
    });
  }
});

describe("sick integrations", () => {
  test("delay no healthy one", async (t) => {
    const silent = await peers.silent_peer();
    const cut = await peers.cutting_peer("* OK hello\r\n");
    t.after(() => {
      silent.stop();
      cut.stop();
    });
    const { postern, receiver, account, add } = await fixture(t, host);
    for (let n = 0; n < 10; n++) {
      await postern.api("POST", "/integrations", {
        name: `Sick ${n}`,
        address: account.address,
        incoming: {
          ...host.incoming(account, { security: "none" }),
          port: (n % 2 ? silent : cut).port,
        },
      });
    }
    const { id } = await add();
    await postern.status(id, (status) => status.incoming_state === "ok", "well", 5000);
    const put = Date.now();
    await host.deliver(account.address, mail({ to: account.address, subject: "healthy" }));
    const request = await receiver.request_about("healthy", 10000);
    assert.ok(request.at - put < 5000, `took ${request.at - put} ms`);
    const sick = await postern.status(
      "Sick 0",
      (status) => status.consecutive_incoming_errors > 0,
      "failing",
    );
    assert.ok(sick.last_incoming_error.hint);
  });
});
