// An SMTP server that takes every mail, until a row says otherwise for one command. It counts the
// mails it took: those whose end it answered with 250. RFC 5321, as much as Postern uses.

const extensions_of_it = ["SIZE 10485760", "8BITMIME", "AUTH PLAIN LOGIN"];

const good = {
  EHLO: (talk, command, own) => {
    const lines = ["hostile.test", ...own.extensions(talk)];
    talk.say(lines.map((line, n) => `250${n < lines.length - 1 ? "-" : " "}${line}\r\n`).join(""));
  },
  HELO: (talk) => talk.say("250 hostile.test\r\n"),
  STARTTLS: (talk, command, own) => {
    talk.say("220 begin\r\n");
    talk.start_tls(own.certificate);
  },
  AUTH: (talk, { rest }) => {
    if (rest.split(" ").length > 1) return talk.say("235 2.7.0 in\r\n");
    talk.next_line = () => talk.say("235 2.7.0 in\r\n");
    return talk.say("334 \r\n");
  },
  MAIL: (talk) => talk.say("250 2.1.0 Ok\r\n"),
  RCPT: (talk, { rest }) => {
    talk.accepted.push(rest);
    talk.say("250 2.1.5 Ok\r\n");
  },
  DATA: (talk, command, own) => {
    talk.say("354 go on\r\n");
    own.take_body(talk);
  },
  RSET: (talk) => talk.say("250 Ok\r\n"),
  NOOP: (talk) => talk.say("250 Ok\r\n"),
  QUIT: (talk) => talk.hang_up("221 bye\r\n"),
};

/**
 * What serves a connection. In `row`: `greeting` (text, or a function), `extensions` (a list, or a
 * function of the talk giving one), `on` (by command, and `end`: behind the final dot). The result
 * is kept in `sink`: {taken: number of mails answered with 250 in `end`, bodies: [text], recipients:
 * how often each was promised a mail, commands: [line] where wanted}.
 */
export function smtp_server(row, sink, certificate) {
  const own = {
    certificate,
    extensions: (talk) =>
      typeof row.extensions === "function"
        ? row.extensions(talk)
        : (row.extensions ?? [
            ...extensions_of_it,
            ...(row.security === "starttls" && !talk.secret ? ["STARTTLS"] : []),
          ]),
    take_body: (talk) => {
      let body = "";
      talk.next_line = function more(line) {
        if (line !== ".") {
          if (body.length < 1 << 22) body += `${line}\n`;
          talk.next_line = more;
          return;
        }
        sink.bodies.push(body);
        const well = () => {
          sink.taken += 1;
          for (const to of talk.accepted ?? [])
            sink.recipients[to] = (sink.recipients[to] ?? 0) + 1;
          talk.say("250 2.0.0 Ok: queued as HOSTILE\r\n");
        };
        if (row.on?.end) row.on.end(talk, {}, well, own);
        else well();
      };
    },
  };
  return (talk) => {
    talk.on_line = (line) => {
      const { next_line } = talk;
      if (next_line) {
        talk.next_line = null;
        next_line(line);
        return;
      }
      sink.commands?.push(line);
      const [first] = line.split(" ");
      const verb = first.toUpperCase();
      const command = { verb, rest: line.slice(first.length + 1), line };
      if (verb === "MAIL") talk.accepted = [];
      const well = () => {
        if (good[verb]) good[verb](talk, command, own);
        else talk.say("500 5.5.2 unknown\r\n");
      };
      if (row.on?.[verb]) row.on[verb](talk, command, well, own);
      else well();
    };
    if (typeof row.greeting === "function") row.greeting(talk, own);
    else talk.say(row.greeting ?? "220 hostile.test ESMTP\r\n");
  };
}

// What most rows do to a command.
export const silence = (talk) => talk.quiet();
export const cut = (talk) => talk.cut();
export const reply = (text) => (talk) => talk.say(`${text}\r\n`);
export const last_reply = (text) => (talk) => talk.hang_up(`${text}\r\n`);
export const drip = (text) => (talk) => talk.drip(text);
export const flood = (piece) => (talk) => talk.flood(piece);
/** Badly for the first `count` times, well from then on. */
export const times = (count, badly) => {
  let seen = 0;
  return (talk, command, well, own) => (seen++ < count ? badly(talk, command, well, own) : well());
};
