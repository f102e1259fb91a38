// The fields of a provider's preset.
const securities = [
  ["tls", "TLS from the start"],
  ["starttls", "STARTTLS"],
  ["none", "None (not encrypted)"],
];

const server = (at, name) => [
  { path: `${at}.host`, label: `${name} server` },
  { path: `${at}.port`, label: `${name} port`, kind: "number", min: 1, max: 65535 },
  { path: `${at}.security`, label: `${name} security`, kind: "select", options: securities },
];

export const fresh_provider = {
  name: "",
  imap: { host: "", port: 993, security: "tls" },
  smtp: { host: "", port: 587, security: "starttls" },
  logins: ["password"],
};

export const provider = (fresh) => [
  ...(fresh ? [{ path: "id", label: "Id", required: true, hint: "Letters, digits and hyphens." }] : []),
  { path: "name", label: "Name", required: true },
  ...server("imap", "IMAP"),
  ...server("smtp", "SMTP"),
  {
    path: "logins",
    label: "Logins",
    kind: "lines",
    hint: "password, app_password, oauth2; one a line.",
  },
  { path: "notes", label: "Notes", kind: "area", prose: true, wide: true },
  { path: "link", label: "Page about it", none: null, wide: true },
  { path: "pop3", label: "POP3", kind: "json", none: null, wide: true, more: true },
  { path: "domains", label: "Domains", kind: "lines", more: true },
  { path: "other_hosts", label: "Other hosts", kind: "lines", more: true },
  { path: "oauth", label: "OAuth 2.0", kind: "json", none: null, wide: true, rows: 10, more: true },
  { path: "sending", label: "Sending limits", kind: "json", none: {}, wide: true, more: true },
  { path: "quirks", label: "Peculiarities", kind: "json", none: {}, wide: true, more: true },
];
