// A private Courier: IMAP and POP3 over TLS on loopback ports, one account with a Maildir, into
// which mails are delivered as any MTA does.
import fs from "node:fs";
import path from "node:path";

import { free_ports } from "./files.mjs";
import { PrivateRoot } from "./private_root.mjs";
import { greets_by_tls } from "./line_client.mjs";
import { until } from "./until.mjs";

const mail_user = 8;
const home = "/var/mail/support";

const settings = {
  "etc/courier/authdaemonrc": `authmodulelist="authuserdb"
authmodulelistorig="authuserdb"
daemons=3
authdaemonvar=/run/courier/authdaemon
DEBUG_LOGIN=0
DEFAULTOPTIONS=""
LOGGEROPTS=""
`,
  // Courier looks into the Maildir once in IMAP_IDLE_TIMEOUT seconds while a client idles.
  "etc/courier/environment": `PATH=/usr/sbin:/usr/bin:/sbin:/bin
MAILDIRPATH=Maildir
IMAP_CAPABILITY="IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE"
IMAP_CAPABILITY_TLS="$IMAP_CAPABILITY AUTH=PLAIN"
IMAP_KEYWORDS=1
IMAP_ACL=1
IMAP_IDLE_TIMEOUT=2
IMAP_ENHANCEDIDLE=0
IMAP_USELOCKS=1
IMAP_TRASHFOLDERNAME=Trash
IMAP_EMPTYTRASH=Trash:7
IMAP_MAILBOX_SANITY_CHECK=1
POP3AUTH="PLAIN"
POP3AUTH_TLS="PLAIN"
TLS_CERTFILE=/etc/tls/pem
TLS_VERIFYPEER=NONE
TLS_PROTOCOL=TLSv1.2+
`,
};

const run = ({ imap, pop3 }) => `set -eu
makeuserdb
mkdir -p /run/courier/authdaemon
/usr/lib/courier/courier-authlib/authdaemond &
set -a
. /etc/courier/environment
IMAP_TLS=1 couriertcpd -address=127.0.0.1 -maxprocs=40 -maxperip=40 -nodnslookup -noidentlookup \\
  ${imap} /usr/bin/couriertls -server -tcpd /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir &
POP3_TLS=1 exec couriertcpd -address=127.0.0.1 -maxprocs=40 -maxperip=40 -nodnslookup \\
  -noidentlookup ${pop3} /usr/bin/couriertls -server -tcpd /usr/lib/courier/courier/courierpop3login \\
  /usr/lib/courier/courier/courierpop3d Maildir
`;

export class Courier {
  name = "Courier";
  has_pop3 = true;
  delivered = 0;

  static async start(folder, certificate, account) {
    const server = new Courier();
    const [imap, pop3] = await free_ports(2);
    server.ports = { imap, pop3 };
    const root = new PrivateRoot(folder, {
      packages: [
        ...["courier-imap", "courier-pop", "courier-base", "courier-authlib"],
        ...["courier-authlib-userdb", "libcourier-unicode4", "gamin", "libgamin0", "libltdl7"],
        ...["libgdbm6", "libidn12"],
      ],
      users: ["courier"],
    });
    for (const [name, text] of Object.entries(settings)) root.write(name, text);
    root.write("etc/courier/run", run(server.ports));
    const user = `uid=${mail_user}|gid=${mail_user}|home=${home}|mail=${home}/Maildir`;
    root.write(
      "etc/courier/userdb",
      `${account.login}\t${user}|systempw=${account.password_hash}\n`,
      0o600,
    );
    const pem = [certificate.key, certificate.certificate].map((file) => fs.readFileSync(file));
    root.write("etc/tls/pem", Buffer.concat(pem));
    server.root = root;
    server.box = root.path(`${home.slice(1)}/Maildir`);
    for (const each of ["", "new", "cur", "tmp"]) {
      fs.mkdirSync(path.join(server.box, each), { recursive: true });
    }
    for (const each of ["..", "", "new", "cur", "tmp"]) {
      fs.chownSync(path.join(server.box, each), mail_user, mail_user);
    }
    await server.start();
    return server;
  }

  async start() {
    this.program = this.root.start(["/bin/sh", "/etc/courier/run"]);
    await until(
      "Courier greets",
      async () => {
        if (this.program.end) throw new Error(`it ended: ${this.program.errors}`);
        return (await greets_by_tls(this.ports.imap)) && (await greets_by_tls(this.ports.pop3));
      },
      20000,
    ).catch((error) => {
      throw new Error(`${error.message}\n${this.program.errors}`);
    });
  }

  async stop() {
    this.program.kill("SIGKILL");
    await this.program.ended;
  }

  /** As an MTA does: whole into tmp, then into new. */
  async deliver(...mails) {
    for (const mail of mails) {
      const name = `${Date.now()}.${++this.delivered}.test`;
      const file = path.join(this.box, "tmp", name);
      fs.writeFileSync(file, mail);
      fs.chownSync(file, mail_user, mail_user);
      fs.renameSync(file, path.join(this.box, "new", name));
    }
  }
}
