// Promise 22: mail servers that say a password or token back in every kind of answer, and an
// authorization server that says back codes, refresh tokens and its clients' secrets. None is found in
// answers of the API, transcripts, events, notices, requests of event rules, the data or the log.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { Canaries, walk_gets } from "../interop/lib/canaries.mjs";
import { make_certificates } from "../interop/lib/certificates.mjs";
import { free_port, remove_folder, temporary_folder } from "../interop/lib/files.mjs";
import { OidcServer } from "../interop/lib/oidc.mjs";
import { Postern } from "../interop/lib/postern.mjs";
import { Receiver } from "../interop/lib/receiver.mjs";
import { until } from "../interop/lib/until.mjs";
import { echo_rows } from "./lib/echo_servers.mjs";
import { smtp_server } from "./lib/smtp_peer.mjs";
import { Peer } from "./lib/wire.mjs";

const row_ms = 60000;
const duty = "duty@hostile.test";
const canaries = new Canaries();
const tested = []; // what connection tests said: {name, text}
const echoes = []; // of every row
const notices = { taken: 0, bodies: [], recipients: {} };
let folder;
let oidc;
let postern;
let receiver;
let alerts;
let app;

before(async () => {
  folder = temporary_folder("echo");
  const certificates = make_certificates(path.join(folder, "tls"));
  oidc = await OidcServer.start(certificates);
  receiver = await Receiver.start();
  alerts = await Peer.start(smtp_server({ extensions: ["8BITMIME"] }, notices));
  const port = await free_port();
  const settings = {
    LOG_LEVEL: "debug",
    RETRY_OUTGOING_S: "2",
    RETRY_OUTGOING_FOR_S: "3600",
    HTTP_PUBLIC_URL: `http://127.0.0.1:${port}`,
    MONITORING_NOTIFY_AFTER: "1",
    MONITORING_RECIPIENTS: duty,
    ALERTS_SMTP_HOST: "localhost",
    ALERTS_SMTP_PORT: `${alerts.port}`,
    ALERTS_SMTP_SECURITY: "none",
    ALERTS_FROM: "postern@hostile.test",
  };
  postern = Postern.prepare({
    authority: certificates.ca.certificate,
    env: Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [`POSTERN_${name}`, value]),
    ),
  });
  postern.port = port;
  await postern.start();
  await postern.add_target(receiver);
  const words = "{{event.message}} {{event.hint}}";
  await postern.api("POST", "/event-rules", {
    name: "Tell",
    when: { kinds: ["imap.*", "pop3.*", "smtp.*", "oauth.*", "mailbox.*"] },
    then: [{ type: "web_page", method: "POST", url: `${receiver.url}/told`, body: words }],
  });
  app = await postern.api("POST", "/oauth/apps", {
    name: "App",
    flow: "client_credentials",
    issuer: oidc.issuer,
    scopes: ["mail"],
    ...oidc.add_app("all@hostile.test"),
  });
});
after(async () => {
  try {
    await postern?.stop();
  } finally {
    alerts?.stop();
    await receiver?.stop();
    await oidc?.stop();
    if (folder) remove_folder(folder);
  }
});

/** The integration of a row, logging in by token or by a password that is a canary. */
async function integration_of(row, what, port, n) {
  const address = `${row.protocol}-${what}-${n}@hostile.test`;
  const auth =
    what === "token"
      ? { method: "oauth2", username: address }
      : {
          method: "password",
          username: address,
          password: canaries.make(`password of ${row.name}`, ""),
        };
  const side = {
    enabled: true,
    protocol: row.protocol,
    host: "localhost",
    port,
    security: "none",
    auth,
  };
  const often = row.protocol === "pop3" ? { poll_interval_s: 5 } : {};
  const made = await postern.api("POST", "/integrations", {
    name: row.name,
    address,
    ...(row.protocol === "smtp"
      ? { outgoing: side }
      : { incoming: { ...side, start_from: "all", ...often, ...row.settings } }),
  });
  if (what === "token")
    await postern.api("POST", "/oauth/authorize", { app: app.id, integration: made.id });
  return made;
}

/** Everything that is shown and logged of one integration. */
async function shown_of({ id, name }) {
  const texts = postern
    .log()
    .split("\n")
    .filter((line) => line.includes(name));
  for (const where of ["", "/activity", "/transcript"]) {
    const { body } = await postern.call("GET", `/integrations/${id}${where}`);
    texts.push(Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body));
  }
  for (const where of ["deliveries", "events", "messages"]) {
    texts.push(JSON.stringify(await postern.list(`/${where}?integration=${id}&limit=200`)));
  }
  return texts.join("\n");
}

