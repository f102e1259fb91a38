// Around an event rule or a profile: doing one of its actions now, what it would do about an event,
// and what it has done.
import { post } from "../lib/api.js";
import { said } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { may_change } from "../lib/session.js";
import { use_pages, use_resource } from "../lib/use.js";
import { Button } from "./button.js";
import { tell } from "./notices.js";
import { Loaded, ProblemBox } from "./screen.js";
import { State } from "./state.js";
import { Table } from "./table.js";
import { Time } from "./time.js";

/** A button for each action (or channel) that does it now, about a sample. @param what "action" */
export function TestActions({ path, items, what }) {
  if (!may_change() || !items?.length) return null;
  const test = (n) => async () => {
    const answer = await post(`${path}/test`, { [what]: n });
    const words = [answer.status, answer.error ?? answer.answer].filter(Boolean).join(" ");
    tell(answer.ok ? `Done. ${words}` : `It failed: ${words}`, answer.ok ? "good" : "bad");
  };
  return items.map(
    (each, n) => html`<${Button} key=${n} act=${test(n)}>Test ${what} ${n + 1} (${said(each.type.replace("_", " "))})<//>`,
  );
}

/** What the rule as it stands in the form would do about a stored event, and why. */
export function TryEvent({ rule }) {
  const events = use_resource("/events?limit=50");
  const [chosen, set_chosen] = useState("");
  const [result, set_result] = useState(null);
  const [problem, set_problem] = useState(null);
  async function run() {
    set_problem(null);
    try {
      const { id: _, status: _s, last_fired_at: _l, created_at: _c, modified_at: _m, modified_by: _b, ...draft } = rule;
      set_result(await post("/event-rules/try", { rule: draft, ...(chosen ? { event: chosen } : {}) }));
    } catch (refused) {
      set_result(null);
      set_problem(refused);
    }
  }
  return html`<section class="card" aria-labelledby="try-event-title">
    <h2 id="try-event-title">Try it on an event</h2>
    <div class="row">
      <div class="field">
        <label class="label" for="try-event">Event</label>
        <select id="try-event" onChange=${(event) => set_chosen(event.target.value)}>
          <option value="">A sample</option>
          ${(events.data?.items ?? []).map(
            (each) => html`<option value=${each.id}>${each.kind} ${said(each.integration?.name)}</option>`,
          )}
        </select>
      </div>
      <${Button} act=${run}>Try<//>
    </div>
    ${problem && html`<${ProblemBox} problem=${problem} />`}
    <div aria-live="polite">
      ${result &&
      html`<p><${State} state=${result.matched ? "yes" : "no"} text=${result.matched ? "It would be told" : "It would not be told"} /></p>
        <ul class="plain-list">
          ${result.conditions.map(
            (each) => html`<li><${State} state=${each.holds ? "yes" : "no"} text=${each.holds ? "Holds" : "Does not hold"} small=${true} /> <b>${said(each.field)}</b> ${said(each.reason)}</li>`,
          )}
        </ul>`}
    </div>
  </section>`;
}

/** The last things the rule has done. */
export function EventRuleRuns({ id }) {
  const pages = use_pages(`/event-rules/${id}/runs`, true, 20);
  return html`<section class="card" aria-labelledby="runs-title">
    <h2 id="runs-title">What it has done</h2>
    <${Loaded} from=${pages}>
      ${(items) =>
        items.length === 0
          ? html`<p class="quiet">Nothing yet.</p>`
          : html`<${Table}
              label="Runs"
              items=${items}
              columns=${[
                ["At", (r) => html`<${Time} at=${r.at} />`],
                ["Event", (r) => html`<code>${r.event?.kind}</code>`],
                ["Action", (r) => `${r.action + 1} ${r.type ?? ""}`],
                ["State", (r) => html`<${State} state=${r.state} small=${true} />`],
                ["Answer", (r) => html`${r.status ?? ""} ${said(r.error)}`],
                ["Held back", (r) => r.held_back || ""],
              ]}
            />`}
    <//>
  </section>`;
}
