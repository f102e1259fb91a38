// How a target fares: its state, what waits for it, when it last took a mail, and its last error.
import { count, said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { use_resource } from "../lib/use.js";
import { State } from "./state.js";
import { Time } from "./time.js";

export const state_of_target = (target) =>
  target.enabled ? (target.status?.state ?? "enabled") : "disabled";

const news = (event) => /^(handover|target)\./.test(event.kind);

export function TargetStatus({ path }) {
  const { data } = use_resource(path, news);
  if (!data?.status) return null;
  const { waiting, parked, last_success, last_error, consecutive_errors } = data.status;
  return html`<section class="card" aria-labelledby="target-status-title">
    <h2 id="target-status-title">State</h2>
    <dl class="facts">
      <dt>State</dt>
      <dd><${State} state=${state_of_target(data)} /> ${consecutive_errors ?? 0} consecutive errors</dd>
      <dt>Waiting</dt>
      <dd>${count(waiting)} hand-overs, ${count(parked)} parked</dd>
      <dt>Last took a mail</dt>
      <dd><${Time} at=${last_success} /></dd>
      <dt>Last error</dt>
      <dd>
        ${last_error
          ? html`<${Time} at=${last_error.at} /> ${last_error.status ?? ""}
              <p class="server-words">${said(last_error.message)}</p>
              ${last_error.hint && html`<p class="hint-line">${said(last_error.hint)}</p>`}`
          : html`<span class="quiet">none</span>`}
      </dd>
    </dl>
  </section>`;
}
