// The maildrop: what it is said to hold, its mails, and how they are removed.
import {
  cut,
  drip,
  flood,
  listed_as,
  listed_sizes,
  listed_uids,
  of_mail,
  refuse,
  retrieved,
  say,
  silence,
} from "./pop3_peer.mjs";

const large = "x".repeat(70) + "\r\n";
const deleting = { incoming: () => ({ after_fetch: { action: "delete" } }) };
/** The unique-ids of each visit, by its number (from 1) and the mail's (from 0). */
const uids_of_visit = (uid_of) => ({
  UIDL: (talk, command, well, { drop }) =>
    talk.say(listed_uids(drop, (mail, n) => uid_of(talk.number, n))),
});
/** `before` the end of the mail `text`, and no more. */
const half_of =
  (end) =>
  (talk, { rest }, well, { drop }) => {
    const { text } = drop.mails[Number(rest) - 1];
    end(talk, `+OK here it is\r\n${text.slice(0, text.length - 10)}`);
  };
const then_cut = (talk, text) => talk.hang_up(text);
const then_silence = (talk, text) => {
  talk.say(text);
  talk.quiet();
};
/** Well up to here, and then `piece` without end. */
const and_flood = (begun, piece) => (talk) => {
  talk.say(begun);
  talk.flood(piece);
};
/** The commands behind the first are lined up: one answer is given. */
const only_once = (badly) => (talk) => {
  if (!talk.quiet_since) badly(talk);
};
/** The good answer with other text. */
const changed =
  (change) =>
  (talk, { rest }, well, { drop }) =>
    talk.say(retrieved(change(drop.mails[Number(rest) - 1].text)));