for (const what of ["password", "token"]) {
  describe(`a ${what} said back by a server`, { concurrency: 8 }, () => {
    const rows = ["imap", "pop3", "smtp"].flatMap((protocol) => echo_rows(protocol, what));
    for (const [n, row] of rows.entries()) {
      test(`in its ${row.name}`, async (t) => {
        const peer = await Peer.start(row.serve);
        t.after(() => peer.stop());
        echoes.push(row.echo);
        const made = await integration_of(row, what, peer.port, n);
        if (row.protocol === "smtp") {
          const to = ["to1@example.test", "to2@example.test"];
          await postern.api("POST", "/send", {
            integration: made.id,
            to,
            subject: row.name,
            text: "x",
          });
        }
        await until(`"${row.name}": a login`, () => row.echo.latest, row_ms);
        const steps = await postern.api("POST", `/integrations/${made.id}/test?transcript=always`);
        tested.push({ name: row.name, text: steps.toString() });
        await until(`"${row.name}": its server says it back`, () => row.echo.said > 0, row_ms);
        // What is looked through for the secret does hold the server's words.
        const shown = await until(
          `"${row.name}": its words are shown`,
          async () => {
            const text = (await shown_of(made)) + steps;
            const seen = /(heard[ =]|334 \S*)\*\*\*/i.test(text);
            if (seen || row.unseen) return text;
            throw new Error(text.slice(0, 2000));
          },
          row_ms,
        );
        for (const [at, secret] of [...row.echo.all].entries()) {
          canaries.name(`${what} ${at} of ${row.name}`, secret);
        }
        assert.deepEqual(canaries.found_in(shown), []);
        await postern.api("POST", `/integrations/${made.id}/disable`);
      });
    }
  });
}

test("an authorization server that says back what it was told", async (t) => {
  const said = [];
  const echo = ({ params, authorization = "" }) => {
    const basic = Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString();
    const { code, code_verifier, refresh_token, client_secret } = params;
    const secrets = [code, code_verifier, refresh_token, client_secret, basic.split(":")[1]];
    said.push(...secrets.filter(Boolean));
    const words = `heard ${[...secrets, authorization, basic].filter(Boolean).join(" ")}`;
    return {
      error: "invalid_request",
      error_description: words,
      error_uri: `https://x.test/?${words}`,
    };
  };
  const client = oidc.add_client(`${postern.url}/api/v1/oauth/callback`);
  const people = await postern.api("POST", "/oauth/apps", {
    name: "People",
    flow: "code",
    issuer: oidc.issuer,
    scopes: ["openid", "email", "offline_access", "mail"],
    ...client,
  });
  const [row] = echo_rows("imap", "refresh");
  const peer = await Peer.start(row.serve);
  t.after(() => peer.stop()); // or it keeps this process alive when the test fails
  const made = await integration_of({ ...row, name: "refreshed" }, "nothing", peer.port, 0).then(
    ({ id }) =>
      postern.api("PATCH", `/integrations/${id}`, {
        incoming: { auth: { method: "oauth2", username: "refreshed@hostile.test" } },
      }),
  );
  const authorise = async () => {
    const { url } = await postern.api("POST", "/oauth/authorize", {
      app: people.id,
      integration: made.id,
    });
    const back = await oidc.sign_in(url, { person: "refreshed@hostile.test" });
    const page = await fetch(back);
    return { status: page.status, text: await page.text() };
  };
  oidc.access_token_s = 2; // refreshed at each use
  const no_code = oidc.fault("/token", { status: 400, body: echo, only: "authorization_code" });
  const refused = await authorise();
  assert.ok(said.length >= 3, `code, verifier and client secret: ${said.length}, ${refused.text}`);
  no_code.remove();
  oidc.fault("/token", { status: 400, body: echo, only: "refresh_token" });
  assert.equal((await authorise()).status, 200);
  await until(
    "the refresh token is said back",
    () => oidc.calls("refresh_token").length > 0,
    row_ms,
  );
  const shown = await until(
    "its words are shown",
    async () => {
      const text = `${await shown_of(made)}${JSON.stringify(await postern.list("/oauth/grants"))}`;
      return /heard \*\*\*/.test(text) && text;
    },
    row_ms,
  );
  for (const [n, secret] of [...new Set([...said, ...oidc.store.secrets])].entries()) {
    canaries.name(`OAuth secret ${n}`, secret);
  }
  assert.deepEqual(canaries.found_in(shown + refused.text), []);
});

test("nothing of them is anywhere", async () => {
  await until(
    "a notice went",
    () => notices.bodies.some((mail) => /heard \*\*\*/.test(mail)),
    row_ms,
  );
  const told = () => receiver.requests.filter(({ path: where }) => where.endsWith("/told"));
  await until(
    "event rules told",
    () => told().some(({ body }) => /heard \*\*\*/.test(body)),
    row_ms,
  );
  const found = [];
  const look = (where, bytes) =>
    found.push(...canaries.found_in(bytes).map((secret) => `${where}: ${secret}`));
  for (const { name, text } of tested) look(`the test of ${name}`, text);
  for (const { path: where, body } of receiver.requests) look(where, body);
  for (const mail of notices.bodies) look("a notice", mail);
  await walk_gets(postern, look);
  const but = [path.join(postern.data, "secret.key")];
  found.push(...canaries.found_under(postern.data, { but }));
  look("the log", postern.log());
  assert.deepEqual([...new Set(found)], []);
  assert.ok(canaries.planted.size >= 80, `${canaries.planted.size} canaries`);
  const earlier = echoes.filter(({ said_earlier }) => said_earlier > 0).length;
  assert.ok(earlier >= 3, `${earlier} servers said a token back that was refreshed since`);
});
