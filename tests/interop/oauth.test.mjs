// OAuth 2.0 from the wish to the mail: a real authorization server, a real Dovecot and Postfix that
// ask it about each token.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { new_account } from "./lib/fixture.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { OAuthFixture, scopes } from "./lib/oauth_fixture.mjs";
import { OidcServer } from "./lib/oidc.mjs";
import { as_microsoft } from "./lib/oidc_faults.mjs";
import { postern_command } from "./lib/postern.mjs";
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
  t.after(() => oidc.faults.slice().forEach((fault) => fault.remove()));
  return OAuthFixture.start(t, host, options);
};

describe("each flow leads to a fetched and a sent mail", () => {
  test("authorization code", async (t) => {
    const made = await start(t);
    const app = await made.add_app();
    assert.equal(app.redirect_uri, made.redirect_uri);
    const integration = await made.add_integration();
    await made.postern.status(
      integration.id,
      (status) => status.incoming_state === "needs_consent",
      "wants consent from the start",
    );
    await until("one event", async () => (await made.events("oauth.consent_needed")).length === 1);

    await made.authorised(app, integration);
    await made.well(integration);
    await made.carries_mail(integration);

    const [grant] = await made.postern.list("/oauth/grants");
    assert.equal(grant.identity, integration.account.address);
    assert.deepEqual(grant.integrations, [integration.id]);
    assert.equal((await made.events("oauth.consent_needed")).length, 1, "told once");
    const { params } = oidc.calls("authorization_code").at(-1);
    assert.ok(params.code_verifier.length >= 43, "PKCE");
  });

  for (const microsoft of [false, true]) {
    test(`device code${microsoft ? ", as Microsoft words it" : ""}`, async (t) => {
      const made = await start(t);
      if (microsoft) {
        for (const path of ["/token", "/device/auth"]) oidc.fault(path, { edit: as_microsoft });
      }
      const app = await made.postern.api("POST", "/oauth/apps", {
        name: "Device",
        flow: "device",
        issuer: oidc.issuer,
        scopes,
        client_id: oidc.add_device_client().client_id,
      });
      const integration = await made.add_integration();
      const begun = await made.postern.api("POST", "/oauth/device", {
        app: app.id,
        integration: integration.id,
      });
      assert.ok(begun.user_code && begun.verification_uri, JSON.stringify(begun));
      await oidc.approve_device(begun.user_code, integration.account.address);
      await made.well(integration);
      await made.carries_mail(integration);
    });
  }

  const by_itself = async (t, wish, seen) => {
    const secrets = Object.values(wish).filter((value) => String(value).includes("PRIVATE KEY"));
    const made = await start(t, { secrets });
    const account = new_account(host);
    const app = await made.postern.api("POST", "/oauth/apps", { name: "App", ...wish });
    if (wish.flow === "client_credentials") oidc.mailboxes.set(app.client_id, account.address);
    const integration = await made.add_integration({ account });
    const begun = await made.begin(app, integration);
    assert.equal(begun.url, null);
    assert.ok(begun.grant.id);
    await made.well(integration);
    await made.carries_mail(integration);
    seen?.();
  };

  test("client credentials by secret", (t) =>
    by_itself(t, {
      flow: "client_credentials",
      issuer: oidc.issuer,
      scopes: ["mail"],
      ...oidc.add_app("nobody@example.test"),
    }));

  test("client credentials by certificate", (t) => {
    const identity = oidc.add_certificate_app("nobody@example.test", host.folder);
    const { client_id, certificate_pem, private_key_pem, thumbprint } = identity;
    return by_itself(
      t,
      {
        flow: "client_credentials",
        issuer: oidc.issuer,
        scopes: ["mail"],
        client_id,
        certificate_pem,
        private_key_pem,
      },
      () => {
        const { assertion, params } = oidc.calls("client_credentials").at(-1);
        assert.equal(assertion.header.alg, "PS256");
        assert.equal(assertion.header["x5t#S256"], thumbprint);
        assert.equal(assertion.claims.iss, client_id);
        assert.equal(assertion.claims.sub, client_id);
        assert.equal(params.client_secret, undefined);
      },
    );
  });

  test("service account with delegation", (t) => {
    const key = oidc.add_service_account();
    return by_itself(
      t,
      {
        flow: "service_account",
        client_id: key.client_email,
        key_id: key.private_key_id,
        private_key_pem: key.private_key,
        token_endpoint: key.token_uri,
        scopes: ["https://mail.google.com/"],
      },
      () => {
        const { assertion } = oidc.calls("urn:ietf:params:oauth:grant-type:jwt-bearer").at(-1);
        assert.equal(assertion.header.alg, "RS256");
        assert.equal(assertion.header.kid, key.private_key_id);
        assert.equal(assertion.claims.iss, key.client_email);
        assert.match(assertion.claims.sub, /@example\.test$/);
      },
    );
  });
});

