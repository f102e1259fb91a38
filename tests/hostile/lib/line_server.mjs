// What the servers of the three protocols have in common: they obey line by line, well, until a row
// says otherwise for one command; and what most rows do to a command.

/**
 * What serves a connection. In `row`: `greeting` (text, or a function of the talk and the server) and
 * `on` (by command: a function of talk, command, the good answer and the server). `command_of` makes a
 * command with its `verb` of a line; `good` has the good answers, `unknown` the one to all others.
 */
export function line_server(row, own, { greeting, command_of, good, unknown }) {
  return (talk) => {
    talk.on_line = (line) => {
      const { next_line } = talk;
      if (next_line) {
        talk.next_line = null;
        next_line(line);
        return;
      }
      const command = command_of(line, talk);
      const well = () => {
        if (good[command.verb]) good[command.verb](talk, command, own);
        else talk.say(unknown(command));
      };
      const badly = row.on?.[command.verb] ?? well;
      badly(talk, command, well, own);
    };
    if (typeof row.greeting === "function") row.greeting(talk, own);
    else talk.say(row.greeting ?? greeting);
  };
}

/** A command of POP3 or SMTP. */
export function first_word(line) {
  const [first] = line.split(" ");
  return { verb: first.toUpperCase(), rest: line.slice(first.length + 1), line };
}

/** What a server says it can do, as a function of the talk: as the row has it (a value, or a function
 * of the talk), or `usual` with the word for TLS as long as there is none. */
export const offered = (row, of_row, usual, tls_word) => (talk) => {
  if (typeof of_row === "function") return of_row(talk);
  return of_row ?? [...usual, ...(row.security === "starttls" && !talk.secret ? [tls_word] : [])];
};

export const silence = (talk) => talk.quiet();
export const cut = (talk) => talk.cut();
export const drip = (text) => (talk) => talk.drip(text);
export const flood = (piece) => (talk) => talk.flood(piece);
/** Badly on the connections before this one, well from it on. */
export const until_connection = (number, badly) => (talk, command, well, own) =>
  talk.number < number ? badly(talk, command, well, own) : well();
