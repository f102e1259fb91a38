// An SMTP server that takes every mail, until a row says otherwise for one command. It counts the
// mails it took: those whose end it answered with 250. RFC 5321, as much as Postern uses.
import { first_word, line_server, offered } from "./line_server.mjs";

export { cut, drip, flood, silence } from "./line_server.mjs";

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
    extensions: offered(row, row.extensions, extensions_of_it, "STARTTLS"),
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
  return line_server(row, own, {
    greeting: "220 hostile.test ESMTP\r\n",
    command_of: (line, talk) => {
      sink.commands?.push(line);
      const command = first_word(line);
      if (command.verb === "MAIL") talk.accepted = [];
      return command;
    },
    good,
    unknown: () => "500 5.5.2 unknown\r\n",
  });
}

// What rows do to a command beside what is in line_server.mjs.
export const reply = (text) => (talk) => talk.say(`${text}\r\n`);
export const last_reply = (text) => (talk) => talk.hang_up(`${text}\r\n`);
/** Badly for the first `count` times, well from then on. */
export const times = (count, badly) => {
  let seen = 0;
  return (talk, command, well, own) => (seen++ < count ? badly(talk, command, well, own) : well());
};
