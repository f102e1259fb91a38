// The tests' own authorization server, seen without Postern: that what the OAuth tests stand on
// holds. Tokens are shown to a real Dovecot and a real Postfix.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, describe, test } from "node:test";

import { make_identity } from "./lib/certificates.mjs";
import { HttpsClient } from "./lib/https_client.mjs";
import { LineClient, oauthbearer, xoauth2 } from "./lib/line_client.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { OidcServer } from "./lib/oidc.mjs";
import { as_microsoft } from "./lib/oidc_faults.mjs";

const person = "alice@example.test";
const redirect_uri = "http://127.0.0.1:8025/api/v1/oauth/callback";
const scope = "openid email offline_access mail";

let host, oidc, authority;
before(async () => {
  host = await MailHost.start({ authorize: (certificates) => OidcServer.start(certificates) });
  host.dovecot.add_account("alice");
  host.dovecot.add_account("shared");
  oidc = host.oidc;
  authority = host.certificates.ca.certificate;
});
after(() => host?.stop());

const ask = async (form, { endpoint = "/token", client, basic } = {}) => {
  const fields = client && !basic ? { ...form, ...client } : form;
  if (fields.client_secret === undefined) delete fields.client_secret;
  const answer = await new HttpsClient(authority).call("POST", oidc.issuer + endpoint, {
    form: fields,
  });
  return { status: answer.status, headers: answer.headers, ...JSON.parse(answer.text || "{}") };
};

