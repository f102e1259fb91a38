// Postern itself, as users run it: the program, a data folder, and its HTTP API.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { free_port, remove_folder, temporary_folder } from "./files.mjs";
import { at_exit, Program, run } from "./processes.mjs";
import { until } from "./until.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const start_limit_ms = 20000;
const stop_limit_ms = 15000;

export const binary = process.env.POSTERN_BINARY ?? path.join(root, "build/release/postern");

/** The environment without settings of Postern that the caller's shell may have. */
function clean(env) {
  const cleared = {};
  for (const name of Object.keys(process.env)) {
    if (name.startsWith("POSTERN_")) cleared[name] = undefined;
  }
  return { ...cleared, ...env };
}

/** The beginning of a sanitizer's report in what a program has said; nothing when there is none. */
export function sanitizer_report(text) {
  const at = text.search(/^.*(: runtime error: |(ERROR|WARNING): \w+Sanitizer)/m);
  return at < 0 ? undefined : text.slice(at, at + 6000);
}

function check_sanitizers(text) {
  const report = sanitizer_report(text);
  assert.equal(report, undefined, `a sanitizer has found something:\n${report}`);
}

/** Runs one of Postern's commands to its end: {code, output, errors}. */
export async function postern_command(args, { env = {}, ...options } = {}) {
  const end = await run(binary, args, { env: clean(env), ...options });
  check_sanitizers(end.errors);
  return end;
}

export class ApiError extends Error {}

export class Postern {
  /**
   * @param authority path of the certificate authority to trust (SSL_CERT_FILE)
   * @param env more environment
   * @param args more arguments of `serve`
   * @param https an HttpsClient, when env gives it a certificate for its own port; api() and the
   *   like speak plain HTTP
   */
  static async start(options = {}) {
    const postern = Postern.prepare(options);
    await postern.start();
    return postern;
  }

  /** As start(), without starting: start() does it. */
  static prepare({ authority, env = {}, args = [], https } = {}) {
    const postern = new Postern();
    postern.https = https;
    postern.folder = temporary_folder("data");
    postern.forget = at_exit(() => remove_folder(postern.folder));
    postern.data = path.join(postern.folder, "data");
    postern.token = `test-${crypto.randomBytes(24).toString("hex")}`;
    postern.args = args;
    postern.settings = { POSTERN_ADMIN_TOKEN: postern.token, ...env };
    if (authority) postern.settings.SSL_CERT_FILE = authority;
    postern.log_text = "";
    return postern;
  }

  /** Starts it (again) on the same folder and port, and waits for nothing. */
  async spawn() {
    this.port ??= await free_port();
    this.url = `${this.https ? "https" : "http"}://127.0.0.1:${this.port}`;
    // `wrap`: words before the program, such as those of strace.
    const words = [...(this.wrap ?? []), binary, "serve", "--data", this.data, ...this.args];
    this.program = new Program(words[0], words.slice(1), {
      env: clean({ POSTERN_HTTP_LISTEN: `127.0.0.1:${this.port}`, ...this.settings }),
      cwd: this.folder,
    });
  }

  /** As spawn(); returns when it says it is ready. */
  async start() {
    await this.spawn();
    await until(
      "Postern is ready",
      async () => {
        if (this.program.end) throw new Error("it ended");
        const ready = `${this.url}/readyz`;
        return this.https
          ? (await this.https.call("GET", ready)).status === 200
          : (await fetch(ready)).ok;
      },
      start_limit_ms,
    ).catch((error) => {
      this.program.kill("SIGKILL");
      throw new Error(`${error.message}\n${this.log().slice(-4000)}`);
    });
  }

  /** Everything it has logged since the first start. */
  log() {
    return this.log_text + (this.program ? this.program.output + this.program.errors : "");
  }

