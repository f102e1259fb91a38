// The fields of event rules, profiles and silences.
export const days = [
  ["mon", "Monday"],
  ["tue", "Tuesday"],
  ["wed", "Wednesday"],
  ["thu", "Thursday"],
  ["fri", "Friday"],
  ["sat", "Saturday"],
  ["sun", "Sunday"],
];

const own_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const pattern_hint = "Exact, with * and ?, or an expression between slashes.";

export const fresh_event_rule = {
  name: "",
  enabled: true,
  when: { kinds: [] },
  then: [{ type: "email", to: [] }],
};

export const event_rule = [
  { path: "name", label: "Name", required: true },
  { path: "enabled", label: "Enabled", kind: "check" },
  {
    path: "max_frequency_s",
    label: "At most once in (seconds)",
    kind: "number",
    min: 0,
    none: null,
    placeholder: "as in Settings",
    hint: "For each action and integration; what is held back is counted in the next one.",
  },
];

export const schedule = (at) => [
  { path: `${at}.time_of_day.from`, label: "From (time of day)", placeholder: "22:00" },
  { path: `${at}.time_of_day.to`, label: "To (time of day)", placeholder: "06:00" },
  {
    path: `${at}.time_zone`,
    label: "Time zone",
    placeholder: "UTC",
    hint: `Yours is ${own_zone}.`,
  },
];

export const event_condition = [
  {
    path: "when.kinds",
    label: "Kinds of event",
    kind: "lines",
    hint: "One a line, as imap.login_failed; empty: every kind.",
  },
  { path: "when.server", label: "Server", none: null, hint: pattern_hint },
  { path: "when.login", label: "Login", none: null, hint: pattern_hint },
  { path: "when.from", label: "Sender", none: null, hint: pattern_hint },
  { path: "when.recipient", label: "Recipient", none: null, hint: pattern_hint },
  { path: "when.port", label: "Port", kind: "number", min: 1, max: 65535, none: null },
  {
    path: "when.ssl",
    label: "Encryption",
    kind: "select",
    options: [
      ["", "Any or none"],
      ["tls", "TLS"],
      ["starttls", "STARTTLS"],
      ["none", "None"],
    ],
    none: null,
  },
];

export const fresh_profile = { name: "", enabled: true, channels: [{ type: "email", to: [] }] };

export const profile = [
  { path: "name", label: "Name", required: true },
  { path: "enabled", label: "Enabled", kind: "check" },
  {
    path: "steps",
    label: "Steps",
    kind: "json",
    none: undefined,
    wide: true,
    rows: 4,
    placeholder: '[{ "after_s": 0, "channels": [0] }, { "after_s": 1800, "channels": [1] }]',
    hint: "Who is told when, as long as nobody acknowledges. Empty: all channels at once.",
  },
];

export const fresh_silence = { reason: "", integrations: [], kinds: [] };

export const silence = [
  { path: "reason", label: "Reason", required: true },
  { path: "from", label: "From", kind: "datetime", hint: "Empty: now." },
  { path: "until", label: "Until", kind: "datetime", hint: "Empty: until it is deleted." },
  { path: "kinds", label: "Kinds of event", kind: "lines", hint: "One a line; empty: every kind." },
  { path: "server", label: "Server", none: null, hint: "Empty: every server." },
];
