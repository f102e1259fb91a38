// A private Cyrus IMAP: IMAP over TLS on a loopback port, LMTP on a socket, one account whose
// mailbox is made at its first login.
import fs from "node:fs";
import path from "node:path";

import { free_ports } from "./files.mjs";
import { PrivateRoot } from "./private_root.mjs";
import { greets_by_tls } from "./line_client.mjs";
import { put_mails } from "./smtp_client.mjs";
import { until } from "./until.mjs";

const cyrus_user = 990;

const imapd_conf = `configdirectory: /var/lib/cyrus
defaultpartition: default
partition-default: /var/spool/cyrus
admins: admin
servername: localhost
allowplaintext: no
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: /etc/sasldb2
sasl_mech_list: PLAIN
tls_server_cert: /etc/tls/certificate
tls_server_key: /etc/tls/key
lmtpsocket: /run/cyrus/lmtp
idlesocket: /run/cyrus/idle
notifysocket: /run/cyrus/notify
altnamespace: yes
unixhierarchysep: yes
virtdomains: off
duplicatesuppression: no
autocreate_quota: 0
autocreate_inbox_folders: Sent
autocreate_subscribe_folders: Sent
specialuse_extra: \\Sent
statuscache: yes
imapidlepoll: 1
maxlogins_per_user: 8
`;

const cyrus_conf = (port) => `START {
  recover cmd="ctl_cyrusdb -r"
}
SERVICES {
  imaps cmd="imapd -s" listen="127.0.0.1:${port}" prefork=0 maxchild=100
  lmtp cmd="lmtpd" listen="/run/cyrus/lmtp" prefork=0 maxchild=20
}
DAEMON {
  idled cmd="idled"
}
EVENTS {
}
`;

const run = (account) => `set -eu
PATH=/usr/lib/cyrus/bin:/usr/sbin:/usr/bin
[ -f /etc/sasldb2 ] || printf %s '${account.password}' |
  saslpasswd2 -p -c -u localhost -f /etc/sasldb2 ${account.login}
chown cyrus /etc/sasldb2
exec master -C /etc/imapd.conf -M /etc/cyrus.conf -D
`;

export class Cyrus {
  name = "Cyrus";
  has_pop3 = false;

  static async start(folder, certificate, account) {
    const server = new Cyrus();
    const [imap] = await free_ports(1);
    server.ports = { imap };
    server.account = account;
    const root = new PrivateRoot(folder, {
      packages: [
        ...["cyrus-imapd", "cyrus-common", "sasl2-bin", "libical3", "libpq5", "libwrap0"],
        ...["libxapian30", "libzephyr4", "libpcre3"],
      ],
      users: ["cyrus"],
    });
    root.write("etc/imapd.conf", imapd_conf);
    root.write("etc/cyrus.conf", cyrus_conf(imap));
    root.write("etc/cyrus.run", run(account));
    root.write("etc/tls/certificate", fs.readFileSync(certificate.certificate));
    root.write("etc/tls/key", fs.readFileSync(certificate.key));
    for (const each of ["var/lib/cyrus", "var/spool/cyrus", "run/cyrus"]) {
      fs.mkdirSync(root.path(each), { recursive: true });
      fs.chownSync(root.path(each), cyrus_user, cyrus_user);
    }
    server.root = root;
    await server.start();
    return server;
  }

  async start() {
    this.program = this.root.start(["/bin/sh", "/etc/cyrus.run"]);
    await until(
      "Cyrus greets",
      async () => {
        if (this.program.end) throw new Error(`it ended: ${this.program.errors}`);
        return greets_by_tls(this.ports.imap);
      },
      30000,
    ).catch((error) => {
      throw new Error(`${error.message}\n${this.program.errors}`);
    });
  }

  async stop() {
    this.program.kill("SIGKILL");
    await this.program.ended;
  }

  /** By LMTP. */
  deliver(...mails) {
    return put_mails(
      { path: path.join(this.root.folder, "run/cyrus/lmtp") },
      mails.map((mail) => ({ from: "carol@example.test", to: [this.account.login], mail })),
    );
  }
}
