// The fields of an integration, each under its name in the API.
import { SameLogin } from "../parts/same_login.js";
import { ProviderPreset } from "../parts/provider_preset.js";
import { OAuthPanel } from "../parts/oauth_panel.js";

const securities = [
  ["tls", "TLS from the start"],
  ["starttls", "STARTTLS"],
  ["none", "None (not encrypted)"],
];
export const ports = {
  imap: { tls: 993, starttls: 143, none: 143 },
  pop3: { tls: 995, starttls: 110, none: 110 },
  smtp: { tls: 465, starttls: 587, none: 25 },
};

/** The port follows protocol and security as long as it is one of the usual ones. */
function with_usual_port(path, value, form) {
  const [direction, changed] = path.split(".");
  const former = form.draft[direction];
  const next = { ...former, [changed]: value };
  const usual = (side) => ports[side.protocol ?? "smtp"]?.[side.security];
  if (!former.port || former.port === usual(former)) next.port = usual(next);
  form.set(direction, next);
}

export const general = [
  { path: "name", label: "Name", required: true, hint: "Shown wherever the integration is chosen; unique." },
  { key: "preset", part: ProviderPreset },
  { path: "address", label: "Address", placeholder: "support@example.com" },
  {
    path: "display_name",
    label: "From name",
    placeholder: "Example Support",
    hint: "What recipients see beside the address.",
  },
  { path: "description", label: "Description", kind: "area", rows: 2, prose: true, wide: true },
  { path: "enabled", label: "Enabled", kind: "check", hint: "Off: no connection is opened in either direction." },
  {
    path: "is_default",
    label: "Default integration",
    kind: "check",
    hint: "Sends what names no integration. The former default stops being it.",
  },
];

const on = (direction) => (draft) => Boolean(draft[direction]?.enabled);
const login_is = (direction, method) => (draft) =>
  on(direction)(draft) && (draft[direction]?.auth?.method ?? "password") === method;

function server_of(direction) {
  const is_on = on(direction);
  return [
    { path: `${direction}.host`, label: "Server", required: true, placeholder: "mail.example.com", when: is_on },
    { path: `${direction}.port`, label: "Port", kind: "number", min: 1, max: 65535, when: is_on },
    {
      path: `${direction}.security`,
      label: "Security",
      kind: "select",
      options: securities,
      change: with_usual_port,
      when: is_on,
      warn: (value) => value === "none" && "Everybody on the way can read the mail and the password.",
    },
    {
      path: `${direction}.auth.method`,
      label: "Sign in by",
      kind: "select",
      options: [
        ["password", "Login and password"],
        ["oauth2", "OAuth 2.0 (Microsoft 365, Google, …)"],
        ["none", "Nothing (no login)"],
      ],
      when: is_on,
    },
    {
      path: `${direction}.auth.username`,
      label: "Login",
      when: (draft) => is_on(draft) && (draft[direction]?.auth?.method ?? "password") !== "none",
      hint: "Most often the address.",
    },
    {
      path: `${direction}.auth.password`,
      label: "Password",
      kind: "password",
      when: login_is(direction, "password"),
      hint: "Kept encrypted, never shown again. Some providers want an app password here.",
    },
    {
      path: `${direction}.auth.grant`,
      key: `${direction}-oauth`,
      part: OAuthPanel,
      with: { direction },
      when: login_is(direction, "oauth2"),
    },
  ];
}

function certificate_of(direction) {
  const secure = (draft) => on(direction)(draft) && draft[direction]?.security !== "none";
  return [
    {
      path: `${direction}.tls.verify`,
      label: "Check the server's certificate",
      kind: "check",
      more: true,
      when: secure,
      warn: (value) => value === false && "Anybody on the way can pretend to be the server.",
    },
    {
      path: `${direction}.tls.ca_pem`,
      label: "Own certificate authority (PEM)",
      kind: "area",
      none: null,
      wide: true,
      more: true,
      when: secure,
      hint: "Trusted beside the system's, for this server alone.",
    },
    {
      path: `${direction}.tls.pinned_sha256`,
      label: "Pinned certificate (SHA-256)",
      none: null,
      wide: true,
      more: true,
      when: secure,
    },
    {
      path: `${direction}.tls.allow_plain_password`,
      label: "Allow the password without encryption",
      kind: "check",
      more: true,
      when: (draft) => on(direction)(draft) && draft[direction]?.security === "none",
      warn: (value) => value && "The password goes over the line as it is.",
    },
  ];
}

const on_imap = (draft) => on("incoming")(draft) && draft.incoming.protocol !== "pop3";
const after = [
  ["none", "Leave it as it is"],
  ["seen", "Mark it as read"],
  ["keyword", "Set a keyword"],
  ["move", "Move it to a folder"],
  ["delete", "Delete it"],
];

