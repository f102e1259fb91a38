// The fields of an integration beside its two directions, each under its name in the API.
import { ProviderPreset } from "../parts/provider_preset.js";

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
  {
    path: "notifications.outcomes",
    label: "Which of them are told",
    kind: "lines",
    hint: "critical, failure, success: one a line. Left alone: critical, and each with addresses.",
  },
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
