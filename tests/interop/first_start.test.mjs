// The first start as whoever runs it does it: the console's code, the first admin, the cookie, a
// restart in between, signing out everywhere.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { Postern, postern_command } from "./lib/postern.mjs";
import { until } from "./lib/until.mjs";

const password = "seven green bottles";

async function with_fresh(t) {
  const postern = await Postern.start();
  t.after(() => postern.stop());
  const code_file = path.join(postern.data, "first-start-code");
  // The code is told beside the first requests, not before them.
  await until("the code is told", async () => fs.existsSync(code_file), 20000);
  await until("all of it", async () => fs.readFileSync(code_file, "utf8").length === 14, 20000);
  return { postern, code_file, code: fs.readFileSync(code_file, "utf8") };
}

const nobody = { token: null };
const first_start = (postern, code, name = "ann") =>
  postern.call("POST", "/session/first-start", { code, name, password }, nobody);

function browser_of(answer) {
  const cookie = answer.headers.get("set-cookie");
  assert.match(cookie, /; HttpOnly/);
  assert.match(cookie, /; SameSite=Strict/);
  const headers = { cookie: cookie.split(";")[0], "x-csrf-token": answer.body.csrf_token };
  return { headers, token: null };
}

test("the code of the console makes the first admin, once, and a session outlives a restart", async (t) => {
  const { postern, code_file, code } = await with_fresh(t);
  assert.equal(fs.statSync(code_file).mode & 0o777, 0o600);
  assert.match(code, /^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  assert.ok(postern.program.output.includes(code), "standard output tells the code");
  assert.ok(!postern.program.errors.includes(code), "the log does not");
  assert.equal((await postern.call("GET", "/session", undefined, nobody)).body.state, "first_start");

  const wrong = await first_start(postern, "0000-0000-0000");
  assert.equal(wrong.status, 401);
  const made = await first_start(postern, code.toLowerCase());
  assert.equal(made.status, 200, JSON.stringify(made.body));
  const browser = browser_of(made);
  assert.equal((await first_start(postern, code, "eve")).status, 409, "it is used up");
  assert.ok(!fs.existsSync(code_file), "the file goes with it");

  await postern.terminate();
  await postern.start();
  const me = await postern.call("GET", "/session", undefined, browser);
  assert.equal(me.body.state, "signed_in");
  assert.equal(me.body.role, "admin");
  assert.equal(me.body.csrf_token, browser.headers["x-csrf-token"]);
  assert.ok(!fs.existsSync(code_file), "and no new one is made");

  const created = await postern.call("POST", "/users", { name: "bob", role: "viewer", password }, browser);
  assert.equal(created.status, 201);
  const bob = browser_of(await postern.call("POST", "/session", { name: "bob", password }, nobody));
  assert.equal((await postern.call("GET", "/integrations", undefined, bob)).status, 200);
  assert.equal((await postern.call("POST", "/integrations", { name: "x" }, bob)).status, 403);
  assert.equal((await postern.call("DELETE", "/sessions?user=bob", undefined, browser)).status, 204);
  assert.equal((await postern.call("GET", "/integrations", undefined, bob)).status, 401);

  const audit = await postern.api("GET", "/audit");
  const acts = audit.items.map((each) => `${each.who} ${each.act}`);
  assert.ok(acts.includes("ann POST /session/first-start"), acts.join("\n"));
  assert.ok(acts.includes("ann POST /users"), acts.join("\n"));
  assert.ok(!JSON.stringify(audit).includes(password));
  assert.ok(!postern.log().includes(password));
});

test("who is set up by the command line needs no code", async (t) => {
  const { postern, code } = await with_fresh(t);
  const set = await postern_command(["user", "set-password", "--name", "admin", "--data", postern.data], {
    input: `${password}\n`,
  });
  assert.equal(set.code, 0, set.errors);

  assert.equal((await first_start(postern, code)).status, 409);
  assert.equal((await postern.call("POST", "/session", { name: "admin", password }, nobody)).status, 200);
  await postern.terminate();
  await postern.start();
  assert.equal((await postern.call("GET", "/session", undefined, nobody)).body.state, "signed_out");
  const acts = (await postern.api("GET", "/audit")).items.map((each) => each.act);
  assert.ok(acts.includes("user set-password"), acts.join("\n"));
});
