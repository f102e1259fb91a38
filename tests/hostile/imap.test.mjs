// Hostile IMAP servers of lib/imap_rows*.mjs side by side, each with an integration of its own in
// one Postern: status and reason, time, connections made, mail handed over once.
import * as judge from "./lib/imap_judge.mjs";
import { outcomes as before_folder } from "./lib/imap_outcomes_before.mjs";
import { outcomes as from_folder } from "./lib/imap_outcomes_folder.mjs";
import { rows } from "./lib/imap_rows.mjs";
import { play_table } from "./lib/table.mjs";

play_table({
  what: "IMAP server",
  all_rows: rows,
  rows_min: 80,
  outcomes: { ...before_folder, ...from_folder },
  judge,
  worlds: { usual: {} },
});
