// A POP3 server that does everything right, until a row says otherwise for one command: `on` has a
// function for each command it is to answer in its own way. RFC 1939, RFC 2449, RFC 2595.
import { first_word, line_server, offered } from "./line_server.mjs";

export { cut, drip, flood, silence } from "./line_server.mjs";

const capabilities_of_it = ["TOP", "UIDL", "USER", "RESP-CODES", "PIPELINING", "SASL PLAIN"];

/** A mail's lines with a dot before each that begins with one, and the end. */
const multi_line = (text) =>
  `${text.replace(/^\./gm, "..")}${text.endsWith("\r\n") ? "" : "\r\n"}.\r\n`;

const listing = (lines) => `+OK listing\r\n${lines.map((line) => `${line}\r\n`).join("")}.\r\n`;

/** What a maildrop holds: {uid, text, size}; marked mails go at QUIT. */
export class Maildrop {
  constructor({ mails = [], uids, sizes } = {}) {
    this.mails = mails.map((text, n) => ({
      uid: uids?.[n] ?? `unique-${n + 1}`,
      text,
      size: sizes?.[n] ?? text.length,
    }));
  }

  /** "1 120" for each mail, by what `of` makes of it. */
  lines(of) {
    return this.mails.map((mail, n) => `${n + 1} ${of(mail, n)}`);
  }
}

export const listed_sizes = (drop) => listing(drop.lines(({ size }) => size));
export const listed_uids = (drop, uid_of = ({ uid }) => uid) => listing(drop.lines(uid_of));
export const listed_as =
  (...lines) =>
  (talk) =>
    talk.say(listing(lines));
export const retrieved = (text) => `+OK here it is\r\n${multi_line(text)}`;

const mail_of = (own, { rest }) => own.drop.mails[Number(rest.split(" ")[0]) - 1];

const good = {
  CAPA: (talk, command, own) =>
    talk.say(
      `+OK they are\r\n${own
        .capabilities(talk)
        .map((name) => `${name}\r\n`)
        .join("")}.\r\n`,
    ),
  STLS: (talk, command, own) => {
    talk.say("+OK begin\r\n");
    talk.start_tls(own.certificate);
  },
  AUTH: (talk, { rest }) => {
    if (rest.split(" ").length > 1) return talk.say("+OK in\r\n");
    talk.next_line = () => talk.say("+OK in\r\n");
    return talk.say("+ \r\n");
  },
  USER: (talk) => talk.say("+OK who\r\n"),
  PASS: (talk) => talk.say("+OK in\r\n"),
  STAT: (talk, command, { drop }) => {
    const bytes = drop.mails.reduce((sum, { size }) => sum + size, 0);
    talk.say(`+OK ${drop.mails.length} ${bytes}\r\n`);
  },
  LIST: (talk, command, { drop }) => talk.say(listed_sizes(drop)),
  UIDL: (talk, command, { drop }) => talk.say(listed_uids(drop)),
  RETR: (talk, command, own) => {
    const mail = mail_of(own, command);
    talk.say(mail ? retrieved(mail.text) : "-ERR no such mail\r\n");
  },
  TOP: (talk, command, own) => {
    const mail = mail_of(own, command);
    const header = mail?.text.slice(0, mail.text.indexOf("\r\n\r\n") + 4);
    talk.say(mail ? retrieved(header) : "-ERR no such mail\r\n");
  },
  DELE: (talk, command, own) => {
    talk.marked ??= [];
    talk.marked.push(mail_of(own, command));
    talk.say("+OK marked\r\n");
  },
  NOOP: (talk) => talk.say("+OK\r\n"),
  RSET: (talk) => {
    talk.marked = [];
    talk.say("+OK\r\n");
  },
  QUIT: (talk, command, { drop }) => {
    drop.mails = drop.mails.filter((mail) => !talk.marked?.includes(mail));
    talk.hang_up("+OK bye\r\n");
  },
};

/**
 * What serves a connection. In `row`: `greeting` (text, or a function), `capabilities` (a list, or a
 * function of the talk giving one), `on` (by command: a function of talk, command, the good answer
 * and the server, whose `drop` is the row's).
 */
export function pop3_server(row, drop, certificate) {
  const capabilities = offered(row, row.capabilities, capabilities_of_it, "STLS");
  const manners = {
    greeting: "+OK ready\r\n",
    command_of: first_word,
    good,
    unknown: () => "-ERR unknown\r\n",
  };
  return line_server(row, { drop, certificate, capabilities }, manners);
}

// What rows do to a command beside what is in line_server.mjs.
export const refuse = (words) => (talk) => talk.say(`-ERR ${words}\r\n`);
export const say = (text) => (talk) => talk.say(text);
/** Badly for the mail of this number, well for the others. */
export const of_mail = (number, badly) => (talk, command, well, own) =>
  Number(command.rest.split(" ")[0]) === number ? badly(talk, command, well, own) : well();
