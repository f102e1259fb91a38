// What has to come of each row before a folder is opened; see incoming_judge.mjs for what
// stands where nothing is said.
import { cut_off } from "./incoming_judge.mjs";

export const outcomes = {
  "greeting: never": { step: "greeting", says: "the peer did not answer in time", quiet_s: 60 },
  "greeting: cut": { step: "greeting", says: cut_off },
  // The reset may be there before the connection is seen to be made.
  "greeting: reset": { step: ["tcp", "greeting"], says: "the connection broke" },
  "greeting: half a line, then cut": { step: "greeting", says: cut_off },
  "greeting: one byte every two seconds": {
    step: "greeting",
    says: "the peer did not answer in time",
    quiet_s: 60,
  },
  "greeting: BYE": { step: "greeting", says: "the server greeted with BYE" },
  "greeting: NO": { step: "greeting", says: "the server sent what is not IMAP" },
  "greeting: HTTP": { step: "greeting", says: "the server does not speak IMAP" },
  "greeting: SMTP": { step: "greeting", says: "the server does not speak IMAP" },
  "greeting: POP3": { step: "greeting", says: "the server does not speak IMAP" },
  "greeting: SSH": { step: "greeting", says: "the server does not speak IMAP" },
  "greeting: control characters": { step: "greeting", says: "the server sent what is not IMAP" },
  "greeting: a line without end": {
    step: "greeting",
    says: "the server sent a line over the limit",
  },
  "greeting: empty lines without end": {
    step: "greeting",
    says: "the server sent too many responses nobody asked for",
  },
  "greeting: PREAUTH without TLS where none is demanded": {},
  "greeting: PREAUTH before STARTTLS": {
    step: "greeting",
    says: "the server skipped the login before TLS",
  },
  "greeting: PREAUTH under TLS": {},
  "greeting: answers to commands that nobody sent": {
    step: "capabilities",
    says: "the server sent what is not IMAP",
  },

  "STARTTLS: stripped": { step: "capabilities", says: "the server does not offer STARTTLS" },
  "STARTTLS: refused by NO": { step: "starttls", says: "the server refused STARTTLS" },
  "STARTTLS: refused by BAD": { step: "starttls", says: "the server refused STARTTLS" },
  "STARTTLS: unanswered": {
    step: "starttls",
    says: "the peer did not answer in time",
    quiet_s: 60,
  },
  "STARTTLS: cut": { step: "starttls", says: cut_off },
  "STARTTLS: an answer injected behind its OK": {
    step: "starttls",
    says: "bytes came between STARTTLS and the TLS handshake",
  },
  "STARTTLS: half a line injected behind its OK": {
    step: "starttls",
    says: "bytes came between STARTTLS and the TLS handshake",
  },
  "STARTTLS: OK, then plain text": {
    step: "tls",
    says: ["the TLS handshake failed", "the peer does not speak TLS here"],
  },
  "STARTTLS: OK, then silence": {
    step: "tls",
    says: "the peer did not answer in time",
    quiet_s: 30,
  },
  "STARTTLS: OK, then cut": { step: "tls", says: "the peer closed the connection" },
  "STARTTLS: a mail told before it": { step: "starttls", says: "the server sent what is not IMAP" },
  "STARTTLS: other capabilities before it": {},
  "STARTTLS: no login under it any more": {
    step: "capabilities",
    kind: "imap.login_failed",
    says: "the server has disabled logging in with a password",
  },

  "certificate: expired": { step: "tls", says: "the certificate is expired or not yet valid" },
  "certificate: foreign": { step: "tls", says: "the certificate is not trusted" },
  "certificate: for another name": { step: "tls", says: "the certificate is for another host" },
  "certificate: expired, by STARTTLS": {
    step: "tls",
    says: "the certificate is expired or not yet valid",
  },
  "certificate: foreign, by STARTTLS": { step: "tls", says: "the certificate is not trusted" },
  "certificate: for another name, by STARTTLS": {
    step: "tls",
    says: "the certificate is for another host",
  },
  "certificate: not the pinned one": { step: "tls", says: "the certificate is not the pinned one" },

  "TLS: of a version that is too old": { step: "tls", says: "the peer closed the connection" },
  "TLS: plain text instead": { step: "tls", says: "the peer does not speak TLS here" },
  "TLS: never a byte of the handshake": {
    step: "tls",
    says: "the peer did not answer in time",
    quiet_s: 30,
  },
  "TLS: a handshake of one byte a second": {
    step: "tls",
    says: "the peer did not answer in time",
    quiet_s: 30,
  },
  "TLS: cut in the handshake": { step: "tls", says: "the peer closed the connection" },

  "CAPABILITY: unanswered": {
    step: "capabilities",
    says: "the peer did not answer in time",
    quiet_s: 60,
  },
  "CAPABILITY: refused by NO": {
    step: "capabilities",
    kind: "imap.download_failed",
    says: "the server refused a command",
  },
  "CAPABILITY: refused by BAD": {
    step: "capabilities",
    kind: "imap.download_failed",
    says: "the server refused a command",
  },
  "CAPABILITY: cut": { step: "capabilities", says: cut_off },
  "CAPABILITY: BYE": { step: "capabilities", says: "the server closed the session" },
  "CAPABILITY: without IMAP4": {},
  "CAPABILITY: none at all": {},
  "CAPABILITY: 5,000 names": {},
  "CAPABILITY: a line of a megabyte": {
    step: "capabilities",
    says: "the server sent a line over the limit",
  },
  "CAPABILITY: one byte every two seconds": {
    step: "capabilities",
    says: "the peer did not answer in time",
    quiet_s: 60,
  },
  "CAPABILITY: noise without end": {
    step: "capabilities",
    says: "the server sent too many responses nobody asked for",
  },
  "CAPABILITY: all that is there, and lies": {},

  "login: unanswered": { step: "login", says: "the peer did not answer in time", quiet_s: 60 },
  "login: refused": {
    step: "login",
    kind: "imap.login_failed",
    says: "the server refused the login",
  },
  "login: refused for now": {
    step: "login",
    kind: "imap.login_failed",
    says: "the server cannot take the login now",
    state: "waiting",
  },
  "login: refused by BAD": {
    step: "login",
    kind: "imap.download_failed",
    says: "the server refused a command",
  },
  "login: cut": { step: "login", says: cut_off },
  "login: reset": { step: "login", says: "the connection broke" },
  "login: BYE": { step: "login", says: "the server closed the session" },
  "login: refused by a line of a megabyte": {
    step: "login",
    says: "the server sent a line over the limit",
  },
  "login: refused in words to forge a log": {
    step: "login",
    kind: "imap.login_failed",
    says: "the server refused the login",
  },
  "login: one byte every two seconds": {
    step: "login",
    says: "the peer did not answer in time",
    quiet_s: 60,
  },
  "login: noise without end": {
    step: "login",
    says: "the server sent too many responses nobody asked for",
  },
  "login: challenged for ever": { step: "login", says: "the server sent what is not IMAP" },
  "login: a challenge that is not base64": {
    step: "login",
    says: "the server sent what is not IMAP",
  },
  "login: a challenge of a megabyte": {
    step: "login",
    says: "the server sent a line over the limit",
  },
  "login: the OK for another tag": { step: "login", says: "the server sent what is not IMAP" },
  "login: the OK for a tag to come": { step: "login", says: "the server sent what is not IMAP" },
  "login: the OK untagged": { step: "login", says: "the peer did not answer in time", quiet_s: 60 },
  "login: OK twice": { step: "capabilities", says: "the server sent what is not IMAP" },
  "login: none is offered": {
    step: "capabilities",
    kind: "imap.login_failed",
    says: "the server has disabled logging in with a password",
  },
  "login: only mechanisms nobody has": {
    step: "capabilities",
    kind: "imap.login_failed",
    says: "the server has disabled logging in with a password",
  },
  "login: a referral with NO": {
    step: "login",
    kind: "imap.login_failed",
    says: "the server refused the login",
  },
  "login: a referral with OK": {},
  "login: the capabilities lie after it": {},

  "ID: unanswered": { step: "capabilities", says: "the peer did not answer in time", quiet_s: 60 },
  "ID: a list without end": { step: "capabilities", says: "the server sent a line over the limit" },
  "ID: words of a megabyte": {
    step: "capabilities",
    says: "the server sent a line over the limit",
  },
};
