// The command line, command by command, as a script would use it.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { free_port, remove_folder, temporary_folder } from "./lib/files.mjs";
import { fixture, new_account, with_postern } from "./lib/fixture.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { Postern, postern_command } from "./lib/postern.mjs";
import { until } from "./lib/until.mjs";

let host;
before(async () => (host = await MailHost.start()));
after(() => host?.stop());

const folder_for = (t) => {
  const folder = temporary_folder("cli");
  t.after(() => remove_folder(folder));
  return folder;
};
/** A command that talks to the running server. */
const asking = (postern, args, options = {}) =>
  postern_command(args, {
    env: { POSTERN_URL: postern.url, POSTERN_TOKEN: postern.token },
    ...options,
  });

async function sign_in(postern, name, password) {
  return postern.call("POST", "/session", { name, password }, { token: null });
}

describe("commands without a server", () => {
  test("--version says the version", async () => {
    const { code, output } = await postern_command(["--version"]);
    assert.equal(code, 0);
    assert.match(output, /\b\d+\.\d+\.\d+\b/);
  });

  test("an unknown command or option: exit 64", async () => {
    assert.equal((await postern_command(["no-such-command"])).code, 64);
    assert.equal((await postern_command(["serve", "--no-such-option"])).code, 64);
    assert.equal((await postern_command([])).code, 64);
  });

  test("--help of every command", async () => {
    for (const command of [
      "serve",
      "check-config",
      "token",
      "user",
      "send",
      "test",
      "integration",
      "backup",
      "restore",
      "verify",
      "health",
    ]) {
      const { code, output } = await postern_command([command, "--help"]);
      assert.equal(code, 0, command);
      assert.ok(output.length > 40, command);
    }
  });

  test("user set-password before the first start, and again while it runs", async (t) => {
    const postern = Postern.prepare();
    const set = (password) =>
      postern_command(["user", "set-password", "--name", "admin", "--data", postern.data], {
        input: `${password}\n`,
      });
    const first = await set("first password of admin");
    assert.equal(first.code, 0, first.errors);
    await postern.start();
    t.after(() => postern.stop());
    const signed_in = await sign_in(postern, "admin", "first password of admin");
    assert.ok([200, 201].includes(signed_in.status), `status ${signed_in.status}`);
    assert.ok(signed_in.body.csrf_token);
    assert.match(signed_in.headers.get("set-cookie"), /HttpOnly/i);
    assert.equal((await sign_in(postern, "admin", "wrong")).status, 401);
    assert.equal((await set("second password of admin")).code, 0);
    assert.equal((await sign_in(postern, "admin", "first password of admin")).status, 401);
    assert.ok((await sign_in(postern, "admin", "second password of admin")).status < 300);
  });

  test("an empty password is refused", async (t) => {
    const data = path.join(folder_for(t), "data");
    const { code, errors } = await postern_command(
      ["user", "set-password", "--name", "admin", "--data", data],
      { input: "\n" },
    );
    assert.equal(code, 64);
    assert.match(errors, /password/i);
  });

  test("token create prints a token alone, good for its scopes only", async (t) => {
    const postern = await with_postern(t, host);
    const { code, output } = await postern_command([
      "token",
      "create",
      "--name",
      "reader",
      "--scope",
      "read",
      "--data",
      postern.data,
    ]);
    assert.equal(code, 0);
    assert.match(output, /^\S{20,}\n$/);
    const token = output.trim();
    assert.equal((await postern.call("GET", "/integrations", undefined, { token })).status, 200);
    assert.equal(
      (await postern.call("POST", "/integrations", { name: "x" }, { token })).status,
      403,
    );
    const wrong = await postern_command([
      "token",
      "create",
      "--name",
      "x",
      "--scope",
      "everything",
      "--data",
      postern.data,
    ]);
    assert.ok([64, 65].includes(wrong.code), `exit ${wrong.code}`);
    assert.match(wrong.errors, /everything/);
  });
});

describe("where a setting comes from", () => {
  const listens = async (port) => {
    try {
      return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
    } catch {
      return false;
    }
  };
  const served = async (t, { args, env, port }) => {
    const { Program } = await import("./lib/processes.mjs");
    const { binary } = await import("./lib/postern.mjs");
    const program = new Program(binary, ["serve", ...args], { env });
    t.after(async () => {
      program.kill("SIGTERM");
      await program.ended;
    });
    await until(
      "it is ready",
      () => {
        if (program.end) throw new Error(`it ended: ${program.output}${program.errors}`);
        return listens(port);
      },
      20000,
    );
  };

  test("the file; the environment beats it; flags beat both", async (t) => {
    const folder = folder_for(t);
    const [from_file, from_environment] = [await free_port(), await free_port()];
    const [a, b, c] = ["a", "b", "c"].map((name) => path.join(folder, name));
    const config = path.join(folder, "postern.toml");
    fs.writeFileSync(config, `data_dir = "${a}"\n[http]\nlisten = "127.0.0.1:${from_file}"\n`);

    await served(t, { args: ["--config", config], env: {}, port: from_file });
    assert.ok(fs.existsSync(a));

    const env = { POSTERN_DATA_DIR: b, POSTERN_HTTP_LISTEN: `127.0.0.1:${from_environment}` };
    await served(t, { args: ["--config", config], env, port: from_environment });
    assert.ok(fs.existsSync(b));

    const port = await free_port();
    await served(t, {
      args: ["--config", config, "--data", c],
      env: { ...env, POSTERN_HTTP_LISTEN: `127.0.0.1:${port}` },
      port,
    });
    assert.ok(fs.existsSync(c));
  });

  test("the admin token: from its own variable, else from the file that is named", async (t) => {
    const file = path.join(folder_for(t), "token");
    fs.writeFileSync(file, "token-from-the-file-0123456789\n");
    const asks = async (postern, token) =>
      (await postern.call("GET", "/integrations", undefined, { token })).status;
    const by_file = await with_postern(t, host, {
      env: { POSTERN_ADMIN_TOKEN: undefined, POSTERN_ADMIN_TOKEN_FILE: file },
    });
    assert.equal(await asks(by_file, "token-from-the-file-0123456789"), 200);
    const by_both = await with_postern(t, host, { env: { POSTERN_ADMIN_TOKEN_FILE: file } });
    assert.equal(await asks(by_both, by_both.token), 200);
    assert.equal(await asks(by_both, "token-from-the-file-0123456789"), 401);
  });

  test("a wrong environment variable is told by its name", async (t) => {
    const { code, output, errors } = await postern_command(
      ["serve", "--data", path.join(folder_for(t), "data")],
      { env: { POSTERN_HTTP_LISTEN: "nowhere" } },
    );
    assert.equal(code, 78);
    assert.match(output + errors, /POSTERN_HTTP_LISTEN|http\.listen/);
  });
});

