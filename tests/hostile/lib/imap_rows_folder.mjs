// The folder is opened.
import {
  bye,
  cut,
  drip,
  flood,
  refuse,
  selected,
  silence,
  until_connection,
} from "./imap_peer.mjs";

const opened =
  (text) =>
  (talk, { tag }) =>
    talk.say(`${text}${tag} OK done\r\n`);
const exists =
  (number) =>
  (talk, { tag }, well, own) =>
    talk.say(`${selected(own.mailbox, { exists: number })}${tag} OK done\r\n`);

export const rows = [
  { name: "EXAMINE: unanswered", on: { EXAMINE: silence } },
  { name: "EXAMINE: refused", on: { EXAMINE: refuse("NO cannot") } },
  { name: "EXAMINE: no such folder", on: { EXAMINE: refuse("NO [NONEXISTENT] no such folder") } },
  { name: "EXAMINE: no right", on: { EXAMINE: refuse("NO [NOPERM] denied") } },
  { name: "EXAMINE: refused by BAD", on: { EXAMINE: refuse("BAD what") } },
  { name: "EXAMINE: over quota", on: { EXAMINE: refuse("NO [OVERQUOTA] full") } },
  { name: "EXAMINE: BYE", on: { EXAMINE: bye() } },
  { name: "EXAMINE: cut", on: { EXAMINE: cut } },
  { name: "EXAMINE: one byte every two seconds", on: { EXAMINE: drip("* OK slowly ") } },
  { name: "EXAMINE: noise without end", on: { EXAMINE: flood("* OK noise\r\n") } },
  { name: "EXAMINE: EXISTS without end", on: { EXAMINE: flood("* 1 EXISTS\r\n") } },
  { name: "EXAMINE: a line without end", on: { EXAMINE: flood("* FLAGS (x") } },
  {
    name: "EXAMINE: parentheses without end",
    on: { EXAMINE: (talk) => talk.say(`* FLAGS ${"(".repeat(60000)}\r\n`) },
  },
  {
    name: "EXAMINE: no UIDVALIDITY",
    on: { EXAMINE: opened("* 3 EXISTS\r\n* OK [UIDNEXT 4] x\r\n") },
  },
  { name: "EXAMINE: UIDVALIDITY 0", mailbox: { uid_validity: 0 } },
  { name: "EXAMINE: UIDVALIDITY 2^32-1", mailbox: { uid_validity: 4294967295 } },
  { name: "EXAMINE: UIDVALIDITY 2^32", mailbox: { uid_validity: 4294967296 } },
  { name: "EXAMINE: nothing but OK", on: { EXAMINE: opened("") } },
  { name: "EXAMINE: UIDNEXT 0", mailbox: { uid_next: 0 } },
  { name: "EXAMINE: UIDNEXT below the mails", mailbox: { uid_next: 2 } },
  { name: "EXAMINE: UIDNEXT 2^32-1", mailbox: { uid_next: 4294967295 } },
  { name: "EXAMINE: UIDNEXT of 30 digits", mailbox: { uid_next: "9".repeat(30) } },
  { name: "EXAMINE: UIDNEXT negative", mailbox: { uid_next: "-4" } },
  { name: "EXAMINE: more EXISTS than there are", on: { EXAMINE: exists(4294967295) } },
  { name: "EXAMINE: fewer EXISTS than there are", on: { EXAMINE: exists(0) } },
  { name: "EXAMINE: EXISTS of 30 digits", on: { EXAMINE: exists("9".repeat(30)) } },
  { name: "EXAMINE: EXISTS negative", on: { EXAMINE: exists("-3") } },
  {
    name: "EXAMINE: UIDNOTSTICKY and NOMODSEQ",
    on: {
      EXAMINE: (talk, { tag }, well, own) =>
        talk.say(
          `${selected(own.mailbox)}* NO [UIDNOTSTICKY] x\r\n* OK [NOMODSEQ] x\r\n${tag} OK done\r\n`,
        ),
    },
  },
  {
    name: "EXAMINE: another tag",
    on: {
      EXAMINE: (talk, command, well, own) => talk.say(`${selected(own.mailbox)}B1 OK done\r\n`),
    },
  },
  {
    name: "EXAMINE: OK before it is asked",
    on: {
      AUTHENTICATE: (talk, { tag }) => {
        const next = (n) => `A${Number(tag.slice(1)) + n} OK done\r\n`;
        talk.say(`${tag} OK in\r\n${next(1)}${next(2)}${next(3)}${next(4)}`);
      },
    },
  },
  {
    name: "EXAMINE: refused twice, then well",
    on: { EXAMINE: until_connection(3, refuse("NO [UNAVAILABLE] later")) },
  },
];
