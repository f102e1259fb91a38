// Who takes mail from Postern: a webhook, and a consumer of a pull target. Both keep an account by
// the mail's name (its subject) and by webhook-id or message id.
import http from "node:http";

import { pause } from "../../interop/lib/until.mjs";
import { sha256 } from "./imap_server.mjs";

export class Hook {
  /** webhook-id → Set of the sha256 of its bodies. */
  bodies = new Map();
  /** name → Set of webhook-ids. */
  ids = new Map();
  /** name → sha256 of the mail, as the last hand-over told it. */
  taken = new Map();
  requests = 0;
  /** What it answers; a kind may change it. */
  status = 204;
  /** Whether it takes a call and never answers. */
  mute = false;

  /** Mails that came without a summary of them: whoever read them had no room for it. */
  unread = new Set();

  /** @param name_of gives a mail's name by its sha256 */
  static async start(name_of) {
    const hook = new Hook();
    hook.name_of = name_of;
    hook.server = http.createServer((request, response) => hook.#take(request, response));
    await new Promise((resolve) => hook.server.listen(0, "127.0.0.1", resolve));
    hook.url = `http://127.0.0.1:${hook.server.address().port}/hook`;
    return hook;
  }

  stop() {
    this.server.close();
    this.server.closeAllConnections();
  }

  async #take(request, response) {
    const pieces = [];
    request.on("error", () => {});
    try {
      for await (const piece of request) pieces.push(piece);
    } catch {
      return; // the sender died before the end of the body: nothing was handed over
    }
    const body = Buffer.concat(pieces);
    if (this.mute) return;
    const { data, type } = JSON.parse(body);
    const id = request.headers["webhook-id"];
    this.requests++;
    if (type === "message.received") {
      note(this.bodies, id, sha256(body));
      const name = this.name_of(data.sha256) ?? data.subject;
      note(this.ids, name, id);
      if (data.subject === null) this.unread.add(name);
      if (this.status < 300) this.taken.set(name, data.sha256);
    }
    response.writeHead(this.status);
    response.end();
  }
}

function note(map, key, value) {
  if (!map.has(key)) map.set(key, new Set());
  map.get(key).add(value);
}

export class Consumer {
  /** name → {sha256 of the bytes, ids: Set of message ids, acknowledged}. */
  mails = new Map();
  /** What came again after it was acknowledged. */
  returned = [];

  /** @param call as Postern.call, to a pull target named `target`; name_of as Hook's */
  constructor(call, target, name_of) {
    this.call = call;
    this.name_of = name_of;
    this.target = target;
  }

  run() {
    this.running = true;
    this.ended = this.#loop();
  }

  async stop() {
    this.running = false;
    await this.ended;
  }

  async #loop() {
    while (this.running) {
      try {
        await this.#round();
      } catch {
        await pause(20); // Postern is down: what was leased comes back
      }
    }
  }

  async #round() {
    if (this.pause) return pause(20);
    const { status, body } = await this.call("POST", `/pull/${this.target}/lease`, {
      limit: 50,
      lease_s: 2,
      wait_s: 0,
    });
    if (status !== 200 || body.items.length === 0) return pause(20);
    for (const item of body.items) {
      const hash = sha256(Buffer.from(item.data.raw_base64, "base64"));
      item.name = this.name_of(hash) ?? item.data.subject;
      const mail = this.mails.get(item.name) ?? { ids: new Set() };
      if (mail.acknowledged) this.returned.push(item.name);
      mail.sha256 = hash;
      mail.ids.add(item.data.id);
      this.mails.set(item.name, mail);
    }
    const lease_ids = body.items.map((item) => item.lease_id);
    const acked = await this.#ack(lease_ids);
    for (const { name, lease_id } of body.items) {
      if (acked.body.acknowledged.includes(lease_id)) this.mails.get(name).acknowledged = true;
    }
    return undefined;
  }

  /** Said again until it is answered: who hears nothing can't know whether it counted. */
  async #ack(lease_ids) {
    for (;;) {
      try {
        const answer = await this.call("POST", `/pull/${this.target}/ack`, { lease_ids });
        if (answer.status === 200) return answer;
        // The leases have run out meanwhile: their mails come back.
        if (answer.status === 409 || !this.running) return { body: { acknowledged: [] } };
      } catch (error) {
        if (!this.running) throw error;
      }
      await pause(20);
    }
  }
}
