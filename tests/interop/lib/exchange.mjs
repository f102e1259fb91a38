// The manners of Exchange Online and Gmail, which no server that can be had here shares.
import assert from "node:assert/strict";
import fs from "node:fs";
import tls from "node:tls";

import { free_port } from "./files.mjs";
import { talking_peer } from "./peers.mjs";

const farewell = "* BYE Session invalidated - AccessTokenExpired\r\n";

/**
 * A TLS line before a real Dovecot that ends each session as Exchange does when its token is over,
 * in whatever state it is (Dovecot lets a session outlive its token).
 * {port, sessions, ended, stop()}: sessions so far, and how many of them were ended so.
 * @param certificates as make_certificates gives them
 * @param to the port of the IMAP server behind, which speaks TLS
 */
export async function expiring_sessions(certificates, to, life_ms) {
  const ca = fs.readFileSync(certificates.ca.certificate);
  const peer = { port: await free_port(), sessions: 0, ended: 0 };
  const lines = new Set();
  const server = tls.createServer(
    {
      key: fs.readFileSync(certificates.server.key),
      cert: fs.readFileSync(certificates.server.certificate),
    },
    (client) => {
      peer.sessions++;
      const behind = tls.connect({ port: to, host: "localhost", ca });
      let at_line_end = true;
      let over = false;
      const end = () => {
        over = true;
        if (!at_line_end) return; // said behind the line that is on its way
        peer.ended++;
        behind.destroy();
        client.end(farewell);
      };
      const timer = setTimeout(end, life_ms);
      for (const line of [client, behind]) {
        lines.add(line);
        line.on("error", () => {});
        line.on("close", () => {
          clearTimeout(timer);
          lines.delete(line);
          client.destroy();
          behind.destroy();
        });
      }
      client.on("data", (bytes) => behind.write(bytes));
      behind.on("data", (bytes) => {
        if (over && at_line_end) return;
        client.write(bytes);
        at_line_end = bytes.length > 0 && bytes[bytes.length - 1] === 0x0a;
        if (over) end();
      });
    },
  );
  server.on("tlsClientError", () => {});
  await new Promise((resolve) => server.listen(peer.port, "127.0.0.1", resolve));
  peer.stop = () => {
    for (const line of lines) line.destroy();
    server.close();
  };
  return peer;
}

const base64 = (text) => Buffer.from(text).toString("base64");

/** What Google and Dovecot say to a bad token before they say no. */
export const bad_token = base64('{"status":"401","schemes":"bearer","scope":"mail"}');

/**
 * An IMAP server that takes XOAUTH2 and whose words are given: what it says to a login (%T is the
 * tag), to what answers its challenge, and to every command after a login.
 */
export const imap_server = ({ login, challenged, commanded }) =>
  talking_peer(
    "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2 IDLE] The service is ready.\r\n",
    (line, memory) => {
      const [tag, verb] = line.split(" ");
      const say = (text) => text.replaceAll("%T", memory.tag);
      if (memory.challenge) {
        memory.challenge = false;
        assert.equal(line, "", "the answer to the challenge of XOAUTH2");
        return say(challenged);
      }
      memory.tag = tag;
      if (verb === "AUTHENTICATE") {
        memory.challenge = login.startsWith("+ ");
        return say(login);
      }
      if (verb === "LOGOUT") return say("* BYE bye\r\n%T OK done\r\n");
      return commanded && say(commanded);
    },
  );

/** The same for SMTP: to AUTH's token, to what answers a 334, and to the final dot. */
export const smtp_server = ({ token = "235 2.7.0 Authentication successful", challenged, dot }) =>
  talking_peer("220 peer.example.test Microsoft ESMTP MAIL Service ready\r\n", (line, memory) => {
    if (memory.data) {
      if (line !== ".") return undefined;
      memory.data = false;
      return `${dot}\r\n`;
    }
    if (memory.expects === "token") {
      memory.expects = token.startsWith("334") ? "empty" : undefined;
      return `${token}\r\n`;
    }
    if (memory.expects === "empty") {
      memory.expects = undefined;
      assert.equal(line, "", "the answer to the challenge of XOAUTH2");
      return `${challenged}\r\n`;
    }
    if (/^EHLO/i.test(line)) return "250-peer.example.test\r\n250 AUTH LOGIN XOAUTH2\r\n";
    if (/^AUTH XOAUTH2$/i.test(line)) {
      memory.expects = "token";
      return "334 \r\n";
    }
    if (/^AUTH XOAUTH2 ./i.test(line)) {
      memory.expects = token.startsWith("334") ? "empty" : undefined;
      return `${token}\r\n`;
    }
    if (/^DATA/i.test(line)) {
      memory.data = true;
      return "354 Start mail input; end with <CRLF>.<CRLF>\r\n";
    }
    return /^QUIT/i.test(line) ? "221 2.0.0 bye\r\n" : "250 2.1.0 Ok\r\n";
  });