async function authorize(client, choice = {}) {
  const code_verifier = crypto.randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri,
    scope,
    response_type: "code",
    state: "state-1",
    prompt: "consent",
    code_challenge: crypto.createHash("sha256").update(code_verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const back = new URL(await oidc.sign_in(`${oidc.issuer}/auth?${query}`, { person, ...choice }));
  return { back, code_verifier };
}

async function tokens(client) {
  const { back, code_verifier } = await authorize(client);
  const code = back.searchParams.get("code");
  const form = { grant_type: "authorization_code", code, redirect_uri, code_verifier };
  return ask(form, { client });
}

const refresh = (client, refresh_token) =>
  ask({ grant_type: "refresh_token", refresh_token }, { client });

/** Logs in by IMAP; gives the tagged line, and the error that a challenge told of. */
async function imap_login(mechanism, first) {
  const client = await LineClient.connect(host.dovecot.ports.tls, authority);
  await client.line(/^\* OK/);
  client.say(`a1 AUTHENTICATE ${mechanism} ${first}`);
  let line = await client.line(/^(a1|\+) /);
  let problem;
  if (line.startsWith("+")) {
    problem = JSON.parse(Buffer.from(line.slice(2), "base64"));
    client.say(mechanism === "XOAUTH2" ? "" : "AQ==");
    line = await client.line(/^a1 /);
  }
  client.end();
  return { line, problem };
}

async function smtp_login(mechanism, first) {
  const client = await LineClient.connect(host.postfix.ports.tls, authority);
  await client.line(/^220/);
  client.say("EHLO client.test");
  await client.line(/^250 /);
  client.say(`AUTH ${mechanism}`);
  await client.line(/^334/);
  client.say(first);
  let line = await client.line(/^[2345]/);
  if (line.startsWith("334")) {
    client.say(mechanism === "XOAUTH2" ? "" : "AQ==");
    line = await client.line(/^[2345]/);
  }
  client.end();
  return line;
}

describe("authorization code with PKCE", () => {
  test("gives tokens that open the person's mailbox, by both mechanisms", async () => {
    const { access_token, refresh_token, id_token, expires_in } = await tokens(
      oidc.add_client(redirect_uri),
    );
    assert.ok(refresh_token);
    assert.equal(expires_in, 3600);
    const claims = JSON.parse(Buffer.from(id_token.split(".")[1], "base64url"));
    assert.equal(claims.email, person);
    const first = xoauth2(person, access_token);
    assert.match((await imap_login("XOAUTH2", first)).line, /^a1 OK/);
    const bearer = oauthbearer(person, access_token, host.dovecot.ports.tls);
    assert.match((await imap_login("OAUTHBEARER", bearer)).line, /^a1 OK/);
    assert.match(await smtp_login("XOAUTH2", first), /^235/);
    assert.match(await smtp_login("OAUTHBEARER", bearer), /^235/);
  });

  test("sends iss and state back, and refuses a wrong verifier and a code used twice", async () => {
    const client = oidc.add_client(redirect_uri);
    const { back, code_verifier } = await authorize(client);
    assert.equal(back.searchParams.get("iss"), oidc.issuer);
    assert.equal(back.searchParams.get("state"), "state-1");
    const code = back.searchParams.get("code");
    const form = { grant_type: "authorization_code", code, redirect_uri };
    const wrong = await ask({ ...form, code_verifier: `${code_verifier}x` }, { client });
    assert.equal(wrong.error, "invalid_grant");
    const other = await authorize(client);
    const good = { ...form, code: other.back.searchParams.get("code") };
    const verified = { ...good, code_verifier: other.code_verifier };
    assert.equal((await ask(verified, { client })).status, 200);
    assert.equal((await ask(verified, { client })).error, "invalid_grant");
  });

  test("tells that the person said no", async () => {
    const { back } = await authorize(oidc.add_client(redirect_uri), { deny: true });
    assert.equal(back.searchParams.get("error"), "access_denied");
    assert.equal(back.searchParams.get("code"), null);
  });

  test("leaves out the scopes whose boxes were unticked", async () => {
    const client = oidc.add_client(redirect_uri);
    const { back, code_verifier } = await authorize(client, { scopes_dropped: ["mail"] });
    const code = back.searchParams.get("code");
    const form = { grant_type: "authorization_code", code, redirect_uri, code_verifier };
    assert.doesNotMatch((await ask(form, { client })).scope, /\bmail\b/);
  });
});

describe("a mailbox", () => {
  test("stays closed to another's token, a revoked one and a made-up one", async () => {
    const { access_token } = await tokens(oidc.add_client(redirect_uri));
    const other = await imap_login("XOAUTH2", xoauth2("shared@example.test", access_token));
    assert.match(other.line, /^a1 NO \[AUTHENTICATIONFAILED\]/);
    assert.equal(other.problem.status, "401");
    oidc.revoke(person);
    const revoked = await imap_login("XOAUTH2", xoauth2(person, access_token));
    assert.match(revoked.line, /^a1 NO \[AUTHENTICATIONFAILED\]/);
    const bearer = await imap_login("OAUTHBEARER", oauthbearer(person, "made-up", 993));
    assert.equal(bearer.problem.status, "invalid_token");
    assert.match(await smtp_login("XOAUTH2", xoauth2(person, access_token)), /^535/);
  });

  test("is UNAVAILABLE while tokens can't be asked about", async (t) => {
    const { access_token } = await tokens(oidc.add_client(redirect_uri));
    const fault = oidc.fault("/token/introspection", { status: 503, body: "down" });
    t.after(() => fault.remove());
    const first = xoauth2(person, access_token);
    assert.match((await imap_login("XOAUTH2", first)).line, /^a1 NO \[UNAVAILABLE\]/);
    assert.match(await smtp_login("XOAUTH2", first), /^535/, "Postfix tells no difference");
    assert.ok(fault.seen >= 2);
  });

  test("takes tokens of 4 KB", async (t) => {
    t.after(() => (oidc.token_bytes = 43));
    oidc.token_bytes = 4096;
    const { access_token } = await tokens(oidc.add_client(redirect_uri));
    assert.ok(access_token.length >= 4096);
    const first = xoauth2(person, access_token);
    assert.match((await imap_login("XOAUTH2", first)).line, /^a1 OK/);
    assert.match(await smtp_login("XOAUTH2", first), /^235/);
  });

  test("is opened by a client of its own: by secret, certificate and service account", async () => {
    const shared = "shared@example.test";
    const app = oidc.add_app(shared);
    const by_secret = await ask({ grant_type: "client_credentials" }, { client: app });
    const identity = oidc.add_certificate_app(shared, host.folder);
    const jose = await import("jose");
    const key = await jose.importPKCS8(identity.private_key_pem, "PS256");
    const { client_id } = identity;
    const assertion = await new jose.SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: "PS256", typ: "JWT", "x5t#S256": identity.thumbprint })
      .setIssuer(client_id)
      .setSubject(client_id)
      .setAudience(`${oidc.issuer}/token`)
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(key);
    const by_certificate = await ask({
      grant_type: "client_credentials",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion,
    });
    const account = oidc.add_service_account();
    const delegated = await new jose.SignJWT({ scope: "https://mail.google.com/" })
      .setProtectedHeader({ alg: "RS256", kid: account.private_key_id })
      .setIssuer(account.client_email)
      .setSubject(shared)
      .setAudience(account.token_uri)
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(await jose.importPKCS8(account.private_key, "RS256"));
    const by_service_account = await ask(
      { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: delegated },
      { endpoint: "/service/token" },
    );
    for (const answer of [by_secret, by_certificate, by_service_account]) {
      assert.ok(answer.access_token, JSON.stringify(answer));
      const login = await imap_login("XOAUTH2", xoauth2(shared, answer.access_token));
      assert.match(login.line, /^a1 OK/);
    }
    const told = oidc.requests.find(({ assertion: seen }) => seen?.header.alg === "PS256");
    assert.equal(told.assertion.header["x5t#S256"], identity.thumbprint);
    assert.notEqual(make_identity(host.folder).thumbprint, identity.thumbprint);
  });
});

