// All hostile POP3 servers, as data. A row: `name`, what the server does (see pop3_peer.mjs), and
// what has to come of it (see pop3_outcomes.mjs).
import { rows as drop } from "./pop3_rows_drop.mjs";
import { rows as login } from "./pop3_rows_login.mjs";

export const rows = [...login, ...drop].map((row, n) => ({ id: `drop-${n + 1}`, ...row }));
