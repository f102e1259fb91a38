// A webhook endpoint that keeps what it is given. What it answers can be changed while it runs.
import crypto from "node:crypto";
import http from "node:http";

import { until } from "./until.mjs";

const tolerance_s = 300;

/** Checks a hand-over as Standard Webhooks 1.0 says, by hand: the second opinion to the library. */
export function signature_is_good(secret, headers, body) {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  if (!id || Math.abs(Date.now() / 1000 - Number(timestamp)) > tolerance_s) return false;
  const wanted = crypto
    .createHmac("sha256", key)
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest();
  return (headers["webhook-signature"] ?? "").split(" ").some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ""), "base64");
    return (
      signature.startsWith("v1,") &&
      given.length === wanted.length &&
      crypto.timingSafeEqual(given, wanted)
    );
  });
}

export class Receiver {
  /** [{id, headers, body: Buffer, json, status, at}] in the order of arrival. */
  requests = [];
  /** function of a request giving {status, headers} or a status; may be asynchronous. */
  answer = () => 204;

  static async start() {
    const receiver = new Receiver();
    receiver.server = http.createServer((request, response) => receiver.#take(request, response));
    await new Promise((resolve) => receiver.server.listen(0, "127.0.0.1", resolve));
    receiver.port = receiver.server.address().port;
    receiver.url = `http://127.0.0.1:${receiver.port}/hook`;
    return receiver;
  }

  async #take(request, response) {
    const pieces = [];
    request.on("error", () => {});
    try {
      for await (const piece of request) pieces.push(piece);
    } catch {
      return; // the sender went away before the end of the body: nothing was handed over
    }
    const body = Buffer.concat(pieces);
    const taken = {
      id: request.headers["webhook-id"],
      path: request.url,
      headers: request.headers,
      body,
      at: Date.now(),
    };
    try {
      taken.json = JSON.parse(body);
    } catch {
      // Kept without: the test says what is wrong with it.
    }
    this.requests.push(taken);
    const answer = await this.answer(taken);
    const { status, headers = {} } = typeof answer === "number" ? { status: answer } : answer;
    taken.status = status;
    response.writeHead(status, headers);
    response.end();
  }

  /** The mails acknowledged so far, one for each webhook-id. */
  mails() {
    const by_id = new Map();
    for (const request of this.requests) {
      const good = request.status >= 200 && request.status < 300;
      if (good && request.json?.type === "message.received")
        by_id.set(request.id, request.json.data);
    }
    return [...by_id.values()];
  }

  /** The first acknowledged request whose mail has this subject. */
  request_about(subject, limit_ms = 30000) {
    return until(
      `a hand-over of "${subject}"`,
      () =>
        this.requests.find(
          (request) =>
            request.status >= 200 &&
            request.status < 300 &&
            request.json?.data?.subject === subject,
        ),
      limit_ms,
    );
  }

  async stop() {
    this.server.closeAllConnections?.();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
