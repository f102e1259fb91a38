// What only Exchange and Gmail say to a token, from scripted servers: what Postern makes of it, and
// what it tells people to do.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { bad_token, imap_server, smtp_server } from "./lib/exchange.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { OAuthFixture } from "./lib/oauth_fixture.mjs";
import { OidcServer } from "./lib/oidc.mjs";
import { until } from "./lib/until.mjs";

let host;
before(async () => {
  host = await MailHost.start({
    smtp: false,
    authorize: (certificates) => OidcServer.start(certificates),
  });
});
after(() => host?.stop());

const plain = (peer) => ({ host: "localhost", port: peer.port, security: "none" });

/** An integration that logs in at `peer` by a token of an app's own. */
async function integration_at(t, side, peer) {
  t.after(() => peer.stop());
  const made = await OAuthFixture.start(t, host);
  const account = host.dovecot.add_account(`words${peer.port}`);
  const app = await made.postern.api("POST", "/oauth/apps", {
    name: "App",
    flow: "client_credentials",
    issuer: host.oidc.issuer,
    scopes: ["mail"],
    ...host.oidc.add_app(account.address),
  });
  const off = { incoming: false, outgoing: false };
  const added = { account, ...off, [side]: plain(peer) };
  const integration = await made.add_integration(added);
  await made.begin(app, integration);
  return { made, integration };
}

const tokens = () => host.oidc.calls("client_credentials").length;

describe("an IMAP server that says", () => {
  const cases = [
    {
      name: "no to the token after its challenge",
      says: {
        login: `+ ${bad_token}\r\n`,
        challenged: "%T NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)\r\n",
      },
      kind: "imap.login_failed",
      hint: /access token.*user name/,
      another_token: true,
    },
    {
      name: "no at once, without a reason (Exchange)",
      says: { login: "%T NO AUTHENTICATE failed.\r\n" },
      kind: "imap.login_failed",
      hint: /access token/,
      another_token: true,
    },
    {
      name: "that the user is authenticated but not connected",
      says: {
        login: "%T OK AUTHENTICATE completed.\r\n",
        commanded:
          "%T BAD User is authenticated but not connected.\r\n* BYE Connection closed. 14\r\n",
      },
      kind: /^imap\.(login|connection|download)_failed$/,
      hint: /full access/,
      another_token: false,
    },
    {
      name: "that a person must sign in (WEBALERT)",
      says: {
        login:
          "%T NO [WEBALERT https://accounts.google.com/signin/continue] Web login required.\r\n",
      },
      kind: "imap.login_failed",
      hint: /open the address/,
      another_token: false,
    },
    {
      name: "that the account is over its bandwidth (OVERQUOTA)",
      says: {
        login: "%T NO [OVERQUOTA] Account exceeded command or bandwidth limits.\r\n",
      },
      kind: "imap.connection_failed",
      hint: /more data today/,
      another_token: false,
    },
  ];
  for (const { name, says, kind, hint, another_token } of cases) {
    test(name, async (t) => {
      const before_it = tokens();
      const peer = await imap_server(says);
      const { made, integration } = await integration_at(t, "incoming", peer);
      const wanted = kind instanceof RegExp ? kind : new RegExp(`^${kind.replace(".", "\\.")}$`);
      const { error, status } = await made.error_of(integration, "incoming", wanted);
      assert.match(error.hint, hint);
      assert.doesNotMatch(error.hint, /password/);
      assert.equal(status.consecutive_incoming_errors, 1);
      assert.equal(tokens() - before_it, another_token ? 2 : 1, "tokens asked for");
      assert.equal(peer.connections, another_token ? 2 : 1, "connections");
      assert.notEqual(status.incoming_state, "needs_consent");
    });
  }

  test("for how long it wants to be left alone: it is", async (t) => {
    const words = "Request is throttled. Suggested Backoff Time: 3000 milliseconds";
    const peer = await imap_server({ login: `%T NO ${words}\r\n` });
    await integration_at(t, "incoming", peer);
    await until("two connections", () => peer.at.length >= 2, 60000);
    assert.ok(peer.at[1] - peer.at[0] >= 2900, `after ${peer.at[1] - peer.at[0]} ms`);
  });
});

describe("an SMTP server that says", () => {
  const cases = [
    {
      name: "that SMTP AUTH is off for the organisation (535 5.7.139)",
      says: {
        token:
          "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for " +
          "the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.",
      },
      kind: "smtp.login_failed",
      hint: /whole organisation/,
    },
    {
      name: "no after its challenge",
      says: {
        token: `334 ${bad_token}`,
        challenged: "535 5.7.8 Username and Password not accepted",
      },
      kind: "smtp.login_failed",
      hint: /access token/,
    },
    {
      name: "that there are too many connections (432 4.3.2)",
      says: { token: "432 4.3.2 Concurrent connections limit exceeded." },
      kind: "smtp.connection_failed",
      hint: /no more connections/,
    },
    {
      name: "that the day's quota is reached (SubmissionQuotaExceeded)",
      says: {
        dot: "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException",
      },
      kind: "smtp.delivery_failed",
      hint: /limit for this account/,
    },
  ];
  for (const { name, says, kind, hint } of cases) {
    test(`${name}: the mail waits`, async (t) => {
      const peer = await smtp_server(says);
      const { made, integration } = await integration_at(t, "outgoing", peer);
      const sent = await made.send(integration, "waits");
      const wanted = new RegExp(`^${kind.replace(".", "\\.")}$`);
      const { error, status } = await made.error_of(integration, "outgoing", wanted);
      assert.match(error.hint, hint);
      assert.notEqual(status.outgoing_state, "needs_consent");
      assert.equal((await made.postern.delivery(sent.id)).state, "queued");
    });
  }
});
