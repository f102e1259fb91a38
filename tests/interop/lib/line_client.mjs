// A mail client of few words, over TLS: says a line, waits for one. What the tests look through at
// a server themselves, past Postern.
import fs from "node:fs";
import tls from "node:tls";

import { within } from "./until.mjs";

const line_limit_ms = 30000;

/** Whether something at the port says a first line over TLS, whoever it is. */
export function greets_by_tls(port, limit_ms = 3000) {
  return new Promise((resolve) => {
    const socket = tls.connect({ port, host: "localhost", rejectUnauthorized: false });
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(limit_ms, () => end(false));
    socket.once("data", () => end(true));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}

export class LineClient {
  #text = "";
  #wake = () => {};

  /** @param authority the path of the certificate to trust */
  static async connect(port, authority) {
    const client = new LineClient();
    client.socket = tls.connect({ port, host: "localhost", ca: fs.readFileSync(authority) });
    client.socket.on("data", (bytes) => {
      client.#text += bytes.toString("latin1");
      client.#wake();
    });
    for (const end of ["error", "close"]) {
      client.socket.on(end, () => {
        client.closed = true;
        client.#wake();
      });
    }
    return client;
  }

  say(line) {
    this.socket.write(`${line}\r\n`, "latin1");
  }

  /** The next line that `wanted` (a RegExp) matches; those before it are dropped. */
  async line(wanted) {
    return within(`a line like ${wanted}`, this.#next(wanted), line_limit_ms);
  }

  async #next(wanted) {
    for (;;) {
      for (let end; (end = this.#text.indexOf("\r\n")) >= 0;) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        if (wanted.test(line)) return line;
      }
      if (this.closed) throw new Error(`the server closed the line before ${wanted}`);
      await new Promise((resolve) => (this.#wake = resolve));
    }
  }

  end() {
    this.socket.destroy();
  }
}

const base64 = (text) => Buffer.from(text, "latin1").toString("base64");

/** The first answer of each mechanism (XOAUTH2; RFC 7628 §3.1). */
export const xoauth2 = (user, token) => base64(`user=${user}\x01auth=Bearer ${token}\x01\x01`);
export const oauthbearer = (user, token, port) =>
  base64(`n,a=${user},\x01host=localhost\x01port=${port}\x01auth=Bearer ${token}\x01\x01`);
