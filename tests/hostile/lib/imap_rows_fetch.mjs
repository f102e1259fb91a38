// The mails are fetched: literals, items, lines.
import { bye, cut, drip, fetched, flood, refuse, silence, until_connection } from "./imap_peer.mjs";

const middle = 2; // of three mails, the one that is told badly
const badly_told = (tell) => ({
  tell_mail: (talk, mail, well, own) => (mail.uid === middle ? tell(talk, mail, own) : well()),
});
const item = (mail, rest) => `* ${mail.uid} FETCH (UID ${mail.uid} FLAGS () ${rest}`;
const literal = (size) =>
  badly_told((talk, mail) => talk.say(item(mail, `BODY[] {${size}}\r\n${mail.text})\r\n`)));
const endless = (size) =>
  badly_told((talk, mail) => {
    talk.say(item(mail, `BODY[] {${size}}\r\n`));
    talk.flood("x".repeat(1022) + "\r\n", 600 << 20);
  });

export const rows = [
  { name: "FETCH: unanswered", on: { "UID FETCH": silence } },
  { name: "FETCH: refused", on: { "UID FETCH": refuse("NO cannot") } },
  { name: "FETCH: refused by BAD", on: { "UID FETCH": refuse("BAD what") } },
  {
    name: "FETCH: refused for a mail that is gone",
    on: { "UID FETCH": refuse("NO [EXPUNGEISSUED] gone") },
  },
  { name: "FETCH: OK, and no mail", on: { "UID FETCH": refuse("OK done") } },
  { name: "FETCH: BYE", on: { "UID FETCH": bye() } },
  { name: "FETCH: cut", on: { "UID FETCH": cut } },
  { name: "FETCH: one byte every two seconds", on: { "UID FETCH": drip("* OK slowly ") } },
  { name: "FETCH: noise without end", on: { "UID FETCH": flood("* OK noise\r\n") } },
  {
    name: "FETCH: flags of all mails without end",
    on: { "UID FETCH": flood("* 1 FETCH (FLAGS (\\Seen))\r\n") },
  },
  { name: "FETCH: EXPUNGE without end", on: { "UID FETCH": flood("* 1 EXPUNGE\r\n") } },
  {
    name: "FETCH: mails nobody asked for, without end",
    on: { "UID FETCH": flood("* 9 FETCH (UID 999 BODY[] {2}\r\nhi)\r\n") },
  },
  {
    name: "FETCH: BYE in a literal",
    ...badly_told((talk, mail) =>
      talk.hang_up(item(mail, "BODY[] {500}\r\nSubject: half\r\n* BYE down\r\n")),
    ),
  },
  {
    name: "FETCH: a literal cut short, each time",
    ...badly_told((talk, mail) => talk.hang_up(item(mail, "BODY[] {500}\r\nSubject: half\r\n"))),
  },
  {
    name: "FETCH: a literal cut short once",
    tell_mail: (talk, mail, well) =>
      talk.number === 1 && mail.uid === middle
        ? talk.hang_up(item(mail, "BODY[] {500}\r\nSubject: half\r\n"))
        : well(),
  },
  {
    name: "FETCH: a literal cut short, then other bytes",
    tell_mail: (talk, mail, well) => {
      if (talk.number === 1 && mail.uid === middle) {
        talk.hang_up(item(mail, `BODY[] {${mail.text.length}}\r\n${mail.text.slice(0, -5)}`));
        mail.text = mail.text.replace("Hello.", "Other than it was.");
      } else well();
    },
  },
  {
    name: "FETCH: a literal shorter than it is",
    ...badly_told((talk, mail) => talk.say(item(mail, `BODY[] {20}\r\n${mail.text})\r\n`))),
  },
  { name: "FETCH: a literal longer than it is", ...literal(1000) },
  { name: "FETCH: a literal of -1", ...literal(-1) },
  { name: "FETCH: a literal without a number", ...literal("") },
  { name: "FETCH: a literal of 20 digits", ...literal("9".repeat(20)) },
  { name: "FETCH: a literal of 2^64-1", ...literal("18446744073709551615") },
  { name: "FETCH: a literal of 2^63 that never ends", ...endless("9223372036854775807") },
  { name: "FETCH: a literal of 2^32 that never ends", ...endless("4294967296") },
  { name: "FETCH: a literal over the limit that never ends", ...endless("2000000000") },
  {
    name: "FETCH: a literal announced, then silence",
    ...badly_told((talk, mail) => {
      talk.say(item(mail, "BODY[] {500}\r\n"));
      talk.quiet();
    }),
  },
  {
    name: "FETCH: a literal of one byte every two seconds",
    ...badly_told((talk, mail) => {
      talk.say(item(mail, "BODY[] {500}\r\n"));
      talk.drip("Subject: x\r\n");
    }),
  },
  {
    name: "FETCH: a huge literal where flags belong",
    ...badly_told((talk, mail) => {
      talk.say(`* ${mail.uid} FETCH (UID ${mail.uid} FLAGS {4000000000}\r\n`);
      talk.flood("x".repeat(1024));
    }),
  },
  {
    name: "FETCH: literals in literals' places",
    ...badly_told((talk, mail) =>
      talk.say(
        `* ${mail.uid} FETCH (UID {1}\r\n2 FLAGS ({5}\r\n\\Seen) BODY[] {${mail.text.length}}\r\n${mail.text})\r\n`,
      ),
    ),
  },
  {
    name: "FETCH: NIL for a body",
    ...badly_told((talk, mail) => talk.say(item(mail, "BODY[] NIL)\r\n"))),
  },
  {
    name: "FETCH: an empty body",
    ...badly_told((talk, mail) => talk.say(item(mail, "BODY[] {0}\r\n)\r\n"))),
  },
  {
    name: "FETCH: a body in quotes",
    ...badly_told((talk, mail) => talk.say(item(mail, 'BODY[] "Subject: quoted")\r\n'))),
  },
  {
    name: "FETCH: no body at all",
    ...badly_told((talk, mail) => talk.say(item(mail, "RFC822.SIZE 9)\r\n"))),
  },
  {
    name: "FETCH: two bodies in one",
    ...badly_told((talk, mail) =>
      talk.say(item(mail, `BODY[] {${mail.text.length}}\r\n${mail.text} BODY[] {5}\r\nother)\r\n`)),
    ),
  },
  {
    name: "FETCH: parentheses without end",
    ...badly_told((talk, mail) => talk.say(item(mail, `${"(".repeat(50000)}\r\n`))),
  },
  {
    name: "FETCH: a line without end",
    ...badly_told((talk, mail) => {
      talk.say(item(mail, "X "));
      talk.flood("x");
    }),
  },
  {
    name: "FETCH: sizes that lie",
    tell_mail: (talk, mail, well) => {
      mail.size = [0, 4294967295, "99999999999999999999"][mail.uid - 1];
      well();
    },
  },
  {
    name: "FETCH: dates that are none",
    tell_mail: (talk, mail, well) => {
      mail.date = ['"99-Foo-0000 99:99:99 +9999"', '""', "NIL"][mail.uid - 1];
      well();
    },
  },
  { name: "FETCH: a mail left out", ...badly_told(() => {}) },
  {
    name: "FETCH: a mail left out once",
    tell_mail: (talk, mail, well) => {
      if (mail.uid === middle && talk.number === 1 && !mail.left) mail.left = true;
      else well();
    },
  },
  {
    name: "FETCH: EXPUNGE in the middle",
    ...badly_told((talk, mail, own) => talk.say(`* 1 EXPUNGE\r\n${fetched(own.mailbox, mail)}`)),
  },
  {
    name: "FETCH: EXISTS of 2^32-1 in the middle",
    ...badly_told((talk, mail, own) =>
      talk.say(`* 4294967295 EXISTS\r\n${fetched(own.mailbox, mail)}`),
    ),
  },
  {
    name: "FETCH: OK for a tag that is not on its way",
    on: { "UID FETCH": (talk) => talk.say("A999 OK done\r\n") },
  },
  {
    name: "FETCH: NUL and bare line feeds in a mail",
    body: () => "a\x00b\nc\rd\r\n.\r\n* BYE x\r\nA5 OK done\r\n",
  },
  {
    name: "FETCH: a mail that looks like the end of the dialogue",
    body: (n) => `)\r\nA${n + 4} OK done\r\n* BYE now\r\n{99}\r\n`,
  },
  {
    name: "FETCH: refused on the first connection, then well",
    on: { "UID FETCH": until_connection(2, bye("once")) },
  },
];