export const rows = [
  { name: "STAT: -ERR", on: { STAT: refuse("no") } },
  { name: "STAT: unanswered", on: { STAT: silence } },
  { name: "STAT: cut", on: { STAT: cut } },
  { name: "STAT: no numbers", on: { STAT: say("+OK many\r\n") } },
  { name: "STAT: -3 mails", on: { STAT: say("+OK -3 -100\r\n") } },
  { name: "STAT: 2^32-1 mails", on: { STAT: say("+OK 4294967295 1\r\n") } },
  { name: "STAT: 2^32 mails", on: { STAT: say("+OK 4294967296 1\r\n") } },
  { name: "STAT: none, though there are", on: { STAT: say("+OK 0 0\r\n") } },
  { name: "STAT: answered twice", on: { STAT: say("+OK 3 100\r\n+OK 3 100\r\n") } },

  { name: "UIDL: -ERR", on: { UIDL: refuse("no") } },
  { name: "UIDL: unanswered", on: { UIDL: silence } },
  {
    name: "UIDL: cut in the middle",
    on: { UIDL: (talk) => talk.hang_up("+OK\r\n1 unique-1\r\n") },
  },
  { name: "UIDL: silence in the middle", on: { UIDL: (talk) => then_silence(talk, "+OK\r\n1 u") } },
  { name: "UIDL: without end", on: { UIDL: and_flood("+OK\r\n", "1 unique-1\r\n") } },
  { name: "UIDL: number 0", on: { UIDL: listed_as("0 a", "1 b", "2 c") } },
  { name: "UIDL: numbers negative", on: { UIDL: listed_as("-1 a", "-2 b") } },
  { name: "UIDL: number 2^32", on: { UIDL: listed_as("4294967296 a") } },
  { name: "UIDL: ids that are none", on: uids_of_visit(() => "") },
  { name: "UIDL: ids of 200 bytes", on: uids_of_visit((visit, n) => `${n}`.repeat(200)) },
  { name: "UIDL: ids of control characters", on: uids_of_visit((visit, n) => `\x1b[2J${n}`) },
  { name: "UIDL: of mails that are not there", on: { UIDL: listed_as("7 a", "8 b") } },
  { name: "UIDL: the same id for two mails", maildrop: { uids: ["a", "a", "b"] } },
  { name: "UIDL: two ids for one mail", on: { UIDL: listed_as("1 a", "1 b", "2 c", "3 d") } },
  { name: "UIDL: other ids at each visit", on: uids_of_visit((visit, n) => `v${visit}-${n}`) },
  { name: "UIDL: ids that change places", on: uids_of_visit((visit, n) => `u${(n + visit) % 3}`) },
  {
    name: "UIDL: refused at each second visit",
    on: { UIDL: (talk, command, well) => (talk.number % 2 ? well() : talk.say("-ERR no\r\n")) },
  },

  { name: "LIST: -ERR", on: { LIST: refuse("no") } },
  { name: "LIST: unanswered", on: { LIST: silence } },
  { name: "LIST: cut in the middle", on: { LIST: (talk) => talk.hang_up("+OK\r\n1 120\r\n") } },
  { name: "LIST: sizes negative", on: { LIST: listed_as("1 -120", "2 -1", "3 -7") } },
  {
    name: "LIST: sizes of 30 digits",
    on: { LIST: listed_as(...[1, 2, 3].map((n) => `${n} ${"9".repeat(30)}`)) },
  },
  { name: "LIST: sizes of a thousand terabytes", maildrop: { sizes: [1e15, 1e15, 1e15] } },
  { name: "LIST: sizes of 0", maildrop: { sizes: [0, 0, 0] } },
  {
    name: "LIST: more mails than there are",
    on: {
      LIST: (talk, command, well, { drop }) =>
        talk.say(listed_sizes(drop).replace("\r\n.\r\n", "\r\n4 90\r\n5 90\r\n.\r\n")),
    },
  },
  { name: "LIST: no mails though STAT has them", on: { LIST: listed_as() } },

  { name: "RETR: -ERR to one", on: { RETR: of_mail(2, refuse("gone")) } },
  { name: "RETR: -ERR to all", on: { RETR: refuse("gone") } },
  { name: "RETR: the server is in trouble", on: { RETR: refuse("[SYS/TEMP] disk") } },
  { name: "RETR: unanswered", on: { RETR: silence } },
  { name: "RETR: cut at one", on: { RETR: of_mail(2, cut) } },
  { name: "RETR: cut in the middle of each", on: { RETR: half_of(then_cut) } },
  { name: "RETR: silence before the dot", on: { RETR: half_of(then_silence) } },
  { name: "RETR: one byte every two seconds", on: { RETR: only_once(drip("+OK slowly\r\n")) } },
  { name: "RETR: a mail that never ends", on: { RETR: only_once(and_flood("+OK here it is\r\n", large)) } },
  { name: "RETR: no status", on: { RETR: say("fine with me\r\n") } },
  { name: "RETR: a prompt", on: { RETR: say("+ go on\r\n") } },
  { name: "RETR: shorter than it was said to be", maildrop: { sizes: [100000, 100000, 100000] } },
  {
    name: "RETR: longer than it was said to be",
    maildrop: { sizes: [10, 10, 10] },
    body: () => large.repeat(3000),
  },
  {
    name: "RETR: NULs and bare CR and LF",
    on: { RETR: changed((text) => text.replace("Hello", "H\0el\rl\no")) },
  },
  { name: "RETR: a mail of nothing", on: { RETR: of_mail(2, say("+OK here it is\r\n.\r\n")) } },
  {
    name: "RETR: the first answered twice",
    on: { RETR: of_mail(1, (talk, command, well) => [well(), well()]) },
  },
  {
    name: "RETR: a dot alone in the middle, unstuffed",
    mail_count: 1,
    on: {
      RETR: (talk, command, well, { drop }) =>
        talk.say(
          `+OK here it is\r\n${drop.mails[0].text}.\r\n+OK here is another\r\nSubject: smuggled\r\n\r\n.\r\n`,
        ),
    },
  },

  { name: "DELE: -ERR", ...deleting, on: { DELE: refuse("no") } },
  { name: "DELE: unanswered", ...deleting, on: { DELE: silence } },
  {
    name: "DELE: +OK, and it stays",
    ...deleting,
    on: { QUIT: (talk) => talk.hang_up("+OK bye\r\n") },
  },
  {
    name: "QUIT: -ERR, and all stays",
    ...deleting,
    on: { QUIT: (talk) => talk.hang_up("-ERR some stay\r\n") },
  },
  { name: "QUIT: cut, and all stays", ...deleting, on: { QUIT: cut } },
  { name: "QUIT: unanswered", on: { QUIT: silence } },
  { name: "QUIT: lines without end", on: { QUIT: flood("+OK bye\r\n") } },
  { name: "well, beside them all" },
  { name: "well, and deleted", ...deleting },
];
