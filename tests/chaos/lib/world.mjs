// One life of Postern on one data folder, among peers that outlive all of its deaths: an IMAP
// server, an SMTP server, a webhook, a consumer, and clients. What they saw decides what was lost.
import path from "node:path";

import { make_certificates } from "../../interop/lib/certificates.mjs";
import { free_ports, remove_folder, temporary_folder } from "../../interop/lib/files.mjs";
import { Postern, postern_command } from "../../interop/lib/postern.mjs";
import { at_exit } from "../../interop/lib/processes.mjs";
import { pause, until } from "../../interop/lib/until.mjs";
import { broken_promises } from "./books.mjs";
import { Clients } from "./clients.mjs";
import { ImapServer } from "./imap_server.mjs";
import { SmtpSink } from "./smtp_sink.mjs";
import { kill_traced, traced_pid } from "./strace.mjs";
import { Consumer, Hook } from "./takers.mjs";

const users = ["ann", "bob", "cleo"];
const client_lanes = 3; // of each kind
const settle_limit_ms = 90000;
const small_bytes = 4000;
const middle_bytes = 80000;
const spooled_bytes = 1_100_000; // over the megabyte from which a mail is a file
const line = `${"0123456789".repeat(7)}\r\n`;

let certificates;
/** One set of certificates a process, for the listener. */
function certificate() {
  if (!certificates) {
    const folder = temporary_folder("chaos-tls");
    at_exit(() => remove_folder(folder));
    certificates = make_certificates(path.join(folder, "tls"));
  }
  return certificates.server;
}

/** How large a mail's text is: most are small, some are files. */
function draw_bytes(random, spooled_share) {
  const draw = random.fraction();
  const middle = 1 - spooled_share;
  if (draw > middle) return spooled_bytes;
  return (draw > 0.9 * middle ? middle_bytes : small_bytes) * random.fraction();
}

function text_of(name, bytes) {
  const lines = Math.ceil(bytes / line.length);
  return `${name}\r\n.a line that begins with a dot\r\n${line.repeat(lines)}`;
}

export class World {
  #mails = 0;
  #wishes = 0;

  /**
   * @param random draws what is mailed
   * @param data the data folder, when not one of its own
   * @param wrap words before the program: ["strace", …]
   * @param spooled_share of the mails: so large that they are files of their own
   * @param host the IMAP server's name
   * @param small whether all mails are as small as can be, where it is their number that counts
   * @param bytes_max of all mails, where it is what they write to the database that counts
   */
  static async make(options) {
    const { random, data, env = {}, wrap, spooled_share = 0.02, small = false, bytes_max, host } = options;
    const world = new World();
    world.spooled_share = spooled_share;
    world.small = small;
    world.bytes_max = bytes_max;
    world.host = host ?? "127.0.0.1";
    world.random = random;
    [world.imap, world.sink, world.hook] = await Promise.all([
      ImapServer.start(users),
      SmtpSink.start(),
      Hook.start((hash) => world.imap.names.get(hash)),
    ]);
    const [listener_port] = await free_ports(1);
    const { certificate: file, key } = certificate();
    world.postern = Postern.prepare({
      env: {
        POSTERN_SUBMISSION_TLS_LISTEN: `127.0.0.1:${listener_port}`,
        POSTERN_SUBMISSION_CERTIFICATE: file,
        POSTERN_SUBMISSION_KEY: key,
        POSTERN_RETRY_OUTGOING_S: "1,1,1,1,1,2,2,2,5,5",
        POSTERN_MONITORING_DISABLE_AFTER: "10000",
        ...env,
      },
    });
    if (data) world.postern.data = data;
    world.postern.wrap = wrap;
    const call = (...words) => world.postern.call(...words);
    world.consumer = new Consumer(call, "desk", world.hook.name_of);
    world.clients = new Clients(call, () => world.login, random.fork());
    world.login = { port: listener_port };
    return world;
  }

  /** Targets, integrations and the listener's login; may be said again after a death in it. */
  async configure() {
    const { postern } = this;
    const ensure = async (kind, body) => {
      const { status } = await postern.call("GET", `/${kind}/${body.name}`);
      if (status === 404) await postern.api("POST", `/${kind}`, body);
    };
    await ensure("targets", { name: "hook", type: "webhook", url: this.hook.url, required: true });
    await ensure("targets", { name: "desk", type: "pull", required: false, raw: true });
    for (const user of users) await ensure("integrations", this.integration(user));
    const path_of_login = `/integrations/${users[0]}/submission-password`;
    Object.assign(this.login, await postern.api("POST", path_of_login));
  }

  /** The settings of a user's account; the server's name may be another. */
  integration(user, host = this.host) {
    return {
      name: user,
      address: `${user}@example.test`,
      incoming: {
        enabled: true,
        protocol: "imap",
        host,
        port: this.imap.port,
        security: "none",
        tls: { allow_plain_password: true },
        auth: { method: "password", username: user, password: "secret" },
        start_from: "all",
        after_fetch: { action: "delete" },
      },
      outgoing: {
        enabled: true,
        protocol: "smtp",
        host: "127.0.0.1",
        port: this.sink.port,
        security: "none",
        auth: { method: "none" },
      },
    };
  }

