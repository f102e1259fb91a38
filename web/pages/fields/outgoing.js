// How an integration sends, each field under its name in the API.
import { SameLogin } from "../parts/same_login.js";
import { certificate_of, on, server_of } from "./mail_server.js";

export const outgoing = [
  {
    path: "outgoing.enabled",
    label: "Send mail",
    kind: "check",
    wide: true,
    hint: "By SMTP, from this account's address.",
  },
  { key: "same-login", part: SameLogin, when: on("outgoing") },
  ...server_of("outgoing"),
  {
    path: "outgoing.from_addresses",
    label: "Further From addresses",
    kind: "lines",
    when: on("outgoing"),
    hint: "Aliases this account may send as, one a line.",
  },
  {
    path: "outgoing.reply_to_mode",
    label: "Reply-To",
    kind: "select",
    options: [
      ["none", "None by itself"],
      ["reply_to", "As a Reply-To field"],
      ["from", "As the From address"],
    ],
    when: on("outgoing"),
  },
  {
    path: "outgoing.default_reply_to",
    label: "Default reply address",
    none: null,
    when: on("outgoing"),
    hint: "When the call names none; else the login.",
  },
  {
    path: "outgoing.save_to_sent",
    label: "Keep a copy in the Sent folder",
    kind: "check",
    when: on("outgoing"),
    hint: "Not needed where the provider does so itself.",
  },
  { path: "outgoing.encoding", label: "Encoding", more: true, when: on("outgoing") },
  {
    path: "outgoing.timeout_ms",
    label: "Time-out (ms)",
    kind: "number",
    min: 1,
    more: true,
    when: on("outgoing"),
  },
  {
    path: "outgoing.connections_max",
    label: "Connections at once",
    kind: "number",
    min: 1,
    more: true,
    when: on("outgoing"),
  },
  {
    path: "outgoing.messages_per_minute",
    label: "Mails a minute at most",
    kind: "number",
    min: 1,
    placeholder: "as the provider publishes",
    more: true,
    when: on("outgoing"),
  },
  {
    path: "outgoing.on_unknown",
    label: "When the server's answer is lost",
    kind: "select",
    options: [
      ["resend", "Send again (may arrive twice)"],
      ["report", "Report it and don't send again"],
    ],
    more: true,
    when: on("outgoing"),
  },
  {
    path: "outgoing.from_policy",
    label: "A foreign From in a finished mail",
    kind: "select",
    options: [
      ["rewrite", "Is rewritten to this address"],
      ["refuse", "Is refused"],
    ],
    more: true,
    when: on("outgoing"),
  },
  ...certificate_of("outgoing"),
];
