// How the rows of POP3 are judged: incoming_judge.mjs over a Maildrop for each, looked at as often
// as may be asked for.
import { incoming_judge } from "./incoming_judge.mjs";
import { Maildrop, pop3_server } from "./pop3_peer.mjs";

export const { start_rows, holds, never_happened } = incoming_judge({
  protocol: "pop3",
  serve_row: (row, mails, certificate) =>
    pop3_server(row, new Maildrop({ mails, ...row.maildrop }), certificate),
  settings: { poll_interval_s: 15 },
  visit: /^STAT\r\n/m,
  login: /\b(USER|PASS|AUTH|STAT|RETR)\b/,
});
