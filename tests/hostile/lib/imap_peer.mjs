// An IMAP server that does everything right, until a row says otherwise for one command: `on` has
// a function for each command it is to answer in its own way. RFC 3501, as much as Postern uses.
import { line_server } from "./line_server.mjs";

export { cut, drip, flood, silence, until_connection } from "./line_server.mjs";

const capabilities_of_it = "IMAP4rev1 SASL-IR IDLE UIDPLUS MOVE ID ENABLE AUTH=PLAIN";
const uid_max = 4294967295;

/** A mail of a row's own: told apart by its subject, which no other row has. */
export function mail_about(subject, body = "Hello.\r\n") {
  const id = subject.replace(/[^A-Za-z0-9]+/g, "-");
  return (
    `From: Mallory <mallory@example.test>\r\nTo: support@example.test\r\nSubject: ${subject}\r\n` +
    `Message-ID: <${id}@hostile.test>\r\nDate: Mon, 02 Feb 2026 10:00:00 +0000\r\n\r\n${body}`
  );
}

/** The members of "1:3,7,9:*" among `numbers`; "*" is the last. */
function members(set, numbers) {
  const last = numbers.at(-1) ?? 0;
  const number = (text) => (text === "*" ? last : Number(text));
  return numbers.filter((candidate) =>
    set.split(",").some((part) => {
      const [first, second = first] = part.split(":");
      const [low, high] = [number(first), number(second)].sort((a, b) => a - b);
      return candidate >= low && candidate <= high;
    }),
  );
}

export class Mailbox {
  constructor({ mails = [], uids, uid_validity = 1700000001, uid_next } = {}) {
    this.mails = mails.map((text, n) => ({ uid: uids?.[n] ?? n + 1, text, flags: [] }));
    this.uid_validity = uid_validity;
    this.uid_next_told = uid_next;
  }

  get uid_next() {
    const last = Math.max(0, ...this.mails.map(({ uid }) => uid));
    return this.uid_next_told ?? Math.min(last + 1, uid_max);
  }
}

const internal_date = '"02-Feb-2026 10:00:00 +0000"';

/** "* n FETCH (…)" as it should be, with what the command asks for. */
export function fetched(mailbox, mail, asked = "UID INTERNALDATE RFC822.SIZE FLAGS BODY.PEEK[]") {
  const parts = [`UID ${mail.uid}`, `FLAGS (${mail.flags.join(" ")})`];
  if (/INTERNALDATE/.test(asked)) parts.push(`INTERNALDATE ${mail.date ?? internal_date}`);
  if (/RFC822\.SIZE/.test(asked)) parts.push(`RFC822.SIZE ${mail.size ?? mail.text.length}`);
  const fields = /BODY\.PEEK(\[HEADER[^\]]*\])/.exec(asked);
  const header = mail.text.slice(0, mail.text.indexOf("\r\n\r\n") + 4);
  if (fields) parts.push(`BODY${fields[1]} {${header.length}}\r\n${header}`);
  else if (/BODY\.PEEK\[\]/.test(asked)) parts.push(`BODY[] {${mail.text.length}}\r\n${mail.text}`);
  return `* ${mailbox.mails.indexOf(mail) + 1} FETCH (${parts.join(" ")})\r\n`;
}

