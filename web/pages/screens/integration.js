// One integration: how it is, what can be done with it, and its settings for reading, by tabs.
import { get, post, send } from "../lib/api.js";
import { said } from "../lib/format.js";
import { for_reading } from "../lib/form.js";
import { html, useState } from "../lib/html.js";
import { go, href, replace } from "../lib/route.js";
import { may_act, may_change } from "../lib/session.js";
import { use_resource } from "../lib/use.js";
import { incoming } from "../fields/incoming.js";
import { general, monitoring } from "../fields/integration.js";
import { outgoing } from "../fields/outgoing.js";
import { Activity } from "../parts/activity.js";
import { Button } from "../parts/button.js";
import { ask, Dialog } from "../parts/dialog.js";
import { Group } from "../parts/fields.js";
import { Icon } from "../parts/icon.js";
import { IntegrationRules } from "../parts/integration_rules.js";
import { IntegrationStatus } from "../parts/integration_status.js";
import { NamesSwitch } from "../parts/names_switch.js";
import { tell } from "../parts/notices.js";
import { Loaded, Screen } from "../parts/screen.js";
import { SendTest } from "../parts/send_test.js";
import { State, state_of } from "../parts/state.js";
import { SubmissionPassword } from "../parts/submission_password.js";
import { Tabs } from "../parts/tabs.js";
import { TestSteps } from "../parts/test_steps.js";

const tabs = [
  ["general", "General"],
  ["incoming", "Incoming"],
  ["outgoing", "Outgoing"],
  ["rules", "Rules"],
  ["monitoring", "Monitoring"],
  ["activity", "Activity"],
];

const consent_side = ({ status }) => (status.incoming_state === "needs_consent" ? "incoming" : "outgoing");
const edited = ["incoming", "outgoing", "monitoring"]; // the form begins where the tab was

export function Integration({ id, tab }) {
  const found = use_resource(
    `/integrations/${encodeURIComponent(id)}`,
    (event) => !event.integration || event.integration.id === id,
  );
  return html`<${Loaded} from=${found}>
    ${(data) => html`<${Found} integration=${data} etag=${found.etag} reload=${found.reload} tab=${tab} />`}
  <//>`;
}

