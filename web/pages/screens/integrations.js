// The list of all integrations: worst first; the server searches, filters and sorts, and gives a
// hundred at a time as one scrolls, so that thousands are no more than a few.
import { list as all_of, query as query_of } from "../lib/api.js";
import { count, plural, said } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { href } from "../lib/route.js";
import { may_act, may_change } from "../lib/session.js";
import { use_pages, use_resource, use_some } from "../lib/use.js";
import { BulkActs } from "../parts/bulk_acts.js";
import { Button } from "../parts/button.js";
import { Filters } from "../parts/filters.js";
import { Icon } from "../parts/icon.js";
import { IntegrationRow } from "../parts/integration_row.js";
import { Empty, Loaded, Screen } from "../parts/screen.js";
import { VirtualRows } from "../parts/virtual_rows.js";

const page_size = 100;
const states = [
  ["", "All states"],
  ["failing", "Failing"],
  ["needs_consent", "Needs authorisation"],
  ["disabled", "Disabled by errors"],
  ["waiting", "Waiting"],
  ["ok", "OK"],
  ["off_by_hand", "Paused"],
];
const directions = [
  ["", "Both"],
  ["incoming", "Incoming on"],
  ["outgoing", "Outgoing on"],
];
const sorts = [
  ["", "Trouble first"],
  ["name", "Name"],
  ["age", "Oldest first"],
];

export function Integrations({ query }) {
  const { q, state, direction, provider, sort } = query;
  const narrowed = Boolean(q || state || direction || provider);
  const wish = { q, state, direction, provider, sort: sort || "trouble" };
  const asked = `/integrations${query_of({ ...wish, checks: "true", queue: "true" })}`;
  const pages = use_pages(asked, (event) => !event.kind.startsWith("message."), page_size);
  const stats = use_resource("/stats", true);
  const providers = use_some("/providers");
  const provider_words = [
    ["", "All"],
    ...(providers.data ?? []).map((each) => [each.id, said(each.name)]),
  ];
  const total = stats.data?.integrations?.total;
  return html`<${Screen}
    title="Integrations"
    lead=${total === undefined ? "" : plural(total, "integration")}
    actions=${may_change() &&
    html`<a class="button primary" href=${href("integrations", "new")}
      ><${Icon} name="plus" />New integration</a
    >`}
  >
    <${Filters}
      place=${["integrations"]}
      query=${query}
      fields=${[
        ["q", "Search", "search"],
        ["state", "Show", states],
        ["direction", "Direction", directions],
        ["provider", "Provider", provider_words],
        ["sort", "Sort by", sorts],
      ]}
    />
    <${Loaded} from=${pages}>
      ${(items) =>
        items.length === 0
          ? html`<${Nothing} narrowed=${narrowed} />`
          : html`<${Found} items=${items} pages=${pages} all=${`/integrations${query_of(wish)}`} />`}
    <//>
  <//>`;
}

function Nothing({ narrowed }) {
  if (narrowed) return html`<${Empty} title="None matches." />`;
  return html`<${Empty} title="No integration yet.">
    <p>An integration is one mail account: where its mail comes from, and how its mail is sent.</p>
  <//>`;
}

function Found({ items, pages, all }) {
  const [chosen, set_chosen] = useState(() => new Map());
  const toggle = (integration) => {
    set_chosen((old) => {
      const next = new Map(old);
      if (!next.delete(integration.id)) next.set(integration.id, integration);
      return next;
    });
  };
  const choose = (list) => set_chosen(new Map(list.map((each) => [each.id, each])));
  const words = pages.more ? "Choose all that match" : `Choose all ${count(items.length)}`;
  return html`<p class="sr" role="status">
      ${plural(items.length, "integration")} shown${pages.more ? ", more as you scroll" : ""}
    </p>
    ${chosen.size > 0 &&
    html`<${BulkActs}
      chosen=${[...chosen.values()]}
      clear=${() => choose([])}
      done=${() => {
        choose([]);
        pages.reload();
      }}
    />`}
    ${may_act() &&
    chosen.size === 0 &&
    html`<p class="actions list-acts">
      <${Button} tone="small" act=${async () => choose(pages.more ? await all_of(all) : items)}>${words}<//>
    </p>`}
    <div class="rows-head integration-row" aria-hidden="true">
      <span></span><span>Name</span><span>State</span><span>Incoming</span><span>Outgoing</span
      ><span>Errors</span><span>Queue</span><span>Last error</span><span>Modified</span>
    </div>
    <${VirtualRows}
      items=${items}
      label="Integrations"
      more=${pages.more}
      row=${(each) =>
        html`<${IntegrationRow}
          integration=${each}
          chosen=${chosen.has(each.id)}
          toggle=${may_act() ? () => toggle(each) : null}
        />`}
    />
    ${pages.more && html`<p class="more-rows"><${Button} act=${pages.more}>Show more<//></p>`}`;
}
