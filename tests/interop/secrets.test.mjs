// Every kind of secret that Postern stores or uses, each a canary: used, and then found nowhere: not
// in the data folder, the log at its most verbose, any GET, the errors, transcripts, backups, /proc.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { Canaries, walk_gets } from "./lib/canaries.mjs";
import { free_ports } from "./lib/files.mjs";
import { Helpdesk } from "./lib/helpdesk.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import { scopes } from "./lib/oauth_fixture.mjs";
import { OidcServer } from "./lib/oidc.mjs";
import * as peers from "./lib/peers.mjs";
import { Postern, postern_command } from "./lib/postern.mjs";
import { programs } from "./lib/programs.mjs";
import { Receiver } from "./lib/receiver.mjs";
import { until } from "./lib/until.mjs";

let host;
before(async () => {
  host = await MailHost.start({ authorize: (certificates) => OidcServer.start(certificates) });
});
after(() => host?.stop());

/** The longest line of a PEM file: part of the key itself. */
const pem_line = (pem) => pem.split("\n").sort((a, b) => b.length - a.length)[0];

/** An account of the host's whose password is a canary. */
const account_of = (canaries, name, what = `password of ${name}`) =>
  host.dovecot.add_account(name, canaries.make(what, '+"&%/'));

async function start(t, canaries) {
  const [plain, http] = await free_ports(2);
  const receiver = await Receiver.start();
  const alerts = account_of(canaries, "alerts", "alert transport's password");
  const duty = host.dovecot.add_account("duty");
  const { certificate, key } = host.certificates.server;
  canaries.name("TLS key", pem_line(fs.readFileSync(key, "utf8")));
  const ping = canaries.make("dead-man URL", "");
  const settings = {
    LOG_LEVEL: "debug",
    HTTP_PUBLIC_URL: `http://127.0.0.1:${http}`,
    SUBMISSION_LISTEN: `127.0.0.1:${plain}`,
    SUBMISSION_CERTIFICATE: certificate,
    SUBMISSION_KEY: key,
    MONITORING_NOTIFY_AFTER: "1",
    MONITORING_RECIPIENTS: duty.address,
    MONITORING_PING_URL: `http://127.0.0.1:${receiver.port}/ping/${ping}`,
    MONITORING_PING_EVERY_S: "1",
    ALERTS_SMTP_HOST: "localhost",
    ALERTS_SMTP_PORT: String(host.postfix.ports.starttls),
    ALERTS_USERNAME: alerts.address,
    ALERTS_PASSWORD: alerts.password,
    ALERTS_FROM: alerts.address,
  };
  const postern = Postern.prepare({
    authority: host.certificates.ca.certificate,
    env: Object.fromEntries(Object.entries(settings).map(([name, value]) => [`POSTERN_${name}`, value])),
  });
  postern.port = http;
  canaries.name("admin token of the environment", postern.token);
  await postern.start();
  t.after(async () => {
    await postern.stop();
    await receiver.stop();
  });
  const sealing_key = fs.readFileSync(path.join(postern.data, "secret.key"), "utf8").trim();
  canaries.name("sealing key", sealing_key);
  canaries.name("sealing key's bytes", Buffer.from(sealing_key, "base64").toString("hex"));
  return { postern, receiver, duty, plain };
}

/** People: the first start, a session, another person, a changed password, tokens. */
async function people(canaries, postern) {
  const code_file = path.join(postern.data, "first-start-code");
  const read = () => fs.existsSync(code_file) && fs.readFileSync(code_file, "utf8");
  const code = await until("the first start's code", () => read().length === 14 && read());
  const nobody = { token: null };
  const password = canaries.make("password of a person");
  const began = { code, name: "ann", password };
  const signed_in = await postern.call("POST", "/session/first-start", began, nobody);
  assert.equal(signed_in.status, 200, JSON.stringify(signed_in.body));
  const cookie = signed_in.headers.get("set-cookie").split(";")[0];
  canaries.name("session cookie", cookie.split("=")[1]);
  const csrf = signed_in.body.csrf_token;
  const ann = { token: null, headers: { cookie, "x-csrf-token": csrf } };
  await postern.api("POST", "/users", { name: "bob", role: "viewer", password: canaries.make("password of another") }, ann);
  const later = canaries.make("changed password");
  const changed = { current_password: password, new_password: later };
  const answer = await postern.call("POST", "/session/password", changed, ann);
  assert.ok(answer.status < 300, JSON.stringify(answer.body));
  const wrong = canaries.make("wrong password of a person");
  await postern.call("POST", "/session", { name: "ann", password: wrong }, nobody);
  const made = await postern.api("POST", "/tokens", { name: "by API", scopes: ["read"] });
  canaries.name("API token", made.token);
  assert.equal((await postern.call("GET", "/events", undefined, { token: made.token })).status, 200);
  const printed = await postern_command(
    ["token", "create", "--name", "by command", "--scope", "send", "--data", postern.data],
  );
  canaries.name("token of the command line", printed.output.trim());
  return { csrf, cookie, code, made };
}