describe("an authorisation is refused", () => {
  test("for another person's mailbox, unless it is shared on purpose", async (t) => {
    const made = await start(t);
    const app = await made.add_app();
    const integration = await made.add_integration({ outgoing: false });
    const stranger = new_account(host, "stranger").address;
    const page = await made.authorise(app, integration, { person: stranger });
    assert.equal(page.status, 403, page.text);
    assert.ok(page.text.includes(stranger), page.text);
    assert.ok(page.text.includes(integration.account.address), page.text);
    assert.equal((await made.postern.list("/oauth/grants")).length, 0);

    oidc.mailboxes.set(stranger, integration.account.address); // the right to the shared mailbox
    t.after(() => oidc.mailboxes.delete(stranger));
    await made.authorised(app, integration, { person: stranger, shared_mailbox: true });
    await made.well(integration);
    assert.equal((await made.postern.list("/oauth/grants"))[0].identity, stranger);
  });

  test("when its state was used, made up, or changed on the way", async (t) => {
    const made = await start(t);
    const app = await made.add_app();
    const integration = await made.add_integration({ outgoing: false });
    const { url } = await made.begin(app, integration);
    const back = await oidc.sign_in(url, { person: integration.account.address });
    const changed = (name, value) => {
      const other = new URL(back);
      other.searchParams.set(name, value);
      return other.href;
    };
    const calls = oidc.calls("authorization_code").length;
    const made_up = await made.come_back(changed("state", "A".repeat(43)));
    assert.equal(made_up.status, 400, made_up.text);
    assert.equal((await made.come_back(changed("state", ""))).status, 400);
    assert.equal(oidc.calls("authorization_code").length, calls, "no code was shown to anyone");
    assert.equal((await made.come_back(back)).status, 200);
    const replayed = await made.come_back(back);
    assert.equal(replayed.status, 400, replayed.text);
    assert.equal(oidc.calls("authorization_code").length, calls + 1);
    await made.well(integration);
  });

  test("when the answer is another server's", async (t) => {
    const made = await start(t);
    const app = await made.add_app();
    const integration = await made.add_integration({ outgoing: false });
    const { url } = await made.begin(app, integration);
    const back = new URL(await oidc.sign_in(url, { person: integration.account.address }));
    back.searchParams.set("iss", "https://evil.example.test");
    const calls = oidc.calls("authorization_code").length;
    assert.equal((await made.come_back(back)).status, 400);
    assert.equal(oidc.calls("authorization_code").length, calls);
  });

  test("in another browser than the one that began", async (t) => {
    const made = await start(t);
    const app = await made.add_app();
    const integration = await made.add_integration({ outgoing: false });
    const name = "ann";
    const password = "a password for the tests";
    await set_password(made.postern, name, password);
    const session = await made.postern.call(
      "POST",
      "/session",
      { name, password },
      { token: null },
    );
    assert.ok(session.status < 300, JSON.stringify(session.body));
    const cookie = session.headers.get("set-cookie").split(";")[0];
    const begun = await made.postern.call(
      "POST",
      "/oauth/authorize",
      { app: app.id, integration: integration.id },
      { token: null, headers: { cookie, "x-csrf-token": session.body.csrf_token } },
    );
    assert.equal(begun.status, 200, JSON.stringify(begun.body));
    const back = await oidc.sign_in(begun.body.url, { person: integration.account.address });
    assert.equal((await made.come_back(back)).status, 400, "a browser without the cookie");
    assert.equal((await made.postern.list("/oauth/grants")).length, 0);
  });

  test("when the person says no", async (t) => {
    const made = await start(t);
    const app = await made.add_app();
    const integration = await made.add_integration({ outgoing: false });
    const { url } = await made.begin(app, integration);
    const page = await made.come_back(await oidc.sign_in(url, { deny: true }));
    assert.equal(page.status, 400, page.text);
    assert.match(page.text, /said no|denied|refused/i);
    const { status } = await made.postern.integration(integration.id);
    assert.equal(status.incoming_state, "needs_consent");
  });
});

async function set_password(postern, name, password) {
  const set = await postern_command(
    ["user", "set-password", "--name", name, "--data", postern.data],
    { input: `${password}\n` },
  );
  assert.equal(set.code, 0, set.errors);
}
