// What has to come of each row of POP3; see incoming_judge.mjs for what stands where nothing is
// said.
const late = "the peer did not answer in time";
const no_pop3 = "the server's words are not POP3";
const other_server = "this is not a POP3 server";
/** The server cuts: by a reset, where it had not read everything. */
const closed = ["the POP3 server closed the line", "the connection broke"];
const no_command = "the POP3 server refuses a command";
const login = { step: "login", kind: "pop3.login_failed" };
const refused = { ...login, says: "the POP3 server refuses the login" };
const download = "pop3.download_failed";
const silent_fetch = { step: "fetch", kind: download, says: late, quiet_s: 60 };
const all = "all";

const up_to_the_login = {
  "greeting: never": { step: "greeting", says: late, quiet_s: 60 },
  "greeting: cut": { step: "greeting", says: closed },
  // The reset may be there before the connection is seen to be made.
  "greeting: reset": { step: ["tcp", "greeting"], says: "the connection broke" },
  "greeting: half a line, then cut": { step: "greeting", says: other_server },
  "greeting: one byte every two seconds": { step: "greeting", says: late, quiet_s: 60 },
  "greeting: -ERR": { step: "greeting", says: "the POP3 server refuses the connection" },
  "greeting: IMAP": { step: "greeting", says: other_server },
  "greeting: SMTP": { step: "greeting", says: other_server },
  "greeting: HTTP": { step: "greeting", says: other_server },
  "greeting: a TLS alert": { step: "greeting", says: other_server },
  "greeting: control characters": { step: "greeting", says: other_server },
  "greeting: +OKAY": { step: "greeting", says: other_server },
  "greeting: a line without end": { step: "greeting", says: other_server },
  "greeting: +OK twice": { step: "greeting", says: no_pop3 },
  "greeting: all answers at once": { step: "greeting", says: no_pop3 },

  "CAPA: unanswered": { step: "capabilities", says: late, quiet_s: 60 },
  "CAPA: cut": { step: "capabilities", says: closed },
  "CAPA: -ERR": {},
  "CAPA: none at all": {
    step: "capabilities",
    kind: "pop3.login_failed",
    says: "the POP3 server takes no passwords here",
  },
  "CAPA: 300 of them": {
    step: "capabilities",
    kind: download,
    says: "the POP3 server says too much",
  },
  "CAPA: without end": {
    step: "capabilities",
    kind: download,
    says: "the POP3 server says too much",
  },
  "CAPA: a line of 10,000 bytes": { step: "capabilities", says: "a POP3 line is too long" },
  "CAPA: one byte every two seconds": { step: "capabilities", says: late, quiet_s: 60 },
  "CAPA: a LOGIN-DELAY of a day": { talks_max: 1 },
  "CAPA: all that is there, and lies": {},

  "STLS: stripped": { step: "capabilities", says: "the POP3 server does not offer STLS" },
  "STLS: stripped with all of CAPA": { step: "starttls", says: "the POP3 server refuses STLS" },
  "STLS: -ERR": { step: "starttls", says: "the POP3 server refuses STLS" },
  "STLS: unanswered": { step: "starttls", says: late, quiet_s: 60 },
  "STLS: cut": { step: "starttls", says: closed },
  "STLS: answers injected behind its +OK": {
    step: "starttls",
    says: "the POP3 server sent bytes before the TLS handshake",
  },
  "STLS: half a line injected behind its +OK": {
    step: "starttls",
    says: "the POP3 server sent bytes before the TLS handshake",
  },
  "STLS: +OK, then plain text": {
    step: "tls",
    says: ["the TLS handshake failed", "the peer does not speak TLS here"],
  },
  "STLS: +OK, then silence": { step: "tls", says: late, quiet_s: 30 },
  "STLS: +OK in at once, without it": { step: "greeting", says: no_pop3 },
  "STLS: no login under it any more": {
    step: "capabilities",
    kind: "pop3.login_failed",
    says: "the POP3 server takes no passwords here",
  },

  "certificate: expired": { step: "tls", says: "the certificate is expired or not yet valid" },
  "certificate: foreign": { step: "tls", says: "the certificate is not trusted" },
  "certificate: for another name": { step: "tls", says: "the certificate is for another host" },
  "certificate: foreign, by STLS": { step: "tls", says: "the certificate is not trusted" },
  "TLS: plain text instead": { step: "tls", says: "the peer does not speak TLS here" },
  "TLS: never a byte of the handshake": { step: "tls", says: late, quiet_s: 30 },

  "login: refused": refused,
  "login: nobody is let in now": {
    ...login,
    says: "the POP3 server can let nobody in now",
    state: "waiting",
  },
  "login: the maildrop is in use": {
    ...login,
    says: "another session has the mailbox",
    state: "waiting",
  },
  "login: too soon": {
    ...login,
    says: "the POP3 server wants more time between two logins",
    state: "waiting",
  },
  "login: unanswered": { step: "login", says: late, quiet_s: 60 },
  "login: cut": { step: "login", says: closed },
  "login: no status": { step: "login", says: no_pop3 },
  "login: refused in a line of a megabyte": { step: "login", says: "a POP3 line is too long" },
  "login: refused in words to forge a log": refused,
  "login: challenged for ever": { step: "login", says: no_pop3 },
  "login: a challenge that is not base64": { step: "login", says: no_pop3 },
  "login: +OK twice": { step: "login", says: no_pop3 },
  "login: USER refused": refused,
  "login: PASS refused": refused,
  "login: +OK to PASS before it was said": { step: "login", says: no_pop3 },
};

