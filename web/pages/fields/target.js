// The fields of a target, by its type.
import { GrantChoice } from "../parts/grant_choice.js";

const types = [
  ["webhook", "Webhook (signed JSON)"],
  ["raw", "Webhook (the raw mail)"],
  ["pull", "Pull (your program fetches)"],
  ["osticket", "osTicket"],
  ["rt", "Request Tracker"],
  ["redmine", "Redmine"],
  ["zammad", "Zammad"],
  ["rails_relay", "Rails Action Mailbox"],
  ["smtp", "SMTP (forward as mail)"],
  ["imap_append", "IMAP (put into a folder)"],
];

const mail_types = ["smtp", "imap_append"];
const is = (...names) => (t) => names.includes(t.type);
const by_web = (t) => !["pull", ...mail_types].includes(t.type);
const by_token = (t) => t.auth?.method === "oauth2";
const login = is("raw", "rt", "rails_relay", ...mail_types);

export const fresh = {
  name: "",
  type: "webhook",
  enabled: true,
  url: "",
  required: true,
  fallback: true,
};

export const target = [
  { path: "name", label: "Name", required: true },
  { path: "type", label: "Type", kind: "select", options: types },
  { path: "url", label: "URL", required: true, wide: true, placeholder: "https://helpdesk.example.com/mail", when: by_web },
  { path: "enabled", label: "Enabled", kind: "check" },
  {
    path: "required",
    label: "Required",
    kind: "check",
    hint: "The mail counts as handed over, and its server's copy may be touched, only when this target has it.",
  },
  {
    path: "fallback",
    label: "Gets what no rule sends elsewhere",
    kind: "check",
  },
  { path: "raw", label: "Send the raw mail too", kind: "check", when: is("webhook", "pull") },
  { path: "host", label: "Server", required: true, when: is(...mail_types) },
  { path: "port", label: "Port", kind: "number", min: 1, max: 65535, when: is(...mail_types) },
  {
    path: "security",
    label: "Security",
    kind: "select",
    options: [
      ["tls", "TLS from the start"],
      ["starttls", "STARTTLS"],
      ["none", "None (not encrypted)"],
    ],
    when: is(...mail_types),
  },
  {
    path: "auth.method",
    label: "Sign in by",
    kind: "select",
    options: (t) => [
      [t.auth?.method ? "password" : "", "Login and password"],
      ["oauth2", "OAuth 2.0"],
    ],
    when: is(...mail_types),
  },
  { path: "auth.username", label: "Login", when: login },
  { path: "auth.password", label: "Password", kind: "password", when: (t) => login(t) && !by_token(t) },
  {
    path: "auth.grant",
    key: "target-grant",
    part: GrantChoice,
    with: { path: "auth.grant" },
    when: (t) => is(...mail_types)(t) && by_token(t),
  },
  {
    path: "api_key",
    label: "API key",
    kind: "password",
    hint: "Stored, never shown.",
    when: is("osticket", "redmine", "zammad"),
  },
  { path: "recipients", label: "Recipients", kind: "lines", hint: "One a line.", when: is("smtp") },
  { path: "sender", label: "Sender", hint: "Of the envelope; else the login.", when: is("smtp") },
  { path: "folder", label: "Folder", placeholder: "INBOX", when: is("imap_append") },
  { path: "queue", label: "Queue", placeholder: "General", when: is("rt") },
  {
    path: "action",
    label: "Action",
    kind: "select",
    options: [
      ["", "Correspond"],
      ["correspond", "Correspond"],
      ["comment", "Comment"],
    ],
    none: undefined,
    when: is("rt"),
  },
  { path: "project", label: "Project", hint: "Its identifier.", when: is("redmine") },
  { path: "group", label: "Group", required: true, when: is("zammad") },
  {
    path: "fields",
    label: "More of the helpdesk's own fields",
    kind: "json",
    none: {},
    wide: true,
    more: true,
    when: is("rt", "redmine", "zammad"),
  },
  {
    path: "allow_control_headers",
    label: "Let control headers of the mail through",
    kind: "check",
    more: true,
    hint: "X-Zammad-*, X-OTRS-*, X-RT-* and their like.",
    warn: (value) => value && "Whoever writes a mail can then steer the helpdesk.",
    when: is("raw", "rt", "zammad", "rails_relay", ...mail_types),
  },
  {
    path: "headers",
    label: "Own header fields",
    kind: "json",
    none: {},
    wide: true,
    more: true,
    placeholder: '{ "X-Api-Key": "…" }',
    when: by_web,
  },
  { path: "timeout_s", label: "Time-out (seconds)", kind: "number", min: 1, more: true },
  { path: "parallel", label: "Hand-overs at once", kind: "number", min: 1, more: true },
  {
    path: "ca_pem",
    label: "Own certificate authority (PEM)",
    kind: "area",
    none: null,
    wide: true,
    more: true,
    when: (t) => t.type !== "pull",
  },
  {
    path: "secret",
    label: "Own secret",
    kind: "password",
    more: true,
    hint: "whsec_…; left empty one is made and shown once.",
    when: (t) => is("webhook", "raw")(t) && !t.id,
  },
];

/** Without what the target's type does not have: that may not even be sent. */
export function of_its_type(value, draft) {
  const shown = target.filter((each) => !each.when || each.when(draft));
  const has = (key) => shown.some(({ path }) => path === key || path.startsWith(`${key}.`));
  const known = (key) => target.some(({ path }) => path === key || path.startsWith(`${key}.`));
  return Object.fromEntries(Object.entries(value).filter(([key]) => has(key) || !known(key)));
}
