// Real notices about real outages: Dovecot stopped and started, Postfix refusing a login, the very
// integration that carries notices; read in a Dovecot mailbox.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, describe, test } from "node:test";

import { new_account, with_postern } from "./lib/fixture.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { postern_command } from "./lib/postern.mjs";
import { until } from "./lib/until.mjs";

const patience_ms = 120000;

let host; // carries the notices, and is never in trouble
let other; // is stopped and started
before(async () => {
  host = await MailHost.start();
  other = await MailHost.start({ smtp: false });
});
after(async () => {
  await other?.stop();
  await host?.stop();
});

/** The notices in a mailbox. */
const notices = (duty) =>
  host.dovecot.mails(duty.address).filter((text) => /^X-Postern-Notice: /m.test(text));

const field = (text, name) =>
  new RegExp(`^${name}: ((?:.*\\r\\n[ \\t])*.*)\\r$`, "m").exec(text)?.[1].replace(/\r\n/g, "");

const told = (duty, word, about) =>
  until(
    `${word} of ${about} in ${duty.address}'s mailbox`,
    () => notices(duty).find((text) => field(text, "Subject").includes(`${word}: ${about}`)),
    patience_ms,
  );

/** Postern with a person on duty and a default integration that sends through the healthy host. */
async function watched(t, { env, carrier = {} } = {}) {
  const duty = new_account(host, "duty");
  const account = new_account(host, "post");
  const postern = await with_postern(t, host, { secrets: [account.password], env });
  await postern.api("PATCH", "/settings", {
    monitoring: { notify_after: 2, recipients: [duty.address] },
  });
  await postern.api("POST", "/integrations", {
    name: "Post",
    is_default: true,
    address: account.address,
    outgoing: host.outgoing(account),
    ...carrier,
  });
  return { duty, postern };
}

/** An incoming side on the host that is stopped and started. */
const there = () => {
  const ca_pem = fs.readFileSync(other.certificates.ca.certificate, "utf8");
  return other.incoming(new_account(other, "watched"), { tls: { ca_pem } });
};

const in_state = (postern, name, state) =>
  until(
    `${name} is ${state}`,
    async () => {
      const { status } = await postern.api("GET", `/integrations/${name}`);
      return status.incoming_state === state;
    },
    patience_ms,
  );

describe("a notice", () => {
  test("tells once that a real Dovecot is gone, and once that it is back", async (t) => {
    const { duty, postern } = await watched(t);
    await postern.api("POST", "/integrations", { name: "Watched", incoming: there() });
    await in_state(postern, "Watched", "ok");

    await other.dovecot.stop();
    t.after(async () => {
      if (other.dovecot.program.end) await other.dovecot.start();
    });
    const failing = await told(duty, "FAILING", "Watched");
    assert.equal(field(failing, "Auto-Submitted"), "auto-generated");
    assert.match(failing, /refused/);
    assert.match(failing, /What to do: /);
    assert.match(failing, /What happens next: /);
    const [problem] = await postern.list("/problems");
    assert.equal(problem.state, "open");
    assert.equal(problem.integration.name, "Watched");
    assert.equal(problem.direction, "incoming");
    assert.equal(problem.notices, 1);
    const shown = await postern_command(["problems"], {
      env: { POSTERN_URL: postern.url, POSTERN_TOKEN: postern.token },
    });
    assert.equal(shown.code, 0, shown.errors);
    assert.match(shown.output, new RegExp(`${problem.id} +open .*Watched`));

    await other.dovecot.start();
    await postern.api("POST", "/integrations/Watched/check");
    const recovered = await told(duty, "RECOVERED", "Watched");
    assert.equal(field(recovered, "References"), field(failing, "References"));
    assert.deepEqual(await postern.list("/problems"), []);
    assert.equal((await postern.list("/problems?state=closed")).length, 1);
    assert.equal(notices(duty).length, 2);
  });

  test("tells of a login that a real Postfix refuses, in the server's words", async (t) => {
    const { duty, postern } = await watched(t);
    const account = new_account(host, "sender");
    await postern.api("POST", "/integrations", {
      name: "Sender",
      address: account.address,
      monitoring: { notify_after: 1 },
      outgoing: host.outgoing({ ...account, password: "not-the-password" }),
    });
    await postern.api("POST", "/send", {
      integration: "Sender",
      to: [duty.address],
      subject: "hello",
      text: "Hello.",
    });

    const failing = await told(duty, "FAILING", "Sender");

    assert.match(field(failing, "Subject"), /login refused/);
    assert.match(failing, /535 5\.7\.8/);
    assert.ok(!failing.includes("not-the-password"));
    const [problem] = await postern.list("/problems");
    assert.equal(problem.kind, "smtp.login_failed");
    assert.equal(problem.direction, "outgoing");
  });

  test("of the integration that carries notices goes by the alert transport", async (t) => {
    const env = {
      POSTERN_ALERTS_SMTP_HOST: "localhost",
      POSTERN_ALERTS_SMTP_PORT: `${host.postfix.ports.mx}`,
      POSTERN_ALERTS_SMTP_SECURITY: "none",
      POSTERN_ALERTS_FROM: "alerts@example.test",
    };
    const { duty, postern } = await watched(t, { env, carrier: { incoming: there() } });
    await in_state(postern, "Post", "ok");

    await other.dovecot.stop();
    t.after(async () => {
      if (other.dovecot.program.end) await other.dovecot.start();
    });
    const failing = await told(duty, "FAILING", "Post");

    assert.match(field(failing, "From"), /alerts@example\.test/);
    assert.match(failing, /by the alert transport/);
    const [notice] = await postern.list("/notices");
    assert.equal(notice.state, "sent");
    assert.deepEqual(
      notice.channels.map(({ channel, ok }) => [channel, ok]),
      [
        ["Post", false],
        ["[alerts] localhost", true],
      ],
    );
  });
});

describe("POST /notify", () => {
  test("tells the list of its outcome, and nobody where it is empty", async (t) => {
    const { duty, postern } = await watched(t);
    await postern.api("PATCH", "/integrations/Post", {
      notifications: { on_critical: `${duty.address};`, from_name: "Nightly run" },
    });

    const nobody = await postern.api("POST", "/notify", { outcome: "success", subject: "Fine" });
    assert.equal(nobody.result_code, 70);
    const sent = await postern.api("POST", "/notify", {
      outcome: "critical",
      subject: "Broken",
      text: "It broke.",
      max_frequency_s: 3600,
    });
    assert.ok(sent.id.startsWith("dlv_"));
    const again = await postern.api("POST", "/notify", {
      outcome: "critical",
      subject: "Broken",
      max_frequency_s: 3600,
    });
    assert.equal(again.result_code, 71);
    const seen = await until(
      "the notification in the mailbox",
      () => host.dovecot.mails_about("Broken", duty.address)[0],
      patience_ms,
    );
    assert.match(field(seen, "From"), /^Nightly run </);
  });
});