describe("commands that talk to the server", () => {
  test("send prints code and message; with an attachment; exit 0", async (t) => {
    const bob = new_account(host, "bob");
    const { postern, add } = await fixture(t, host, { incoming: false, outgoing: {} });
    await add();
    const file = path.join(folder_for(t), "notes.txt");
    fs.writeFileSync(file, "attached words");
    const { code, output, errors } = await asking(
      postern,
      [
        "send",
        "--integration",
        "Support",
        "--to",
        bob.address,
        "--subject",
        "by hand",
        "--attach",
        file,
      ],
      { input: "Hello from the shell.\n" },
    );
    assert.equal(code, 0, errors);
    assert.match(output, /^[01] .+\n$/);
    const text = await until("it has arrived", () => host.dovecot.mails(bob.address)[0]);
    assert.match(text, /Subject: by hand/);
    assert.match(text, /Hello from the shell\./);
    assert.match(text, /notes\.txt/);
  });

  test("send's exit codes: 65 bad data, 66 no such file, 67 no such integration, 69, 77", async (t) => {
    const { postern, add } = await fixture(t, host, { incoming: false, outgoing: {} });
    await add();
    const send = (args, options = {}) =>
      asking(postern, ["send", "--integration", "Support", "--to", "bob@example.test", ...args], {
        input: "x",
        ...options,
      });
    assert.equal(
      (
        await asking(postern, ["send", "--integration", "Support", "--to", "no address"], {
          input: "x",
        })
      ).code,
      65,
    );
    assert.equal((await send(["--attach", "/nowhere/at-all"])).code, 66);
    assert.equal(
      (
        await asking(postern, ["send", "--integration", "Nobody", "--to", "bob@example.test"], {
          input: "x",
        })
      ).code,
      67,
    );
    assert.equal((await asking(postern, ["send"], { input: "x" })).code, 64);
    const nobody = `http://127.0.0.1:${await free_port()}`;
    const unreachable = await send([], {
      env: { POSTERN_URL: nobody, POSTERN_TOKEN: postern.token },
    });
    assert.equal(unreachable.code, 69);
    assert.ok(unreachable.errors.includes(nobody), unreachable.errors);
    assert.equal(
      (await send([], { env: { POSTERN_URL: postern.url, POSTERN_TOKEN: "wrong" } })).code,
      77,
    );
  });

  test("test tells the steps; exit 0 only when all are good", async (t) => {
    const { postern, add, account } = await fixture(t, host, { outgoing: {} });
    await add();
    const good = await asking(postern, ["test", "Support"]);
    assert.equal(good.code, 0, good.output + good.errors);
    assert.match(good.output, /login/);
    const one = await asking(postern, ["test", "Support", "--outgoing"]);
    assert.equal(one.code, 0);
    assert.doesNotMatch(one.output, /select/);
    host.dovecot.add_account(account.address.split("@")[0], "changed in the meantime");
    const bad = await until("Dovecot knows the new password", async () => {
      const tried = await asking(postern, ["test", "Support", "--incoming"]);
      return tried.code !== 0 && tried;
    });
    assert.match(bad.output + bad.errors, /login/);
    assert.equal((await asking(postern, ["test", "Nobody"])).code, 67);
  });

  test("integration list, show, export and import; no secret leaves", async (t) => {
    const { postern, add, account } = await fixture(t, host, { outgoing: {} });
    await add();
    const listed = await asking(postern, ["integration", "list"]);
    assert.equal(listed.code, 0, listed.errors);
    assert.match(listed.output, /Support/);
    const shown = await asking(postern, ["integration", "show", "Support"]);
    assert.equal(JSON.parse(shown.output).name, "Support");
    assert.equal((await asking(postern, ["integration", "show", "Nobody"])).code, 67);
    const exported = await asking(postern, ["integration", "export"]);
    assert.equal(exported.code, 0, exported.errors);
    assert.ok(!(listed.output + shown.output + exported.output).includes(account.password));
    const file = path.join(folder_for(t), "integrations.json");
    fs.writeFileSync(file, exported.output);

    const other = await with_postern(t, host);
    const imported = await asking(other, ["integration", "import", file]);
    assert.equal(imported.code, 0, imported.output + imported.errors);
    const there = await other.integration("Support");
    assert.equal(there.address, account.address);
    assert.equal(there.incoming.host, "localhost");
    fs.writeFileSync(file, "{");
    assert.equal((await asking(other, ["integration", "import", file])).code, 65);
    assert.equal((await asking(other, ["integration", "import", "/nowhere/at-all"])).code, 66);
  });
});
