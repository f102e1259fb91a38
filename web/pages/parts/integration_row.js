// One integration in the list.
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { href } from "../lib/route.js";
import { ChecksBar } from "./checks_bar.js";
import { Icon } from "./icon.js";
import { State, state_of } from "./state.js";
import { Time } from "./time.js";

function Direction({ name, state, last, what, checks }) {
  return html`<span class="direction">
    <span class="cell-name">${name}</span>
    <${State} state=${state ?? "off"} small=${true} />
    ${state && state !== "off" && html`<span class="small">${what} <${Time} at=${last} brief=${true} /></span>`}
    ${checks && html`<${ChecksBar} checks=${checks} label=${name} />`}
  </span>`;
}

export function IntegrationRow({ integration, chosen, toggle }) {
  const { id, name, address, status = {}, is_default } = integration;
  const wrong = [status.last_incoming_error, status.last_outgoing_error]
    .filter(Boolean)
    .sort((a, b) => b.at.localeCompare(a.at))[0];
  const failing =
    (status.consecutive_incoming_errors ?? 0) + (status.consecutive_outgoing_errors ?? 0) > 0;
  return html`<div class="integration-row">
    ${toggle
      ? html`<input
          type="checkbox"
          checked=${chosen}
          aria-label=${`Choose ${said(name)}`}
          onChange=${() => toggle(id)}
        />`
      : html`<span></span>`}
    <span class="who-cell">
      <a href=${href("integrations", id)} class="strong">${said(name)}</a>
      ${is_default && html`<${Icon} name="star" label="Default" className="default" />`}
      <span class="small quiet">${said(address)}</span>
    </span>
    <${State} state=${state_of(integration)} />
    <${Direction}
      name="Incoming"
      state=${status.incoming_state}
      what="checked"
      last=${status.last_successful_check}
      checks=${integration.checks?.incoming}
    />
    <${Direction}
      name="Outgoing"
      state=${status.outgoing_state}
      what="sent"
      last=${status.last_successful_outgoing}
      checks=${integration.checks?.outgoing}
    />
    <span class="errors-cell"
      ><span class="cell-name">Errors</span>${`${status.consecutive_incoming_errors ?? 0} / ${status.consecutive_outgoing_errors ?? 0}`}</span
    >
    <span class="queue-cell"><span class="cell-name">Queue</span>${integration.queued ?? 0}</span>
    <span class=${`error-cell small ${failing ? "" : "quiet"}`} title=${said(wrong?.message)}>
      ${wrong ? html`${said(wrong.message)} <${Time} at=${wrong.at} brief=${true} />` : ""}
    </span>
    <span class="small quiet modified-cell"><${Time} at=${integration.modified_at} brief=${true} /></span>
  </div>`;
}
