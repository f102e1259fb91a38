// Capabilities, login, and what is said between them.
import { bye, cut, drip, flood, refuse, silence } from "./imap_peer.mjs";

const challenges = (text) => (talk) => {
  const again = () => {
    talk.next_line = again;
    talk.say(`+ ${text}\r\n`);
  };
  again();
};

export const rows = [
  { name: "CAPABILITY: unanswered", on: { CAPABILITY: silence } },
  { name: "CAPABILITY: refused by NO", on: { CAPABILITY: refuse("NO no") } },
  { name: "CAPABILITY: refused by BAD", on: { CAPABILITY: refuse("BAD no") } },
  { name: "CAPABILITY: cut", on: { CAPABILITY: cut } },
  { name: "CAPABILITY: BYE", on: { CAPABILITY: bye() } },
  { name: "CAPABILITY: without IMAP4", capabilities: "POP3 SMTP HTTP" },
  { name: "CAPABILITY: none at all", capabilities: "" },
  {
    name: "CAPABILITY: 5,000 names",
    capabilities: `IMAP4rev1 AUTH=PLAIN IDLE ${Array.from({ length: 5000 }, (_, n) => `X${n}`).join(" ")}`,
  },
  { name: "CAPABILITY: a line of a megabyte", capabilities: `IMAP4rev1 ${"X".repeat(1 << 20)}` },
  { name: "CAPABILITY: one byte every two seconds", on: { CAPABILITY: drip("* CAPABILITY X ") } },
  { name: "CAPABILITY: noise without end", on: { CAPABILITY: flood("* OK noise\r\n") } },
  {
    name: "CAPABILITY: all that is there, and lies",
    capabilities:
      "IMAP4rev1 AUTH=PLAIN SASL-IR ID ENABLE CONDSTORE QRESYNC ESEARCH LITERAL+ UTF8=ACCEPT NAMESPACE SPECIAL-USE IDLE UIDPLUS MOVE X-GM-EXT-1",
    on: { ENABLE: refuse("BAD what"), ID: refuse("BAD what") },
  },

  { name: "login: unanswered", on: { AUTHENTICATE: silence } },
  {
    name: "login: refused",
    on: {
      AUTHENTICATE: refuse("NO [AUTHENTICATIONFAILED] wrong"),
      LOGIN: refuse("NO [AUTHENTICATIONFAILED] wrong"),
    },
  },
  {
    name: "login: refused for now",
    on: { AUTHENTICATE: refuse("NO [UNAVAILABLE] later"), LOGIN: refuse("NO [UNAVAILABLE] later") },
  },
  {
    name: "login: refused by BAD",
    on: { AUTHENTICATE: refuse("BAD what"), LOGIN: refuse("BAD what") },
  },
  { name: "login: cut", on: { AUTHENTICATE: cut } },
  { name: "login: reset", on: { AUTHENTICATE: (talk) => talk.reset() } },
  { name: "login: BYE", on: { AUTHENTICATE: bye("go away") } },
  {
    name: "login: refused by a line of a megabyte",
    on: { AUTHENTICATE: refuse(`NO ${"x".repeat(1 << 20)}`) },
  },
  {
    name: "login: refused in words to forge a log",
    on: {
      AUTHENTICATE: refuse(
        "NO [AUTHENTICATIONFAILED] \x1b[2J\x07\xe2\x80\xae forged\xc2\x85INFO: all is well",
      ),
      LOGIN: refuse("NO \x1b[2J forged"),
    },
  },
  { name: "login: one byte every two seconds", on: { AUTHENTICATE: drip("* OK slowly") } },
  { name: "login: noise without end", on: { AUTHENTICATE: flood("* OK noise\r\n") } },
  { name: "login: challenged for ever", on: { AUTHENTICATE: challenges("") } },
  { name: "login: a challenge that is not base64", on: { AUTHENTICATE: challenges("@@@@@@") } },
  {
    name: "login: a challenge of a megabyte",
    on: { AUTHENTICATE: challenges("QUFB".repeat(1 << 18)) },
  },
  {
    name: "login: the OK for another tag",
    on: { AUTHENTICATE: (talk) => talk.say("Z9 OK in\r\n") },
  },
  {
    name: "login: the OK for a tag to come",
    on: { AUTHENTICATE: (talk) => talk.say("A99 OK in\r\n") },
  },
  {
    name: "login: the OK untagged",
    on: {
      AUTHENTICATE: (talk) => {
        talk.say("* OK in\r\n");
        talk.quiet();
      },
    },
  },
  {
    name: "login: OK twice",
    on: { AUTHENTICATE: (talk, { tag }) => talk.say(`${tag} OK in\r\n${tag} OK in\r\n`) },
  },
  { name: "login: none is offered", capabilities: "IMAP4rev1 LOGINDISABLED" },
  {
    name: "login: only mechanisms nobody has",
    capabilities: "IMAP4rev1 LOGINDISABLED AUTH=GSSAPI AUTH=NTLM",
  },
  {
    name: "login: a referral with NO",
    on: {
      AUTHENTICATE: (talk, { tag }, well, own) =>
        talk.say(`${tag} NO [REFERRAL imap://user;AUTH=*@127.0.0.1:${own.trap.port}/] moved\r\n`),
      LOGIN: (talk, { tag }, well, own) =>
        talk.say(`${tag} NO [REFERRAL imap://user;AUTH=*@127.0.0.1:${own.trap.port}/] moved\r\n`),
    },
  },
  {
    name: "login: a referral with OK",
    on: {
      AUTHENTICATE: (talk, { tag }, well, own) =>
        talk.say(`${tag} OK [REFERRAL imap://user;AUTH=*@127.0.0.1:${own.trap.port}/] in\r\n`),
    },
  },
  {
    name: "login: the capabilities lie after it",
    on: {
      AUTHENTICATE: (talk, { tag }) =>
        talk.say(`${tag} OK [CAPABILITY NOTHING LOGINDISABLED STARTTLS] in\r\n`),
    },
  },
  { name: "ID: unanswered", on: { ID: silence } },
  { name: "ID: a list without end", on: { ID: (talk) => talk.flood("(") } },
  {
    name: "ID: words of a megabyte",
    on: {
      ID: (talk, { tag }) => talk.say(`* ID ("name" "${"x".repeat(1 << 20)}")\r\n${tag} OK\r\n`),
    },
  },
];
