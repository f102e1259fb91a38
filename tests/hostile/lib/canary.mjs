// What the injection tests share: canaries, an honest sink for what Postern sends, and what must not
// be found in it.
import assert from "node:assert/strict";

import { smtp_server } from "./smtp_peer.mjs";
import { Peer } from "./wire.mjs";
import { World } from "./world.mjs";

export const to = "friend@hostile.test";
export const injected = "X-Injected: 1";

/** What some reader takes for the end of a line, and ways to write it. */
export const breaks = {
  CRLF: "\r\n",
  LF: "\n",
  CR: "\r",
  "two CRLF": "\r\n\r\n",
  "CRLF and a blank": "\r\n ",
  NUL: "\0",
  "vertical tab": "\v",
  "form feed": "\f",
  NEL: "\u0085",
  "LINE SEPARATOR": "\u2028",
  "an encoded word": " =?utf-8?Q?a=0D=0A?= ",
  "a percent code": "%0d%0a",
  "a backslash code": "\\r\\n",
};

/** What a line of a log must not hold: it would end, colour or turn it. */
export const forgery =
  /[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/; // eslint-disable-line no-control-regex

export const integration_of = (name, others) => ({
  name,
  address: "out@hostile.test",
  ...others,
});

const server_at = (port) => ({ enabled: true, host: "localhost", port, security: "none" });

export const incoming_from = (port, others = {}) => ({
  ...server_at(port),
  protocol: "imap",
  auth: { method: "password", username: "someone", password: "something" },
  start_from: "all",
  ...others,
});

/** The header fields of each part of a mail, as the most lenient reader sees them. */
export const header_names = (mail) =>
  mail.split(/\r\n|\n|\r/).map((line) => /^[\w-]+(?=\s*:)/.exec(line)?.[0].toLowerCase());

/** A World with the integration "Out", whose mails end in `sink`. */
export class CanaryStage {
  /** `options` as those of World.start. */
  static async start(options) {
    const stage = new CanaryStage();
    stage.world = await World.start(options);
    stage.sink = { taken: 0, bodies: [], recipients: {}, commands: [] };
    stage.sink.peer = await Peer.start(
      smtp_server({ extensions: ["8BITMIME", "SMTPUTF8"] }, stage.sink),
    );
    const outgoing = {
      ...server_at(stage.sink.peer.port),
      protocol: "smtp",
      auth: { method: "none" },
    };
    await stage.world.postern.api(
      "POST",
      "/integrations",
      integration_of("Out", { outgoing, notifications: { on_failure: [to] } }),
    );
    return stage;
  }

  /** Of the mails since `count`: nobody else got one, and no header is there that nobody gave. */
  check_mails(count) {
    const { bodies, commands, peer } = this.sink;
    for (const mail of bodies.slice(count)) {
      const names = header_names(mail);
      assert.ok(!names.includes("x-injected"), mail);
      assert.ok(!names.includes("bcc"), mail);
    }
    for (const line of commands) {
      if (line.startsWith("RCPT")) assert.match(line, /^RCPT TO:<friend@hostile\.test>/);
      assert.match(line, /^(EHLO|MAIL FROM:<out@hostile\.test>|RCPT|DATA|RSET|NOOP|QUIT)/);
    }
    for (const { heard } of peer.talks) {
      assert.doesNotMatch(heard, /\r(?!\n)|(?<!\r)\n|\0/, "only CRLF leaves us, and no NUL");
    }
  }

  async stop() {
    this.sink.peer.stop();
    await this.world.stop();
  }
}
