// Who gives mail to Postern: callers of POST /send with an Idempotency-Key, and programs that speak
// SMTP to the listener. Both go on over Postern's deaths until they have their 202 or 250.
import tls from "node:tls";

import { pause } from "../../interop/lib/until.mjs";

const retry_ms = 20;
const answer_limit_ms = 15000;

/** One dialogue with the listener: resolves at the 250 behind the final dot, rejects at all else. */
function submit_once({ port, login, password }, { from, recipients, text }) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    const secret = Buffer.from(`\0${login}\0${password}`).toString("base64");
    const steps = [
      ["220", "EHLO chaos.example.test\r\n"],
      ["250", `AUTH PLAIN ${secret}\r\n`],
      ["235", `MAIL FROM:<${from}>\r\n`],
      ...recipients.map((recipient) => ["250", `RCPT TO:<${recipient}>\r\n`]),
      ["250", "DATA\r\n"],
      ["354", `${text}\r\n.\r\n`],
      ["250", "QUIT\r\n"],
    ];
    let heard = "";
    let at = 0;
    const fail = (error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(answer_limit_ms, () => fail(new Error("no answer")));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("closed")));
    socket.on("data", (bytes) => {
      heard += bytes;
      for (let end; (end = /^\d{3} .*\r\n/m.exec(heard));) {
        const reply = end[0];
        heard = heard.slice(end.index + reply.length);
        const [wanted, next] = steps[at] ?? ["", ""];
        if (!reply.startsWith(wanted)) {
          fail(Object.assign(new Error(reply), { reply }));
          return;
        }
        at++;
        if (at === steps.length) {
          socket.end(next);
          resolve(reply);
          return;
        }
        socket.write(next);
      }
    });
  });
}

export class Clients {
  /** name → {name, via, recipients, ids: Set, message_id, acknowledged, tries}. */
  wishes = new Map();
  /** What a client may never be told: two ids for one key, a key in use by another body. */
  wrong = [];
  /** How often each answer that is no success came: "503", "452 …". */
  refusals = new Map();
  #queues = { api: [], listener: [] };

  /**
   * @param call as Postern.call
   * @param listener function giving {port, login, password}
   * @param random decides who repeats a call that was answered
   */
  constructor(call, listener, random) {
    this.call = call;
    this.listener = listener;
    this.random = random;
  }

  /** Starts `lanes` clients of each kind: none waits behind the refusals of the other. */
  run(lanes) {
    this.running = true;
    const all = ["api", "listener"].flatMap((via) =>
      Array.from({ length: lanes }, () => this.#lane(this.#queues[via])),
    );
    this.ended = Promise.all(all);
  }

  async stop() {
    this.running = false;
    await this.ended;
  }

  wish(wish) {
    const made = { ids: new Set(), tries: 0, ...wish };
    this.wishes.set(made.name, made);
    this.#queues[made.via].push(made);
  }

  waiting() {
    return [...this.wishes.values()].filter((wish) => !wish.acknowledged).length;
  }

  async #lane(queue) {
    while (this.running) {
      const wish = queue.shift();
      if (!wish) {
        await pause(retry_ms);
        continue;
      }
      while (this.running && !wish.acknowledged) {
        wish.tries++;
        await (wish.via === "api" ? this.#send(wish) : this.#submit(wish)).catch((error) => {
          if (error.reply) this.#refused(error.reply.slice(0, 3));
        });
        if (!wish.acknowledged) await pause(retry_ms);
      }
    }
  }

  #refused(words) {
    this.refusals.set(words, (this.refusals.get(words) ?? 0) + 1);
  }

  async #send(wish) {
    const repeat = this.random.chance(0.1);
    const body = {
      integration: wish.integration,
      to: wish.recipients,
      subject: wish.name,
      text: wish.text,
    };
    for (let times = repeat ? 2 : 1; times > 0; times--) {
      const answer = await this.call("POST", "/send", body, {
        headers: { "idempotency-key": wish.name },
      });
      if (answer.status === 422) this.wrong.push(`${wish.name}: ${JSON.stringify(answer.body)}`);
      if (answer.status !== 202) {
        this.#refused(`${answer.status}`);
        return;
      }
      wish.ids.add(answer.body.id);
      wish.message_id = answer.body.message_id;
      wish.acknowledged = true;
      if (wish.ids.size > 1) this.wrong.push(`${wish.name}: two deliveries for one key`);
    }
  }

  async #submit(wish) {
    wish.message_id = `<${wish.name}@client.test>`;
    const text =
      `From: ${wish.from}\r\nTo: ${wish.recipients[0]}\r\nSubject: ${wish.name}\r\n` +
      `Message-ID: ${wish.message_id}\r\nDate: Mon, 02 Feb 2026 10:00:00 +0000\r\n\r\n${wish.text}`;
    await submit_once(this.listener(), { ...wish, text });
    wish.acknowledged = true;
  }
}
