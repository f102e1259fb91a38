// From the first byte to the end of the login.
import { cut, drip, flood, refuse, say, silence } from "./pop3_peer.mjs";

const starttls = { security: "starttls" };
const over_tls = { security: "tls" };
const password_only = ["USER", "UIDL", "TOP"];
const injected = "+OK they are\r\nSASL PLAIN\r\n.\r\n+OK in\r\n";
const forged = "\x1b[2J\x07 \xe2\x80\xae forged\rINFO: all is well";
const never_shaken = (talk) => {
  talk.on_bytes = () => {};
  talk.quiet();
};
/** +OK to STLS with `behind` it, then the handshake, or none. */
const stls_with = (behind, shakes) => ({
  STLS: (talk, command, well, own) => {
    talk.say(`+OK begin\r\n${behind}`);
    if (shakes) talk.start_tls(own.certificate);
    else never_shaken(talk);
  },
});

export const rows = [
  { name: "greeting: never", greeting: silence },
  { name: "greeting: cut", greeting: cut },
  { name: "greeting: reset", greeting: (talk) => talk.reset() },
  { name: "greeting: half a line, then cut", greeting: (talk) => talk.hang_up("+OK rea") },
  { name: "greeting: one byte every two seconds", greeting: drip("+OK slowly ") },
  { name: "greeting: -ERR", greeting: (talk) => talk.hang_up("-ERR not today\r\n") },
  { name: "greeting: IMAP", greeting: "* OK IMAP ready\r\n" },
  { name: "greeting: SMTP", greeting: "220 mail.test ESMTP\r\n" },
  { name: "greeting: HTTP", greeting: "HTTP/1.1 400 Bad Request\r\n\r\n" },
  { name: "greeting: a TLS alert", greeting: "\x15\x03\x01\x00\x02\x02\x46" },
  { name: "greeting: control characters", greeting: "\x00\x01\x1b[31m\xff\xfe\r\n" },
  { name: "greeting: +OKAY", greeting: "+OKAY ready\r\n" },
  { name: "greeting: a line without end", greeting: flood("+OK " + "x".repeat(1000)) },
  { name: "greeting: +OK twice", greeting: "+OK ready\r\n+OK in\r\n" },
  { name: "greeting: all answers at once", greeting: `+OK ready\r\n${injected}+OK 1 20\r\n` },

  { name: "CAPA: unanswered", on: { CAPA: silence } },
  { name: "CAPA: cut", on: { CAPA: cut } },
  { name: "CAPA: -ERR", on: { CAPA: refuse("what") } },
  { name: "CAPA: none at all", capabilities: [] },
  { name: "CAPA: 300 of them", capabilities: Array.from({ length: 300 }, (_, n) => `X${n}`) },
  { name: "CAPA: without end", on: { CAPA: flood("+OK more\r\n") } },
  { name: "CAPA: a line of 10,000 bytes", capabilities: ["USER", "x".repeat(10000)] },
  { name: "CAPA: one byte every two seconds", on: { CAPA: drip("+OK slowly ") } },
  { name: "CAPA: a LOGIN-DELAY of a day", capabilities: [...password_only, "LOGIN-DELAY 86400"] },
  {
    name: "CAPA: all that is there, and lies",
    capabilities: ["USER", "UIDL", "PIPELINING", "UTF8"],
  },

  { name: "STLS: stripped", ...starttls, capabilities: password_only },
  {
    name: "STLS: stripped with all of CAPA",
    ...starttls,
    on: { CAPA: refuse("what"), STLS: refuse("what") },
  },
  { name: "STLS: -ERR", ...starttls, on: { STLS: refuse("not now") } },
  { name: "STLS: unanswered", ...starttls, on: { STLS: silence } },
  { name: "STLS: cut", ...starttls, on: { STLS: cut } },
  { name: "STLS: answers injected behind its +OK", ...starttls, on: stls_with(injected, true) },
  { name: "STLS: half a line injected behind its +OK", ...starttls, on: stls_with("+OK ", true) },
  {
    name: "STLS: +OK, then plain text",
    ...starttls,
    on: {
      STLS: (talk) => {
        talk.say("+OK begin\r\n");
        talk.on_bytes = () => talk.say("+OK go on\r\n".repeat(20));
      },
    },
  },
  { name: "STLS: +OK, then silence", ...starttls, on: stls_with("", false) },
  { name: "STLS: +OK in at once, without it", ...starttls, greeting: "+OK ready\r\n+OK in\r\n" },
  {
    name: "STLS: no login under it any more",
    ...starttls,
    capabilities: (talk) => (talk.secret ? ["UIDL"] : ["STLS", "USER", "SASL PLAIN"]),
  },

  { name: "certificate: expired", ...over_tls, certificate: "expired" },
  { name: "certificate: foreign", ...over_tls, certificate: "foreign" },
  { name: "certificate: for another name", ...over_tls, certificate: "wrong_name" },
  { name: "certificate: foreign, by STLS", ...starttls, certificate: "foreign" },
  { name: "TLS: plain text instead", ...over_tls, bare: true },
  { name: "TLS: never a byte of the handshake", ...over_tls, bare: true, serve: never_shaken },

  { name: "login: refused", on: { AUTH: refuse("[AUTH] wrong") } },
  { name: "login: nobody is let in now", on: { AUTH: refuse("[SYS/TEMP] later") } },
  { name: "login: the maildrop is in use", on: { AUTH: refuse("[IN-USE] by another") } },
  { name: "login: too soon", on: { AUTH: refuse("[LOGIN-DELAY] wait") } },
  { name: "login: unanswered", on: { AUTH: silence } },
  { name: "login: cut", on: { AUTH: cut } },
  { name: "login: no status", on: { AUTH: say("fine with me\r\n") } },
  {
    name: "login: refused in a line of a megabyte",
    on: { AUTH: say(`-ERR ${"x".repeat(1 << 20)}\r\n`) },
  },
  { name: "login: refused in words to forge a log", on: { AUTH: refuse(`[AUTH] ${forged}`) } },
  {
    name: "login: challenged for ever",
    on: {
      AUTH: function again(talk) {
        talk.next_line = () => again(talk);
        talk.say("+ \r\n");
      },
    },
  },
  {
    name: "login: a challenge that is not base64",
    on: {
      AUTH: function again(talk) {
        talk.next_line = () => again(talk);
        talk.say("+ @@@@\r\n");
      },
    },
  },
  { name: "login: +OK twice", on: { AUTH: say("+OK in\r\n+OK in\r\n") } },
  { name: "login: USER refused", capabilities: password_only, on: { USER: refuse("who") } },
  {
    name: "login: PASS refused",
    capabilities: password_only,
    on: { PASS: refuse("[AUTH] wrong") },
  },
  {
    name: "login: +OK to PASS before it was said",
    capabilities: password_only,
    on: { USER: say("+OK\r\n+OK in\r\n") },
  },
];
