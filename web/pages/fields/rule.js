// The fields of a routing rule, beside its condition, scope and targets.
export const fresh = {
  name: "",
  enabled: true,
  scope: "all",
  condition: null,
  actions: {},
  stop: false,
};

export const rule = [
  { path: "name", label: "Name", required: true },
  { path: "enabled", label: "Enabled", kind: "check" },
  {
    path: "position",
    label: "Position",
    kind: "number",
    min: 0,
    none: undefined,
    placeholder: "last",
    hint: "Rules are asked in this order.",
  },
  {
    path: "stop",
    label: "When it matches, ask no later rule",
    kind: "check",
  },
];

export const actions = [
  {
    path: "actions.attributes",
    label: "Attributes",
    kind: "json",
    none: {},
    wide: true,
    rows: 3,
    placeholder: '{ "category": "billing" }',
    hint: "Keys and values that go with the mail to its targets.",
  },
  { path: "actions.tags", label: "Tags", kind: "lines" },
  { path: "actions.priority", label: "Priority", none: null },
  {
    path: "actions.ignore",
    label: "Ignore, because",
    none: null,
    hint: "The mail is kept and listed with this reason, and goes nowhere.",
  },
  { path: "actions.hold", label: "Hold", kind: "check", hint: "Kept back until somebody hands it over." },
  { path: "actions.quarantine", label: "Put into quarantine", kind: "check" },
];
