// A mail server of an integration, for either direction: address, login, certificate.
import { OAuthPanel } from "../parts/oauth_panel.js";

const securities = [
  ["tls", "TLS from the start"],
  ["starttls", "STARTTLS"],
  ["none", "None (not encrypted)"],
];
const ports = {
  imap: { tls: 993, starttls: 143, none: 143 },
  pop3: { tls: 995, starttls: 110, none: 110 },
  smtp: { tls: 465, starttls: 587, none: 25 },
};

/** The port follows protocol and security as long as it is one of the usual ones. */
export function with_usual_port(path, value, form) {
  const [direction, changed] = path.split(".");
  const former = form.draft[direction];
  const next = { ...former, [changed]: value };
  const usual = (side) => ports[side.protocol ?? "smtp"]?.[side.security];
  if (!former.port || former.port === usual(former)) next.port = usual(next);
  form.set(direction, next);
}

export const on = (direction) => (draft) => Boolean(draft[direction]?.enabled);
const login_is = (direction, method) => (draft) =>
  on(direction)(draft) && (draft[direction]?.auth?.method ?? "password") === method;

export function server_of(direction) {
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

export function certificate_of(direction) {
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
