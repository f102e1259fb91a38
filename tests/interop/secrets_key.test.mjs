// The key of the stored secrets: rotated while mail comes and goes, refused when others may read it,
// given by the service manager.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { fixture } from "./lib/fixture.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import { Postern, postern_command } from "./lib/postern.mjs";
import { until } from "./lib/until.mjs";

let host;
before(async () => (host = await MailHost.start()));
after(() => host?.stop());

const key_file = (postern) => path.join(postern.data, "secret.key");
const tool = (postern, args, env = {}) =>
  postern_command([...args, "--data", postern.data], { env });

describe("secrets rotate", () => {
  test("seals all anew while mail comes and goes, and nothing notices", async (t) => {
    const { postern, receiver, account, add, target } = await fixture(t, host, { outgoing: {} });
    const { id } = await add();
    await postern.status(id, ({ incoming_state }) => incoming_state === "ok", "well");
    let over = false;
    let sent = 0;
    const load = (async () => {
      for (; !over; sent++) {
        const name = `during ${sent}`;
        await host.deliver(account.address, mail({ to: account.address, subject: name }));
        const delivery = await postern.api("POST", "/send", {
          integration: id,
          mode: "sync",
          timeout_ms: 60000,
          to: "bob@example.test",
          subject: name,
          text: "x",
        });
        assert.equal(delivery.state, "sent", JSON.stringify(delivery));
        await postern.api("POST", "/integrations", {
          name,
          address: account.address,
          outgoing: host.outgoing(account),
        });
        await postern.api("POST", `/integrations/${id}/check`);
      }
    })();
    const keys = new Set([fs.readFileSync(key_file(postern), "utf8")]);
    for (let n = 0; n < 3; n++) {
      const before_it = sent;
      const done = await tool(postern, ["secrets", "rotate"]);
      assert.equal(done.code, 0, done.errors);
      assert.match(done.output, /^[1-9]\d* secrets are sealed with a new key/);
      keys.add(fs.readFileSync(key_file(postern), "utf8"));
      await until("more mail went", () => sent > before_it + 1, 60000);
    }
    over = true;
    await load;
    assert.equal(keys.size, 4, "a new key each time");
    for (const text of keys) assert.match(text, /^\S{44}\n$/, "one key alone");
    assert.equal(fs.statSync(key_file(postern)).mode & 0o777, 0o600);
    const checked = await tool(postern, ["verify"]);
    assert.equal(checked.code, 0, checked.output + checked.errors);
    assert.ok(!/does not open|key_missing|a call failed/.test(postern.log()));
    const acts = (await postern.list("/audit")).map(({ act }) => act);
    assert.equal(acts.filter((act) => act === "secrets rotate").length, 3);

    await postern.terminate();
    await postern.start();
    await postern.status(id, ({ incoming_state }) => incoming_state === "ok", "well again");
    const request = await receiver.request_about("during 0", 60000);
    assert.ok(request.headers["webhook-signature"] && target.secret);
    for (let n = 0; n < sent; n += Math.max(1, sent - 1)) {
      const { incoming } = await postern.integration(`during ${n}`);
      assert.ok(incoming, "it is there");
    }
    for (const name of ["during 0", `during ${sent - 1}`]) {
      const steps = await postern.steps(`/integrations/${encodeURIComponent(name)}/test`);
      assert.ok(
        steps.every(({ ok, state }) => ok !== false && state !== "failed"),
        JSON.stringify(steps),
      );
    }
  });

  test("leaves the former key for backups from before, which nothing else needs", async (t) => {
    const { postern, add } = await fixture(t, host, { outgoing: {} });
    await add();
    const backup = path.join(postern.folder, "before.tar");
    assert.equal((await tool(postern, ["backup", backup])).code, 0);
    assert.equal((await tool(postern, ["secrets", "rotate"])).code, 0);
    const [former] = fs.readdirSync(postern.data).filter((name) => /before-/.test(name));
    const former_file = path.join(postern.data, former);
    assert.equal(fs.statSync(former_file).mode & 0o777, 0o600);
    const elsewhere = path.join(postern.folder, "elsewhere");
    const restore = (file) =>
      postern_command(["restore", backup, "--data", elsewhere], {
        env: { POSTERN_SECRETS_KEY_FILE: file },
      });
    assert.equal((await restore(key_file(postern))).code, 65, "not with the new key");
    assert.equal((await restore(former_file)).code, 0);
    await postern.terminate();
    const refused = await tool(postern, ["serve"], { POSTERN_SECRETS_KEY_FILE: former_file });
    assert.equal(refused.code, 78, "nor does it serve with the former one");
    fs.rmSync(former_file);
    await postern.start();
  });

  test("of a folder without a database says so and makes nothing", async () => {
    const { code, errors } = await postern_command(["secrets", "rotate", "--data", "/nowhere/x"]);
    assert.equal(code, 66);
    assert.match(errors, /\/nowhere\/x/);
    assert.ok(!fs.existsSync("/nowhere"));
  });
});

describe("the key's file", () => {
  test("is refused when anybody else has any right to it, and taken when nobody has", async (t) => {
    const postern = await Postern.start();
    t.after(() => postern.stop());
    await postern.terminate();
    const file = key_file(postern);
    for (const mode of [0o644, 0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o660, 0o666, 0o777]) {
      fs.chmodSync(file, mode);
      const { code, errors, output } = await tool(postern, ["serve"]);
      assert.equal(code, 78, mode.toString(8));
      assert.ok((errors + output).includes(`chmod 600 ${file}`), errors + output);
    }
    for (const mode of [0o400, 0o600]) {
      fs.chmodSync(file, mode);
      await postern.start();
      await postern.terminate();
    }
  });

  test("comes from the service manager's credentials, with the tokens beside it", async (t) => {
    const postern = Postern.prepare();
    t.after(() => postern.stop());
    const folder = path.join(postern.folder, "credentials");
    fs.mkdirSync(folder, { mode: 0o500 });
    const put = (name, text) => fs.writeFileSync(path.join(folder, name), text, { mode: 0o400 });
    put("secret.key", `${crypto.randomBytes(32).toString("base64")}\n`);
    put("admin_token", postern.token);
    delete postern.settings.POSTERN_ADMIN_TOKEN;
    postern.settings.CREDENTIALS_DIRECTORY = folder;
    await postern.start();
    const account = host.dovecot.add_account("credential");
    const made = { name: "Kept", outgoing: host.outgoing(account), address: account.address };
    await postern.api("POST", "/integrations", made);
    assert.ok(!fs.existsSync(key_file(postern)), "no key in the data folder");
    const checked = await tool(postern, ["verify"], { CREDENTIALS_DIRECTORY: folder });
    assert.equal(checked.code, 0, checked.output + checked.errors);
    const environ = fs.readFileSync(`/proc/${postern.program.pid}/environ`, "latin1");
    assert.ok(!environ.includes(postern.token));
    await postern.terminate();
    const without = await tool(postern, ["serve"], { POSTERN_HTTP_LISTEN: "127.0.0.1:0" });
    assert.equal(without.code, 78, "without the credential it does not start");
    await postern.start();
  });
});
