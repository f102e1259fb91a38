// From the first byte to the end of the handshake.
import { cut, refuse, silence } from "./imap_peer.mjs";

const says = (text) => (talk) => talk.say(text);
const starttls = { security: "starttls" };
const over_tls = { security: "tls" };
const injected = "A2 OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] in\r\n* OK believe me\r\n";

export const rows = [
  { name: "greeting: never", greeting: silence },
  { name: "greeting: cut", greeting: cut },
  { name: "greeting: reset", greeting: (talk) => talk.reset() },
  { name: "greeting: half a line, then cut", greeting: (talk) => talk.hang_up("* OK rea") },
  { name: "greeting: one byte every two seconds", greeting: (talk) => talk.drip("* OK slowly ") },
  { name: "greeting: BYE", greeting: (talk) => talk.hang_up("* BYE too busy\r\n") },
  { name: "greeting: NO", greeting: says("* NO not today\r\n") },
  { name: "greeting: HTTP", greeting: says("HTTP/1.1 400 Bad Request\r\n\r\n") },
  { name: "greeting: SMTP", greeting: says("220 mail.test ESMTP\r\n") },
  { name: "greeting: POP3", greeting: says("+OK POP3 ready\r\n") },
  { name: "greeting: SSH", greeting: says("SSH-2.0-OpenSSH_9.2\r\n") },
  { name: "greeting: control characters", greeting: says("\x00\x01\x1b[31m\xff\xfe\r\n") },
  {
    name: "greeting: a line without end",
    greeting: (talk) => talk.flood("* OK " + "x".repeat(1000)),
  },
  { name: "greeting: empty lines without end", greeting: (talk) => talk.flood("\r\n") },
  {
    name: "greeting: PREAUTH without TLS where none is demanded",
    greeting: "* PREAUTH you are in\r\n",
  },
  { name: "greeting: PREAUTH before STARTTLS", ...starttls, greeting: "* PREAUTH you are in\r\n" },
  { name: "greeting: PREAUTH under TLS", ...over_tls, greeting: "* PREAUTH you are in\r\n" },
  {
    name: "greeting: answers to commands that nobody sent",
    greeting: "* OK ready\r\nA1 OK in\r\nA2 OK in\r\n",
  },

  { name: "STARTTLS: stripped", ...starttls, capabilities: "IMAP4rev1 AUTH=PLAIN" },
  { name: "STARTTLS: refused by NO", ...starttls, on: { STARTTLS: refuse("NO not now") } },
  { name: "STARTTLS: refused by BAD", ...starttls, on: { STARTTLS: refuse("BAD what") } },
  { name: "STARTTLS: unanswered", ...starttls, on: { STARTTLS: silence } },
  { name: "STARTTLS: cut", ...starttls, on: { STARTTLS: cut } },
  {
    name: "STARTTLS: an answer injected behind its OK",
    ...starttls,
    on: {
      STARTTLS: (talk, { tag }, well, own) => {
        talk.say(`${tag} OK begin\r\n${injected}`);
        talk.start_tls(own.certificate);
      },
    },
  },
  {
    name: "STARTTLS: half a line injected behind its OK",
    ...starttls,
    on: {
      STARTTLS: (talk, { tag }, well, own) => {
        talk.say(`${tag} OK begin\r\n* OK `);
        talk.start_tls(own.certificate);
      },
    },
  },
  {
    name: "STARTTLS: OK, then plain text",
    ...starttls,
    on: {
      STARTTLS: (talk, { tag }) => {
        talk.say(`${tag} OK begin\r\n`);
        talk.on_bytes = () => talk.say("* OK go on\r\n".repeat(20));
      },
    },
  },
  {
    name: "STARTTLS: OK, then silence",
    ...starttls,
    on: {
      STARTTLS: (talk, { tag }) => {
        talk.say(`${tag} OK begin\r\n`);
        talk.on_bytes = () => {};
        talk.quiet();
      },
    },
  },
  {
    name: "STARTTLS: OK, then cut",
    ...starttls,
    on: { STARTTLS: (talk, { tag }) => talk.hang_up(`${tag} OK begin\r\n`) },
  },
  {
    name: "STARTTLS: a mail told before it",
    ...starttls,
    mail_count: 0,
    on: {
      STARTTLS: (talk, command, well) => {
        talk.say("* 1 EXISTS\r\n* 1 FETCH (UID 1 BODY[] {18}\r\nSubject: plain\r\n\r\n)\r\n");
        well();
      },
    },
  },
  {
    name: "STARTTLS: other capabilities before it",
    ...starttls,
    capabilities: (talk) =>
      talk.secret ? "IMAP4rev1 IDLE AUTH=PLAIN" : "IMAP4rev1 STARTTLS LOGINDISABLED",
  },
  {
    name: "STARTTLS: no login under it any more",
    ...starttls,
    capabilities: (talk) =>
      talk.secret ? "IMAP4rev1 LOGINDISABLED" : "IMAP4rev1 STARTTLS AUTH=PLAIN",
  },

  { name: "certificate: expired", ...over_tls, certificate: "expired" },
  { name: "certificate: foreign", ...over_tls, certificate: "foreign" },
  { name: "certificate: for another name", ...over_tls, certificate: "wrong_name" },
  { name: "certificate: expired, by STARTTLS", ...starttls, certificate: "expired" },
  { name: "certificate: foreign, by STARTTLS", ...starttls, certificate: "foreign" },
  { name: "certificate: for another name, by STARTTLS", ...starttls, certificate: "wrong_name" },
  {
    name: "certificate: not the pinned one",
    ...over_tls,
    incoming: () => ({ tls: { pinned_sha256: "ab".repeat(32) } }),
  },
  {
    name: "TLS: of a version that is too old",
    ...over_tls,
    tls_options: { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" },
  },
  { name: "TLS: plain text instead", ...over_tls, bare: true, greeting: "* OK ready\r\n" },
  {
    name: "TLS: never a byte of the handshake",
    ...over_tls,
    bare: true,
    serve: (talk) => {
      talk.on_bytes = () => {};
      talk.quiet();
    },
  },
  {
    name: "TLS: a handshake of one byte a second",
    ...over_tls,
    bare: true,
    serve: (talk) => {
      talk.on_bytes = () => {};
      talk.drip("\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + "\x00".repeat(200), 1000);
    },
  },
  {
    name: "TLS: cut in the handshake",
    ...over_tls,
    bare: true,
    serve: (talk) => (talk.on_bytes = () => talk.cut()),
  },
];
