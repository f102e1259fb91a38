// The wait for mail, and what is done with mails once they were handed over.
import { bye, cut, drip, flood, refuse, silence, until_connection } from "./imap_peer.mjs";

const idling =
  (then) =>
  (talk, { tag }) => {
    talk.say("+ idling\r\n");
    talk.next_line = () => talk.say(`${tag} OK done\r\n`);
    then(talk, tag);
  };
const marks = { incoming: () => ({ after_fetch: { action: "seen" } }) };
const moves = { incoming: () => ({ after_fetch: { action: "move", folder: "Done" } }) };

export const rows = [
  { name: "IDLE: never a plus", on: { IDLE: silence } },
  { name: "IDLE: refused", on: { IDLE: refuse("NO not now") } },
  { name: "IDLE: refused by BAD", on: { IDLE: refuse("BAD what") } },
  { name: "IDLE: ended at once by OK", on: { IDLE: refuse("OK done") } },
  { name: "IDLE: cut at once", on: { IDLE: cut } },
  { name: "IDLE: BYE at once", on: { IDLE: bye() } },
  {
    name: "IDLE: BYE in good order",
    on: { IDLE: idling((talk) => talk.hang_up("* BYE later\r\n")) },
  },
  {
    name: "IDLE: EXISTS without end",
    on: { IDLE: idling((talk) => talk.flood("* 3 EXISTS\r\n")) },
  },
  {
    name: "IDLE: EXISTS and EXPUNGE in turn, without end",
    on: { IDLE: idling((talk) => talk.flood("* 4 EXISTS\r\n* 4 EXPUNGE\r\n")) },
  },
  {
    name: "IDLE: noise without end",
    on: { IDLE: idling((talk) => talk.flood("* OK still here\r\n")) },
  },
  { name: "IDLE: a line without end", on: { IDLE: idling((talk) => talk.flood("* OK x")) } },
  {
    name: "IDLE: EXISTS of 2^32-1",
    on: {
      IDLE: until_connection(
        2,
        idling((talk) => talk.say("* 4294967295 EXISTS\r\n")),
      ),
    },
  },
  {
    name: "IDLE: DONE unanswered",
    on: {
      IDLE: (talk) => {
        talk.say("+ idling\r\n* 4 EXISTS\r\n");
        talk.next_line = () => talk.quiet();
      },
    },
  },
  {
    name: "IDLE: DONE answered one byte every two seconds",
    on: {
      IDLE: (talk) => {
        talk.say("+ idling\r\n* 4 EXISTS\r\n");
        talk.next_line = () => talk.drip("* OK slowly ");
      },
    },
  },
  {
    name: "IDLE: a mail told unasked",
    on: {
      IDLE: until_connection(
        2,
        idling((talk) => talk.say("* 1 FETCH (UID 900 BODY[] {16}\r\nSubject: forged\r\n)\r\n")),
      ),
    },
  },
  { name: "IDLE: pluses without end", on: { IDLE: flood("+ idling\r\n") } },
  {
    name: "poll: NOOP unanswered",
    capabilities: "IMAP4rev1 AUTH=PLAIN",
    incoming: () => ({ mode: "poll", poll_interval_s: 5 }),
    on: { NOOP: silence },
  },
  {
    name: "poll: NOOP refused",
    talks_max: 40, // it polls every 5 s, each time anew
    capabilities: "IMAP4rev1 AUTH=PLAIN",
    incoming: () => ({ mode: "poll", poll_interval_s: 5 }),
    on: { NOOP: refuse("NO no") },
  },
  {
    name: "poll: NOOP cut",
    talks_max: 40, // it polls every 5 s, each time anew
    capabilities: "IMAP4rev1 AUTH=PLAIN",
    incoming: () => ({ mode: "poll", poll_interval_s: 5 }),
    on: { NOOP: cut },
  },
  { name: "STORE: refused", ...marks, on: { "UID STORE": refuse("NO [NOPERM] denied") } },
  { name: "STORE: unanswered", ...marks, on: { "UID STORE": silence } },
  {
    name: "STORE: one byte every two seconds",
    ...marks,
    on: { "UID STORE": drip("* OK slowly ") },
  },
  { name: "STORE: cut", ...marks, on: { "UID STORE": cut } },
  {
    name: "STORE: the folder opens for reading only",
    ...marks,
    on: { SELECT: refuse("NO [NOPERM] denied") },
  },
  {
    name: "MOVE: refused, there is no such folder",
    ...moves,
    on: { "UID MOVE": refuse("NO [TRYCREATE] none") },
  },
  { name: "MOVE: BYE", ...moves, on: { "UID MOVE": bye() } },
  { name: "MOVE: refused by BAD", ...moves, on: { "UID MOVE": refuse("BAD what") } },
  {
    name: "MOVE: OK that lies about what was moved",
    ...moves,
    on: {
      "UID MOVE": (talk, { tag }) =>
        talk.say(`* OK [COPYUID 0 1:4294967295 *] x\r\n* 9 EXPUNGE\r\n${tag} OK done\r\n`),
    },
  },
];
