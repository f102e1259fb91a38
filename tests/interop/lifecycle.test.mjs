// Starting and ending: boring under load, after a restart, on a folder that is taken.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { free_port } from "./lib/files.mjs";
import { fixture, with_postern } from "./lib/fixture.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import * as peers from "./lib/peers.mjs";
import { Postern, postern_command } from "./lib/postern.mjs";
import { until } from "./lib/until.mjs";

let host;
before(async () => (host = await MailHost.start()));
after(() => host?.stop());

describe("the end", () => {
  test("by SIGTERM comes within 10 s while busy, and loses nothing", async (t) => {
    const silent = await peers.silent_peer();
    t.after(() => silent.stop());
    const { postern, receiver, account, add } = await fixture(t, host, { outgoing: {} });
    await postern.api("POST", "/integrations", {
      name: "Silent",
      address: account.address,
      incoming: { ...host.incoming(account, { security: "none" }), port: silent.port },
    });
    await host.deliver(
      account.address,
      ...Array.from({ length: 100 }, (_, n) => mail({ to: account.address, subject: `busy ${n}` })),
    );
    receiver.answer = () => new Promise((resolve) => setTimeout(resolve, 200, 204));
    await add();
    const ids = [];
    for (let n = 0; n < 20; n++) {
      ids.push(
        (
          await postern.api("POST", "/send", {
            integration: "Support",
            to: [account.address],
            subject: `out ${n}`,
            text: "x",
          })
        ).id,
      );
    }
    await until("it is busy", () => receiver.requests.length > 0);
    const end = await postern.terminate();
    assert.equal(end.code, 0, postern.log().slice(-2000));
    assert.ok(end.ms <= 10000, `took ${end.ms} ms`);
    receiver.answer = () => 204;
    await postern.start();
    await until(
      "every mail is handed over",
      () =>
        new Set(
          receiver
            .mails()
            .map(({ subject }) => subject)
            .filter((one) => one.startsWith("busy")),
        ).size === 100,
      60000,
    );
    for (const id of ids) assert.equal((await postern.settled(id)).state, "sent");
  });

  test("by SIGINT is as good", async (t) => {
    const postern = await with_postern(t, host);
    const { program } = postern;
    program.kill("SIGINT");
    const end = await program.ended;
    assert.equal(end.code, 0);
    await postern.start();
  });
});

describe("a restart", () => {
  test("keeps integrations, targets, status and events", async (t) => {
    const { postern, receiver, account, add, target } = await fixture(t, host, { outgoing: {} });
    const { id } = await add();
    await host.deliver(account.address, mail({ to: account.address, subject: "kept" }));
    await receiver.request_about("kept");
    await postern.api("POST", "/send", {
      integration: "Support",
      mode: "sync",
      to: [account.address],
      subject: "sent",
      text: "x",
    });
    const before_it = await until("both directions are told", async () => {
      const seen = await postern.integration(id);
      return seen.status.last_successful_incoming && seen.status.last_successful_outgoing && seen;
    });
    await postern.terminate();
    await postern.start();
    const after_it = await postern.integration(id);
    for (const field of ["last_successful_incoming", "last_successful_outgoing"]) {
      assert.ok(Date.parse(after_it.status[field]) >= Date.parse(before_it.status[field]), field);
    }
    assert.equal(after_it.created_at, before_it.created_at);
    assert.equal((await postern.api("GET", `/targets/${target.id}`)).url, receiver.url);
    await host.deliver(
      account.address,
      mail({ to: account.address, subject: "after the restart" }),
    );
    await receiver.request_about("after the restart");
    const kept = receiver.mails().filter(({ subject }) => subject === "kept");
    assert.equal(kept.length, 1, "nothing is handed over again");
  });

  test("keeps a failing integration's last error and count", async (t) => {
    const { postern, add } = await fixture(t, host, { incoming: { port: await free_port() } });
    const { id } = await add();
    const failing = await postern.status(
      id,
      (status) => status.consecutive_incoming_errors >= 1,
      "failing",
    );
    await postern.terminate();
    await postern.start();
    const { status } = await postern.integration(id);
    assert.ok(status.consecutive_incoming_errors >= failing.consecutive_incoming_errors);
    assert.equal(status.last_incoming_error.kind, "imap.connection_failed");
  });
});

describe("a start that cannot be", () => {
  test("on a data folder in use is refused and says so", async (t) => {
    const postern = await with_postern(t, host);
    const second = await postern_command(["serve", "--data", postern.data], {
      env: { POSTERN_HTTP_LISTEN: `127.0.0.1:${await free_port()}` },
    });
    assert.notEqual(second.code, 0);
    assert.ok(
      (second.output + second.errors).includes(postern.data),
      second.output + second.errors,
    );
    assert.match(second.output + second.errors, /in use|already|another/i);
    assert.equal((await postern.call("GET", "/integrations")).status, 200, "the first goes on");
  });

  test("on a port in use is refused and says which", async (t) => {
    const postern = await with_postern(t, host);
    const other = Postern.prepare();
    t.after(() => other.stop());
    const second = await postern_command(["serve", "--data", other.data], {
      env: { POSTERN_HTTP_LISTEN: `127.0.0.1:${postern.port}` },
    });
    assert.notEqual(second.code, 0);
    assert.ok(
      (second.output + second.errors).includes(`${postern.port}`),
      second.output + second.errors,
    );
  });

  test("with a key file that others can read: exit 78", async (t) => {
    const postern = Postern.prepare();
    await postern.start();
    t.after(() => postern.stop());
    await postern.terminate();
    const keys = fs
      .readdirSync(postern.data, { recursive: true })
      .map((name) => path.join(postern.data, name))
      .filter((name) => /key/i.test(path.basename(name)) && fs.statSync(name).isFile());
    assert.equal(keys.length, 1, `one key file among ${fs.readdirSync(postern.data)}`);
    assert.equal(fs.statSync(keys[0]).mode & 0o777, 0o600);
    fs.chmodSync(keys[0], 0o644);
    const { code, output, errors } = await postern_command(["serve", "--data", postern.data], {
      env: { POSTERN_HTTP_LISTEN: `127.0.0.1:${await free_port()}` },
    });
    assert.equal(code, 78);
    assert.ok((output + errors).includes(keys[0]), output + errors);
  });

  test("on a data folder that cannot be made: exit 73, 74, 77 or 78, and its name", async () => {
    const { code, output, errors } = await postern_command(
      ["serve", "--data", "/proc/postern-data"],
      { env: { POSTERN_HTTP_LISTEN: `127.0.0.1:${await free_port()}` } },
    );
    assert.ok([73, 74, 77, 78].includes(code), `exit ${code}: ${output}${errors}`);
    assert.ok((output + errors).includes("/proc/postern-data"), output + errors);
  });
});
