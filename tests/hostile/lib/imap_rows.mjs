// All hostile IMAP servers, as data. A row: `name`, what the server does (see imap_peer.mjs), and
// what has to come of it (see imap_judge.mjs).
import { rows as greeting } from "./imap_rows_greeting.mjs";
import { rows as login } from "./imap_rows_login.mjs";
import { rows as folder } from "./imap_rows_folder.mjs";
import { rows as fetch } from "./imap_rows_fetch.mjs";
import { rows as uids } from "./imap_rows_uids.mjs";
import { rows as waiting } from "./imap_rows_waiting.mjs";
import { numbered } from "./imap_judge.mjs";

export const rows = numbered([...greeting, ...login, ...folder, ...fetch, ...uids, ...waiting]);
