// The list of all integrations: worst first, searched and filtered in the browser, so that a
// keystroke shows at once among thousands. Only the rows that are seen are in the document.
import { post, send } from "../lib/api.js";
import { count, plural, said } from "../lib/format.js";
import { html, useMemo, useState } from "../lib/html.js";
import { href, replace } from "../lib/route.js";
import { may_act, may_change } from "../lib/session.js";
import { use_list } from "../lib/use.js";
import { Button } from "../parts/button.js";
import { ask } from "../parts/dialog.js";
import { Icon } from "../parts/icon.js";
import { IntegrationRow } from "../parts/integration_row.js";
import { tell } from "../parts/notices.js";
import { Empty, Loaded, Screen } from "../parts/screen.js";
import { rank_of_trouble, state_of } from "../parts/state.js";
import { VirtualRows } from "../parts/virtual_rows.js";

const filters = {
  all: ["All", () => true],
  trouble: ["In trouble", (i) => ["failing", "needs_consent", "disabled", "waiting"].includes(state_of(i))],
  ok: ["OK", (i) => state_of(i) === "ok"],
  paused: ["Paused", (i) => !i.enabled],
  incoming: ["Incoming on", (i) => i.incoming?.enabled],
  outgoing: ["Outgoing on", (i) => i.outgoing?.enabled],
};

const by_name = (a, b) => a.name.localeCompare(b.name);
const latest = (a, b) => (b ?? "").localeCompare(a ?? "");
const sorts = {
  trouble: [
    "Trouble first",
    (a, b) =>
      rank_of_trouble(state_of(a)) - rank_of_trouble(state_of(b)) ||
      errors(b) - errors(a) ||
      by_name(a, b),
  ],
  name: ["Name", by_name],
  modified: ["Last modified", (a, b) => latest(a.modified_at, b.modified_at)],
  received: [
    "Last received",
    (a, b) => latest(a.status?.last_successful_incoming, b.status?.last_successful_incoming),
  ],
};

const errors = ({ status = {} }) =>
  (status.consecutive_incoming_errors ?? 0) + (status.consecutive_outgoing_errors ?? 0);

function matches(integration, words) {
  const { name, address, description, provider, incoming, outgoing } = integration;
  const text = [name, address, description, provider, incoming?.host, outgoing?.host]
    .join("\n")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

export function Integrations() {
  const all = use_list("/integrations", (event) => event.kind !== "message.received");
  const actions = html`${may_change() &&
  html`<a class="button primary" href=${href("integrations", "new")}
    ><${Icon} name="plus" />New integration</a
  >`}`;
  return html`<${Screen}
    title="Integrations"
    lead=${all.data && plural(all.data.length, "integration")}
    actions=${actions}
  >
    <${Loaded} from=${all}>
      ${(items) =>
        items.length === 0
          ? html`<${Empty} title="No integration yet.">
              <p>An integration is one mail account: where its mail comes from, and how its mail is sent.</p>
            <//>`
          : html`<${Found} items=${items} reload=${all.reload} />`}
    <//>
  <//>`;
}

