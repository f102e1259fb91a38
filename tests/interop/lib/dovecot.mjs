// A private Dovecot 2.3: IMAP and POP3 with TLS and with STARTTLS on loopback ports, LMTP and the
// authentication socket for Postfix under its own folder. Accounts are made with add_account. With
// an authorization server it takes XOAUTH2 and OAUTHBEARER too, asking that server about each token.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";

import { free_ports } from "./files.mjs";
import { is_alive, Program, run_now } from "./processes.mjs";
import { until } from "./until.mjs";
import { greets } from "./smtp_client.mjs";

const domain = "example.test";

/** Tokens are asked about at every login, so that a revoked one is worth nothing at once. */
function token_settings({ folder, oidc }) {
  fs.writeFileSync(
    path.join(folder, "oauth2.conf"),
    `introspection_mode = post
introspection_url = ${oidc.introspection_url}
force_introspection = yes
username_attribute = email
username_format = %Lu
active_attribute = active
active_value = true
openid_configuration_url = ${oidc.discovery_url}
timeout_msecs = 5000
`,
  );
  return `passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${folder}/oauth2.conf
}
`;
}

function settings({ folder, ports, certificate, oidc, more = "" }) {
  return `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
auth_verbose = yes
listen = 127.0.0.1
protocols = imap pop3 lmtp
ssl = yes
ssl_cert = <${certificate.certificate}
ssl_key = <${certificate.key}
disable_plaintext_auth = yes
auth_mechanisms = plain login${oidc ? " xoauth2 oauthbearer" : ""}
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:${folder}/mail/%u
mail_fsync = never
maildir_stat_dirs = no
postmaster_address = postmaster@${domain}
hostname = imap.${domain}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    special_use = \\Sent
    auto = create
  }
  mailbox Archive {
    auto = create
  }
}
# Offers COMPRESS=DEFLATE.
protocol imap {
  mail_plugins = imap_zlib
}
${oidc ? token_settings({ folder, oidc }) : ""}# One file an account: Dovecot looks at most once a second whether a file has changed.
passdb {
  driver = passwd-file
  mechanisms = plain login none
  args = scheme=PLAIN username_format=%u ${folder}/accounts/%n
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${folder}/mail/%u allow_all_users=no
}
service imap-login {
  inet_listener imap {
    port = ${ports.starttls}
  }
  inet_listener imaps {
    port = ${ports.tls}
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${ports.pop3_starttls}
  }
  inet_listener pop3s {
    port = ${ports.pop3_tls}
    ssl = yes
  }
}
protocol pop3 {
  pop3_lock_session = yes
}
service lmtp {
  unix_listener lmtp {
    mode = 0666
  }
}
service auth {
  unix_listener auth-smtp {
    mode = 0666
  }
}
# No growing delay after refused logins: tests refuse many.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
${more}`;
}

export class Dovecot {
  passwords = new Map();

  /**
   * @param certificate {key, certificate}: paths, as make_certificates gives them
   * @param authority the path of the certificate that signed it
   * @param oidc an OidcServer (oidc.mjs) whose tokens are good here
   * @param more lines of dovecot.conf, behind all others
   */
  static async start(folder, certificate, authority, { oidc, more } = {}) {
    const dovecot = new Dovecot();
    const [tls, starttls, pop3_tls, pop3_starttls] = await free_ports(4);
    dovecot.folder = folder;
    dovecot.authority = authority;
    dovecot.ports = { tls, starttls, pop3_tls, pop3_starttls };
    dovecot.lmtp_socket = path.join(folder, "run", "lmtp");
    dovecot.auth_socket = path.join(folder, "run", "auth-smtp");
    dovecot.config = path.join(folder, "dovecot.conf");
    fs.mkdirSync(path.join(folder, "mail"), { recursive: true });
    run_now("chown", ["mail:mail", path.join(folder, "mail")]);
    fs.mkdirSync(path.join(folder, "accounts"));
    fs.writeFileSync(dovecot.config, settings({ folder, ports: dovecot.ports, certificate, oidc, more }));
    await dovecot.start();
    return dovecot;
  }