/** Mailboxes by IMAP, POP3 and OAuth, with two logins; one that is refused, and echoing servers. */
async function mailboxes(t, canaries, postern, { incoming, outgoing, dropped }) {
  // There before the first look: the next one at a maildrop comes after a minute.
  await host.deliver(incoming.address, mail({ to: incoming.address, subject: "by IMAP" }));
  await host.deliver(dropped.address, mail({ to: dropped.address, subject: "by POP3" }));
  const make = (name, fields) => postern.api("POST", "/integrations", { name, address: incoming.address, ...fields });
  await make("Both", { incoming: host.incoming(incoming), outgoing: host.outgoing(outgoing) });
  await make("Drop", { incoming: host.incoming(dropped, { protocol: "pop3" }) });
  const refused = { address: incoming.address, password: canaries.make("refused password") };
  await make("Refused", { incoming: host.incoming(refused), outgoing: host.outgoing(refused) });
  const echo_imap = await peers.talking_peer("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n", (line, memory) => {
    if (/AUTHENTICATE/i.test(line)) memory.tag = line.split(" ")[0];
    if (/AUTHENTICATE \S+$/i.test(line)) return "+ \r\n";
    return `* OK heard ${line}\r\n${memory.tag ?? line.split(" ")[0]} NO [AUTHENTICATIONFAILED] not "${line}"\r\n`;
  });
  const echo_smtp = await peers.talking_peer("220 echo ESMTP\r\n", (line) =>
    /^EHLO/.test(line) ? "250-echo\r\n250 AUTH PLAIN LOGIN\r\n" : `535 5.7.8 what is ${line}?\r\n`,
  );
  t.after(() => [echo_imap, echo_smtp].forEach((peer) => peer.stop()));
  const echoed = { address: incoming.address, password: canaries.make("password that servers echo") };
  await make("Echo", {
    incoming: { ...host.incoming(echoed, { security: "none" }), port: echo_imap.port },
    outgoing: { ...host.outgoing(echoed, { security: "none" }), port: echo_smtp.port },
  });
  for (const name of ["Both", "Refused", "Echo"]) {
    await postern.api("POST", "/send", { integration: name, to: outgoing.address, subject: `by ${name}`, text: "x" });
  }
}

/** An app that signs people in, one of its own right by a private key, and their integrations. */
async function grants(canaries, postern) {
  const redirect_uri = `${postern.url}/api/v1/oauth/callback`;
  const client = host.oidc.add_client(redirect_uri);
  canaries.name("OAuth client secret", client.client_secret);
  const app = await postern.api("POST", "/oauth/apps", {
    name: "People", flow: "code", issuer: host.oidc.issuer, scopes, ...client,
  });
  const key = host.oidc.add_service_account();
  canaries.name("OAuth private key", pem_line(key.private_key));
  const machine = await postern.api("POST", "/oauth/apps", {
    name: "Machine", flow: "service_account", client_id: key.client_email, key_id: key.private_key_id,
    private_key_pem: key.private_key, token_endpoint: key.token_uri, scopes: ["https://mail.google.com/"],
  });
  for (const [which, name] of [[app, "signed"], [machine, "delegated"]]) {
    const account = host.dovecot.add_account(name);
    const auth = { method: "oauth2", username: account.address };
    const integration = await postern.api("POST", "/integrations", {
      name, address: account.address, incoming: { ...host.incoming(account), auth },
    });
    const { url } = await postern.api("POST", "/oauth/authorize", { app: which.id, integration: integration.id });
    if (url) {
      const back = await host.oidc.sign_in(url, { person: account.address });
      canaries.name("OAuth state", new URL(back).searchParams.get("state"));
      assert.equal((await fetch(back)).status, 200);
    }
    await postern.status(integration.id, ({ incoming_state }) => incoming_state === "ok", "logged in by token");
  }
  let number = 0;
  for (const token of host.oidc.store.secrets) canaries.name(`OAuth token or code ${(number += 1)}`, token);
  assert.ok(number >= 4, "client secret, code, access and refresh token");
}

