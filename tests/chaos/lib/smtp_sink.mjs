// An SMTP server that takes mail and keeps an exact account: which transactions it ended with 250,
// with which Message-ID, bytes and recipients. Recipients' names decide what is answered to RCPT:
// "refused…" 550, "slow…" 450 at the first time of each mail, everybody else 250.
import net from "node:net";

import { sha256 } from "./imap_server.mjs";

export class SmtpSink {
  /** [{name, message_id, sha256, recipients: [..], sender, life}]: answered with 250, in order. */
  transactions = [];
  /** Of Postern's lives the present one; whoever ends it counts. A line belongs to its beginning. */
  life = 0;
  /** Called when a mail was taken, before the 250 is written. */
  on_take = undefined;
  #told_slow = new Set();

  static async start() {
    const sink = new SmtpSink();
    sink.sockets = new Set();
    sink.server = net.createServer((socket) => sink.#serve(socket));
    await new Promise((resolve) => sink.server.listen(0, "127.0.0.1", resolve));
    sink.port = sink.server.address().port;
    return sink;
  }

  stop() {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  #serve(socket) {
    const { life } = this;
    const session = { socket, life, text: "", recipients: [], data: false, sender: "" };
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("data", (bytes) => {
      session.text += bytes.toString("latin1");
      while (this.#step(session)) if (socket.destroyed) return;
    });
    socket.write("220 sink.example.test ESMTP\r\n");
  }

  #step(session) {
    const { socket } = session;
    if (session.data) {
      const text = `\r\n${session.text}`;
      const end = text.indexOf("\r\n.\r\n");
      if (end < 0) return false;
      session.data = false;
      session.text = text.slice(end + 5);
      this.#take(session, end === 0 ? "" : text.slice(2, end + 2));
      return true;
    }
    const end = session.text.indexOf("\r\n");
    if (end < 0) return false;
    const line = session.text.slice(0, end);
    session.text = session.text.slice(end + 2);
    socket.write(this.#reply(session, line));
    return true;
  }

  #reply(session, line) {
    const word = line.slice(0, 4).toUpperCase();
    const address = /<([^>]*)>/.exec(line)?.[1] ?? "";
    if (word === "EHLO") return "250-sink.example.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n";
    if (word === "MAIL") {
      session.recipients = [];
      session.sender = address;
      return "250 2.1.0 Ok\r\n";
    }
    if (word === "RCPT") return this.#judge(session, address);
    if (word === "DATA") {
      if (session.recipients.length === 0) return "503 5.5.1 nobody to send it to\r\n";
      session.data = true;
      return "354 go\r\n";
    }
    if (word === "QUIT") {
      session.socket.end("221 2.0.0 Bye\r\n");
      return "";
    }
    return "250 2.0.0 Ok\r\n";
  }

  #judge(session, address) {
    if (address.startsWith("refused")) return "550 5.1.1 nobody here\r\n";
    if (address.startsWith("slow") && !this.#told_slow.has(address)) {
      this.#told_slow.add(address);
      return "450 4.2.1 later\r\n";
    }
    session.recipients.push(address);
    return "250 2.1.5 Ok\r\n";
  }

  #take(session, text) {
    const bytes = text.replace(/\r\n\.\./g, "\r\n.").replace(/^\.\./, ".");
    const message_id = /^Message-ID:\s*(<[^>]*>)/im.exec(bytes)?.[1];
    const name = /^Subject:\s*(\S+)/im.exec(bytes)?.[1];
    const { recipients, sender, life } = session;
    this.transactions.push({ name, message_id, sha256: sha256(bytes), recipients, sender, life });
    this.on_take?.();
    session.recipients = [];
    session.socket.write("250 2.0.0 Ok: taken\r\n");
  }
}