  async start() {
    this.program = new Program("dovecot", ["-F", "-c", this.config]);
    try {
      await until(
        "Dovecot greets",
        async () => {
          if (this.program.end) throw new Error(`Dovecot ended: ${this.program.errors}`);
          return (await greets(this.ports.starttls)) && fs.existsSync(this.lmtp_socket);
        },
        15000,
      );
    } catch (error) {
      throw new Error(`${error.message}\n${this.program.errors}\n${this.log().slice(-2000)}`);
    }
  }

  /** Ends it with all its sessions; start() brings it back on the same ports. */
  async stop() {
    this.program.kill("SIGTERM");
    await this.program.ended;
    await until("Dovecot's pid gone", () => !is_alive(this.program.pid), 10000);
  }

  log() {
    const file = path.join(this.folder, "dovecot.log");
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
  }

  /** Adds an account, whose address is the login, or changes its password (known a second later). */
  add_account(name, password = `${name}-password`) {
    const address = `${name}@${domain}`;
    const file = path.join(this.folder, "accounts", name);
    fs.writeFileSync(file, `${address}:{PLAIN}${password}::::::\n`);
    this.passwords.set(address, password);
    return { address, password };
  }

  doveadm(...args) {
    return run_now("doveadm", ["-c", this.config, ...args]);
  }

  create_folder(address, folder) {
    this.doveadm("mailbox", "create", "-u", address, "-s", folder);
  }

  /** `query`: further words of doveadm-search-query(7), such as "subject", "hello". */
  uids(address, folder = "INBOX", ...query) {
    return this.doveadm("-f", "tab", "fetch", "-u", address, "uid", "mailbox", folder, ...query)
      .toString()
      .split("\n")
      .slice(1)
      .filter(Boolean)
      .map(Number);
  }

  /** The bytes of stored mails exactly as IMAP gives them, fetched by one curl. */
  bytes_of(address, uids, folder = "INBOX") {
    const mails = [];
    for (let at = 0; at < uids.length; at += 100) {
      const end = `--${crypto.randomUUID()}--`;
      const box = `imaps://localhost:${this.ports.tls}/${encodeURIComponent(folder)}`;
      const bytes = run_now("curl", [
        ...["--silent", "--show-error", "--cacert", this.authority],
        ...["--user", `${address}:${this.passwords.get(address)}`, "--write-out", end],
        ...uids.slice(at, at + 100).map((uid) => `${box};UID=${uid}`),
      ]);
      for (let from = 0, to; (to = bytes.indexOf(end, from)) >= 0; from = to + end.length) {
        mails.push(bytes.subarray(from, to));
      }
    }
    return mails;
  }

  mail(address, uid, folder = "INBOX") {
    return this.bytes_of(address, [uid], folder)[0];
  }

  /** All mails of a folder as text. */
  mails(address, folder = "INBOX") {
    return this.bytes_of(address, this.uids(address, folder), folder).map(String);
  }

  /** The mails of a folder with this subject, as text. */
  mails_about(subject, address, folder = "INBOX") {
    const uids = this.uids(address, folder, "subject", subject); // a part of it, to Dovecot
    return this.bytes_of(address, uids, folder)
      .map(String)
      .filter((text) => text.includes(`\r\nSubject: ${subject}\r\n`));
  }

  /** The subjects of all mails of a folder. */
  subjects(address, folder = "INBOX") {
    return this.doveadm("-f", "tab", "fetch", "-u", address, "hdr.subject", "mailbox", folder)
      .toString()
      .split("\n")
      .slice(1);
  }

  flags(address, uid, folder = "INBOX") {
    return this.doveadm(
      "-f",
      "tab",
      "fetch",
      "-u",
      address,
      "flags",
      "mailbox",
      folder,
      "uid",
      String(uid),
    )
      .toString()
      .split("\n")[1];
  }

  /** Lays bytes into the mailbox as they are, past every server that might change them. */
  save(address, bytes, folder = "INBOX") {
    run_now("doveadm", ["-c", this.config, "save", "-u", address, "-m", folder], { input: bytes });
  }
}
