// Mail that could not be taken: at which stage, why, how often it was tried; fetched anew on demand.
import { post, query as query_of } from "../lib/api.js";
import { has_bytes, person, plural, said, size } from "../lib/format.js";
import { html } from "../lib/html.js";
import { href } from "../lib/route.js";
import { may_act } from "../lib/session.js";
import { use_pages } from "../lib/use.js";
import { Button } from "../parts/button.js";
import { Filters } from "../parts/filters.js";
import { tell } from "../parts/notices.js";
import { Empty, Loaded, Screen } from "../parts/screen.js";
import { State } from "../parts/state.js";
import { Table } from "../parts/table.js";
import { Time } from "../parts/time.js";

const news = (event) => event.kind.startsWith("message.") || event.kind.includes("download");

export function Quarantine({ query }) {
  const state = query.state === "too_large" ? "too_large" : "quarantined";
  const pages = use_pages(`/messages${query_of({ state, integration: query.integration })}`, news);
  const reprocess = (path, text) => async () => {
    await post(path);
    tell(text);
    pages.reload();
  };
  const all = `/messages/reprocess${query_of({ integration: query.integration })}`;
  return html`<${Screen}
    title="Quarantine"
    lead="Mail that could not be taken. The mailbox goes on without it; nothing of it is lost at the server."
    actions=${may_act() &&
    html`<${Button} act=${reprocess(all, "All of them are fetched anew.")}>Reprocess all<//>`}
  >
    <${Filters}
      place=${["quarantine"]}
      query=${query}
      fields=${[
        ["integration", "Integration", "integration"],
        ["state", "Show", [["", "Quarantined"], ["too_large", "Too large"]]],
      ]}
    />
    <${Loaded} from=${pages}>
      ${(items) =>
        items.length === 0
          ? html`<${Empty} title="Nothing is in quarantine."><p>That is how it should be.</p><//>`
          : html`<${Table}
                label="Quarantine"
                items=${items}
                columns=${[
                  ["Mail", (m) => html`<a href=${href("received", m.id)}>${said(m.subject) || `UID ${m.uid} in ${said(m.folder)}`}</a>`],
                  ["From", (m) => person(m.from?.[0])],
                  ["Integration", (m) => said(m.integration?.name)],
                  ["Since", (m) => html`<${Time} at=${m.received_at} />`],
                  ["State", (m) => html`<${State} state=${m.state} small=${true} />`],
                  ["Reason", (m) => html`${m.trouble?.stage && html`<b>${m.trouble.stage}</b> `}${said(m.trouble?.reason)}`],
                  ["Tries", (m) => html`${plural(m.trouble?.tries ?? 0, "try", "tries")}, next <${Time} at=${m.trouble?.next_try_at} none="on demand" brief=${true} />`],
                  ["Size", (m) => size(m.size_bytes)],
                  [
                    "Act",
                    (m) =>
                      html`<span class="actions">
                        ${may_act() &&
                        html`<${Button} tone="small" act=${reprocess(`/messages/${m.id}/reprocess`, "It is fetched anew.")}>Reprocess<//>`}
                        ${has_bytes(m) && html`<a class="button small" href=${`/api/v1/messages/${m.id}/raw`} download=${`${m.id}.eml`}>Export</a>`}
                      </span>`,
                  ],
                ]}
              />
              ${pages.more && html`<p><${Button} act=${pages.more}>Show older<//></p>`}`}
    <//>
  <//>`;
}
