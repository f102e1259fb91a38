// Certificates that run out, of a real Dovecot and of Postern's own port: told in time, as an event
// and by mail, over when they are renewed; and read again at SIGHUP, without an end of service.
import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import tls from "node:tls";
import { after, before, describe, test } from "node:test";

import { make_short } from "./lib/certificates.mjs";
import { Dovecot } from "./lib/dovecot.mjs";
import { new_account, with_postern } from "./lib/fixture.mjs";
import { HttpsClient } from "./lib/https_client.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { until } from "./lib/until.mjs";

const patience_ms = 120000;

let host;
before(async () => (host = await MailHost.start()));
after(() => host?.stop());

const of_server = (postern, name) => async () =>
  (await postern.list("/events?kind=certificate.expiring")).filter(
    (each) => each.data.certificate === name,
  );

/** It looks once a minute by itself, and whenever a setting has changed. */
const look = (postern) => postern.api("PATCH", "/settings", { monitoring: { remind_after_s: 14400 } });

const in_mailbox = (duty, words) =>
  until(
    `"${words}" in ${duty.address}'s mailbox`,
    () => host.dovecot.mails(duty.address).find((text) => text.replace(/\r\n[ \t]/g, " ").includes(words)),
    patience_ms,
  );

describe("a certificate that runs out", () => {
  test("of a mail server is told, and over when it is renewed", async (t) => {
    const ca = host.certificates.ca;
    const folder = path.join(host.folder, "short");
    fs.mkdirSync(folder);
    const short = make_short(folder, "short", ca, 3);
    const dovecot = await Dovecot.start(path.join(folder, "dovecot"), short, ca.certificate);
    t.after(async () => {
      if (!dovecot.program.end) await dovecot.stop();
    });
    const duty = new_account(host, "duty");
    const carrier = new_account(host, "post");
    const watched = dovecot.add_account("watched", "secret-of-watched");
    const postern = await with_postern(t, host, { secrets: [carrier.password, watched.password] });
    await postern.api("PATCH", "/settings", { monitoring: { recipients: [duty.address] } });
    await postern.api("POST", "/integrations", {
      name: "Post",
      is_default: true,
      address: carrier.address,
      outgoing: host.outgoing(carrier),
    });
    await postern.api("POST", "/integrations", {
      name: "Watched",
      incoming: { ...host.incoming(watched), port: dovecot.ports.tls },
    });
    await postern.status("Watched", (status) => status.incoming_state === "ok", "it works");

    await look(postern);
    const server = `localhost:${dovecot.ports.tls}`;
    const events = await until("the event", async () => {
      const found = await of_server(postern, server)();
      return found.length > 0 && found;
    }, patience_ms);
    assert.equal(events.length, 1);
    assert.match(events[0].message, /ends in 2 days, at 20/);
    assert.equal(events[0].data.days, 2);
    assert.equal(events[0].integration.name, "Watched");
    const mail = await in_mailbox(duty, `FAILING: ${server} - a certificate runs out`);
    assert.match(mail, /It is used by Watched/);
    const problem = async () =>
      (await postern.list("/problems")).find((each) => each.kind === "certificate.expiring");
    assert.equal((await problem()).title, server);

    for (const name of ["key", "certificate"]) fs.copyFileSync(host.certificates.server[name], short[name]);
    await dovecot.stop();
    await dovecot.start();
    await postern.api("POST", "/integrations/Watched/check");
    await until("it is over", async () => {
      await look(postern);
      return !(await problem());
    }, patience_ms);
    await in_mailbox(duty, `RECOVERED: ${server}`);
    assert.equal((await of_server(postern, server)()).length, 1);
  });

  test("of our own port is told, and read again at SIGHUP", async (t) => {
    const ca = host.certificates.ca;
    const folder = path.join(host.folder, "own");
    fs.mkdirSync(folder);
    const own = make_short(folder, "own-short", ca, 2);
    const https = new HttpsClient(ca.certificate);
    const postern = await with_postern(t, host, {
      https,
      env: { POSTERN_HTTP_TLS_CERTIFICATE: own.certificate, POSTERN_HTTP_TLS_KEY: own.key },
    });
    const ask = async (where) => {
      const headers = { authorization: `Bearer ${postern.token}` };
      const { status, text } = await https.call("GET", `${postern.url}/api/v1${where}`, { headers });
      assert.equal(status, 200, text);
      return JSON.parse(text).items;
    };
    const problem = async () =>
      (await ask("/problems")).find((each) => each.kind === "certificate.expiring");
    const name_now = () =>
      new Promise((resolve, reject) => {
        const open = { port: postern.port, host: "127.0.0.1", rejectUnauthorized: false };
        const socket = tls.connect(open, () => {
          resolve(socket.getPeerCertificate().subject.CN);
          socket.destroy();
        });
        socket.on("error", reject);
      });
    assert.equal(await name_now(), "own-short");
    const told = await until("it is a problem", problem, patience_ms);
    assert.equal(told.title, "[http]");
    assert.match(told.message, /ends in 1 day, at 20/);
    assert.match(told.hint, /SIGHUP/);

    // A connection that is open goes on with the certificate it began with.
    const kept = tls.connect({ port: postern.port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(kept, "secureConnect");
    fs.writeFileSync(own.certificate, "no certificate");
    postern.program.kill("SIGHUP");
    await until("the log tells of it", () => postern.log().includes("http keeps its former certificate"));
    assert.equal(await name_now(), "own-short");

    for (const name of ["key", "certificate"]) fs.copyFileSync(host.certificates.server[name], own[name]);
    postern.program.kill("SIGHUP");
    await until("the other certificate", async () => (await name_now()) === "server");
    kept.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const [answer] = await once(kept, "data");
    assert.match(String(answer), /^HTTP\/1\.1 200 /);
    kept.destroy();
  });
});
