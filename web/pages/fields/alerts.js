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
  { path: "when.server", label: "Server", none: undefined, hint: "* stands for anything." },
  { path: "when.login", label: "Login", none: undefined, hint: "* stands for anything." },
  { path: "when.port", label: "Port", kind: "number", min: 1, max: 65535, none: undefined },
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
    none: undefined,
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

export const fresh_silence = { reason: "" };

export const silence = [
  { path: "reason", label: "Reason", required: true },
  { path: "integration", label: "Integration", none: undefined, hint: "Id or name; empty: all." },
  { path: "kinds", label: "Kinds of event", kind: "lines", hint: "Empty: every kind." },
  { path: "starts_at", label: "From", kind: "datetime", hint: "Empty: now." },
  { path: "ends_at", label: "Until", kind: "datetime", required: true },
];