const of_the_listing = {
  "STAT: -ERR": { step: "stat", kind: download, says: no_command },
  "STAT: unanswered": { step: "stat", says: late, quiet_s: 60 },
  "STAT: cut": { step: "stat", says: closed },
  "STAT: no numbers": { step: "stat", says: no_pop3 },
  "STAT: -3 mails": { step: "stat", says: no_pop3 },
  "STAT: 2^32-1 mails": {},
  "STAT: 2^32 mails": { step: "stat", says: no_pop3 },
  "STAT: none, though there are": { mails: [] },
  "STAT: answered twice": { step: "list", says: no_pop3 },

  "UIDL: -ERR": {},
  "UIDL: unanswered": { step: "list", says: late, quiet_s: 60 },
  "UIDL: cut in the middle": { step: "list", says: closed },
  "UIDL: silence in the middle": { step: "list", says: late, quiet_s: 60 },
  "UIDL: without end": { step: "list", kind: download, says: "the POP3 server says too much" },
  "UIDL: number 0": { step: "list", says: no_pop3 },
  "UIDL: numbers negative": { step: "list", says: no_pop3 },
  "UIDL: number 2^32": { step: "list", says: no_pop3 },
  // Without a unique-id a mail is known by its header and size.
  "UIDL: ids that are none": {},
  "UIDL: ids of 200 bytes": {},
  "UIDL: ids of control characters": {},
  "UIDL: of mails that are not there": {},
  // RFC 1939 §7 lets copies of one mail have one id: the first stands for both.
  "UIDL: the same id for two mails": { mails: [1, 3] },
  "UIDL: two ids for one mail": {},
  "UIDL: other ids at each visit": { visits: 2 },
  "UIDL: ids that change places": { visits: 2 },
  "UIDL: refused at each second visit": { visits: 2 },

  "LIST: -ERR": { step: "list", kind: download, says: no_command },
  "LIST: unanswered": { step: "list", says: late, quiet_s: 60 },
  "LIST: cut in the middle": { step: "list", says: closed },
  "LIST: sizes negative": {},
  "LIST: sizes of 30 digits": {},
  "LIST: sizes of a thousand terabytes": {},
  "LIST: sizes of 0": {},
  "LIST: more mails than there are": {},
  "LIST: no mails though STAT has them": { mails: [] },
};

const of_the_mails = {
  "RETR: -ERR to one": { mails: [1, 3] },
  "RETR: -ERR to all": { mails: [] },
  "RETR: the server is in trouble": {
    step: "fetch",
    kind: download,
    says: "the POP3 server is in trouble",
  },
  "RETR: unanswered": silent_fetch,
  "RETR: cut at one": { mails: [1, 3], state: null, says: null },
  "RETR: cut in the middle of each": { step: "fetch", kind: download, says: closed },
  "RETR: silence before the dot": silent_fetch,
  "RETR: one byte every two seconds": silent_fetch,
  // Over the limit it is told as too large; what was read of it is not kept, so without a subject.
  "RETR: a mail that never ends": { mails: [] },
  "RETR: no status": { step: "fetch", kind: download, says: no_pop3 },
  "RETR: a prompt": { step: "fetch", kind: download, says: no_pop3 },
  "RETR: shorter than it was said to be": {},
  "RETR: longer than it was said to be": {},
  "RETR: NULs and bare CR and LF": {},
  "RETR: a mail of nothing": { mails: [1, 3] },
  "RETR: the first answered twice": { mails: [1, 2] },
  "RETR: a dot alone in the middle, unstuffed": {},

  "DELE: -ERR": { deletes: 3 },
  "DELE: unanswered": { step: "delete", says: late, quiet_s: 60, mails: all },
  "DELE: +OK, and it stays": { deletes: 3 },
  // Only the +OK to QUIT is believed: it is said again.
  "QUIT: -ERR, and all stays": { visits: 3 },
  "QUIT: cut, and all stays": { visits: 3 },
  "QUIT: unanswered": { quiet_s: 5 },
  "QUIT: lines without end": {},
  "well, beside them all": { visits: 2 },
  "well, and deleted": { deletes: 3, visits: 3 },
};

export const outcomes = { ...up_to_the_login, ...of_the_listing, ...of_the_mails };
