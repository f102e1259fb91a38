// A private Postfix 3.7 with its own configuration, queue and data folders: submission with
// STARTTLS and with TLS (both want a login, checked by the private Dovecot), one with STARTTLS and
// few extensions (bare), and a port as an MX has it, without login. Everything is delivered to that Dovecot by LMTP; nothing can leave the
// machine. What it answers to MAIL and RCPT can be changed while it runs: see `policy`.
import fs from "node:fs";
import net from "node:net";
import path from "node:path";

import { free_ports } from "./files.mjs";
import { at_exit, end_pid, is_alive, Program, run_now } from "./processes.mjs";
import { greets } from "./smtp_client.mjs";
import { until } from "./until.mjs";

const domain = "example.test";

function main_settings({ folder, dovecot, certificate, policy_port }) {
  const ask = `check_policy_service inet:127.0.0.1:${policy_port}`;
  return `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = ${folder}/postfix.log
maillog_file_prefixes = ${folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.${domain}
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
relayhost =
default_transport = error:5.1.2 nothing leaves this machine
relay_transport = error:5.1.2 nothing leaves this machine
virtual_mailbox_domains = ${domain}
virtual_alias_domains = xn--bcher-kva.test
virtual_alias_maps = inline:{@xn--bcher-kva.test=idn@${domain}}
virtual_transport = lmtp:unix:${dovecot.lmtp_socket}
smtpd_delay_reject = no
smtpd_sender_restrictions = ${ask}
smtpd_recipient_restrictions = ${ask}
smtpd_end_of_data_restrictions = ${ask}
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_error_sleep_time = 0
smtpd_client_connection_count_limit = 0
smtpd_tls_cert_file = ${certificate.certificate}
smtpd_tls_key_file = ${certificate.key}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${dovecot.auth_socket}
smtpd_sasl_security_options = noanonymous
message_size_limit = 31457280
in_flow_delay = 0
`;
}

function services(ports) {
  const login = `  -o smtpd_sasl_auth_enable=yes
  -o { smtpd_relay_restrictions = permit_sasl_authenticated, reject }`;
  return `127.0.0.1:${ports.mx} inet n - n - - smtpd
127.0.0.1:${ports.starttls} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
${login}
127.0.0.1:${ports.bare} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_discard_ehlo_keywords=8bitmime,dsn,smtputf8
${login}
127.0.0.1:${ports.tls} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
${login}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
}

/** Answers Postfix's questions (its policy delegation protocol) with what `decide` gives. */
function policy_server(port, decide) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes;
      for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
        const question = Object.fromEntries(
          text
            .slice(0, end)
            .split("\n")
            .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
        );
        socket.write(`action=${decide(question) ?? "DUNNO"}\n\n`);
      }
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () =>
      resolve(() => {
        for (const socket of sockets) socket.destroy();
        server.close();
      }),
    );
  });
}

export class Postfix {
  /**
   * policy: function of {protocol_state: "MAIL"|"RCPT"|"END-OF-MESSAGE", sender, recipient, …}
   * giving an access(5) action such as "550 5.1.1 no such user", or nothing to let it pass.
   */
  policy = () => undefined;

  static async start(folder, certificate, dovecot) {
    const postfix = new Postfix();
    const [mx, starttls, bare, tls, policy_port] = await free_ports(5);
    postfix.folder = folder;
    postfix.ports = { mx, starttls, bare, tls };
    postfix.config = path.join(folder, "conf");
    for (const name of ["conf", "queue", "data"]) {
      fs.mkdirSync(path.join(folder, name), { recursive: true });
    }
    run_now("chown", ["postfix", path.join(folder, "data")]);
    fs.writeFileSync(
      path.join(postfix.config, "main.cf"),
      main_settings({ folder, dovecot, certificate, policy_port }),
    );
    fs.writeFileSync(path.join(postfix.config, "master.cf"), services(postfix.ports));
    postfix.close_policy = await policy_server(policy_port, (question) => postfix.policy(question));
    await postfix.start();
    return postfix;
  }

  #master_pid() {
    const file = path.join(this.folder, "queue", "pid", "master.pid");
    return fs.existsSync(file) ? Number(fs.readFileSync(file, "utf8")) : 0;
  }

  async start() {
    this.forget = at_exit(() => this.#master_pid() && process.kill(this.#master_pid(), "SIGTERM"));
    this.program = new Program("postfix", ["-c", this.config, "start-fg"]);
    try {
      await until(
        "Postfix greets",
        () => {
          if (this.program.end) throw new Error("Postfix ended");
          return greets(this.ports.mx);
        },
        20000,
      );
    } catch (error) {
      throw new Error(`${error.message}\n${this.program.errors}\n${this.log().slice(-2000)}`);
    }
  }

  async stop() {
    const pid = this.#master_pid();
    if (pid && is_alive(pid)) await end_pid(pid);
    await this.program.ended;
    this.forget();
    this.close_policy();
  }

  log() {
    const file = path.join(this.folder, "postfix.log");
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
  }
}
