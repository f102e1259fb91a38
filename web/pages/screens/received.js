// Received mail, newest first.
import { query as query_of } from "../lib/api.js";
import { person, said, size } from "../lib/format.js";
import { html } from "../lib/html.js";
import { use_names } from "../lib/names.js";
import { href } from "../lib/route.js";
import { use_pages } from "../lib/use.js";
import { Button } from "../parts/button.js";
import { day_begins, day_ends, Filters } from "../parts/filters.js";
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

function Nothing({ narrowed, more }) {
  if (!narrowed) return html`<${Empty} title="No mail here."><p>New mail shows up by itself.</p><//>`;
  // A search looks through so many mails at a time.
  if (more) {
    return html`<${Empty} title="Nothing found among the newest mails."
      ><p><${Button} act=${more}>Search older mail<//></p><//>`;
  }
  return html`<${Empty} title="No mail is like that."><p>Another search may find it.</p><//>`;
}

export function Received({ query }) {
  const { integration, state, subject, sender, message_id, since, until } = query;
  const wish = { integration, state, subject, sender, message_id };
  const times = { since: day_begins(since), until: day_ends(until) };
  const narrowed = Object.values({ ...wish, ...times }).some(Boolean);
  const pages = use_pages(
    `/messages${query_of({ ...wish, ...times })}`,
    (event) => event.kind.startsWith("message.") || event.kind.startsWith("handover."),
  );
  const target_name = use_names("/targets");
  return html`<${Screen} title="Received" lead="Every mail that was fetched, and what became of it.">
    <${Filters}
      place=${["received"]}
      query=${query}
      fields=${[
        ["subject", "Search the subject", "search"],
        ["sender", "Search a sender", "search"],
        ["message_id", "Search a Message-ID", "search"],
        ["integration", "Integration", "integration"],
        ["state", "State", [["", "All"], ...states.map((each) => [each, words_of_state(each)])]],
        ["since", "From", "date"],
        ["until", "To", "date"],
      ]}
    />
    <${Loaded} from=${pages}>
      ${(items) =>
        items.length === 0
          ? html`<${Nothing} narrowed=${narrowed} more=${pages.more} />`
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
