// The fields of one action of an event rule, or of one channel of a profile, by its type.
import { ActionIntegration, ActionProfile } from "../parts/action_choices.js";

export const action_types = [
  ["email", "Send an e-mail"],
  ["webhook", "Call a webhook (signed)"],
  ["web_page", "Call a web page"],
  ["log_file", "Write to a log file"],
  ["provider", "Call an external provider"],
  ["profile", "Tell a profile"],
];
export const channel_types = [
  ["email", "E-mail"],
  ["sms", "SMS (through a web gateway)"],
  ["webhook", "Webhook"],
];

const variables = "Variables as {{event.kind}}, {{event.message}}, {{integration.name}}, {{server}}.";

/** The fields under `at` ("then.0"); `type`: the action's. */
export function action_fields(at, type, named) {
  const is = (...types) => types.includes(type);
  const all = [
    named && { path: `${at}.name`, label: "Name", hint: "By which steps name it." },
    is("email") && { path: `${at}.to`, label: "To", kind: "lines", required: true },
    is("sms") && { path: `${at}.to`, label: "Numbers", kind: "lines", required: true },
    is("email") && { path: `${at}.cc`, label: "Cc", kind: "lines" },
    is("email") && { path: `${at}.subject`, label: "Subject", placeholder: "Postern's own" },
    is("web_page") && {
      path: `${at}.method`,
      label: "Method",
      kind: "select",
      options: ["POST", "GET", "PUT", "PATCH", "DELETE", "HEAD"].map((each) => [each, each]),
    },
    is("webhook", "web_page", "provider", "sms") && {
      path: `${at}.url`,
      label: "URL",
      required: true,
      wide: true,
      hint: variables,
    },
    is("webhook") && {
      path: `${at}.format`,
      label: "Format",
      kind: "select",
      options: [
        ["postern", "Postern (Standard Webhooks)"],
        ["slack", "Slack"],
        ["teams", "Teams"],
        ["ntfy", "ntfy"],
      ],
    },
    is("log_file") && {
      path: `${at}.path`,
      label: "File",
      required: true,
      hint: "Below the directory of logs.",
    },
    is("email", "webhook", "log_file", "sms") && {
      path: `${at}.text`,
      label: "Text",
      kind: "area",
      wide: true,
      prose: true,
      placeholder: "Postern's own",
      hint: variables,
    },
    is("email") && { path: `${at}.html`, label: "HTML", kind: "area", wide: true },
    is("web_page", "sms") && { path: `${at}.body`, label: "Body", kind: "area", wide: true, hint: variables },
    is("web_page", "webhook", "provider", "sms") && {
      path: `${at}.headers`,
      label: "Header fields",
      kind: "json",
      none: {},
      wide: true,
      rows: 2,
    },
    is("web_page", "webhook", "provider", "sms") && {
      path: `${at}.secret`,
      label: "Secret",
      kind: "password",
      hint: "Stored, never shown.",
    },
    is("web_page", "webhook", "provider", "sms") && {
      path: `${at}.ca_pem`,
      label: "Own certificate authority (PEM)",
      kind: "area",
      none: null,
      wide: true,
      more: true,
    },
    is("email") && { key: `${at}-by`, path: `${at}.integration`, part: ActionIntegration, with: { at } },
    is("profile") && { key: `${at}-profile`, path: `${at}.profile`, part: ActionProfile, with: { at } },
  ];
  return all.filter(Boolean);
}
