// A private authorization server (panva's oidc-provider) over HTTPS on loopback: authorization code
// with PKCE, refresh tokens that rotate, device code, client credentials by secret and by
// certificate, introspection, revocation; beside it an endpoint for service accounts (RFC 7523).
//
// Nothing needs a browser: sign_in() does a person's part. Everything a test may want to break is a
// field or a fault. Read OidcServer's fields first.
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import https from "node:https";

import { free_port } from "./files.mjs";
import { HttpsClient } from "./https_client.mjs";
import { OidcStore } from "./oidc_store.mjs";
import { make_identity } from "./certificates.mjs";
import { take_faults } from "./oidc_faults.mjs";
import { jwt_part, read_body } from "./oidc_requests.mjs";
import { until } from "./until.mjs";

globalThis.crypto ??= crypto.webcrypto; // Node 18 has it only as a module
const quiet = console.warn;
console.warn = (text, ...rest) =>
  /^(\x1b\[[0-9;]*m)?oidc-provider /.test(text) || quiet(text, ...rest);
const { Provider } = await import("oidc-provider");
const jose = await import("jose");

const introspector = { client_id: "dovecot", client_secret: "secret-of-dovecot" };
const jwt_bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const long_s = 90 * 24 * 3600;

// The names that real providers use, so that nothing is special for the tests.
const mail_scopes = [
  "https://mail.google.com/",
  "https://outlook.office.com/IMAP.AccessAsUser.All",
  "https://outlook.office.com/POP.AccessAsUser.All",
  "https://outlook.office.com/SMTP.Send",
  "https://outlook.office365.com/.default",
  "mail",
];

export class OidcServer {
  access_token_s = 3600; // how long a new access token lives; expires_in says so
  token_bytes = 43; // at least: how long an access token is
  device_code_s = 600;
  rotates = true; // see rotation
  person = "support@example.test"; // who sits at the browser when sign_in() names nobody
  mailboxes = new Map(); // person or client_id → the mailbox its tokens open, when another
  service_accounts = new Map(); // e-mail → its public key
  requests = []; // every call: {at, method, path, params, authorization, assertion, status}
  faults = []; // see oidc_faults.mjs
  store = new OidcStore();

  /** @param certificates as make_certificates gives them: the server's is for localhost */
  static async start(certificates) {
    const server = new OidcServer();
    server.certificates = certificates;
    server.port = await free_port();
    server.issuer = `https://localhost:${server.port}`;
    server.provider = new Provider(server.issuer, server.#configuration());
    server.answer = server.provider.callback();
    server.#lengthen_tokens();
    server.store.clients.set(introspector.client_id, {
      ...introspector,
      redirect_uris: [],
      response_types: [],
      grant_types: [],
    });
    server.introspection_port = await free_port();
    server.plain = http.createServer((request, response) =>
      request.url === "/token/introspection"
        ? server.#serve(request, response)
        : response.writeHead(404).end(),
    );
    await new Promise((done) => server.plain.listen(server.introspection_port, "127.0.0.1", done));
    await server.up();
    return server;
  }

  #lengthen_tokens() {
    const { prototype } = this.provider.AccessToken;
    const make = prototype.generateTokenId;
    const server = this;
    prototype.generateTokenId = function () {
      return make.call(this).padEnd(server.token_bytes, "x");
    };
  }

  /** Where Dovecot asks about a token; in plain text, since it never leaves the machine. */
  get introspection_url() {
    const { client_id, client_secret } = introspector;
    const host = `127.0.0.1:${this.introspection_port}`;
    return `http://${client_id}:${client_secret}@${host}/token/introspection`;
  }

  get discovery_url() {
    return `${this.issuer}/.well-known/openid-configuration`;
  }

  /** Listens (again), with all that it knew before. */
  async up() {
    this.sockets = new Set();
    this.listener = https.createServer(
      {
        key: fs.readFileSync(this.certificates.server.key),
        cert: fs.readFileSync(this.certificates.server.certificate),
      },
      (request, response) => this.#serve(request, response),
    );
    this.listener.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    await until(
      "the authorization server's port",
      () =>
        new Promise((resolve, reject) => {
          this.listener.once("error", reject);
          this.listener.listen(this.port, "127.0.0.1", () => resolve(true));
        }),
    );
  }

  /** Nobody listens any more; up() brings it back. Introspection goes on: tokens stay good. */
  async down() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((done) => this.listener.close(done));
  }

  async stop() {
    if (this.listener.listening) await this.down();
    this.plain.closeAllConnections();
    this.plain.close();
  }

  /** A client that signs people in: {client_id, client_secret}; `secret: false` for a public one. */
  add_client(redirect_uri, { secret = true, ...others } = {}) {
    return this.#add({
      redirect_uris: [redirect_uri],
      response_types: ["code"],
      grant_types: ["authorization_code", "refresh_token"],
      ...(secret ? {} : { token_endpoint_auth_method: "none" }),
      ...others,
    });
  }

  /** A client for people at another device. */
  add_device_client({ secret = false } = {}) {
    return this.#add({
      redirect_uris: [],
      response_types: [],
      grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
      ...(secret ? {} : { token_endpoint_auth_method: "none", application_type: "native" }),
    });
  }

  /** A client that acts for itself; its tokens open `mailbox`. */
  add_app(mailbox) {
    const app = this.#add({
      redirect_uris: [],
      response_types: [],
      grant_types: ["client_credentials"],
    });
    this.mailboxes.set(app.client_id, mailbox);
    return app;
  }

  /** The same with a certificate: {client_id, certificate_pem, private_key_pem, thumbprint}. */
  add_certificate_app(mailbox, folder) {
    const identity = make_identity(folder);
    const key = crypto.createPublicKey(identity.certificate_pem).export({ format: "jwk" });
    const app = this.#add({
      redirect_uris: [],
      response_types: [],
      grant_types: ["client_credentials"],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "PS256",
      jwks: { keys: [{ ...key, use: "sig", alg: "PS256" }] },
    });
    this.mailboxes.set(app.client_id, mailbox);
    return { client_id: app.client_id, ...identity };
  }

  /** A service account with delegation: its key file's fields, as Google gives them. */
  add_service_account(name = "postern") {
    const { publicKey, privateKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
    const client_email = `${name}@project.iam.example.test`;
    this.service_accounts.set(client_email, publicKey);
    return {
      type: "service_account",
      client_email,
      private_key_id: crypto.randomBytes(20).toString("hex"),
      private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
      token_uri: `${this.issuer}/service/token`,
    };
  }

  #add(metadata) {
    const client = {
      client_id: crypto.randomUUID(),
      client_secret: crypto.randomBytes(24).toString("base64url"),
      ...metadata,
    };
    const signs = metadata.token_endpoint_auth_method === "private_key_jwt";
    if (metadata.token_endpoint_auth_method === "none" || signs) delete client.client_secret;
    this.store.clients.set(client.client_id, client);
    if (client.client_secret) this.store.secrets.add(client.client_secret);
    return { client_id: client.client_id, client_secret: client.client_secret };
  }

  /**
   * A person's part at the page that `url` opens: signs in, consents (or denies), and gives the URL
   * that the browser is sent back to, without going there.
   * @param scopes_dropped boxes that were unticked
   */
  sign_in(url, { person = this.person, deny = false, scopes_dropped = [] } = {}) {
    const choice = Buffer.from(JSON.stringify({ person, deny, scopes_dropped })).toString("base64");
    const browser = new HttpsClient(this.certificates.ca.certificate, {
      headers: { "x-choice": choice },
    });
    return browser.follow(url);
  }

  async #interact(request, response) {
    const choice = JSON.parse(Buffer.from(request.headers["x-choice"], "base64"));
    const { params } = await this.provider.interactionDetails(request, response);
    const refused = { error: "access_denied", error_description: "the person said no" };
    const grantId = choice.deny
      ? ""
      : await this.#grant(choice.person, params.client_id, params.scope, choice.scopes_dropped);
    await this.provider.interactionFinished(
      request,
      response,
      choice.deny ? refused : { login: { accountId: choice.person }, consent: { grantId } },
    );
  }

  #grant(person, client_id, scope = "", dropped = []) {
    const grant = new this.provider.Grant({ accountId: person, clientId: client_id });
    const scopes = scope.split(" ").filter((each) => !dropped.includes(each));
    grant.addOIDCScope(scopes.join(" "));
    if (dropped.length > 0) grant.rejectOIDCScope(dropped.join(" "));
    return grant.save(long_s);
  }

  async #device(user_code) {
    const normal = user_code.replace(/[^0-9A-Za-z]/g, "").toUpperCase();
    return this.provider.DeviceCode.findByUserCode(normal);
  }

  /** A person types the code in at another device, and says yes. */
  async approve_device(user_code, person = this.person) {
    const code = await this.#device(user_code);
    const grantId = await this.#grant(person, code.clientId, code.params.scope);
    const authTime = Math.floor(Date.now() / 1000);
    Object.assign(code, { accountId: person, grantId, scope: code.params.scope, authTime });
    await code.save();
  }

  async deny_device(user_code) {
    const code = await this.#device(user_code);
    Object.assign(code, { error: "access_denied", errorDescription: "the person said no" });
    await code.save();
  }

  /** Takes away all that `person` has granted, access tokens too. */
  revoke(person = this.person) {
    this.store.remove((_, payload) => payload.accountId === person);
  }

  /** The calls of the token endpoint with one grant type ("refresh_token", …). */
  calls(grant_type) {
    return this.requests.filter(({ params }) => params?.grant_type === grant_type);
  }

  /** Adds a fault; see oidc_faults.mjs. */
  fault(path, what) {
    const fault = { path, times: Infinity, seen: 0, ...what };
    fault.released = new Promise((release) => (fault.release = release));
    fault.remove = () => {
      this.faults = this.faults.filter((each) => each !== fault);
      fault.release();
    };
    this.faults.push(fault);
    return fault;
  }

  async #serve(request, response) {
    const path = new URL(request.url, this.issuer).pathname;
    const seen = { at: Date.now(), method: request.method, path };
    this.requests.push(seen);
    response.on("finish", () => (seen.status = response.statusCode));
    try {
      if (request.method === "POST") await read_body(request, seen);
      if (await take_faults(this, seen, request, response)) return;
      if (path.startsWith("/interaction/")) await this.#interact(request, response);
      else if (path === "/service/token") await this.#service_token(seen, response);
      else await this.answer(request, response);
    } catch (error) {
      if (!response.headersSent) response.writeHead(500);
      response.end(error.stack);
    }
  }

  async #service_token({ params }, response) {
    const say = (status, body) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (params.grant_type !== jwt_bearer) return say(400, { error: "unsupported_grant_type" });
    const issuer = jwt_part(params.assertion, 1).iss;
    const key = this.service_accounts.get(issuer);
    if (!key) return say(400, { error: "invalid_grant", error_description: "account not found" });
    let claims;
    try {
      const audience = `${this.issuer}/service/token`;
      ({ payload: claims } = await jose.jwtVerify(params.assertion, key, {
        audience,
        algorithms: ["RS256"],
        maxTokenAge: "1h",
      }));
    } catch (error) {
      const error_description = `Invalid JWT Signature: ${error.code}`;
      return say(400, { error: "invalid_grant", error_description });
    }
    const client = await this.provider.Client.find(introspector.client_id);
    const grantId = await this.#grant(claims.sub, introspector.client_id, claims.scope);
    const token = new this.provider.AccessToken({
      accountId: claims.sub,
      client,
      grantId,
      gty: jwt_bearer,
      scope: claims.scope,
    });
    const access_token = await token.save(this.access_token_s);
    return say(200, { access_token, expires_in: this.access_token_s, token_type: "Bearer" });
  }

  #configuration() {
    const { privateKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = privateKey.export({ format: "jwk" });
    const mailbox = (who) => this.mailboxes.get(who) ?? who;
    return {
      adapter: this.store.adapter(),
      jwks: { keys: [{ ...key, use: "sig", alg: "RS256", kid: "test-key" }] },
      cookies: { keys: [crypto.randomBytes(16).toString("hex")] },
      clientAuthMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
      enabledJWA: { clientAuthSigningAlgValues: ["RS256", "PS256"] },
      scopes: ["openid", "offline_access", "email", "profile", ...mail_scopes],
      claims: { openid: ["sub"], email: ["email"], profile: ["name", "preferred_username"] },
      conformIdTokenClaims: false,
      extraParams: ["access_type", "include_granted_scopes"],
      pkce: { methods: ["S256"], required: () => true },
      features: {
        devInteractions: { enabled: false },
        introspection: {
          enabled: true,
          allowedPolicy: (_, client) => client.clientId === introspector.client_id,
        },
        revocation: { enabled: true },
        deviceFlow: { enabled: true },
        clientCredentials: { enabled: true },
        resourceIndicators: { enabled: false },
      },
      interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
      issueRefreshToken: async (_, client) => client.grantTypeAllowed("refresh_token"),
      rotateRefreshToken: () => this.rotates,
      ttl: {
        AccessToken: () => this.access_token_s,
        ClientCredentials: () => this.access_token_s,
        RefreshToken: () => long_s,
        AuthorizationCode: 60,
        DeviceCode: () => this.device_code_s,
        Grant: long_s,
        Session: 3600,
        Interaction: 3600,
        IdToken: 3600,
      },
      findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({ sub: id, email: id, preferred_username: id, name: id.split("@")[0] }),
      }),
      extraTokenClaims: (_, token) => ({ email: mailbox(token.accountId ?? token.clientId) }),
    };
  }

  /** "kept": every refresh gives a new token, and the old one goes on working, as Microsoft's do;
   * "strict": an old one used again ends the grant; "none": no new one is given, as Google does. */
  set rotation(kind) {
    this.rotates = kind !== "none";
    this.store.reuse_allowed = kind === "kept";
  }
}
