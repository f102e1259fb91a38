// Tokens that run out, are rotated, revoked, or can't be had: what Postern makes of it in the long
// run, against a real authorization server, Dovecot and Postfix.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { expiring_sessions } from "./lib/exchange.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { OAuthFixture } from "./lib/oauth_fixture.mjs";
import { OidcServer } from "./lib/oidc.mjs";
import { until } from "./lib/until.mjs";

let host, oidc;
before(async () => {
  host = await MailHost.start({ authorize: (certificates) => OidcServer.start(certificates) });
  oidc = host.oidc;
});
after(() => host?.stop());

const start = (t, options) => {
  oidc.access_token_s = 3600;
  oidc.rotation = "strict";
  t.after(async () => {
    for (const fault of oidc.faults.slice()) fault.remove();
    if (!oidc.listener.listening) await oidc.up();
  });
  return OAuthFixture.start(t, host, options);
};

describe("tokens come and go", () => {
  // Exchange ends each session with its token; Postern is to see nothing wrong in it.
  test("tokens of 8 seconds, for a while: no error is counted", async (t) => {
    const made = await start(t);
    oidc.access_token_s = 8;
    const exchange = await expiring_sessions(host.certificates, host.dovecot.ports.tls, 8000);
    t.after(() => exchange.stop());
    const app = await made.add_app();
    const integration = await made.add_integration({ incoming: { port: exchange.port } });
    await made.authorised(app, integration);
    await made.well(integration);
    const before = (await made.failures()).length;
    const rounds = Number(process.env.POSTERN_TEST_TOKEN_ROUNDS ?? 4);
    for (let round = 1; round <= rounds; round++) {
      await made.carries_mail(integration, `round${round}`);
      await until(
        `${round} sessions ended`,
        () => exchange.ended >= round && exchange.sessions > exchange.ended,
        60000,
      );
    }
    const status = await made.well(integration);
    assert.equal(status.consecutive_incoming_errors, 0);
    assert.equal(status.consecutive_outgoing_errors, 0);
    const failures = (await made.failures()).slice(0, -before || undefined);
    assert.deepEqual(failures, []);
    assert.equal((await made.postern.list("/oauth/grants"))[0].state, "ok");
    assert.ok(oidc.calls("refresh_token").length >= rounds);
  });

  test("two integrations on one grant: one refresh for both", async (t) => {
    const made = await start(t);
    oidc.access_token_s = 2;
    const app = await made.add_app();
    const first = await made.add_integration({ outgoing: false });
    const second = await made.add_integration({
      name: "Second",
      account: first.account,
      outgoing: false,
    });
    await made.authorised(app, first);
    await made.well(first);
    const { incoming } = await made.postern.integration(first.id);
    await made.postern.api("PATCH", `/integrations/${second.id}`, {
      incoming: { auth: { grant: incoming.auth.grant } },
    });
    await made.well(second);
    for (const { id } of [first, second]) {
      await made.postern.api("POST", `/integrations/${id}/disable`);
    }
    await made.tokens_over();
    const held = oidc.fault("/token", { hold_before: true, only: "refresh_token" });
    const before = oidc.calls("refresh_token").length;
    for (const { id } of [first, second]) {
      await made.postern.api("POST", `/integrations/${id}/enable`);
    }
    await until("a refresh", () => held.seen > 0);
    oidc.access_token_s = 3600;
    held.remove();
    await made.well(first);
    await made.well(second);
    assert.equal(oidc.calls("refresh_token").length - before, 1);
  });

  for (const [rotation, goes_on] of [
    ["kept", true],
    ["strict", false],
  ]) {
    const end = goes_on ? "goes on" : "asks for consent once, and keeps the mail";
    test(`a crash between the token's answer and its row (${rotation}): ${end}`, async (t) => {
      const made = await start(t);
      oidc.rotation = rotation;
      oidc.access_token_s = 2;
      const app = await made.add_app();
      const integration = await made.add_integration();
      await made.authorised(app, integration);
      await made.well(integration);
      const already = (await made.events("oauth.consent_needed")).length;
      await made.tokens_over();
      await made.postern.terminate();
      const lost = oidc.fault("/token", { hold_after: true, lose: true, only: "refresh_token" });
      await made.postern.start();
      await until("the new token is made", () => lost.held > 0);
      await made.postern.crash();
      lost.remove();
      oidc.access_token_s = 3600;
      await made.postern.start();
      if (goes_on) {
        await made.well(integration);
        await made.carries_mail(integration);
        assert.equal((await made.events("oauth.consent_needed")).length, already);
        return;
      }
      await made.postern.status(
        integration.id,
        ({ incoming_state }) => incoming_state === "needs_consent",
        "wants consent",
      );
      const waiting = await made.send(integration, "waits");
      assert.equal((await made.events("oauth.consent_needed")).length, already + 1);
      await made.authorised(app, integration);
      assert.equal((await made.postern.settled(waiting.id)).state, "sent");
    });
  }

  test("a revoked grant: consent is asked for once, outgoing mail is kept", async (t) => {
    const made = await start(t);
    const app = await made.add_app();
    const integration = await made.add_integration();
    await made.authorised(app, integration);
    await made.well(integration);
    const already = (await made.events("oauth.consent_needed")).length;
    oidc.revoke(integration.account.address);
    await made.restart();
    const waiting = await made.send(integration, "waits for consent");
    await made.postern.status(
      integration.id,
      ({ incoming_state, outgoing_state }) =>
        incoming_state === "needs_consent" && outgoing_state === "needs_consent",
      "wants consent",
    );
    assert.equal((await made.events("oauth.consent_needed")).length, already + 1);
    assert.equal((await made.postern.delivery(waiting.id)).state, "queued");
    const { status } = await made.postern.integration(integration.id);
    assert.match(status.last_incoming_error.hint, /uthorise/);
    await made.authorised(app, integration);
    assert.equal((await made.postern.settled(waiting.id)).state, "sent");
    await made.well(integration);
    await made.carries_mail(integration);
  });
});

