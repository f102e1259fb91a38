// Bad input: every mistake in a configuration file or a call is told at once, each with its line
// or its field, and nothing is stored or sent.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { remove_folder, temporary_folder } from "./lib/files.mjs";
import { fixture, new_account, with_postern } from "./lib/fixture.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { postern_command } from "./lib/postern.mjs";

let host;
before(async () => (host = await MailHost.start()));
after(() => host?.stop());

const pointers = (problem) => (problem.errors ?? []).map(({ pointer }) => pointer);

describe("a configuration file with mistakes", () => {
  const check = async (t, text) => {
    const folder = temporary_folder("config");
    t.after(() => remove_folder(folder));
    const file = path.join(folder, "postern.toml");
    fs.writeFileSync(file, text);
    return { file, ...(await postern_command(["check-config", "--config", file])) };
  };

  test("is told all of them at once, each with its line and key", async (t) => {
    const { code, output, errors, file } = await check(
      t,
      [
        'data_dir = "/tmp/x"',
        "[http]",
        'listen = "nowhere"',
        'lisen = "127.0.0.1:1"',
        "[storage]",
        'retention_days = "thirty"',
        "[limits]",
        "message_bytes = -5",
        "",
      ].join("\n"),
    );
    assert.equal(code, 78);
    const told = (output + errors).split("\n");
    for (const [line, key] of [
      [3, "http.listen"],
      [4, "http.lisen"],
      [6, "storage.retention_days"],
      [8, "limits.message_bytes"],
    ]) {
      assert.ok(
        told.some((text) => text.startsWith(`${file}:${line}: ${key}: `)),
        `line ${line}, ${key}, in:\n${told.join("\n")}`,
      );
    }
  });

  test("that contradicts itself is refused: a certificate without its key, alerts without a host", async (t) => {
    const { code, output, errors } = await check(
      t,
      '[http]\ntls_certificate = "/etc/hostname"\n[alerts]\nfrom = "postern@example.test"\n',
    );
    assert.equal(code, 78);
    assert.match(output + errors, /:2: http\.tls_certificate: needs http\.tls_key/);
    assert.match(output + errors, /:4: alerts\.from: needs alerts\.smtp_host/);
  });

  test("that is no TOML is told its line", async (t) => {
    const { code, output, errors, file } = await check(t, "[http]\nlisten = \n");
    assert.equal(code, 78);
    assert.ok((output + errors).includes(`${file}:2: `), output + errors);
  });

  test("that is not there is told by name", async () => {
    const { code, output, errors } = await postern_command([
      "check-config",
      "--config",
      "/nowhere/p.toml",
    ]);
    assert.ok([66, 78].includes(code), `exit ${code}`);
    assert.match(output + errors, /\/nowhere\/p\.toml/);
  });

  test("without mistakes is good", async (t) => {
    const { code } = await check(t, '[http]\nlisten = "127.0.0.1:8025"\n');
    assert.equal(code, 0);
  });

  test("stops serve too", async (t) => {
    const { file } = await check(t, "[http]\nlisten = 5\n");
    const served = await postern_command(["serve", "--config", file]);
    assert.equal(served.code, 78);
    assert.match(served.output + served.errors, /:2: http\.listen: /);
  });
});

describe("a call with mistakes", () => {
  test("names every field of an integration that is wrong", async (t) => {
    const postern = await with_postern(t, host);
    const account = new_account(host);
    const refused = await postern.call("POST", "/integrations", {
      name: "",
      adress: "typo@example.test",
      address: "no-address",
      incoming: { ...host.incoming(account), port: 70000, security: "ssl3" },
      outgoing: { enabled: true, protocol: "smtp", port: 25, security: "none" },
    });
    assert.ok([400, 422].includes(refused.status), `status ${refused.status}`);
    assert.match(refused.headers.get("content-type"), /application\/problem\+json/);
    assert.ok(refused.body.request_id);
    for (const pointer of [
      "/name",
      "/adress",
      "/incoming/port",
      "/incoming/security",
      "/outgoing/host",
    ]) {
      assert.ok(
        pointers(refused.body).includes(pointer),
        `${pointer} in ${pointers(refused.body)}`,
      );
    }
  });

  test("with a password over an open line to another machine is refused", async (t) => {
    const postern = await with_postern(t, host);
    const account = new_account(host);
    const refused = await postern.call("POST", "/integrations", {
      name: "Open",
      address: account.address,
      outgoing: { ...host.outgoing(account), host: "smtp.example.test", security: "none" },
    });
    assert.ok([400, 422].includes(refused.status), `status ${refused.status}`);
    assert.ok(pointers(refused.body).some((pointer) => pointer.startsWith("/outgoing")));
  });

  test("of POST /send has its own code for each kind", async (t) => {
    const { postern, add } = await fixture(t, host, { incoming: false, outgoing: {} });
    await add();
    const good = { integration: "Support", to: ["bob@example.test"], subject: "x", text: "x" };
    const cases = [
      [14, { subject: "x\r\nBcc: evil@example.test" }, "/subject"],
      [14, { headers: { "X-Ticket": "42\r\nBcc: evil@example.test" } }, "/headers"],
      [10, { headers: { "X Ticket\r\n": "42" } }, "/headers"],
      [11, { to: ["bob@example.test\r\nRCPT TO:<evil@example.test>"] }, "/to"],
      [11, { to: ["not an address"] }, "/to"],
      [11, { cc: "fine@example.test; broken@@example.test" }, "/cc"],
      [11, { to: [] }, "/to"],
      [
        12,
        { attachments: [{ filename: "a", content_type: "text/plain", content_base64: "*no*" }] },
        "/attachments/0",
      ],
      [10, { colour: "red" }, "/colour"],
    ];
    for (const [code, fields, pointer] of cases) {
      const { status, body } = await postern.call("POST", "/send", { ...good, ...fields });
      const told = JSON.stringify({ fields, status, body });
      assert.ok(status >= 400 && status < 500, told);
      assert.equal(body.result_code, code, told);
      assert.ok(
        pointers(body).some((one) => one.startsWith(pointer)),
        told,
      );
    }
    assert.deepEqual(await postern.list("/deliveries"), []);
  });

  test("that is no JSON, has no token, or asks for what is not there", async (t) => {
    const postern = await with_postern(t, host);
    const broken = await postern.call("POST", "/send", "{", {
      headers: { "content-type": "application/json" },
    });
    assert.equal(broken.status, 400);
    assert.equal(
      (await postern.call("GET", "/integrations", undefined, { token: null })).status,
      401,
    );
    assert.equal(
      (await postern.call("GET", "/integrations", undefined, { token: "wrong" })).status,
      401,
    );
    assert.equal((await postern.call("GET", "/integrations/int_nowhere")).status, 404);
    assert.equal((await postern.call("DELETE", "/send")).status, 405);
  });
});
