// Hostile POP3 servers of lib/pop3_rows*.mjs side by side, each with an integration of its own in
// one Postern: status and reason, time, connections made, mail handed over once.
import * as judge from "./lib/pop3_judge.mjs";
import { outcomes } from "./lib/pop3_outcomes.mjs";
import { rows } from "./lib/pop3_rows.mjs";
import { play_table } from "./lib/table.mjs";

play_table({
  what: "POP3 server",
  all_rows: rows,
  rows_min: 60,
  outcomes,
  judge,
  worlds: { usual: {} },
});
