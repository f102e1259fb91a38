// One server of a hostile row on a port of its own: what it heard on each connection, in plain and
// under TLS, and how and when each ended. What it says is the row's.
import fs from "node:fs";
import net from "node:net";
import tls from "node:tls";

import { free_port } from "../../interop/lib/files.mjs";

const heard_bytes_max = 1 << 20; // of a connection, kept for the checks
const told_bytes = 80;
const flood_piece_bytes = 64 * 1024;

/** One connection. `serve` gets it; it listens by on_line, or by on_bytes. */
export class Talk {
  number = 0; // the first is 1
  plain = ""; // heard without TLS
  secret = ""; // heard under TLS
  ended_at = null;
  cut_by_us = false;
  quiet_since = null; // since when it keeps the client waiting
  on_line = null;
  on_bytes = null;
  said_bytes = 0;
  #rest = "";

  constructor(socket, number) {
    this.number = number;
    this.opened_at = Date.now();
    this.raw = socket;
    this.#use(socket);
  }

  get heard() {
    return this.plain + this.secret;
  }

  /** In one line, for the message of a row whose outcome did not come. */
  told() {
    const after = (at) => (at ? `${at - this.opened_at} ms` : "never");
    const said = JSON.stringify(this.heard.slice(-told_bytes));
    return `${this.number}: heard ${said}, quiet after ${after(this.quiet_since)}, ended after ${after(this.ended_at)}`;
  }

  get open() {
    return this.ended_at === null;
  }

  #use(socket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("close", () => (this.ended_at ??= Date.now()));
    socket.on("end", () => (this.ended_at ??= Date.now()));
    socket.on("data", (bytes) => this.#take(bytes));
  }

  #take(bytes) {
    const text = bytes.toString("latin1");
    const where = this.socket instanceof tls.TLSSocket ? "secret" : "plain";
    if (this[where].length < heard_bytes_max) this[where] += text;
    if (this.on_bytes) {
      this.on_bytes(text);
      return;
    }
    this.#rest += text;
    this.#read();
  }

  /** The next `count` bytes, whatever they are, before the next line. */
  take(count, then) {
    this.wanted = { count, then };
    this.#read();
  }

  #read() {
    if (this.wanted) {
      const { count, then } = this.wanted;
      if (this.#rest.length < count) return;
      const text = this.#rest.slice(0, count);
      this.#rest = this.#rest.slice(count);
      this.wanted = null;
      then(text);
    }
    for (let end; this.open && this.on_line && (end = this.#rest.indexOf("\n")) >= 0;) {
      const line = this.#rest.slice(0, end).replace(/\r$/, "");
      this.#rest = this.#rest.slice(end + 1);
      this.on_line(line);
      if (this.wanted) return;
    }
  }

  say(text) {
    const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text, "latin1");
    this.said_bytes += bytes.length;
    if (this.open && !this.socket.destroyed) this.socket.write(bytes);
  }

  /** From now on nothing comes that the client could use. */
  quiet() {
    this.quiet_since ??= Date.now();
  }

  cut() {
    this.cut_by_us = true;
    this.socket.destroy();
  }

  /** Ends it in order, behind what was said. */
  hang_up(last = "") {
    this.cut_by_us = true;
    this.socket.end(Buffer.from(last, "latin1"));
  }

  reset() {
    this.cut_by_us = true;
    this.raw.resetAndDestroy();
  }

  /** One byte of `text` every `every_ms`, for ever from the beginning again. */
  drip(text, every_ms = 2000) {
    this.quiet();
    let at = 0;
    const timer = setInterval(() => {
      if (!this.open) return clearInterval(timer);
      this.say(text[at++ % text.length]);
    }, every_ms);
    timer.unref();
  }

  /** `piece` again and again as fast as it is taken, at most `bytes_max`; then silence. */
  flood(piece, bytes_max = 256 << 20) {
    const count = Math.max(1, Math.ceil(flood_piece_bytes / piece.length));
    const block = Buffer.from(piece.repeat(count), "latin1");
    let left = bytes_max;
    const go_on = () => {
      while (this.open && !this.socket.destroyed && left > 0) {
        left -= block.length;
        this.said_bytes += block.length;
        if (!this.socket.write(block)) {
          this.socket.once("drain", go_on);
          return;
        }
      }
      if (this.open) this.quiet();
    };
    go_on();
  }

  /** Becomes a TLS server on the same connection; what was heard before stays in `plain`. */
  start_tls(certificate, options = {}) {
    this.#rest = "";
    this.raw.removeAllListeners("data");
    const socket = new tls.TLSSocket(this.raw, {
      isServer: true,
      key: fs.readFileSync(certificate.key),
      cert: fs.readFileSync(certificate.certificate),
      ...options,
    });
    this.#use(socket);
  }
}

export class Peer {
  talks = [];

  /** `serve(talk)` for each connection; under `certificate` it speaks TLS from the first byte. */
  static async start(serve, certificate, tls_options) {
    const peer = new Peer();
    peer.server = net.createServer({ allowHalfOpen: false }, (socket) => {
      const talk = new Talk(socket, peer.talks.length + 1);
      peer.talks.push(talk);
      if (certificate) talk.start_tls(certificate, tls_options);
      serve(talk, peer);
    });
    peer.port = await free_port();
    await new Promise((resolve, reject) => {
      peer.server.once("error", reject);
      peer.server.listen(peer.port, "127.0.0.1", resolve);
    });
    return peer;
  }

  get heard() {
    return this.talks.map((talk) => talk.heard).join("");
  }

  get plain() {
    return this.talks.map((talk) => talk.plain).join("");
  }

  stop() {
    for (const talk of this.talks) talk.raw.destroy();
    this.server.close();
  }
}
