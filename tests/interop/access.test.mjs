// Who may what, over every operation of /openapi.json: nobody, each scope's token, a session with
// and without its CSRF token, from another origin, in each role. What the description promises is
// what the server does; what is open to all is listed here by name.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { Postern } from "./lib/postern.mjs";
import { until } from "./lib/until.mjs";

const scopes = ["admin", "read", "send", "pull", "metrics", "operate"];
const open_to_all = [
  "GET /",
  "GET /acknowledge/{problem}", // the link of a notice: its key is what lets in
  "GET /api/v1/oauth/callback",
  "GET /api/v1/session",
  "GET /assets/{version}/{file}",
  "GET /healthz",
  "GET /modules/{path}",
  "GET /openapi.json",
  "GET /pages/{path}",
  "GET /readyz",
  "GET /style.css",
  "POST /acknowledge/{problem}",
  "POST /api/v1/session",
  "POST /api/v1/session/first-start",
];

let postern, operations;
const tokens = {};
const people = {};

before(async () => {
  postern = await Postern.start();
  const { paths } = await postern.api("GET", "/api/../openapi.json");
  operations = Object.entries(paths).flatMap(([pattern, methods]) =>
    Object.entries(methods).map(([method, { description = "" }]) => {
      const needed = /Needs the scope ([^.]*)\./.exec(description)?.[1];
      return {
        name: `${method.toUpperCase()} ${pattern}`,
        method: method.toUpperCase(),
        place: pattern.replace(/\{[^}]*\}/g, "none"),
        writes: method !== "get",
        needed: needed?.split(/, | or /) ?? [],
      };
    }),
  );
  for (const scope of scopes) {
    tokens[scope] = (await postern.api("POST", "/tokens", { name: scope, scopes: [scope] })).token;
  }
  const file = path.join(postern.data, "first-start-code");
  const read = () => fs.existsSync(file) && fs.readFileSync(file, "utf8");
  const code = await until("the first start's code", () => read().length === 14 && read());
  const password = "seven green bottles";
  const first = { code, name: "admin", password };
  people.admin = browser(await postern.call("POST", "/session/first-start", first, { token: null }));
  for (const role of ["operator", "viewer"]) {
    await postern.api("POST", "/users", { name: role, role, password });
    people[role] = browser(await postern.call("POST", "/session", { name: role, password }, { token: null }));
  }
});
after(() => postern?.stop());

function browser(answer) {
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return { cookie: answer.headers.get("set-cookie").split(";")[0], csrf: answer.body.csrf_token };
}

/** {status, code} of the operation; nobody's origin is ever allowed. */
async function ask({ method, place, writes, name }, { token, headers = {} } = {}) {
  const response = await fetch(postern.url + place, {
    method,
    headers: {
      ...(writes ? { "content-type": "application/json" } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      origin: "https://elsewhere.example",
      ...headers,
    },
    body: writes && method !== "DELETE" ? "{}" : undefined,
    redirect: "manual",
    signal: AbortSignal.timeout(30000),
  });
  assert.equal(response.headers.get("access-control-allow-origin"), null, name);
  const text = await response.text();
  const problem = /problem\+json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, code: problem ? JSON.parse(text).code : null };
}

const closed = () => operations.filter(({ needed }) => needed.length > 0);

describe("every operation", () => {
  test("is in the description, and what is open to all is what is listed here", () => {
    const open = operations.filter(({ needed }) => needed.length === 0).map(({ name }) => name);
    assert.deepEqual(open.sort(), open_to_all);
    assert.ok(closed().length >= 100, `${closed().length} operations`);
  });

  test("is refused to nobody: 401", async () => {
    for (const operation of closed()) {
      assert.equal((await ask(operation)).status, 401, operation.name);
    }
  });

  for (const scope of scopes) {
    test(`takes a token with the scope ${scope} only where it says so`, async () => {
      for (const operation of closed()) {
        const { status, code } = await ask(operation, { token: tokens[scope] });
        assert.notEqual(status, 401, operation.name);
        const may = operation.needed.includes(scope);
        assert.equal(code === "missing_scope", !may, `${operation.name}: ${status} ${code}`);
        if (!may) assert.equal(status, 403, operation.name);
      }
    });
  }

  test("that writes is refused to a cookie without its CSRF token, with another's, or a wrong one", async () => {
    const { cookie } = people.admin;
    const wrong = [undefined, "", "wrong", people.viewer.csrf];
    for (const operation of closed().filter(({ writes }) => writes)) {
      for (const csrf of wrong) {
        const headers = { cookie, ...(csrf === undefined ? {} : { "x-csrf-token": csrf }) };
        const { status, code } = await ask(operation, { headers });
        assert.equal(`${status} ${code}`, "403 csrf_token_missing", `${operation.name}: ${csrf}`);
      }
    }
    const me = await ask({ method: "GET", place: "/api/v1/session" }, { headers: { cookie } });
    assert.equal(me.status, 200, "the session goes on");
  });

  test("is refused to a cookie that is none", async () => {
    for (const operation of closed()) {
      const headers = { cookie: "postern_session=AAAAAAAAAAAAAAAAAAAAAAAA", "x-csrf-token": "x" };
      assert.equal((await ask(operation, { headers })).status, 401, operation.name);
    }
  });

  test("that a role may not is refused to it, whatever it shows beside", async () => {
    const refused = { operator: 0, viewer: 0 };
    for (const role of Object.keys(refused)) {
      const { cookie, csrf } = people[role];
      const held = role === "viewer" ? ["read", "metrics"] : ["read", "metrics", "send", "operate"];
      const ends_it = /\/session/; // about oneself: these would sign the person out
      for (const operation of closed().filter(({ name }) => !ends_it.test(name))) {
        const { status } = await ask(operation, { headers: { cookie, "x-csrf-token": csrf } });
        assert.notEqual(status, 401, operation.name);
        const may = operation.needed.some((scope) => held.includes(scope));
        if (!may) assert.equal(status, 403, `${operation.name} as ${role}`);
        refused[role] += may ? 0 : 1;
      }
    }
    assert.ok(refused.viewer > refused.operator && refused.operator > 10, JSON.stringify(refused));
  });
});