  /** Starts Postern for the first time, and everybody around it. */
  async begin() {
    await this.postern.start();
    await this.configure();
    this.consumer.run();
    this.clients.run(client_lanes);
  }

  /** The same settings for one that was spawned and may die at any moment; rejects when it did. */
  async begin_at(program) {
    await until("it is ready, or dead", () => program.end || this.is_ready());
    if (program.end) throw new Error("it is dead");
    await this.configure();
  }

  is_ready() {
    return fetch(`${this.postern.url}/readyz`).then((answer) => answer.ok);
  }

  #text(name) {
    if (this.small) return name;
    const { random, bytes_max, spooled_share } = this;
    return text_of(name, bytes_max ? bytes_max * random.fraction() : draw_bytes(random, spooled_share));
  }

  /** A mail arrives in somebody's mailbox; its name. */
  mail_in() {
    const name = `in-${this.#mails++}`;
    const user = this.random.of(users);
    const text =
      `From: Dora <dora@client.test>\r\nTo: ${user}@example.test\r\nSubject: ${name}\r\n` +
      `Message-ID: <${name}@client.test>\r\nDate: Mon, 02 Feb 2026 10:00:00 +0000\r\n\r\n`;
    this.imap.put(user, name, Buffer.from(text + this.#text(name)));
    return name;
  }

  /** Somebody wants a mail sent: by the API or, one in four, through the listener. */
  mail_out() {
    const name = `out-${this.#wishes++}`;
    const via = this.random.chance(0.25) ? "listener" : "api";
    const user = via === "listener" ? users[0] : this.random.of(users);
    const recipients = [`${name}@far.test`];
    if (this.random.chance(0.15)) recipients.push(`refused-${name}@far.test`);
    if (this.random.chance(0.15)) recipients.push(`slow-${name}@far.test`);
    const text = this.#text(name);
    const from = `${user}@example.test`;
    this.clients.wish({ name, via, integration: user, from, recipients, text });
  }

  /** `count` mails in all directions, over about `ms`. */
  async traffic(count, ms) {
    const pieces = 10;
    for (let piece = 0; piece < pieces; piece++) {
      const share = Math.ceil((count * (piece + 1)) / pieces) - Math.ceil((count * piece) / pieces);
      for (let n = 0; n < share; n++) {
        if (this.random.chance(0.6)) this.mail_in();
        else this.mail_out();
      }
      await pause(ms / pieces);
    }
  }

  /** The program's own pid: under strace it is strace's child. */
  pid() {
    const { pid } = this.postern.program;
    return this.#is_traced() ? traced_pid(pid) : pid;
  }

  #is_traced() {
    return this.postern.wrap?.[0] === "strace";
  }

  /** Kills it as a crash would, whoever started it. */
  async crash() {
    if (this.#is_traced()) await kill_traced(this.postern.program);
    await this.postern.crash();
  }

  mails() {
    return this.#mails + this.#wishes;
  }

  /** Lets everything come to its end, and gives what was promised and is not so. */
  async settle(limit_ms = settle_limit_ms) {
    const notes = [];
    const wait = (what, condition) =>
      until(what, condition, limit_ms).catch((error) => notes.push(error.message));
    await wait("all mailboxes are empty", () => this.imap.waiting() === 0);
    await wait("all clients have their answer", () => this.clients.waiting() === 0);
    await wait("all deliveries have ended", () => this.#deliveries_ended());
    await wait("the consumer has all mails", () =>
      [...this.imap.all.keys()].every((name) => this.consumer.mails.get(name)?.acknowledged),
    );
    if (this.imap.foul) notes.push(`the IMAP server was told: ${this.imap.foul}`);
    return [...notes, ...broken_promises(this, await this.postern.list("/deliveries?limit=200"))];
  }

  async #deliveries_ended() {
    // All of them: one that goes from one state to another is in no list of the two, at times.
    let open = 0;
    for (const { id, state } of await this.postern.list("/deliveries?limit=200")) {
      if (!["queued", "sending", "unknown"].includes(state)) continue;
      open++;
      if (state === "unknown") await this.postern.call("POST", `/deliveries/${id}/retry`);
    }
    return open === 0;
  }

  /** Ends all in order; gives what was wrong in that. */
  async end() {
    await Promise.all([this.clients.stop(), this.consumer.stop()]);
    const wrong = [];
    if (this.postern.program) {
      // strace does not pass a signal on.
      if (this.#is_traced()) process.kill(this.pid(), "SIGTERM");
      const { code, signal, ms } = await this.postern.terminate();
      if (code !== 0) wrong.push(`ended by SIGTERM with ${code ?? signal} after ${ms} ms`);
      if (ms > 10000) wrong.push(`took ${ms} ms to end`);
      const verified = await postern_command(["verify", "--data", this.postern.data]);
      if (verified.code !== 0) wrong.push(`postern verify: ${verified.output}${verified.errors}`);
    }
    for (const peer of [this.imap, this.sink, this.hook]) peer.stop();
    remove_folder(this.postern.folder);
    this.postern.forget();
    return wrong;
  }
}
