// From the first byte to the end of the login.
import { cut, drip, flood, last_reply, reply, silence } from "./smtp_peer.mjs";

const starttls = { security: "starttls" };
const over_tls = { security: "tls" };
const sync = { sync: true };
const injected = "250-hostile.test\r\n250 AUTH PLAIN\r\n";

export const rows = [
  { name: "greeting: never", greeting: silence },
  { name: "greeting: never, in a call", ...sync, greeting: silence },
  { name: "greeting: cut", greeting: cut },
  { name: "greeting: reset", greeting: (talk) => talk.reset() },
  { name: "greeting: one byte every two seconds", greeting: drip("220-slowly ") },
  { name: "greeting: 421", greeting: last_reply("421 4.3.2 not now") },
  { name: "greeting: 554", greeting: last_reply("554 5.7.1 never") },
  { name: "greeting: 250", greeting: "250 hello\r\n" },
  { name: "greeting: 354", greeting: "354 go on\r\n" },
  { name: "greeting: IMAP", greeting: "* OK IMAP ready\r\n" },
  { name: "greeting: HTTP", greeting: "HTTP/1.1 400 Bad Request\r\n\r\n" },
  { name: "greeting: control characters", greeting: "\x00\x1b[2J\xff\r\n" },
  {
    name: "greeting: a line without end",
    greeting: (talk) => talk.flood("220-" + "x".repeat(1000)),
  },
  { name: "greeting: lines without end", greeting: flood("220-more\r\n") },
  { name: "greeting: two replies at once", greeting: "220 one\r\n220 two\r\n" },
  {
    name: "greeting: all replies at once",
    greeting: "220 x\r\n250 x\r\n250 x\r\n250 x\r\n354 x\r\n250 x\r\n",
  },

  { name: "EHLO: unanswered", ...sync, on: { EHLO: silence } },
  { name: "EHLO: cut", on: { EHLO: cut } },
  { name: "EHLO: 421", on: { EHLO: last_reply("421 4.3.2 closing") } },
  { name: "EHLO: 550, HELO too", on: { EHLO: reply("550 no"), HELO: reply("550 no") } },
  { name: "EHLO: 500, HELO well, and no login is offered", on: { EHLO: reply("500 what") } },
  { name: "EHLO: lines without end", on: { EHLO: flood("250-X\r\n") } },
  {
    name: "EHLO: codes that change from line to line",
    on: { EHLO: reply("250-hostile.test\r\n550-AUTH PLAIN\r\n250 SIZE") },
  },
  { name: "EHLO: one byte every two seconds", on: { EHLO: drip("250-slowly ") } },
  { name: "EHLO: SIZE of 30 digits", extensions: [`SIZE ${"9".repeat(30)}`, "AUTH PLAIN"] },
  { name: "EHLO: SIZE -1", extensions: ["SIZE -1", "AUTH PLAIN"] },
  { name: "EHLO: SIZE 1", extensions: ["SIZE 1", "AUTH PLAIN"] },
  {
    name: "EHLO: 3,000 extensions",
    extensions: ["AUTH PLAIN", ...Array.from({ length: 3000 }, (_, n) => `X${n}`)],
  },
  { name: "EHLO: only logins nobody has", extensions: ["AUTH GSSAPI NTLM"] },

  { name: "STARTTLS: stripped", ...starttls, extensions: ["AUTH PLAIN LOGIN"] },
  { name: "STARTTLS: 454", ...starttls, on: { STARTTLS: reply("454 4.7.0 not now") } },
  { name: "STARTTLS: 501", ...starttls, on: { STARTTLS: reply("501 5.5.4 what") } },
  { name: "STARTTLS: unanswered", ...starttls, ...sync, on: { STARTTLS: silence } },
  { name: "STARTTLS: cut", ...starttls, on: { STARTTLS: cut } },
  {
    name: "STARTTLS: replies injected behind its 220",
    ...starttls,
    on: {
      STARTTLS: (talk, command, well, own) => {
        talk.say(`220 begin\r\n${injected}`);
        talk.start_tls(own.certificate);
      },
    },
  },
  {
    name: "STARTTLS: half a reply injected behind its 220",
    ...starttls,
    on: {
      STARTTLS: (talk, command, well, own) => {
        talk.say("220 begin\r\n250");
        talk.start_tls(own.certificate);
      },
    },
  },
  {
    name: "STARTTLS: 220, then plain text",
    ...starttls,
    on: {
      STARTTLS: (talk) => {
        talk.say("220 begin\r\n");
        talk.on_bytes = () => talk.say("250 go on\r\n".repeat(20));
      },
    },
  },
  {
    name: "STARTTLS: 220, then silence",
    ...starttls,
    on: {
      STARTTLS: (talk) => {
        talk.say("220 begin\r\n");
        talk.on_bytes = () => {};
        talk.quiet();
      },
    },
  },
  {
    name: "STARTTLS: the capabilities change under it: no login",
    ...starttls,
    extensions: (talk) => (talk.secret ? ["SIZE 1000000"] : ["STARTTLS", "AUTH PLAIN"]),
  },
  {
    name: "STARTTLS: the capabilities change under it: another login",
    ...starttls,
    extensions: (talk) =>
      talk.secret ? ["AUTH LOGIN"] : ["STARTTLS", "AUTH PLAIN", "PIPELINING", "CHUNKING"],
    on: {
      AUTH: (talk) => {
        talk.next_line = () => {
          talk.next_line = () => talk.say("235 in\r\n");
          talk.say("334 UGFzc3dvcmQ6\r\n");
        };
        talk.say("334 VXNlcm5hbWU6\r\n");
      },
    },
  },
  { name: "certificate: expired", ...over_tls, certificate: "expired" },
  { name: "certificate: foreign", ...over_tls, certificate: "foreign" },
  { name: "certificate: for another name", ...over_tls, certificate: "wrong_name" },
  { name: "certificate: expired, by STARTTLS", ...starttls, certificate: "expired" },
  { name: "certificate: foreign, by STARTTLS", ...starttls, certificate: "foreign" },
  { name: "certificate: for another name, by STARTTLS", ...starttls, certificate: "wrong_name" },
  { name: "TLS: plain text instead", ...over_tls, bare: true },
  {
    name: "TLS: never a byte of the handshake",
    ...over_tls,
    bare: true,
    serve: (talk) => {
      talk.on_bytes = () => {};
      talk.quiet();
    },
  },

  { name: "AUTH: unanswered", ...sync, on: { AUTH: silence } },
  { name: "AUTH: 535", on: { AUTH: reply("535 5.7.8 wrong") } },
  { name: "AUTH: 454", on: { AUTH: reply("454 4.7.0 later") } },
  { name: "AUTH: 250 instead of 235", on: { AUTH: reply("250 in") } },
  { name: "AUTH: cut", on: { AUTH: cut } },
  { name: "AUTH: reset", on: { AUTH: (talk) => talk.reset() } },
  { name: "AUTH: 421", on: { AUTH: last_reply("421 4.7.0 too many") } },
  {
    name: "AUTH: a challenge that is not base64",
    on: {
      AUTH: (talk) => {
        const again = () => {
          talk.next_line = again;
          talk.say("334 @@@@\r\n");
        };
        again();
      },
    },
  },
  {
    name: "AUTH: a challenge of a megabyte",
    on: {
      AUTH: (talk) => {
        talk.next_line = () => {};
        talk.say(`334 ${"QUFB".repeat(1 << 18)}\r\n`);
      },
    },
  },
  {
    name: "AUTH: challenged for ever",
    on: {
      AUTH: (talk) => {
        const again = () => {
          talk.next_line = again;
          talk.say("334 \r\n");
        };
        again();
      },
    },
  },
  { name: "AUTH: 235, and the reply to come with it", on: { AUTH: reply("235 in\r\n250 early") } },
  {
    name: "AUTH: words to forge a log",
    on: { AUTH: reply("535 5.7.8 \x1b[2J\x07 \xe2\x80\xae forged\rINFO all is well") },
  },
];
