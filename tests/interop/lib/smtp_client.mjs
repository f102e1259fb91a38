// A small SMTP and LMTP client: how the tests put mail in, without Postern.
import net from "node:net";

import { within } from "./until.mjs";

const reply_limit_ms = 30000;

/** Whether something at the port says a first line. */
export function greets(port, limit_ms = 1000) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
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

class Line {
  constructor(where) {
    this.waiting = [];
    this.replies = [];
    this.text = "";
    this.socket = net.connect(where);
    this.socket.on("data", (bytes) => this.#take(bytes));
    this.socket.on("error", (error) => this.#fail(error));
    this.socket.on("close", () => this.#fail(new Error("the server closed the line")));
  }

  #take(bytes) {
    this.text += bytes.toString("latin1");
    for (let end; (end = /^\d{3}(?: .*)?\r\n/m.exec(this.text));) {
      const reply = this.text.slice(0, end.index + end[0].length);
      this.text = this.text.slice(reply.length);
      const waiter = this.waiting.shift();
      if (waiter) waiter.resolve(reply.trimEnd());
      else this.replies.push(reply.trimEnd());
    }
  }

  #fail(error) {
    this.broken ??= error;
    for (const waiter of this.waiting.splice(0)) waiter.reject(error);
  }

  reply() {
    if (this.replies.length > 0) return Promise.resolve(this.replies.shift());
    if (this.broken) return Promise.reject(this.broken);
    const answer = new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
    return within("a reply of the mail server", answer, reply_limit_ms);
  }

  async say(command, expected) {
    this.socket.write(command);
    const reply = await this.reply();
    if (!reply.startsWith(expected)) {
      throw new Error(`to ${JSON.stringify(command.slice(0, 60))} the server said ${reply}`);
    }
    return reply;
  }
}

/** The mail's bytes as DATA wants them: CRLF, dots stuffed, the final dot. */
function as_data(mail) {
  const text = Buffer.from(mail).toString("latin1").replace(/\r?\n/g, "\r\n");
  const ended = text.endsWith("\r\n") ? text : `${text}\r\n`;
  return Buffer.from(`${ended.replace(/^\./gm, "..")}.\r\n`, "latin1");
}

/**
 * Hands mails over, one after the other on one line.
 * @param where {port, host: "127.0.0.1"} for SMTP, {path} for LMTP
 * @param mails [{from, to: [..], mail: string|Buffer}]
 * @returns the server's last reply for each
 */
export async function put_mails(where, mails) {
  const line = new Line(where);
  const answers = [];
  try {
    const greeting = await line.reply();
    if (!greeting.startsWith("220")) throw new Error(`greeted with ${greeting}`);
    await line.say(
      where.path ? "LHLO tests.example.test\r\n" : "EHLO tests.example.test\r\n",
      "250",
    );
    for (const { from, to, mail } of mails) {
      await line.say(`MAIL FROM:<${from}>\r\n`, "250");
      for (const recipient of to) await line.say(`RCPT TO:<${recipient}>\r\n`, "250");
      await line.say("DATA\r\n", "354");
      answers.push(await line.say(as_data(mail), "250"));
      for (let more = 1; where.path && more < to.length; more++) await line.reply();
    }
    line.socket.end("QUIT\r\n");
  } finally {
    line.socket.destroySoon();
  }
  return answers;
}
