// A private OpenSMTPD 6.8 on a loopback port; every mail ends in one maildir.
//
// Without TLS, and so without a login: the processes that speak TLS keep no key and ask another for
// each signature, by methods laid over OpenSSL's RSA and EC keys. OpenSSL 3 takes such a key into its
// provider and no longer calls them ("missing private key"), so that the handshake of Debian 12's
// package fails here with either kind of key, as it does with any client.
import fs from "node:fs";

import { free_ports } from "./files.mjs";
import { maildir, PrivateRoot } from "./private_root.mjs";
import { greets } from "./smtp_client.mjs";
import { until } from "./until.mjs";

const users = ["opensmtpd", "opensmtpq", "keeper"];

const settings = (port, { uid, gid }) => `table keepers { "keeper" = "${uid}:${gid}:/var/keeper" }
listen on 127.0.0.1 port ${port} hostname opensmtpd.example.test
action "keep" maildir "/var/keeper/all" userbase <keepers> virtual { "@" = "keeper" }
match from any for rcpt-to "nobody@example.test" reject
match from any for any action "keep"
`;

export class OpenSmtpd {
  static async start(folder) {
    const server = new OpenSmtpd();
    [server.port] = await free_ports(1);
    const root = new PrivateRoot(folder, { packages: ["opensmtpd", "libevent-2.1-7"], users });
    const keeper = root.ids("keeper");
    root.write("etc/smtpd.conf", settings(server.port, keeper));
    root.write("etc/mailname", "opensmtpd.example.test\n");
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

  outgoing() {
    return { port: this.port, security: "none", auth: { method: "none" } };
  }

  async start() {
    this.program = this.root.start(["/usr/sbin/smtpd", "-d"]);
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
