// Where Postern connects: never to an address that [egress] denies, whatever leads there: targets,
// mail hosts, actions, channels, OAuth endpoints, notices, the dead man's switch; by any way to write
// the address, and by no redirect. That it is the address connected to that counts, also when a
// name's answer changes, is shown beside the resolver (tests/unit/net/resolver_test.cpp).
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, describe, test } from "node:test";

import { Postern } from "./lib/postern.mjs";
import { Receiver } from "./lib/receiver.mjs";
import { until } from "./lib/until.mjs";

const inside = "127.0.0.2";

let server, port, postern;
let connections = 0;
before(async () => {
  server = net.createServer((socket) => {
    connections += 1;
    socket.on("error", () => {});
    socket.end("220 inside\r\n");
  });
  await new Promise((resolve) => server.listen(0, inside, resolve));
  port = server.address().port;
  postern = await Postern.start({
    env: {
      POSTERN_EGRESS_DENY: `${inside}/32`,
      POSTERN_HTTP_PUBLIC_URL: "https://postern.example.test",
      POSTERN_MONITORING_PING_URL: `http://${inside}:${port}/ping`,
      POSTERN_MONITORING_PING_EVERY_S: "1",
      POSTERN_MONITORING_NOTIFY_AFTER: "1",
      POSTERN_MONITORING_RECIPIENTS: "duty@example.test",
      POSTERN_ALERTS_SMTP_HOST: inside,
      POSTERN_ALERTS_SMTP_PORT: String(port),
      POSTERN_ALERTS_SMTP_SECURITY: "none",
      POSTERN_ALERTS_FROM: "postern@example.test",
    },
  });
});
after(async () => {
  await postern?.stop();
  await new Promise((resolve) => server.close(resolve));
});

const url = (host = inside) => `http://${host}:${port}/x`;
const text_of = (body) => (Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body));

/** The call ends without success, says that the address is denied, and nobody was called. */
async function is_denied(method, where, body) {
  const answer = await postern.call(method, where, body);
  const told = text_of(answer.body);
  assert.match(told, /egress|denie|not allowed/i, told);
  assert.equal(connections, 0, told);
}