  #keep_log() {
    this.log_text = this.log();
    this.program = undefined;
  }

  /** Kills it as a crash would. */
  async crash() {
    this.program.kill("SIGKILL");
    await this.program.ended;
    this.#keep_log();
  }

  /** Ends it as an init system would; gives {code, signal, ms}. */
  async terminate() {
    const started = Date.now();
    const { program } = this;
    program.kill("SIGTERM");
    const limit = setTimeout(() => program.kill("SIGKILL"), stop_limit_ms);
    const end = await program.ended;
    clearTimeout(limit);
    this.#keep_log();
    return { ...end, ms: Date.now() - started };
  }

  /** Ends it and removes its data. A program that ended badly fails the test that used it. */
  async stop() {
    const end = this.program ? await this.terminate() : { code: 0 };
    const log = this.log();
    remove_folder(this.folder);
    this.forget();
    check_sanitizers(log);
    assert.equal(end.code, 0, `Postern ended with ${end.code ?? end.signal}:\n${log.slice(-4000)}`);
  }

  /** One call: {status, headers, body} with the body read as JSON where it is JSON. */
  async call(method, where, body, { headers = {}, token = this.token } = {}) {
    const is_json = body !== undefined && typeof body !== "string" && !(body instanceof FormData);
    const response = await fetch(
      this.url + (where.startsWith("/api") ? where : `/api/v1${where}`),
      {
        method,
        headers: {
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(is_json ? { "content-type": "application/json" } : {}),
          ...headers,
        },
        body: is_json ? JSON.stringify(body) : body,
        redirect: "manual",
      },
    );
    const bytes = Buffer.from(await response.arrayBuffer());
    const kind = response.headers.get("content-type") ?? "";
    const read =
      /\bjson\b/.test(kind) && !kind.includes("ndjson") && bytes.length > 0
        ? JSON.parse(bytes)
        : bytes;
    return { status: response.status, headers: response.headers, body: read };
  }

  /** One call that has to go well: its body. */
  async api(method, where, body, options) {
    const answer = await this.call(method, where, body, options);
    if (answer.status >= 300) {
      const said = Buffer.isBuffer(answer.body)
        ? answer.body.toString()
        : JSON.stringify(answer.body);
      throw new ApiError(`${method} ${where} was answered with ${answer.status}: ${said}`);
    }
    return answer.body;
  }

  /** The steps of a connection test, as they were streamed. */
  async steps(where, body) {
    const answer = await this.api("POST", where, body);
    return answer
      .toString()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  /** All items of a list, page by page. */
  async list(where) {
    const items = [];
    const mark = where.includes("?") ? "&" : "?";
    for (let cursor = null; ;) {
      const page = await this.api(
        "GET",
        where + (cursor ? `${mark}cursor=${encodeURIComponent(cursor)}` : ""),
      );
      items.push(...page.items);
      cursor = page.next_cursor;
      if (!cursor) return items;
    }
  }

  integration(id) {
    return this.api("GET", `/integrations/${encodeURIComponent(id)}`);
  }

  delivery(id) {
    return this.api("GET", `/deliveries/${id}`);
  }

  /** A webhook target for `receiver`; its answer has the secret. */
  add_target(receiver, others = {}) {
    return this.api("POST", "/targets", {
      name: `hook-${receiver.port}`,
      type: "webhook",
      enabled: true,
      url: receiver.url,
      ...others,
    });
  }

  /** Waits for the delivery to be in one of the states. */
  settled(id, states = ["sent", "failed", "unknown"], limit_ms = 30000) {
    return until(
      `delivery ${id} is ${states.join(" or ")}`,
      async () => {
        const delivery = await this.delivery(id);
        return states.includes(delivery.state) && delivery;
      },
      limit_ms,
    );
  }

  /** Waits for an integration's status to be as wanted. */
  status(id, wanted, what, limit_ms = 30000) {
    return until(
      `integration ${id}: ${what}`,
      async () => {
        const { status } = await this.integration(id);
        if (wanted(status)) return status;
        throw new Error(JSON.stringify(status));
      },
      limit_ms,
    );
  }
}