function Found({ items, reload }) {
  const [search, set_search] = useState("");
  const [filter, set_filter] = useState("all");
  const [sort, set_sort] = useState("trouble");
  const [chosen, set_chosen] = useState(() => new Set());
  const shown = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const [, takes] = filters[filter];
    return items.filter((each) => takes(each) && matches(each, words)).sort(sorts[sort][1]);
  }, [items, search, filter, sort]);
  const toggle = (id) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    set_chosen(next);
  };
  const all_chosen = shown.length > 0 && shown.every((each) => chosen.has(each.id));
  return html`<div class="toolbar" role="search">
      <label class="search">
        <${Icon} name="search" /><span class="sr">Search</span>
        <input
          type="search"
          placeholder="Search"
          value=${search}
          onInput=${(event) => set_search(event.target.value)}
        />
      </label>
      <label class="choice"
        ><span>Show</span>
        <select value=${filter} onChange=${(event) => set_filter(event.target.value)}>
          ${Object.entries(filters).map(
            ([key, [name, takes]]) =>
              html`<option value=${key} selected=${key === filter}>
                ${name} (${count(items.filter(takes).length)})
              </option>`,
          )}
        </select>
      </label>
      <label class="choice"
        ><span>Sort by</span>
        <select value=${sort} onChange=${(event) => set_sort(event.target.value)}>
          ${Object.entries(sorts).map(
            ([key, [name]]) => html`<option value=${key} selected=${key === sort}>${name}</option>`,
          )}
        </select>
      </label>
    </div>
    ${chosen.size > 0 &&
    html`<${Bulk}
      chosen=${items.filter((each) => chosen.has(each.id))}
      done=${() => {
        set_chosen(new Set());
        reload();
      }}
    />`}
    <p class="sr" role="status">${plural(shown.length, "integration")} shown</p>
    <div class="rows-head integration-row" aria-hidden="true">
      <span></span><span>Name</span><span>State</span><span>Incoming</span><span>Outgoing</span
      ><span>Errors</span><span>Last error</span><span>Modified</span>
    </div>
    ${may_act() &&
    html`<label class="choose-all"
      ><input
        type="checkbox"
        checked=${all_chosen}
        onChange=${() => set_chosen(all_chosen ? new Set() : new Set(shown.map((each) => each.id)))}
      />Choose all ${count(shown.length)} shown</label
    >`}
    <${VirtualRows}
      items=${shown}
      label="Integrations"
      row=${(each) =>
        html`<${IntegrationRow}
          integration=${each}
          chosen=${chosen.has(each.id)}
          toggle=${may_act() ? toggle : null}
        />`}
    />
    ${shown.length === 0 && html`<${Empty} title="None matches." />`}`;
}

function Bulk({ chosen, done }) {
  const each_of = (text, act) => async () => {
    let failed = 0;
    for (const integration of chosen) {
      try {
        await act(`/integrations/${integration.id}`);
      } catch {
        failed += 1;
      }
    }
    tell(`${text}: ${count(chosen.length - failed)}${failed ? `, failed: ${count(failed)}` : ""}`);
    done();
  };
  const names = chosen
    .slice(0, 5)
    .map((each) => said(each.name))
    .join(", ");
  const rest = chosen.length > 5 ? ` and ${count(chosen.length - 5)} more` : "";
  async function remove() {
    const yes = await ask({
      title: `Delete ${plural(chosen.length, "integration")}?`,
      lines: [
        `${names}${rest}.`,
        "Their settings, stored passwords and authorisations go. Mail already received stays until retention removes it; queued mail is not sent.",
        ...(chosen.some((each) => each.is_default)
          ? ["The default integration is among them: calls that name no integration will be refused."]
          : []),
      ],
      name: chosen.length > 1 ? String(chosen.length) : "",
    });
    if (yes) await each_of("Deleted", (path) => send("DELETE", path))();
  }
  return html`<div class="bulk" role="toolbar" aria-label="Acts on the chosen">
    <b>${count(chosen.length)} chosen</b>
    <${Button} tone="small" act=${each_of("Enabled", (path) => post(`${path}/enable`))}>Enable<//>
    <${Button} tone="small" act=${each_of("Disabled", (path) => post(`${path}/disable`))}>Disable<//>
    <${Button} tone="small" act=${each_of("Checked", (path) => post(`${path}/check`))}>Check now<//>
    <${Button}
      tone="small"
      act=${() => {
        sessionStorage.setItem("postern.bulk-test", JSON.stringify(chosen.map((each) => each.id)));
        replace("integrations-test");
      }}
      >Test<//
    >
    ${may_change() && html`<${Button} tone="small danger" act=${remove}>Delete<//>`}
  </div>`;
}
