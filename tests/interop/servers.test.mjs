// The main job against other servers than Postfix and Dovecot, each in a root of its own: Exim
// and OpenSMTPD.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { make_certificates } from "./lib/certificates.mjs";
import { Exim } from "./lib/exim.mjs";
import { remove_folder, temporary_folder } from "./lib/files.mjs";
import { with_postern } from "./lib/fixture.mjs";
import { at_exit } from "./lib/processes.mjs";
import { OpenSmtpd } from "./lib/opensmtpd.mjs";
import { until } from "./lib/until.mjs";

const account = { address: "support@example.test", password: "secret-of-support" };

for (const Server of [Exim, OpenSmtpd]) {
  describe(Server.name, () => {
    let folder, forget, certificates, server;
    before(async () => {
      folder = temporary_folder("server");
      forget = at_exit(() => remove_folder(folder));
      certificates = make_certificates(path.join(folder, "tls"));
      server = await Server.start(path.join(folder, "root"), certificates.server, account);
    });
    after(async () => {
      await server?.stop();
      remove_folder(folder);
      forget();
    });

    const add = (postern, password = account.password, outgoing = {}) =>
      postern.api("POST", "/integrations", {
        name: "Support",
        address: account.address,
        outgoing: {
          enabled: true,
          host: "localhost",
          ...server.outgoing({ ...account, password }),
          ...outgoing,
        },
      });
    const send = (postern, subject, others = {}) =>
      postern.api("POST", "/send", { to: "someone@example.test", subject, text: "t\n.\nu", ...others });
    const arrived = (subject) =>
      until(`${subject} arrived`, () =>
        server.received().find((mail) => mail.includes(`Subject: ${subject}`)),
      );

    test("takes mails of the queue, also after a restart", async (t) => {
      const postern = await with_postern(t, { certificates }, { secrets: [account.password] });
      const { id } = await add(postern);
      const first = await send(postern, "first", { integration: id });
      const settled = await postern.settled(first.id);
      assert.equal(settled.state, "sent", JSON.stringify(settled));
      assert.match(await arrived("first"), /\nt\r?\n\.\r?\nu/);

      await server.stop();
      const second = await send(postern, "second", { integration: id });
      await postern.status(id, (status) => status.outgoing_state === "failing", "fails");
      await server.start();
      await postern.api("POST", `/deliveries/${second.id}/retry`);
      assert.equal((await postern.settled(second.id)).state, "sent");
      await arrived("second");
      assert.equal(server.received().length, 2);
    });

    test("takes many mails over one connection, each said as early as it allows", async (t) => {
      const postern = await with_postern(t, { certificates }, { secrets: [account.password] });
      const { id } = await add(postern, undefined, { connections_max: 1 });
      const subjects = Array.from({ length: 25 }, (_, n) => `many ${n}.`);
      const sent = await Promise.all(
        subjects.map((subject) => send(postern, subject, { integration: id })),
      );
      for (const { id: delivery } of sent) {
        const settled = await postern.settled(delivery);
        assert.equal(settled.state, "sent", JSON.stringify(settled));
        assert.equal(settled.attempts, 1);
      }
      for (const subject of subjects) await arrived(subject);
    });

    if (Server === OpenSmtpd) {
      test("takes mails over TLS from the first byte", async (t) => {
        const postern = await with_postern(t, { certificates }, { secrets: [account.password] });
        const { id } = await add(postern, undefined, { port: server.tls_port, security: "tls" });
        const sent = await send(postern, "over TLS", { integration: id, mode: "sync" });
        assert.equal(sent.result_code, 0, JSON.stringify(sent));
        await arrived("over TLS");
      });

      test("refuses one of two recipients with its own words", async (t) => {
        const postern = await with_postern(t, { certificates });
        const { id } = await add(postern);
        const to = ["nobody@example.test", "someone@example.test"];
        const sent = await send(postern, "for one of two", { integration: id, mode: "sync", to });
        assert.equal(sent.result_code, 52, JSON.stringify(sent));
        assert.deepEqual(
          sent.per_recipient.map(({ result_code }) => result_code),
          [51, 0],
        );
        assert.match(sent.per_recipient[0].message, /^550 .*nobody@example\.test/);
        await arrived("for one of two");
      });
    }

    test("refuses a wrong password with its own words", async (t) => {
      const postern = await with_postern(t, { certificates }, { secrets: ["not-the-secret"] });
      const { id } = await add(postern, "not-the-secret");
      const sent = await send(postern, "never", { integration: id, mode: "sync" });
      assert.equal(sent.result_code, 40, JSON.stringify(sent));
      const transcript = await postern.api("GET", `/integrations/${id}/transcript`);
      assert.equal(transcript.step, "login");
      assert.ok(!JSON.stringify(transcript).includes("not-the-secret"));
    });
  });
}