function after_fetch_of(name, label, more) {
  const path = `incoming.${name}`;
  const action = (draft) => draft.incoming?.[name]?.action ?? "none";
  const when = (draft) => on("incoming")(draft) && draft.incoming?.[name] !== undefined;
  return [
    {
      path: `${path}.action`,
      label,
      kind: "select",
      options: (draft) =>
        draft.incoming.protocol === "pop3"
          ? after.filter(([key]) => ["none", "delete"].includes(key))
          : after,
      more,
      when,
      warn: (value) => value === "delete" && "The server's copy is gone once your targets have the mail.",
    },
    {
      path: `${path}.folder`,
      label: `${label}: folder`,
      none: null,
      more,
      when: (draft) => when(draft) && action(draft) === "move",
    },
    {
      path: `${path}.keyword`,
      label: `${label}: keyword`,
      none: null,
      more,
      when: (draft) => when(draft) && action(draft) === "keyword",
    },
    {
      path: `${path}.days`,
      label: `${label}: after days`,
      kind: "number",
      min: 0,
      none: 0,
      more,
      when: (draft) => when(draft) && action(draft) !== "none",
    },
  ];
}

export const incoming = [
  {
    path: "incoming.enabled",
    label: "Watch a mailbox",
    kind: "check",
    wide: true,
    hint: "New mail is kept here and handed to your targets.",
  },
  {
    path: "incoming.protocol",
    label: "Protocol",
    kind: "select",
    options: [
      ["imap", "IMAP"],
      ["pop3", "POP3"],
    ],
    change: with_usual_port,
    when: on("incoming"),
  },
  ...server_of("incoming"),
  {
    path: "incoming.start_from",
    label: "Start from",
    when: on("incoming"),
    hint: "now, all, or a date as 2026-01-31.",
    list: "start-from",
  },
  { path: "incoming.folder", label: "Folder", when: on_imap },
  {
    path: "incoming.more_folders",
    label: "More folders",
    kind: "lines",
    split: /\n/,
    when: on_imap,
    hint: "One a line.",
  },
  ...after_fetch_of("after_fetch", "After the hand-over", false),
  {
    path: "incoming.mode",
    label: "Notice new mail by",
    kind: "select",
    options: [
      ["idle", "IDLE (at once)"],
      ["poll", "Asking now and then"],
    ],
    more: true,
    when: on_imap,
  },
  {
    path: "incoming.poll_interval_s",
    label: "Check every (seconds)",
    kind: "number",
    min: 1,
    more: true,
    when: on("incoming"),
  },
  {
    path: "incoming.message_bytes_max",
    label: "Largest mail (bytes)",
    kind: "number",
    min: 1,
    bytes: true,
    more: true,
    when: on("incoming"),
  },
  ...after_fetch_of("after_ignored", "What a rule ignored", true),
  ...after_fetch_of("after_too_large", "What is too large", true),
  ...after_fetch_of("after_quarantined", "What is quarantined", true),
  {
    path: "incoming.compress",
    label: "Compress the line",
    kind: "check",
    more: true,
    when: on_imap,
    hint: "Where the server offers it; costs 80 KB of memory a connection.",
  },
  ...certificate_of("incoming"),
];

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
    placeholder: "no limit",
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

export const monitoring = [
  {
    path: "monitoring.notify_after",
    label: "Tell after failures in a row",
    kind: "number",
    min: 1,
    placeholder: "as in Settings",
  },
  {
    path: "monitoring.disable_after",
    label: "Disable after failures in a row",
    kind: "number",
    min: 1,
    placeholder: "as in Settings",
    hint: "The direction stays disabled until somebody enables it again.",
  },
  {
    path: "notifications.on_success",
    label: "Told on success",
    kind: "lines",
    hint: "Addresses for POST /notify, one a line.",
  },
  { path: "notifications.on_failure", label: "Told on failure", kind: "lines" },
  { path: "notifications.on_critical", label: "Told on a critical error", kind: "lines" },
  { path: "notifications.from_name", label: "From name of these" },
];

/** What a new integration begins with. */
export const fresh = {
  name: "",
  description: "",
  is_default: false,
  enabled: true,
  address: "",
  display_name: "",
  provider: "custom",
  incoming: {
    enabled: true,
    protocol: "imap",
    host: "",
    port: 993,
    security: "tls",
    auth: { method: "password", username: "" },
    tls: { verify: true },
    folder: "INBOX",
    mode: "idle",
    poll_interval_s: 60,
    start_from: "now",
    after_fetch: { action: "none", days: 0 },
  },
  outgoing: {
    enabled: true,
    protocol: "smtp",
    host: "",
    port: 587,
    security: "starttls",
    auth: { method: "password", username: "" },
    tls: { verify: true },
    reply_to_mode: "none",
    encoding: "utf-8",
    save_to_sent: false,
  },
};
