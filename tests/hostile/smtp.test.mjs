// Hostile SMTP servers of lib/smtp_rows*.mjs side by side, each with an integration of its own in
// one Postern: state and result code, time, connections made, mail taken once.
import * as judge from "./lib/smtp_judge.mjs";
import { outcomes } from "./lib/smtp_outcomes.mjs";
import { rows } from "./lib/smtp_rows.mjs";
import { play_table } from "./lib/table.mjs";

const tries = (for_s) => ({
  env: { POSTERN_RETRY_OUTGOING_S: "2", POSTERN_RETRY_OUTGOING_FOR_S: `${for_s}` },
});

play_table({
  what: "SMTP server",
  all_rows: rows,
  rows_min: 60,
  outcomes,
  judge,
  // In one, mails are soon given up; a row that has to come to a good end is played in the other,
  // where that cannot come first, however slow the machine.
  worlds: { usual: tries(4), patient: tries(3600) },
  watch: { deliveries: true },
});
