// The audit log: who changed what, from where; which fields, never their values.
import { query as query_of } from "../lib/api.js";
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { use_pages } from "../lib/use.js";
import { Button } from "../parts/button.js";
import { Filters } from "../parts/filters.js";
import { Empty, Loaded, Screen } from "../parts/screen.js";
import { State } from "../parts/state.js";
import { Table } from "../parts/table.js";
import { Time } from "../parts/time.js";

export const words_of_act = (entry) => said(entry.act ?? entry.kind ?? "");

export function Audit({ query }) {
  const { who, resource } = query;
  const pages = use_pages(`/audit${query_of({ who, resource })}`, true);
  return html`<${Screen} title="Audit" lead="Every change, who made it, and which fields it touched.">
    <${Filters}
      place=${["audit"]}
      query=${query}
      fields=${[
        ["who", "Search a person", "search"],
        ["resource", "Search a resource (id)", "search"],
      ]}
    />
    <${Loaded} from=${pages}>
      ${(items) =>
        items.length === 0
          ? html`<${Empty} title="Nothing was changed yet." />`
          : html`<${Table}
                label="Audit log"
                items=${items}
                columns=${[
                  ["At", (e) => html`<${Time} at=${e.at} />`],
                  ["Who", (e) => html`<b>${said(e.who)}</b> <span class="quiet small">${e.via} ${said(e.address)}</span>`],
                  ["What", (e) => html`<code>${words_of_act(e)}</code> ${e.outcome === "unknown" && html`<${State} state="unknown" text="Not known whether it was done" small=${true} />`}`],
                  ["Resource", (e) => html`<code>${said(e.resource)}</code>`],
                  ["Fields", (e) => html`<span class="small">${said((e.fields ?? []).join(", "))}</span>`],
                ]}
              />
              ${pages.more && html`<p><${Button} act=${pages.more}>Show older<//></p>`}`}
    <//>
  <//>`;
}
