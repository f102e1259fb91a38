// A private OpenSMTPD 6.8: submission with AUTH PLAIN over STARTTLS on one loopback port, over TLS
// from the first byte on another; every mail ends in one maildir. Debian 12's package can't use its
// keys with OpenSSL 3: opensmtpd_keys.c mends that.
import fs from "node:fs";
import path from "node:path";

import { free_ports } from "./files.mjs";
import { binary } from "./postern.mjs";
import { maildir, PrivateRoot } from "./private_root.mjs";
import { run_now } from "./processes.mjs";
import { greets } from "./smtp_client.mjs";
import { until } from "./until.mjs";

const users = ["opensmtpd", "opensmtpq", "keeper"];
const keys = path.join(path.dirname(binary), "tests/interop/opensmtpd_keys.so");
const host = "opensmtpd.example.test";

const settings = ({ port, tls_port }, { uid, gid }, login, hash) => `
pki "${host}" cert "/etc/tls/certificate"
pki "${host}" key "/etc/tls/key"
table keepers { "keeper" = "${uid}:${gid}:/var/keeper" }
table logins { "${login}" = "${hash}" }
listen on 127.0.0.1 port ${port} tls-require pki "${host}" auth <logins> hostname ${host}
listen on 127.0.0.1 port ${tls_port} smtps pki "${host}" auth <logins> hostname ${host}
action "keep" maildir "/var/keeper/all" userbase <keepers> virtual { "@" = "keeper" }
match from any for rcpt-to "nobody@example.test" reject
match auth from any for any action "keep"
`;

export class OpenSmtpd {
  static async start(folder, certificate, account) {
    const server = new OpenSmtpd();
    [server.port, server.tls_port] = await free_ports(2);
    const root = new PrivateRoot(folder, { packages: ["opensmtpd", "libevent-2.1-7"], users });
    const keeper = root.ids("keeper");
    const hash = run_now("openssl", ["passwd", "-6", account.password]).toString().trim();
    root.write("etc/smtpd.conf", settings(server, keeper, account.address, hash));
    root.write("etc/mailname", `${host}\n`);
    root.write("etc/tls/certificate", fs.readFileSync(certificate.certificate));
    root.write("etc/tls/key", fs.readFileSync(certificate.key), 0o600);
    root.write("etc/keys.so", fs.readFileSync(keys));
    // Where its processes are shut in; it makes the folders of the queue itself.
    for (const each of ["var/lib/opensmtpd/empty", "var/spool/smtpd", "var/keeper"]) {
      fs.mkdirSync(root.path(each), { recursive: true });
      fs.chmodSync(root.path(each), 0o711);
    }
    fs.chownSync(root.path("var/keeper"), keeper.uid, keeper.gid);
    server.root = root;
    await server.start();
    return server;
  }

  outgoing({ address: username, password }) {
    return { port: this.port, security: "starttls", auth: { method: "password", username, password } };
  }

  async start() {
    this.program = this.root.start(["env", "LD_PRELOAD=/etc/keys.so", "/usr/sbin/smtpd", "-d"]);
    await until(
      "OpenSMTPD greets",
      async () => {
        if (this.program.end) throw new Error("it ended");
        return greets(this.port);
      },
      20000,
    ).catch((error) => {
      throw new Error(`${error.message}\n${this.program.output}${this.program.errors}`);
    });
  }

  async stop() {
    this.program.kill("SIGKILL");
    await this.program.ended;
  }

  received() {
    return maildir(this.root, "var/keeper/all");
  }
}
