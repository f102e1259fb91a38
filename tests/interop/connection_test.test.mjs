// POST /integrations/test: the steps of a check and of a send, told as they happen, from unsaved
// values; the one that fails named with its field.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { free_port } from "./lib/files.mjs";
import { new_account, with_postern } from "./lib/fixture.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import * as peers from "./lib/peers.mjs";

let host;
before(async () => (host = await MailHost.start()));
after(() => host?.stop());

const names = (steps, direction) =>
  steps.filter((step) => step.direction === direction).map(({ step }) => step);
const unsaved = (account, { incoming, outgoing } = {}) => ({
  name: "Unsaved",
  address: account.address,
  incoming: { ...host.incoming(account), ...incoming },
  outgoing: { ...host.outgoing(account), ...outgoing },
});

/** Both directions stand on their own: one that fails leaves the other's steps alone. */
async function failing_step(t, change) {
  const postern = await with_postern(t, host);
  const steps = await postern.steps("/integrations/test", unsaved(new_account(host), change));
  const failed = steps.filter(({ ok }) => !ok);
  assert.equal(failed.length, 1, JSON.stringify(steps));
  assert.ok(failed[0].hint, JSON.stringify(failed[0]));
  const direction = change.incoming ? "incoming" : "outgoing";
  assert.equal(failed[0].direction, direction);
  assert.equal(names(steps, direction).at(-1), failed[0].step, "the failed step is the last one");
  const other = direction === "incoming" ? "outgoing" : "incoming";
  assert.ok(names(steps, other).includes("login"), JSON.stringify(steps));
  return failed[0];
}

describe("a connection test", () => {
  test("of unsaved values goes through every step and stores nothing", async (t) => {
    const postern = await with_postern(t, host);
    const account = new_account(host);
    const answer = await postern.call("POST", "/integrations/test", unsaved(account));
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type"), /ndjson/);
    const steps = answer.body
      .toString()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const step of steps) assert.ok(step.ok, JSON.stringify(step));
    for (const step of ["dns", "tcp", "tls", "greeting", "login", "select"]) {
      assert.ok(
        names(steps, "incoming").includes(step),
        `incoming ${step} in ${JSON.stringify(steps)}`,
      );
    }
    for (const step of ["dns", "tcp", "greeting", "tls", "login", "mail_from"]) {
      assert.ok(
        names(steps, "outgoing").includes(step),
        `outgoing ${step} in ${JSON.stringify(steps)}`,
      );
    }
    assert.ok(!answer.body.toString().includes(account.password));
    assert.deepEqual(await postern.list("/integrations"), []);
    assert.deepEqual(host.dovecot.uids(account.address), [], "no mail was sent");
  });

  test("of a stored integration needs no values", async (t) => {
    const postern = await with_postern(t, host);
    const account = new_account(host);
    const { id } = await postern.api("POST", "/integrations", {
      ...unsaved(account),
      name: "Stored",
      enabled: false,
    });
    const steps = await postern.steps(`/integrations/${id}/test`);
    assert.ok(steps.length > 8);
    assert.ok(
      steps.every(({ ok }) => ok),
      JSON.stringify(steps),
    );
  });

  test("tells its steps as they happen", async (t) => {
    const silent = await peers.silent_peer();
    t.after(() => silent.stop());
    const postern = await with_postern(t, host);
    const account = new_account(host);
    const cancelled = new AbortController();
    const response = await fetch(`${postern.url}/api/v1/integrations/test`, {
      method: "POST",
      signal: cancelled.signal,
      headers: { authorization: `Bearer ${postern.token}`, "content-type": "application/json" },
      body: JSON.stringify(unsaved(account, { incoming: { port: silent.port, security: "none" } })),
    });
    const reader = response.body.getReader();
    const { value } = await reader.read();
    assert.match(Buffer.from(value).toString(), /"step":"(dns|tcp)"/);
    cancelled.abort();
    await reader.read().catch(() => {});
  });

  for (const [name, change, step, field] of [
    [
      "a host that is not there",
      { incoming: { host: "no-such-host.invalid" } },
      "dns",
      "/incoming/host",
    ],
    [
      "a wrong password (IMAP)",
      { incoming: { auth: { method: "password", username: "a", password: "b" } } },
      "login",
      "/incoming/auth",
    ],
    [
      "a folder that is not there",
      { incoming: { folder: "Nowhere" } },
      "select",
      "/incoming/folder",
    ],
    [
      "a wrong password (SMTP)",
      { outgoing: { auth: { method: "password", username: "a", password: "b" } } },
      "login",
      "/outgoing/auth",
    ],
  ]) {
    test(`names the step and the field of ${name}`, async (t) => {
      const failed = await failing_step(t, change);
      assert.equal(failed.step, step, JSON.stringify(failed));
      assert.ok(failed.field.startsWith(field), JSON.stringify(failed));
    });
  }

  test("names a port where nobody listens", async (t) => {
    const failed = await failing_step(t, { outgoing: { port: await free_port() } });
    assert.equal(failed.step, "tcp");
    assert.match(failed.field, /^\/outgoing\/(port|host)/);
  });

  test("names the security that does not fit the port", async (t) => {
    const failed = await failing_step(t, {
      incoming: { port: host.dovecot.ports.starttls, security: "tls" },
    });
    assert.equal(failed.step, "tls");
    assert.match(failed.field, /^\/incoming\/(security|port)/);
  });

  test("names a certificate that is not trusted, and takes it from ca_pem", async (t) => {
    const { readFileSync } = await import("node:fs");
    const postern = await with_postern(t);
    const account = new_account(host);
    const refused = await postern.steps("/integrations/test", unsaved(account));
    const failed = refused.filter(({ ok }) => !ok);
    assert.deepEqual(
      failed.map(({ step }) => step),
      ["tls", "tls"],
      JSON.stringify(refused),
    );
    const ca_pem = readFileSync(host.certificates.ca.certificate, "utf8");
    const taken = await postern.steps(
      "/integrations/test",
      unsaved(account, {
        incoming: { tls: { verify: true, ca_pem, pinned_sha256: null } },
        outgoing: { tls: { verify: true, ca_pem, pinned_sha256: null } },
      }),
    );
    assert.ok(
      taken.every(({ ok }) => ok),
      JSON.stringify(taken),
    );
  });
});
