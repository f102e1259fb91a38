// Callers of POST /send who say the same mail more than once under one Idempotency-Key: at the same
// time, later, after a death, and with another body. Each goes on until it has an answer that is
// final; what all of them were told is in `keys`.
import { pause } from "../../interop/lib/until.mjs";

const retry_ms = 20;
const line = `${"0123456789".repeat(7)}\r\n`;

/** When a key's three calls of the first body are made: the round of each, after the first's. */
const patterns = [
  { rounds: [0, 0, 0], together: true },
  { rounds: [0, 0, 1], together: true },
  { rounds: [0, 0, 0] }, // one behind the other
  { rounds: [0, 1, 2] },
];

export class KeyedCalls {
  /** name → {name, way, sync, recipients, texts, answers: {a, b}, ids, message_ids, fresh}. */
  keys = new Map();
  /** What no caller may be told. */
  wrong = [];
  figures = { requests: 0, replays: 0, "refusals of another body": 0 };
  /** Answers that a trouble explains, by their status: the call is made again. */
  put_off = new Map();
  #jobs = [];
  #open = 0;

  /** @param call as Postern.call */
  constructor(call, random) {
    this.call = call;
    this.random = random;
  }

  /** Draws a key and plans its calls: the first of them in this round. */
  add(name, integration, round) {
    const { random } = this;
    const way = random.of(["json", "json", "json", "mail", "form"]);
    const recipients = [`${name}@far.test`];
    if (random.chance(0.1)) recipients.push(`slow-${name}@far.test`);
    const length = random.chance(0.02) ? 15500 : random.between(1, 60);
    const texts = { a: line.repeat(length), b: `other\r\n${line.repeat(length)}` };
    const sync = random.chance(0.15) && recipients.length === 1;
    const answers = { a: new Set(), b: new Set() };
    const facts = { ids: new Set(), message_ids: new Set(), fresh: 0 };
    const key = { name, integration, way, sync, recipients, texts, answers, ...facts };
    this.keys.set(name, key);
    const { rounds, together } = random.of(patterns);
    const calls = rounds.map((later) => ({ key, letter: "a", round: round + later, together }));
    // A rival is there from the beginning, or comes when the first has its answer.
    const draw = random.fraction();
    if (draw < 0.1) calls.splice(random.between(0, 1), 0, { ...calls[0], letter: "b" });
    else if (draw < 0.3) calls.push({ ...calls[2], letter: "b", together: false, late: true });
    this.#plan(calls);
  }

  /** Everyone asks once more; a call in another round than those before. */
  ask_again(round) {
    for (const key of this.keys.values()) {
      const [letter] = key.answers.a.has("taken") ? "a" : "b";
      this.#plan([{ key, letter, round }]);
    }
  }

  #plan(calls) {
    const jobs = new Map();
    for (const call of calls) {
      const place = `${call.round} ${call.together === true}`;
      if (!jobs.has(place)) jobs.set(place, []);
      jobs.get(place).push(call);
    }
    this.#jobs.push(...jobs.values());
    this.#open += calls.length;
  }

  /** Callers for all that is due by `round`, which the kind raises. */
  run(lanes) {
    this.round = 0;
    this.running = true;
    this.ended = Promise.all(Array.from({ length: lanes }, () => this.#lane()));
  }

  async stop() {
    this.running = false;
    await this.ended;
  }

  /** Calls that have no final answer yet, of all that were planned. */
  waiting() {
    return this.#open;
  }

  async #lane() {
    while (this.running) {
      const at = this.#jobs.findIndex(([first]) => first.round <= this.round);
      if (at < 0) {
        await pause(retry_ms);
        continue;
      }
      const [job] = this.#jobs.splice(at, 1);
      if (job[0].together) await Promise.all(job.map((call) => this.#go_on(call)));
      else for (const call of job) await this.#go_on(call);
    }
  }

  async #go_on({ key, letter, late }) {
    while (this.running) {
      const waits = late && key.ids.size === 0;
      if (!waits && (await this.#call(key, letter))) {
        this.#open--;
        return;
      }
      await pause(retry_ms);
    }
  }

  /** Whether the answer is final. */
  async #call(key, letter) {
    this.figures.requests++;
    const [where, body, headers] = request(key, letter);
    const options = { headers: { "idempotency-key": key.name, ...headers } };
    const answer = await this.call("POST", where, body, options).catch(() => undefined);
    if (!answer) return false; // it died: nobody knows
    if (answer.status === 200 || answer.status === 202) {
      this.#taken(key, letter, answer);
      return true;
    }
    if (answer.status === 422 && answer.body.code === "idempotency_key_in_use") {
      key.answers[letter].add("refused");
      this.figures["refusals of another body"]++;
      return true;
    }
    if (![409, 503].includes(answer.status)) {
      this.wrong.push(`${key.name}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return true;
    }
    this.put_off.set(answer.status, (this.put_off.get(answer.status) ?? 0) + 1);
    return false;
  }

  #taken(key, letter, { headers, body }) {
    key.answers[letter].add("taken");
    key.ids.add(body.id);
    key.message_ids.add(body.message_id);
    if (headers.get("idempotent-replayed") === "true") this.figures.replays++;
    else key.fresh++;
  }
}

/** Path, body and headers of a call; each of the three kinds of body there are. */
function request({ name, integration, way, sync, recipients, texts }, letter) {
  const subject = `${name}-${letter}`;
  const mode = sync ? "sync" : "queue";
  const text = texts[letter];
  if (way === "json") return ["/send", { integration, mode, to: recipients, subject, text }];
  if (way === "mail") {
    const query = new URLSearchParams({ integration, mode, to: recipients.join(",") });
    const mail =
      `From: ${integration}@example.test\r\nTo: ${recipients[0]}\r\nSubject: ${subject}\r\n` +
      `Message-ID: <${subject}@client.test>\r\nDate: Mon, 02 Feb 2026 10:00:00 +0000\r\n\r\n${text}`;
    return [`/send?${query}`, mail, { "content-type": "message/rfc822" }];
  }
  const form = new FormData(); // its boundary is another one each time
  const fields = { integration, mode, to: recipients.join(", "), subject, text };
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  return ["/send", form];
}
