// A private Exim 4: submission with STARTTLS and AUTH PLAIN on a loopback port; every mail ends in
// one maildir.
import fs from "node:fs";

import { free_ports } from "./files.mjs";
import { maildir, PrivateRoot } from "./private_root.mjs";
import { greets } from "./smtp_client.mjs";
import { until } from "./until.mjs";

const settings = ({ port, account, more }) => `
primary_hostname = exim.example.test
daemon_smtp_ports = ${port}
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = /etc/tls/certificate
tls_privatekey = /etc/tls/key
auth_advertise_hosts = \${if def:tls_in_cipher {*}{}}
host_lookup =
rfc1413_hosts =
acl_smtp_rcpt = accept_logged_in
acl_smtp_data = accept_all
acl_smtp_mail = accept_all
never_users =
log_selector = +all
smtp_accept_queue_per_connection = 0
${more}
begin acl
accept_all:
  accept
accept_logged_in:
  accept authenticated = *
  deny message = log in first

begin routers
all:
  driver = accept
  transport = keep

begin transports
keep:
  driver = appendfile
  directory = /var/mail/all
  maildir_format
  create_directory
  user = Debian-exim
  group = Debian-exim

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and {{eq{$auth2}{${account.address}}}{eq{$auth3}{${account.password}}}}}
  server_set_id = $auth2
`;

export class Exim {
  name = "Exim";

  /** `more`: lines of its main settings. */
  static async start(folder, certificate, account, { more = "" } = {}) {
    const server = new Exim();
    [server.port] = await free_ports(1);
    const root = new PrivateRoot(folder, {
      packages: ["exim4-daemon-light", "exim4-base"],
      users: ["Debian-exim"],
    });
    root.write("etc/exim4/exim4.conf", settings({ port: server.port, account, more }), 0o640);
    // Read by Exim's own user.
    root.write("etc/tls/certificate", fs.readFileSync(certificate.certificate));
    root.write("etc/tls/key", fs.readFileSync(certificate.key));
    for (const each of ["var/spool/exim4", "var/log/exim4", "run/exim4"]) {
      fs.mkdirSync(root.path(each), { recursive: true });
      fs.chownSync(root.path(each), 990, 990);
    }
    server.root = root;
    await server.start();
    return server;
  }

  async start() {
    this.program = this.root.start(["/usr/sbin/exim4", "-bdf", "-q1h"]);
    await until(
      "Exim greets",
      async () => {
        if (this.program.end) throw new Error(`it ended: ${this.program.errors}`);
        return greets(this.port);
      },
      15000,
    ).catch((error) => {
      throw new Error(`${error.message}\n${this.program.errors}`);
    });
  }

  outgoing({ address: username, password }) {
    return { port: this.port, security: "starttls", auth: { method: "password", username, password } };
  }

  async stop() {
    this.program.kill("SIGKILL");
    await this.program.ended;
  }

  received() {
    return maildir(this.root, "var/mail/all");
  }
}
