// States in a word and a sign, never in colour alone.
import { html } from "../lib/html.js";
import { Icon } from "./icon.js";

const looks = {
  ok: ["good", "ok", "OK"],
  waiting: ["fair", "waiting", "Waiting"],
  degraded: ["fair", "warning", "Degraded"],
  failing: ["bad", "failing", "Failing"],
  needs_consent: ["bad", "key", "Needs authorisation"],
  disabled: ["bad", "pause", "Disabled"],
  off: ["none", "off", "Off"],
  paused: ["none", "pause", "Paused"],
  // deliveries
  queued: ["fair", "waiting", "Queued"],
  sending: ["fair", "sent", "Sending"],
  sent: ["good", "ok", "Sent"],
  failed: ["bad", "failing", "Failed"],
  unknown: ["fair", "warning", "Unknown"],
  held: ["none", "pause", "Held"],
  cancelled: ["none", "off", "Cancelled"],
  // messages
  stored: ["fair", "waiting", "Stored"],
  handed_over: ["good", "ok", "Handed over"],
  ignored: ["none", "off", "Ignored"],
  quarantined: ["bad", "quarantine", "Quarantined"],
  too_large: ["bad", "warning", "Too large"],
  acknowledged: ["good", "ok", "Acknowledged"],
  parked: ["bad", "warning", "Parked"],
  // problems
  pending: ["fair", "waiting", "Pending"],
  open: ["bad", "failing", "Open"],
  recovering: ["fair", "waiting", "Recovering"],
  flapping: ["fair", "warning", "Flapping"],
  closed: ["good", "ok", "Closed"],
  // what is merely on or off
  enabled: ["good", "ok", "Enabled"],
  yes: ["good", "ok", "Yes"],
  no: ["none", "off", "No"],
  passed: ["good", "ok", "Passed"],
};

export function words_of_state(state) {
  return looks[state]?.[2] ?? String(state ?? "").replaceAll("_", " ");
}

export function State({ state, text, small = false }) {
  const [tone, sign, words] = looks[state] ?? ["none", "off", words_of_state(state)];
  return html`<span class=${`state ${tone}${small ? " small" : ""}`} data-state=${state}>
    <${Icon} name=${sign} />${text ?? words}
  </span>`;
}

const order = ["needs_consent", "failing", "disabled", "waiting", "degraded", "ok", "off"];

/** The worse of an integration's two directions; "paused" when it is switched off as a whole. */
export function state_of(integration) {
  if (!integration.enabled) return "paused";
  const { incoming_state, outgoing_state } = integration.status ?? {};
  return (
    order.find((each) => each === incoming_state || each === outgoing_state) ?? incoming_state ?? "off"
  );
}

const trouble = ["failing", "needs_consent", "disabled", "waiting", "degraded", "ok", "paused", "off"];
export const rank_of_trouble = (state) => {
  const rank = trouble.indexOf(state);
  return rank < 0 ? trouble.length : rank;
};
