// Where received mail goes: the list, one target with its test, secret, waiting mail and replay.
import { post } from "../lib/api.js";
import { said } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { go, href } from "../lib/route.js";
import { may_act, may_change } from "../lib/session.js";
import { use_list, use_pages, use_some } from "../lib/use.js";
import { fresh, of_its_type, target as fields } from "../fields/target.js";
import { Button } from "../parts/button.js";
import { Code } from "../parts/code.js";
import { ask, Dialog } from "../parts/dialog.js";
import { Icon } from "../parts/icon.js";
import { tell } from "../parts/notices.js";
import { PullByHand } from "../parts/pull_by_hand.js";
import { ResourceForm } from "../parts/resource_form.js";
import { Empty, Loaded, Screen } from "../parts/screen.js";
import { State } from "../parts/state.js";
import { Table } from "../parts/table.js";
import { state_of_target, TargetStatus } from "../parts/target_status.js";
import { TargetTested } from "../parts/target_tested.js";
import { Time } from "../parts/time.js";

const news = (event) => /^(handover|target)\./.test(event.kind);

export function Targets() {
  const all = use_list("/targets", news);
  return html`<${Screen}
    title="Targets"
    lead="The systems that received mail is handed to."
    actions=${may_change() &&
    html`<a class="button primary" href=${href("targets", "new")}><${Icon} name="plus" />New target</a>`}
  >
    <${Loaded} from=${all}>
      ${(items) =>
        items.length === 0
          ? html`<${Empty} title="No target yet.">
              <p>Without one received mail is kept and shown, and waits.</p>
            <//>`
          : html`<${Table}
              label="Targets"
              items=${items}
              columns=${[
                ["Name", (t) => html`<a href=${href("targets", t.id)}>${said(t.name)}</a>`],
                ["Type", (t) => t.type],
                ["State", (t) => html`<${State} state=${state_of_target(t)} small=${true} />`],
                ["URL", (t) => html`<code>${said(t.url || t.host || "")}</code>`],
                ["Waiting", (t) => `${t.status?.waiting ?? 0}${t.status?.parked ? `, ${t.status.parked} parked` : ""}`],
                ["Last took a mail", (t) => html`<${Time} at=${t.status?.last_success} brief=${true} />`],
                ["Required", (t) => (t.required ? "Yes" : "No")],
                ["Gets the rest", (t) => (t.fallback ? "Yes" : "No")],
                ["Modified", (t) => html`<${Time} at=${t.modified_at} brief=${true} />`],
              ]}
            />`}
    <//>
  <//>`;
}

