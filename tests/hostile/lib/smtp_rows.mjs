// All hostile SMTP servers, as data. A row: `name`, what the server does (see smtp_peer.mjs), how
// the mail is given ("queue", or "sync" with a budget), and what has to come of it (smtp_judge.mjs).
import { rows as greeting } from "./smtp_rows_greeting.mjs";
import { rows as mail } from "./smtp_rows_mail.mjs";
import { rows as end } from "./smtp_rows_end.mjs";

export const rows = [...greeting, ...mail, ...end].map((row, n) => ({
  id: `send-${n + 1}`,
  ...row,
}));