/** Targets of each way to log in, some of which say what they heard. */
async function targets(t, canaries, postern, receiver, { incoming, outgoing }) {
  const own = canaries.name("signing secret", `whsec_${crypto.randomBytes(32).toString("base64")}`);
  await postern.add_target(receiver, { secret: own });
  const signed = await postern.add_target(receiver, { name: "made", url: `${receiver.url}/made` });
  canaries.name("signing secret that was made", signed.secret);
  const rotated = await postern.api("POST", `/targets/${signed.id}/rotate-secret`);
  canaries.name("signing secret of a rotation", rotated.secret);
  const add = async (type, name, settings) => {
    const desk = await Helpdesk.start(type, "another key");
    t.after(() => desk.stop());
    desk.fault = (request) => ({ status: 500, body: `heard ${JSON.stringify(request.headers ?? "")} ${name}` });
    const made = { name, type, url: desk.url, ...settings };
    await postern.api("POST", "/targets", made);
    await postern.api("POST", "/targets/test", { ...made, name: `${name} before` });
  };
  await add("osticket", "osticket", { api_key: canaries.make("api key", "+%/") });
  await add("zammad", "zammad", { api_key: canaries.make("another api key", "+%/"), group: "Users" });
  await add("rails_relay", "rails", { auth: { password: canaries.make("HTTP password of a target") } });
  const login = (account) => ({ method: "password", username: account.address, password: account.password });
  await postern.api("POST", "/targets", {
    name: "relay", type: "smtp", host: "localhost", port: host.postfix.ports.starttls, security: "starttls",
    auth: login(outgoing), recipients: ["duty@example.test"],
  });
  await postern.api("POST", "/targets", {
    name: "folder", type: "imap_append", host: "localhost", port: host.dovecot.ports.tls, security: "tls",
    auth: login(incoming), folder: "Copies",
  });
}

/** Who is told: an event rule's page and webhook, a profile's SMS gateway. */
async function notices(canaries, postern, receiver) {
  const url = (what) => `http://127.0.0.1:${receiver.port}/${what}`;
  const secret = canaries.make("event rule's secret", "+/");
  const signing = `whsec_${crypto.randomBytes(32).toString("base64")}`;
  await postern.api("POST", "/event-rules", {
    name: "Tell",
    when: { kinds: ["imap.*", "smtp.*", "message.received"] },
    then: [
      { type: "web_page", method: "POST", url: url("page?key={{secret}}"), headers: { "X-Key": "{{secret}}" }, secret, body: "{{event.message}} {{secret}}" },
      { type: "webhook", url: url("rule"), secret: canaries.name("event rule's signing secret", signing) },
    ],
  });
  const gateway = canaries.make("SMS gateway's secret", "+/");
  await postern.api("POST", "/profiles", {
    name: "Duty",
    channels: [{ type: "sms", method: "POST", to: ["+491701234567"], url: url("sms"), headers: { Authorization: "Bearer {{secret}}" }, secret: gateway, body: "{{to}} {{text}}" }],
  });
  await postern.api("POST", "/profiles/Duty/test", { channel: 0 });
}

/** Calls that are wrong, with a secret where it should not be: what the answers and the log say. */
async function mistakes(canaries, postern, { made }) {
  const slip = canaries.make("secret in a wrong call", "+/");
  const account = { address: "a@example.test", password: slip };
  const said = [];
  const call = async (method, where, body, options) =>
    said.push(JSON.stringify((await postern.call(method, where, body, options)).body));
  const json = { headers: { "content-type": "application/json" } };
  await call("POST", "/integrations", { name: "x", incoming: { ...host.incoming(account), port: -1 } });
  await call("POST", "/integrations", { name: "x", password: slip, incoming: { auth: { method: "password", pasword: slip, password: { not: slip } } } });
  await call("POST", "/integrations", `{"name": "x", "incoming": {"auth": {"password": "${slip}" oops`, json);
  await call("POST", "/integrations/test", { name: "x", incoming: host.incoming(account) });
  await call("POST", "/oauth/apps", { name: 5, client_secret: slip, private_key_pem: slip, flow: "code" });
  await call("POST", "/targets", { name: "x", type: "webhook", url: "nowhere", secret: slip });
  await call("POST", "/targets", { name: "x", type: "zammad", api_key: [slip], group: 1 });
  await call("POST", "/users", { name: "", password: slip, role: slip });
  await call("POST", "/session", { name: "ann", password: slip }, { token: null });
  await call("POST", "/session/first-start", { code: slip, name: "eve", password: slip }, { token: null });
  await call("GET", "/events", undefined, { token: slip });
  await call("GET", `/events?access_token=${encodeURIComponent(slip)}`);
  await call("GET", `/oauth/callback?state=${encodeURIComponent(slip)}&code=${encodeURIComponent(slip)}`, undefined, { token: null });
  await call("GET", "/events", undefined, { token: null, headers: { cookie: `postern_session=${encodeURIComponent(slip)}` } });
  await call("PATCH", "/settings", { alerts: { password: slip } });
  await call("DELETE", `/tokens/${made.id}`);
  await call("GET", "/events", undefined, { token: made.token });
  return said.filter((text) => text).join("\n");
}

