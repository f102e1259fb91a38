// How the rows of IMAP are judged: incoming_judge.mjs over a Mailbox for each.
import { imap_server, Mailbox } from "./imap_peer.mjs";
import { incoming_judge } from "./incoming_judge.mjs";

/** A name that is fit for an address and a subject: "row-7". */
export const numbered = (rows) => rows.map((row, n) => ({ id: `row-${n + 1}`, ...row }));

export const { start_rows, holds, never_happened } = incoming_judge({
  protocol: "imap",
  serve_row: (row, mails, certificate, trap) =>
    imap_server(row, new Mailbox({ mails, ...row.mailbox }), certificate, trap),
  settings: { mode: "idle" },
  visit: / IDLE\r\n/,
  login: /\b(LOGIN|AUTHENTICATE|FETCH|EXAMINE)\b/,
});
