// What waits to be sent: when it is tried next, why it waits, and what can be done about it.
import { list, post } from "../lib/api.js";
import { count, plural, said } from "../lib/format.js";
import { html, useEffect, useState } from "../lib/html.js";
import { use_names } from "../lib/names.js";
import { href } from "../lib/route.js";
import { may_act } from "../lib/session.js";
import { use_news } from "../lib/use.js";
import { Button } from "../parts/button.js";
import { ask } from "../parts/dialog.js";
import { tell } from "../parts/notices.js";
import { Empty, Loaded, Screen } from "../parts/screen.js";
import { State } from "../parts/state.js";
import { Table } from "../parts/table.js";
import { Time } from "../parts/time.js";
import { Acts, recipients, sending_news } from "./sent.js";

const shown_max = 500;
const waiting = ["queued", "sending", "held", "unknown"];

function use_queue() {
  const [state, set_state] = useState({ loading: true });
  async function reload() {
    try {
      const parts = await Promise.all(
        waiting.map((each) => list(`/deliveries?state=${each}`, { max: shown_max })),
      );
      const open = parts.flat().filter((d) => d.state !== "unknown" || d.next_attempt_at);
      open.sort((a, b) => (a.next_attempt_at ?? "~").localeCompare(b.next_attempt_at ?? "~"));
      set_state({ data: open.slice(0, shown_max) });
    } catch (problem) {
      set_state((old) => ({ ...old, loading: false, problem }));
    }
  }
  useEffect(() => {
    reload();
  }, []);
  use_news(sending_news, reload);
  return { ...state, reload };
}

export function Queue() {
  const queue = use_queue();
  const name = use_names("/integrations");
  const [chosen, set_chosen] = useState(() => new Set());
  const toggle = (id) => {
    set_chosen((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  };
  return html`<${Screen} title="Queue" lead="Mail that waits to be sent, the next first.">
    <${Loaded} from=${queue}>
      ${(items) =>
        items.length === 0
          ? html`<${Empty} title="Nothing waits."><p>Mail that can't be sent at once waits here.</p><//>`
          : html`<${Bulk}
                items=${items}
                chosen=${items.filter((each) => chosen.has(each.id))}
                choose=${set_chosen}
                done=${queue.reload}
              />
              <${Table}
                label="Queue"
                items=${items}
                chosen=${chosen}
                toggle=${may_act() ? toggle : null}
                columns=${[
                  ["Subject", (d) => html`<a href=${href("sent", d.id)}>${said(d.subject) || "(no subject)"}</a>`],
                  ["To", recipients],
                  ["State", (d) => html`<${State} state=${d.state} small=${true} />`],
                  ["Next attempt", (d) => html`<${Time} at=${d.next_attempt_at} none="when released" />`],
                  ["Age", (d) => html`<${Time} at=${d.created_at} brief=${true} />`],
                  ["Last answer", (d) => html`<span class="small">${said(d.result_message)}</span>`],
                  ["Integration", (d) => name(d.integration)],
                  ["Act", (d) => html`<span class="actions"><${Acts} delivery=${d} done=${queue.reload} small=${true} /></span>`],
                ]}
              />`}
    <//>
  <//>`;
}

function Bulk({ items, chosen, choose, done }) {
  if (!may_act()) return null;
  const each_of = (what, text) => async () => {
    let failed = 0;
    for (const each of chosen) {
      await post(`/deliveries/${each.id}/${what}`).catch(() => (failed += 1));
    }
    tell(`${text}: ${count(chosen.length - failed)}${failed ? `, not: ${count(failed)}` : ""}`);
    choose(new Set());
    done();
  };
  async function cancel() {
    const title = `Cancel ${plural(chosen.length, "mail")}?`;
    if (await ask({ title, lines: ["They will never be sent."], yes: "Cancel them" })) {
      await each_of("cancel", "Cancelled")();
    }
  }
  if (chosen.length === 0) {
    return html`<p class="actions">
      <${Button} tone="small" act=${() => choose(new Set(items.map((each) => each.id)))}>Choose all<//>
    </p>`;
  }
  return html`<div class="bulk" role="toolbar" aria-label="Acts on the chosen">
    <b>${count(chosen.length)} chosen</b>
    <${Button} tone="small" act=${each_of("retry", "Tried now")}>Retry now<//>
    <${Button} tone="small" act=${each_of("hold", "Held")}>Hold<//>
    <${Button} tone="small" act=${each_of("release", "Released")}>Release<//>
    <${Button} tone="small danger" act=${cancel}>Cancel<//>
    <${Button} tone="small" act=${() => choose(new Set())}>Choose none<//>
  </div>`;
}