function Found({ integration, etag, reload, tab }) {
  const [open, set_open] = useState("");
  const { id, name, enabled, is_default } = integration;
  const path = `/integrations/${id}`;
  const acted = (act, text) => async () => {
    await act();
    tell(text);
    await reload();
  };
  async function check() {
    const before = (await get(path)).status?.last_check;
    await post(`${path}/check`);
    tell("The check has begun.");
    await reload();
    if (before !== integration.status?.last_check) await reload();
  }
  async function disable() {
    const lines = ["Its connections close at once; queued mail waits until it is enabled again."];
    if (is_default) lines.push("It is the default integration: calls that name none will be refused.");
    if (await ask({ title: `Pause ${said(name)}?`, lines, yes: "Pause", tone: "primary" })) {
      await acted(() => post(`${path}/disable`), "Paused.")();
    }
  }
  async function remove() {
    const lines = [
      "Its settings, stored passwords and authorisation go, and the figures of its checks.",
      "Mail already received stays until retention removes it; queued mail is not sent.",
    ];
    if (is_default) lines.push("It is the default integration: calls that name none will be refused.");
    if (await ask({ title: `Delete ${said(name)}?`, lines, name: said(name) })) {
      await send("DELETE", path, undefined, { etag });
      tell(`${said(name)} is deleted.`);
      go("integrations");
    }
  }
  const failing = ["disabled", "needs_consent"].includes(state_of(integration)) || !enabled;
  const actions = html`
    ${may_act() &&
    html`<${Button} act=${() => set_open("test")}>Test<//>
      <${Button} act=${check}>Check now<//>
      <${Button} act=${() => set_open("send")}>Send test mail<//>
      ${failing
        ? html`<${Button} act=${acted(() => post(`${path}/enable`), "Enabled.")}>Enable<//>`
        : html`<${Button} icon="pause" act=${disable}>Pause<//>`}`}
    ${may_change() &&
    state_of(integration) === "needs_consent" &&
    html`<a class="button" href=${href("integrations", id, "edit", consent_side(integration))}><${Icon} name="key" />Authorise</a>`}
    ${may_change() && html`<a class="button primary" href=${href("integrations", id, "edit", ...(edited.includes(tab) ? [tab] : []))}>Edit</a>`}
  `;
  const form = for_reading(integration);
  const panels = {
    general: () => html`<${Group} form=${form} name="General" fields=${general} schema="IntegrationInput"
        beyond=${["incoming", "outgoing", "monitoring", "notifications", "provider"]} />
      <${Facts} integration=${integration} />
      ${may_change() &&
      html`<div class="actions">
        ${!is_default &&
        html`<${Button} icon="star" act=${acted(() => post(`${path}/make-default`), "It is the default now.")}>
          Make default
        <//>`}
        <${Button} act=${() => set_open("submission")}>Submission password<//>
        <${Button} tone="danger" act=${remove}>Delete<//>
      </div>`}`,
    incoming: () => html`<${Group} form=${form} name="Incoming" fields=${incoming} schema="IncomingInput" at="incoming"
      beyond=${["incoming.auth", "incoming.tls", "incoming.protocol"]} />`,
    outgoing: () => html`<${Group} form=${form} name="Outgoing" fields=${outgoing} schema="OutgoingInput" at="outgoing"
      beyond=${["outgoing.auth", "outgoing.tls", "outgoing.protocol"]} />`,
    rules: () => html`<${IntegrationRules} integration=${integration} />`,
    monitoring: () => html`<${IntegrationStatus} integration=${integration} />
      <${Group} form=${form} name="Monitoring" fields=${monitoring} />`,
    activity: () => html`<${Activity} integration=${integration} />`,
  };
  const title = said(name);
  return html`<${Screen} title=${title} lead=${html`<${Sentence} integration=${integration} />`} actions=${actions}>
    <div class="tabs-row"><${NamesSwitch} /></div>
    <${Tabs}
      tabs=${tabs}
      chosen=${panels[tab] ? tab : "general"}
      choose=${(key) => replace("integrations", id, key)}
      label=${title}
    >
      ${(panels[tab] ?? panels.general)()}
    <//>
    ${open === "test" &&
    html`<${Dialog} title=${`Test ${title}`} wide=${true} close=${() => set_open("")}>
      <${TestSteps} path=${`${path}/test`} close=${() => set_open("")} />
    <//>`}
    ${open === "send" && html`<${SendTest} integration=${integration} close=${() => set_open("")} />`}
    ${open === "submission" &&
    html`<${SubmissionPassword} integration=${integration} close=${() => set_open("")} />`}
  <//>`;
}

function Sentence({ integration }) {
  const { status = {}, address, is_default } = integration;
  const wrong = status.last_incoming_error ?? status.last_outgoing_error;
  const state = state_of(integration);
  return html`<span class="sentence">
    <${State} state=${state} />
    ${is_default && html`<span class="tag"><${Icon} name="star" /> Default</span>`}
    <span>${said(address)}</span>
    ${["failing", "waiting", "needs_consent", "disabled"].includes(state) &&
    (status.disabled_reason ?? wrong?.message) &&
    html`<span class="quiet">${said(status.disabled_reason ?? wrong.message)}</span>`}
  </span>`;
}

function Facts({ integration }) {
  const { id, created_at, modified_at, modified_by } = integration;
  return html`<dl class="facts">
    <dt>Id</dt>
    <dd><code>${id}</code></dd>
    <dt>Created</dt>
    <dd><time datetime=${created_at}>${new Date(created_at).toLocaleString("en-GB")}</time></dd>
    <dt>Last modified</dt>
    <dd>
      <time datetime=${modified_at}>${new Date(modified_at).toLocaleString("en-GB")}</time> by
      ${said(modified_by)}
    </dd>
  </dl>`;
}
