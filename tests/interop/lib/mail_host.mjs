// One host of the tests' own: certificates, Dovecot and Postfix together, with the JSON of an
// integration for any of its accounts.
import path from "node:path";

import { make_certificates } from "./certificates.mjs";
import { Dovecot } from "./dovecot.mjs";
import { remove_folder, temporary_folder } from "./files.mjs";
import { Postfix } from "./postfix.mjs";
import { at_exit } from "./processes.mjs";
import { put_mails } from "./smtp_client.mjs";

/** The simplest mail there is. */
export function mail({
  from = "carol@example.test",
  to,
  subject = "hello",
  body = "Hello.\n",
  id = `${Date.now()}.${Math.random().toString(36).slice(2)}@client.test`,
}) {
  return (
    `From: Carol <${from}>\nTo: ${to}\nSubject: ${subject}\nMessage-ID: <${id}>\n` +
    `Date: Mon, 02 Feb 2026 10:00:00 +0000\n\n${body}`
  );
}

export class MailHost {
  /**
   * `smtp: false` leaves Postfix out, for tests that only receive. `authorize`: given the
   * certificates, makes an OidcServer whose tokens are good for IMAP, POP3 and SMTP (host.oidc).
   * `dovecot`: more lines of its configuration.
   */
  static async start({ smtp = true, authorize, dovecot } = {}) {
    const host = new MailHost();
    host.folder = temporary_folder("mail");
    host.forget = at_exit(() => remove_folder(host.folder));
    host.certificates = make_certificates(path.join(host.folder, "tls"));
    const certificate = host.certificates.server;
    const authority = host.certificates.ca.certificate;
    host.oidc = await authorize?.(host.certificates);
    host.dovecot = await Dovecot.start(path.join(host.folder, "dovecot"), certificate, authority, {
      oidc: host.oidc,
      more: dovecot,
    });
    if (!smtp) return host;
    const folder = path.join(host.folder, "postfix");
    try {
      host.postfix = await Postfix.start(folder, certificate, host.dovecot);
    } catch (error) {
      await host.stop(); // or what runs would keep the test's process alive
      throw error;
    }
    return host;
  }

  async stop() {
    await this.postfix?.stop();
    if (!this.dovecot.program.end) await this.dovecot.stop();
    await this.oidc?.stop();
    remove_folder(this.folder);
    this.forget();
  }

  /** Straight into a mailbox, by LMTP. */
  deliver(address, ...mails) {
    return put_mails(
      { path: this.dovecot.lmtp_socket },
      mails.map((bytes) => ({ from: "carol@example.test", to: [address], mail: bytes })),
    );
  }

  /** As from outside: to the MX's port, by SMTP. */
  mail_in(address, bytes, from = "carol@example.test") {
    return put_mails({ port: this.postfix.ports.mx, host: "127.0.0.1" }, [
      { from, to: [address], mail: bytes },
    ]);
  }

  incoming(account, { security = "tls", protocol = "imap", ...others } = {}) {
    return {
      enabled: true,
      protocol,
      host: "localhost",
      port: this.dovecot.ports[protocol === "pop3" ? `pop3_${security}` : security],
      security,
      auth: { method: "password", username: account.address, password: account.password },
      mode: "idle",
      start_from: "all",
      ...others,
    };
  }

  outgoing(account, { security = "starttls", ...others } = {}) {
    return {
      enabled: true,
      protocol: "smtp",
      host: "localhost",
      port: this.postfix.ports[security],
      security,
      auth: { method: "password", username: account.address, password: account.password },
      ...others,
    };
  }
}
