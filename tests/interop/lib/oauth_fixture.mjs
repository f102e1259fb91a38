// What the OAuth tests start from: Postern with a public_url, an app at the tests' authorization
// server, an integration that logs in by token. When a test ends, nothing of any token, code or
// secret may be in the log or in anything the API tells.
import assert from "node:assert/strict";

import { free_port } from "./files.mjs";
import { new_account } from "./fixture.mjs";
import { mail } from "./mail_host.mjs";
import { Postern } from "./postern.mjs";
import { Receiver } from "./receiver.mjs";
import { until } from "./until.mjs";

export const scopes = ["openid", "email", "offline_access", "mail"];

/** Where a token could be told: everything that a reader sees. */
const told_at = ["/events", "/integrations", "/oauth/apps", "/oauth/grants", "/deliveries"];

async function everything_told(postern) {
  const told = [];
  for (const where of told_at) told.push(...(await postern.list(where)));
  for (const { id } of await postern.list("/integrations")) {
    for (const part of ["activity", "transcript"]) {
      told.push((await postern.call("GET", `/integrations/${id}/${part}`)).body.toString());
    }
  }
  return JSON.stringify(told);
}

/** A secret as it is, and as SASL would carry it. */
const forms_of = (secret) => [secret, Buffer.from(secret).toString("base64").slice(0, -4)];

export class OAuthFixture {
  static async start(t, host, { env = {}, args = [], secrets = [] } = {}) {
    const made = new OAuthFixture();
    const port = await free_port();
    made.host = host;
    made.oidc = host.oidc;
    made.postern = Postern.prepare({
      authority: host.certificates.ca.certificate,
      args,
      env: { POSTERN_HTTP_PUBLIC_URL: `http://127.0.0.1:${port}`, ...env },
    });
    made.postern.port = port;
    await made.postern.start();
    made.receiver = await Receiver.start();
    t.after(async () => {
      const told = made.postern.program ? await everything_told(made.postern) : "";
      await made.postern.stop();
      await made.receiver.stop();
      const where = made.postern.log() + told;
      for (const secret of [...secrets, ...host.oidc.store.secrets]) {
        for (const form of forms_of(secret)) {
          assert.ok(!where.includes(form), `a secret is told: ${form.slice(0, 6)}…`);
        }
      }
    });
    await made.postern.add_target(made.receiver);
    made.redirect_uri = `http://127.0.0.1:${port}/api/v1/oauth/callback`;
    return made;
  }

  /** An app that signs people in. */
  async add_app(others = {}) {
    const client = this.oidc.add_client(this.redirect_uri);
    return this.postern.api("POST", "/oauth/apps", {
      name: "App",
      flow: "code",
      issuer: this.oidc.issuer,
      scopes,
      ...client,
      ...others,
    });
  }

  /** An integration that logs in by token, for a fresh account; `incoming: false` only sends. */
  async add_integration({
    name = "Support",
    account = new_account(this.host),
    incoming = {},
    outgoing = {},
  } = {}) {
    const auth = { method: "oauth2", username: account.address };
    const side = (kind, others) => {
      if (others === false) return {};
      const known =
        others.port && kind === "outgoing" ? { enabled: true } : this.host[kind](account);
      return { [kind]: { ...known, auth, ...others } };
    };
    const integration = await this.postern.api("POST", "/integrations", {
      name,
      address: account.address,
      ...side("incoming", incoming),
      ...side("outgoing", outgoing),
    });
    return { ...integration, account };
  }

  begin(app, integration, others = {}) {
    return this.postern.api("POST", "/oauth/authorize", {
      app: app.id,
      integration: integration.id,
      ...others,
    });
  }

  /** The browser comes back: {status, text}. */
  async come_back(url, { cookie } = {}) {
    const headers = cookie ? { cookie } : {};
    const answer = await fetch(url, { redirect: "manual", headers });
    return { status: answer.status, text: await answer.text() };
  }

  /** A person authorises, from the first click to the page that says so. */
  async authorise(app, integration, { person = integration.account.address, ...others } = {}) {
    const { url } = await this.begin(app, integration, others);
    return this.come_back(await this.oidc.sign_in(url, { person }));
  }

  async authorised(app, integration, others) {
    const page = await this.authorise(app, integration, others);
    assert.equal(page.status, 200, page.text);
  }

  well(integration, limit_ms) {
    return this.postern.status(
      integration.id,
      ({ incoming_state, outgoing_state }) =>
        [incoming_state, outgoing_state].every((state) =>
          ["ok", "off", "waiting"].includes(state),
        ) &&
        (incoming_state === "off" || incoming_state === "ok"),
      "well",
      limit_ms,
    );
  }

  /** A mail is fetched and one is sent. */
  async carries_mail(integration, what = "mail") {
    const { address } = integration.account;
    const subject = `in-${what}-${Math.random().toString(36).slice(2)}`;
    await this.host.deliver(address, mail({ to: address, subject }));
    await this.receiver.request_about(subject);
    const sent = await this.send(integration, `out-${what}`);
    const settled = await this.postern.settled(sent.id);
    assert.equal(settled.state, "sent", JSON.stringify(settled));
  }

  send(integration, subject) {
    this.reader ??= new_account(this.host, "reader");
    return this.postern.api("POST", "/send", {
      integration: integration.id,
      to: this.reader.address,
      subject,
      text: "Hello.",
    });
  }

  async events(...kinds) {
    const all = await this.postern.list("/events");
    return kinds.length === 0 ? all : all.filter(({ kind }) => kinds.includes(kind));
  }

  /** Everything that says that something went wrong. */
  async failures() {
    return (await this.events()).filter(({ kind }) => /failed|needed/.test(kind));
  }

  /** New connections, and so new tokens: Postern starts anew. */
  async restart() {
    await this.postern.terminate();
    await this.postern.start();
  }

  /** Waits until every grant's access token is over. */
  tokens_over() {
    return until("the tokens are over", async () =>
      (await this.postern.list("/oauth/grants")).every(
        ({ expires_at }) => Date.parse(expires_at) < Date.now(),
      ),
    );
  }

  error_of(integration, side, wanted, limit_ms) {
    return until(
      `${side}: ${wanted}`,
      async () => {
        const { status } = await this.postern.integration(integration.id);
        const error = status[`last_${side}_error`];
        if (error && wanted.test(error.kind)) return { error, status };
        throw new Error(JSON.stringify(status));
      },
      limit_ms,
    );
  }
}