/** The environment and arguments of a process and of all that it started. */
function proc_of(pid) {
  const family = [pid];
  for (const name of fs.readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    try {
      const [, parent] = /^PPid:\s*(\d+)/m.exec(fs.readFileSync(`/proc/${name}/status`, "utf8"));
      if (Number(parent) === pid) family.push(Number(name));
    } catch {
      // It ended meanwhile.
    }
  }
  return family.map((each) =>
    ["environ", "cmdline"].map((what) => fs.readFileSync(`/proc/${each}/${what}`, "latin1")).join("\n"),
  );
}

test("no secret is found where it could be read", async (t) => {
  const canaries = new Canaries();
  const { postern, receiver, duty, plain } = await start(t, canaries);
  const person = await people(canaries, postern);
  await notices(canaries, postern, receiver);
  const accounts = {
    incoming: account_of(canaries, "incoming", "incoming password"),
    outgoing: account_of(canaries, "outgoing", "outgoing password"),
    dropped: account_of(canaries, "dropped", "POP3 password"),
  };
  await targets(t, canaries, postern, receiver, accounts);
  await mailboxes(t, canaries, postern, accounts);
  await grants(canaries, postern);
  const login = await postern.api("POST", "/integrations/Both/submission-password");
  canaries.name("submission password", login.password);
  const at = { port: plain, tls: false, authority: host.certificates.ca.certificate, ...login, from: accounts.incoming.address, to: duty.address };
  const submitted = await programs.nodemailer(at, mail({ from: at.from, to: at.to, subject: "submitted" }));
  assert.equal(submitted.code, 0, submitted.errors);
  const wrong = { ...at, password: canaries.make("wrong submission password") };
  assert.notEqual((await programs.nodemailer(wrong, mail({ to: at.to }))).code, 0);
  await until("the event rule's page and the SMS gateway are called", () =>
    ["/page", "/sms"].every((start) =>
      receiver.requests.some(({ path: where }) => where.startsWith(start)),
    ),
  );
  for (const subject of ["by IMAP", "by POP3"]) await receiver.request_about(subject, 60000);
  await until("a notice goes by the alert transport", () => host.dovecot.mails(duty.address).some((text) => /FAILING/.test(text)), 60000);
  await until("the dead man's switch is called", () => receiver.requests.some(({ path: where }) => where.startsWith("/ping/")));
  await until("every target was tried", async () => {
    const tried = (await postern.list("/handovers")).filter(({ attempts }) => attempts > 0);
    return new Set(tried.map(({ target }) => target.id ?? target)).size >= 7;
  }, 60000);
  const said = await mistakes(canaries, postern, person);

  const found = [];
  const look = (where, bytes) => found.push(...canaries.found_in(bytes).map((secret) => `${where}: ${secret}`));
  look("answers to mistakes", said);
  for (const text of proc_of(postern.program.pid)) look("/proc", text);
  const without_list = await walk_gets(postern, look);
  assert.deepEqual(without_list.sort(), ["/acknowledge/{problem}", "/api/v1/oauth/device/{device}", "/assets/{version}/{file}", "/modules/{path}", "/pages/{path}"]);
  const backup = path.join(postern.folder, "backup.tar");
  const backed_up = await postern_command(["backup", backup, "--data", postern.data]);
  assert.equal(backed_up.code, 0, backed_up.errors);
  look("backup", fs.readFileSync(backup));
  const downloaded = await postern.call("POST", "/backup");
  assert.equal(downloaded.status, 200, postern.log().split("\n").slice(-6).join("\n"));
  look("backup of the API", downloaded.body);
  const exported = await postern_command(["integration", "export"], { env: { POSTERN_URL: postern.url, POSTERN_TOKEN: postern.token } });
  look("export", exported.output + exported.errors);
  const key_file = path.join(postern.data, "secret.key");
  found.push(...canaries.found_under(postern.data, { but: [key_file] }));
  await postern.terminate();
  found.push(...canaries.found_under(postern.data, { but: [key_file] }));
  look("log", postern.log());

  assert.deepEqual([...new Set(found)], []);
  assert.ok(canaries.planted.size >= 35, `${canaries.planted.size} canaries`);
  assert.ok(!fs.existsSync(path.join(postern.data, "first-start-code")));
  // What was to be searched was there to be searched.
  assert.ok(postern.log().includes("by IMAP") || postern.log().length > 10000, "the log is verbose");
  const database = fs.readFileSync(path.join(postern.data, "postern.db"));
  const hash = crypto.createHash("sha256").update(postern.token).digest("hex");
  assert.ok(!database.includes(hash), "the environment's token is not stored at all");
  assert.ok(database.includes("$argon2") || database.includes("scrypt"), "passwords as hashes");
});