describe("a refresh token", () => {
  const kinds = [
    ["kept", { new_one: true, old_works: true }],
    ["strict", { new_one: true, old_works: false }],
    ["none", { new_one: false, old_works: true }],
  ];
  for (const [kind, { new_one, old_works }] of kinds) {
    test(`with rotation "${kind}"`, async (t) => {
      t.after(() => (oidc.rotation = "strict"));
      oidc.rotation = kind;
      const client = oidc.add_client(redirect_uri);
      const { refresh_token } = await tokens(client);
      const next = await refresh(client, refresh_token);
      assert.ok(next.access_token);
      assert.equal(
        next.refresh_token !== undefined && next.refresh_token !== refresh_token,
        new_one,
      );
      const again = await refresh(client, refresh_token);
      assert.equal(again.error, old_works ? undefined : "invalid_grant");
      if (old_works) return;
      assert.equal((await refresh(client, next.refresh_token)).error, "invalid_grant");
      const login = await imap_login("XOAUTH2", xoauth2(person, next.access_token));
      assert.match(login.line, /^a1 NO/, "the whole grant ended");
    });
  }

  test("is searched for in logs later: every token and code is remembered", async () => {
    const { access_token, refresh_token } = await tokens(oidc.add_client(redirect_uri));
    assert.ok(oidc.store.secrets.has(access_token));
    assert.ok(oidc.store.secrets.has(refresh_token));
  });
});

describe("device code", () => {
  const poll = (client, device_code) =>
    ask(
      { grant_type: "urn:ietf:params:oauth:grant-type:device_code", device_code },
      { client: { client_id: client.client_id } },
    );
  const start = (client) =>
    ask({ client_id: client.client_id, scope }, { endpoint: "/device/auth" });

  test("waits for the person, then gives tokens", async () => {
    const client = oidc.add_device_client();
    const begun = await start(client);
    assert.equal((await poll(client, begun.device_code)).error, "authorization_pending");
    await oidc.approve_device(begun.user_code, person);
    const { access_token, refresh_token } = await poll(client, begun.device_code);
    assert.ok(refresh_token);
    assert.match((await imap_login("XOAUTH2", xoauth2(person, access_token))).line, /^a1 OK/);
  });

  test("names errors as Microsoft does, when asked to", async (t) => {
    const faults = ["/token", "/device/auth"].map((at) => oidc.fault(at, { edit: as_microsoft }));
    t.after(() => faults.forEach((fault) => fault.remove()));
    const client = oidc.add_device_client();
    const begun = await start(client);
    assert.equal(begun.verification_uri_complete, undefined);
    assert.equal((await poll(client, "nonsense")).error, "bad_verification_code");
    await oidc.deny_device(begun.user_code);
    assert.equal((await poll(client, begun.device_code)).error, "authorization_declined");
  });
});

describe("faults", () => {
  test("come as they were asked for, and end", async () => {
    const client = oidc.add_client(redirect_uri);
    const { refresh_token } = await tokens(client);
    const headers = { "retry-after": "7" };
    oidc.fault("/token", { times: 1, status: 429, headers, body: { error: "temporarily" } });
    const busy = await refresh(client, refresh_token);
    assert.deepEqual([busy.status, busy.headers["retry-after"]], [429, "7"]);
    const cut = oidc.fault("/token", { cut: true, only: "refresh_token" });
    await assert.rejects(refresh(client, refresh_token));
    cut.remove();
    const odd = oidc.fault("/token", { edit: ({ expires_in: _, ...rest }) => rest });
    const answer = await refresh(client, refresh_token);
    assert.equal(answer.expires_in, undefined);
    odd.remove();
    const held = oidc.fault("/token", { hold_after: true, lose: true });
    const lost = refresh(client, answer.refresh_token);
    lost.catch(() => {});
    held.release();
    await assert.rejects(lost);
    held.remove();
    const used = await refresh(client, answer.refresh_token);
    assert.equal(used.error, "invalid_grant", "the deed was done, its answer lost");
  });

  test("an outage ends with everything still known", async () => {
    const client = oidc.add_client(redirect_uri);
    const { refresh_token } = await tokens(client);
    await oidc.down();
    await assert.rejects(refresh(client, refresh_token));
    await oidc.up();
    assert.equal((await refresh(client, refresh_token)).status, 200);
  });
});
