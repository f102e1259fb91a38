// Received mail, newest first.
import { query as query_of } from "../lib/api.js";
import { person, said, size } from "../lib/format.js";
import { html } from "../lib/html.js";
import { use_names } from "../lib/names.js";
import { href } from "../lib/route.js";
import { use_pages } from "../lib/use.js";
import { Button } from "../parts/button.js";
import { Filters } from "../parts/filters.js";
import { Icon } from "../parts/icon.js";
import { Empty, Loaded, Screen } from "../parts/screen.js";
import { State, words_of_state } from "../parts/state.js";
import { Table } from "../parts/table.js";
import { Time } from "../parts/time.js";

const states = ["stored", "handed_over", "ignored", "held", "quarantined", "too_large"];

export function HandoverStates({ handovers, name }) {
  return (handovers ?? []).map(
    (each) =>
      html`<span class="handover-state" title=${name(each.target)}
        ><${State} state=${each.state} small=${true} text=${name(each.target)}
      /></span>`,
  );
}

export function Received({ query }) {
  const { integration, state, q } = query;
  const pages = use_pages(
    `/messages${query_of({ integration, state, q })}`,
    (event) => event.kind.startsWith("message.") || event.kind.startsWith("handover."),
  );
  const target_name = use_names("/targets");
  return html`<${Screen} title="Received" lead="Every mail that was fetched, and what became of it.">
    <${Filters}
      place=${["received"]}
      query=${query}
      fields=${[
        ["q", "Search", "search"],
        ["integration", "Integration", "integration"],
        ["state", "State", [["", "All"], ...states.map((each) => [each, words_of_state(each)])]],
      ]}
    />
    <${Loaded} from=${pages}>
      ${(items) =>
        items.length === 0
          ? html`<${Empty} title="No mail here."><p>New mail shows up by itself.</p><//>`
          : html`<${Table}
                label="Received mail"
                items=${items}
                columns=${[
                  ["Subject", (m) => html`<a href=${href("received", m.id)}>${said(m.subject) || "(no subject)"}</a>`],
                  ["From", (m) => person(m.from?.[0] ?? m.from)],
                  ["Received", (m) => html`<${Time} at=${m.received_at} />`],
                  ["Integration", (m) => said(m.integration?.name)],
                  ["State", (m) => html`<${State} state=${m.state} small=${true} />`],
                  ["Hand-overs", (m) => html`<${HandoverStates} handovers=${m.handovers} name=${target_name} />`],
                  ["Class", (m) => (m.class === "normal" ? "" : words_of_state(m.class))],
                  [
                    "Size",
                    (m) =>
                      html`${size(m.size_bytes)}${m.attachments?.length > 0 &&
                      html` <${Icon} name="clip" label=${`${m.attachments.length} attachments`} />`}`,
                  ],
                ]}
              />
              ${pages.more && html`<p><${Button} act=${pages.more}>Show older<//></p>`}`}
    <//>
  <//>`;
}