describe("an authorization server in trouble is no login's fault", () => {
  const troubles = {
    down: () => oidc.down(),
    slow: () => oidc.fault("/token", { hold_before: true, cut: true }),
    "answering HTML": () => oidc.fault("/token", { status: 200, body: "<html>Welcome</html>" }),
    "answering 503": () => oidc.fault("/token", { status: 503, body: "<html>Busy</html>" }),
    "answering 429 with Retry-After": () =>
      oidc.fault("/token", {
        status: 429,
        headers: { "retry-after": "7" },
        body: { error: "temporarily_unavailable" },
      }),
  };
  for (const [name, begin] of Object.entries(troubles)) {
    test(name, async (t) => {
      const made = await start(t);
      oidc.access_token_s = 1;
      const app = await made.add_app();
      const integration = await made.add_integration({ outgoing: false });
      await made.authorised(app, integration);
      await made.well(integration);
      const already = await made.events("oauth.consent_needed");
      await made.tokens_over();
      await made.postern.terminate();
      const fault = await begin();
      const calls = oidc.calls("refresh_token").length;
      await made.postern.start();
      const { error, status } = await made.error_of(
        integration,
        "incoming",
        /^oauth\.refresh_failed$/,
        60000,
      );
      assert.notEqual(status.incoming_state, "needs_consent");
      assert.ok(error.hint && error.step, JSON.stringify(error));
      assert.equal((await made.events("imap.login_failed")).length, 0);
      if (name.includes("429")) {
        const asked = oidc.calls("refresh_token").slice(calls);
        await until("asked again", async () => {
          await made.postern.api("POST", `/integrations/${integration.id}/check`);
          return oidc.calls("refresh_token").length > calls + 1;
        });
        const again = oidc.calls("refresh_token")[calls + 1];
        assert.ok(again.at - asked[0].at >= 6900, `after ${again.at - asked[0].at} ms`);
      }
      oidc.access_token_s = 3600;
      if (name === "down") await oidc.up();
      fault?.remove();
      await until("well again", async () => {
        await made.postern.api("POST", `/integrations/${integration.id}/check`);
        return (await made.postern.integration(integration.id)).status.incoming_state === "ok";
      });
      const needed = await made.events("oauth.consent_needed");
      assert.equal(needed.length, already.length);
      assert.equal((await made.postern.list("/oauth/grants"))[0].state, "ok");
    });
  }
});

describe("an app that its provider refuses", () => {
  test("is told of once, not for each of its integrations", async (t) => {
    const made = await start(t);
    oidc.access_token_s = 1;
    const app = await made.add_app();
    const integrations = [];
    for (const name of ["One", "Two", "Three"]) {
      const integration = await made.add_integration({ name, outgoing: false });
      await made.authorised(app, integration);
      await made.well(integration);
      integrations.push(integration);
    }
    const needed = (await made.events("oauth.consent_needed")).length;
    await made.tokens_over();
    await made.postern.terminate();
    oidc.fault("/token", { status: 401, body: { error: "invalid_client" } });
    await made.postern.start();
    for (const integration of integrations) {
      await made.error_of(integration, "incoming", /^oauth\.refresh_failed$/);
    }
    assert.equal((await made.events("oauth.refresh_failed")).length, 1);
    assert.equal((await made.events("oauth.consent_needed")).length, needed);
  });
});