const good = {
  CAPABILITY: (talk, { tag }, own) => {
    talk.say(`* CAPABILITY ${own.capabilities(talk)}\r\n${tag} OK done\r\n`);
  },
  ID: (talk, { tag }) => talk.say(`* ID NIL\r\n${tag} OK done\r\n`),
  ENABLE: (talk, { tag }) => talk.say(`${tag} OK done\r\n`),
  NOOP: (talk, { tag }) => talk.say(`${tag} OK done\r\n`),
  STARTTLS: (talk, { tag }, own) => {
    talk.say(`${tag} OK begin\r\n`);
    talk.start_tls(own.certificate);
  },
  AUTHENTICATE: (talk, { tag, rest }) => {
    if (rest.split(" ").length > 1) return talk.say(`${tag} OK in\r\n`);
    talk.next_line = () => talk.say(`${tag} OK in\r\n`);
    return talk.say("+ \r\n");
  },
  LOGIN: (talk, { tag }) => talk.say(`${tag} OK in\r\n`),
  EXAMINE: (talk, { tag }, own) =>
    talk.say(`${selected(own.mailbox)}${tag} OK [READ-ONLY] done\r\n`),
  SELECT: (talk, { tag }, own) =>
    talk.say(`${selected(own.mailbox)}${tag} OK [READ-WRITE] done\r\n`),
  "UID FETCH": (talk, { tag, rest }, own) => {
    const [set] = rest.split(" ");
    const { mails } = own.mailbox;
    const uids = members(
      set,
      mails.map(({ uid }) => uid).sort((a, b) => a - b),
    );
    for (const mail of mails) {
      if (uids.includes(mail.uid)) own.tell_mail(talk, mail, rest);
    }
    talk.say(`${tag} OK done\r\n`);
  },
  "UID SEARCH": (talk, { tag, rest }, own) => {
    const uids = own.mailbox.mails.map(({ uid }) => uid).sort((a, b) => a - b);
    const set = /\bUID ([\d:,*]+)/.exec(rest)?.[1] ?? "1:*";
    talk.say(`* SEARCH ${members(set, uids).join(" ")}\r\n${tag} OK done\r\n`);
  },
  IDLE: (talk, { tag }) => {
    talk.say("+ idling\r\n");
    talk.next_line = () => talk.say(`${tag} OK done\r\n`);
  },
  "UID STORE": (talk, { tag }) => talk.say(`${tag} OK done\r\n`),
  "UID MOVE": (talk, { tag }) => talk.say(`${tag} OK done\r\n`),
  "UID COPY": (talk, { tag }) => talk.say(`${tag} OK done\r\n`),
  "UID EXPUNGE": (talk, { tag }) => talk.say(`${tag} OK done\r\n`),
  // A literal of as many bytes as were announced; what comes behind it is the next command.
  APPEND: (talk, { tag, rest }, own) => {
    const [, size, plus] = /\{(\d+)(\+?)\}$/.exec(rest);
    talk.take(Number(size), (text) => {
      own.appended.push(text);
      talk.next_line = () => talk.say(`${tag} OK done\r\n`);
    });
    if (!plus) talk.say("+ go on\r\n");
  },
  LIST: (talk, { tag }) => talk.say(`* LIST () "/" INBOX\r\n${tag} OK done\r\n`),
  LOGOUT: (talk, { tag }) => talk.hang_up(`* BYE bye\r\n${tag} OK done\r\n`),
};

export function selected(mailbox, { exists = mailbox.mails.length } = {}) {
  return (
    `* FLAGS (\\Seen \\Deleted)\r\n* ${exists} EXISTS\r\n* 0 RECENT\r\n` +
    `* OK [UIDVALIDITY ${mailbox.uid_validity}] valid\r\n` +
    `* OK [UIDNEXT ${mailbox.uid_next}] next\r\n`
  );
}

function command_of(line) {
  const [tag, first = "", second = ""] = line.split(" ");
  const verb = first.toUpperCase() === "UID" ? `UID ${second.toUpperCase()}` : first.toUpperCase();
  const rest = line
    .split(" ")
    .slice(verb.split(" ").length + 1)
    .join(" ");
  return { tag, verb, rest };
}

/**
 * What serves a connection. In `row`: `greeting` (text, or a function that serves the greeting
 * itself), `capabilities` (text, or a function of the talk), `on` (by command: a function of talk,
 * command, server and the good answer), `tell_mail` (the same for one mail of a FETCH).
 */
export function imap_server(row, mailbox, certificate, trap) {
  const own = {
    mailbox,
    trap,
    appended: row.appended ?? [],
    certificate,
    capabilities: (talk) =>
      typeof row.capabilities === "function"
        ? row.capabilities(talk)
        : (row.capabilities ??
          capabilities_of_it + (row.security === "starttls" ? " STARTTLS" : "")),
    tell_mail: (talk, mail, asked) => {
      const well = () => talk.say(fetched(mailbox, mail, asked));
      if (row.tell_mail) row.tell_mail(talk, mail, well, own);
      else well();
    },
  };
  return line_server(row, own, {
    greeting: "* OK ready\r\n",
    command_of,
    good,
    unknown: ({ tag }) => `${tag} BAD unknown\r\n`,
  });
}

// What rows do to a command beside what is in line_server.mjs.
export const refuse =
  (words) =>
  (talk, { tag }) =>
    talk.say(`${tag} ${words}\r\n`);
export const bye =
  (words = "shutting down") =>
  (talk) =>
    talk.hang_up(`* BYE ${words}\r\n`);