describe("what is denied is not connected to", () => {
  const auth = { method: "password", username: "u", password: "password-of-u" };
  const host = { host: inside, security: "tls", auth };
  const targets = [
    { type: "webhook", url: url() },
    { type: "raw", url: url() },
    { type: "osticket", url: url(), api_key: "key-of-a-desk" },
    { type: "rt", url: url(), queue: "General", action: "correspond" },
    { type: "redmine", url: url(), api_key: "key-of-a-desk", project: "desk" },
    { type: "zammad", url: url(), api_key: "key-of-a-desk", group: "Users" },
    { type: "rails_relay", url: url(), auth: { password: "password-of-u" } },
    { type: "smtp", ...host, recipients: ["a@example.test"] },
    { type: "imap_append", ...host, folder: "INBOX" },
  ];
  for (const target of targets) {
    test(`by a target: ${target.type}`, () =>
      is_denied("POST", "/targets/test", {
        name: "x",
        ...target,
        ...(target.host ? { port } : {}),
        ...(target.url ? { url: url() } : {}),
      }));
  }

  for (const [side, protocol] of [
    ["incoming", "imap"],
    ["incoming", "pop3"],
    ["outgoing", "smtp"],
  ]) {
    test(`by an integration: ${protocol}`, () =>
      is_denied("POST", "/integrations/test", {
        name: "x",
        address: "a@example.test",
        [side]: { enabled: true, protocol, ...host, port },
      }));
  }

  test("by an event rule's actions", async () => {
    const types = [{ type: "webhook" }, { type: "web_page" }, { type: "provider" }];
    const rule = await postern.api("POST", "/event-rules", {
      name: "inside",
      then: types.map((action) => ({ ...action, url: url() })),
    });
    for (let action = 0; action < types.length; action++) {
      await is_denied("POST", `/event-rules/${rule.id}/test`, { action });
    }
  });

  test("by a profile's channels", async () => {
    await postern.api("POST", "/profiles", {
      name: "inside",
      channels: [
        { type: "webhook", url: url() },
        { type: "sms", to: ["+491701234567"], method: "POST", url: url(), body: "{{text}}" },
      ],
    });
    for (const channel of [0, 1]) {
      await is_denied("POST", "/profiles/inside/test", { channel });
    }
  });

  test("by an OAuth app's endpoints", async () => {
    const integration = await postern.api("POST", "/integrations", {
      name: "By token",
      address: "a@example.test",
      outgoing: {
        enabled: true,
        host: "smtp.example.test",
        port: 587,
        security: "starttls",
        auth: { method: "oauth2", username: "a@example.test" },
      },
    });
    for (const [name, places] of [
      ["token", { token_endpoint: `https://${inside}:${port}/token` }],
      ["issuer", { issuer: `https://${inside}:${port}` }],
    ]) {
      const app = await postern.api("POST", "/oauth/apps", {
        name,
        flow: "client_credentials",
        client_id: "c",
        client_secret: "secret-of-c",
        scopes: ["mail"],
        ...places,
      });
      await is_denied("POST", "/oauth/authorize", { app: app.id, integration: integration.id });
    }
  });

  test("by other ways to write the address", async () => {
    const ways = [
      "[::ffff:127.0.0.2]",
      "[::ffff:7f00:2]",
      "[0:0:0:0:0:ffff:127.0.0.2]",
      "2130706434",
      "0x7f000002",
      "0177.0.0.2",
      "127.2",
      "127.0.0.2.",
      "[64:ff9b::127.0.0.2]",
    ];
    for (const way of ways) {
      const answer = await postern.call("POST", "/targets/test", {
        name: "x",
        type: "webhook",
        url: url(way),
      });
      const told = text_of(answer.body);
      assert.ok(answer.status >= 400 || answer.body.ok === false, `${way}: ${told}`);
      assert.equal(connections, 0, way);
    }
  });

  test("by no redirect, wherever a target, an action or a channel calls", async (t) => {
    const outside = await Receiver.start();
    t.after(() => outside.stop());
    outside.answer = () => ({ status: 307, headers: { location: url() } });
    const there = outside.url;
    for (const target of targets.filter((each) => each.url)) {
      const answer = await postern.call("POST", "/targets/test", { name: "x", ...target, url: there });
      assert.notEqual(answer.body.ok, true, JSON.stringify(answer.body));
    }
    const rule = await postern.api("POST", "/event-rules", {
      name: "outside",
      then: [{ type: "webhook", url: there }],
    });
    const tested = await postern.api("POST", `/event-rules/${rule.id}/test`, { action: 0 });
    assert.equal(tested.ok, false);
    assert.ok(outside.requests.length >= 2);
    assert.equal(connections, 0);
  });

  test("by the dead man's switch and by notices", async () => {
    const failing = await postern.api("POST", "/integrations", {
      name: "Failing",
      address: "a@example.test",
      incoming: { enabled: true, protocol: "imap", ...host, port },
    });
    const status = await postern.status(
      failing.id,
      ({ last_incoming_error }) => last_incoming_error,
      "an error",
    );
    assert.match(JSON.stringify(status.last_incoming_error), /egress|denie|not allowed/i);
    await until("the ping was tried", async () => {
      const metrics = await (
        await fetch(`${postern.url}/metrics`, {
          headers: { authorization: `Bearer ${postern.token}` },
        })
      ).text();
      const failed = /^postern_\w*ping\w*\{[^}]*fail[^}]*\} ([1-9]\d*)/m.exec(metrics);
      if (failed) return true;
      throw new Error(metrics.split("\n").filter((line) => /ping/.test(line)).join(" | "));
    });
    await until("a notice was tried", async () => (await postern.list("/notices")).length > 0, 60000);
    assert.equal(connections, 0);
  });
});