export function Target({ id }) {
  const [secret, set_secret] = useState(null);
  const [replay, set_replay] = useState(false);
  const path = `/targets/${encodeURIComponent(id)}`;
  const [tested, set_tested] = useState(null);
  const test = async () => set_tested(await post(`${path}/test`));
  async function test_draft(draft, form) {
    try {
      set_tested(await post("/targets/test", draft()));
      form.set_problem(null);
    } catch (problem) {
      form.set_problem(problem);
    }
  }
  async function rotate() {
    const lines = ["A new secret signs beside the former one until that ends; give it to the target."];
    if (await ask({ title: "Rotate the secret?", lines, yes: "Rotate", tone: "primary" })) {
      set_secret((await post(`${path}/rotate-secret`)).secret);
    }
  }
  const known = use_some("/targets");
  const pulled = known.data?.some((each) => each.id === id && each.type === "pull");
  const actions = () => html`
    ${may_act() && html`<${Button} act=${test}>Test<//>`}
    ${may_act() && html`<${Button} act=${() => set_replay(true)}>Replay…<//>`}
    ${may_change() && html`<${Button} act=${rotate}>Rotate secret<//>`}
  `;
  return html`<${ResourceForm}
      id=${id}
      kind="target"
      path="/targets"
      place=${["targets"]}
      fresh=${fresh}
      fields=${fields}
      schema="TargetInput"
      beyond=${["auth", "tls"]}
      grave=${true}
      writable=${of_its_type}
      goes=${["Mail that waits for it is handed over no more; what it has taken stays with it."]}
      actions=${actions}
      draft_actions=${(draft, form) => html`<${Button} act=${() => test_draft(draft, form)}>Test<//>`}
      made=${async (answer) => {
        if (!answer.secret) return false;
        set_secret(answer.secret);
        return true;
      }}
    />
    ${id !== "new" && html`<${TargetStatus} path=${path} />`}
    ${pulled && html`<${PullByHand} target=${id} />`}
    ${id !== "new" && html`<${Handovers} target=${id} />`}
    ${secret &&
    html`<${Dialog}
      title="The target's secret"
      close=${() => {
        set_secret(null);
        go("targets");
      }}
    >
      <p>It signs every hand-over (Standard Webhooks). It is shown this once.</p>
      <${Code} text=${secret} label="Secret" />
    <//>`}
    ${tested && html`<${TargetTested} answer=${tested} close=${() => set_tested(null)} />`}
    ${replay && html`<${Replay} path=${path} close=${() => set_replay(false)} />`}`;
}

function Replay({ path, close }) {
  const [since, set_since] = useState("");
  const [until, set_until] = useState("");
  const iso = (text) => text && new Date(text).toISOString().replace(/\.\d+/, "");
  async function run() {
    const body = { since: iso(since), ...(until ? { until: iso(until) } : {}) };
    const answer = await post(`${path}/replay`, body);
    tell(`Handed over again: ${JSON.stringify(answer)}`);
    close();
  }
  const field = (id, label, value, set, note) =>
    html`<div class="field">
      <label class="label" for=${id}>${label}</label>
      <input id=${id} type="datetime-local" value=${value} onInput=${(event) => set(event.target.value)} />
      ${note && html`<span class="hint">${note}</span>`}
    </div>`;
  return html`<${Dialog} title="Replay" close=${close}>
    <p>Mail received in this time is handed to this target once more.</p>
    ${field("replay-since", "From", since, set_since)}
    ${field("replay-until", "To", until, set_until, "Empty: until now.")}
    <footer>
      <${Button} act=${close}>Cancel<//>
      <${Button} tone="primary" disabled=${!since} act=${run}>Replay<//>
    </footer>
  <//>`;
}

function Handovers({ target }) {
  const [state, set_state] = useState("");
  const pages = use_pages(`/handovers?target=${encodeURIComponent(target)}${state ? `&state=${state}` : ""}`, news);
  const retry = (id) => async () => {
    await post(`/handovers/${id}/retry`);
    tell("It is tried now.");
    pages.reload();
  };
  return html`<section class="card" aria-labelledby="handovers-title">
    <h2 id="handovers-title">Hand-overs</h2>
    <label class="choice"
      ><span>State</span>
      <select value=${state} onChange=${(event) => set_state(event.target.value)}>
        ${["", "waiting", "acknowledged", "parked", "cancelled"].map(
          (each) => html`<option value=${each}>${each || "All"}</option>`,
        )}
      </select></label
    >
    <${Loaded} from=${pages}>
      ${(items) =>
        items.length === 0
          ? html`<p class="quiet">None.</p>`
          : html`<${Table}
                label="Hand-overs"
                items=${items}
                columns=${[
                  ["Mail", (h) => html`<a href=${href("received", h.message)}><code>${h.message}</code></a>`],
                  ["State", (h) => html`<${State} state=${h.state} small=${true} />`],
                  ["Made", (h) => html`<${Time} at=${h.created_at} />`],
                  ["Attempts", (h) => h.attempts],
                  ["Last answer", (h) => html`${h.last_status ?? ""} ${said(h.last_error)}`],
                  ["Next attempt", (h) => html`<${Time} at=${h.next_attempt_at} none="none" />`],
                  [
                    "Act",
                    (h) =>
                      may_act() &&
                      ["waiting", "parked"].includes(h.state) &&
                      html`<${Button} tone="small" act=${retry(h.id)}>Try now<//>`,
                  ],
                ]}
              />
              ${pages.more && html`<p><${Button} act=${pages.more}>Show older<//></p>`}`}
    <//>
  </section>`;
}
