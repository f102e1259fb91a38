// The archive of what was sent, and what became of it; one delivery with each recipient's answer.
import { get, post, query as query_of, send } from "../lib/api.js";
import { plural, said, size } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { use_names } from "../lib/names.js";
import { href } from "../lib/route.js";
import { may_act, may_change } from "../lib/session.js";
import { use_pages, use_resource } from "../lib/use.js";
import { Button } from "../parts/button.js";
import { day_begins, day_ends, Filters } from "../parts/filters.js";
import { ask } from "../parts/dialog.js";
import { tell } from "../parts/notices.js";
import { Empty, Loaded, Screen } from "../parts/screen.js";
import { State, words_of_state } from "../parts/state.js";
import { Table } from "../parts/table.js";
import { Time } from "../parts/time.js";
import { TranscriptView } from "../parts/transcript_view.js";

const states = ["sent", "failed", "unknown", "queued", "sending", "held", "cancelled"];
export const sending_news = (event) =>
  event.kind === "message.sent" || event.kind.startsWith("smtp.") || event.kind === "message.bounced";
export const recipients = (delivery) =>
  (delivery.per_recipient ?? []).map((each) => said(each.address)).join(", ");

export function Sent({ query }) {
  const { since, until, ...others } = query;
  const asked = query_of({ ...others, since: day_begins(since), until: day_ends(until) });
  const pages = use_pages(`/deliveries${asked}`, sending_news);
  const name = use_names("/integrations");
  return html`<${Screen}
    title="Sent"
    lead="Every mail given to Postern for sending, and what the servers said."
    actions=${may_act() && html`<a class="button" href=${href("compose")}>Write a mail</a>`}
  >
    <${Filters}
      place=${["sent"]}
      query=${query}
      fields=${[
        ["subject", "Search the subject", "search"],
        ["recipient", "Search a recipient", "search"],
        ["integration", "Integration", "integration"],
        ["state", "State", [["", "All"], ...states.map((each) => [each, words_of_state(each)])]],
        ["since", "From", "date"],
        ["until", "To", "date"],
      ]}
    />
    <${Loaded} from=${pages}>
      ${(items) =>
        items.length === 0
          ? html`<${Empty} title="Nothing sent yet." />`
          : html`<${Table}
                label="Sent mail"
                items=${items}
                columns=${[
                  ["Subject", (d) => html`<a href=${href("sent", d.id)}>${said(d.subject) || "(no subject)"}</a>`],
                  ["To", recipients],
                  ["Given", (d) => html`<${Time} at=${d.created_at} />`],
                  ["Integration", (d) => name(d.integration)],
                  ["State", (d) => html`<${State} state=${d.state} small=${true} />`],
                  ["Result", (d) => html`<b>${d.result_code}</b> <span class="small">${said(d.result_message)}</span>`],
                  ["Attempts", (d) => d.attempts],
                ]}
              />
              ${pages.more && html`<p><${Button} act=${pages.more}>Show older<//></p>`}`}
    <//>
  <//>`;
}

export function Delivery({ id }) {
  const found = use_resource(`/deliveries/${encodeURIComponent(id)}`, sending_news);
  const attempts = use_resource(`/deliveries/${encodeURIComponent(id)}/attempts`, sending_news);
  const name = use_names("/integrations");
  return html`<${Loaded} from=${found}>
    ${(d) => html`<${Screen}
      title=${said(d.subject) || "(no subject)"}
      lead=${html`<span class="sentence"
        ><${State} state=${d.state} />
        ${d.partial && html`<span class="tag">some recipients refused</span>`}
        ${d.possibly_duplicated && html`<span class="tag">possibly sent twice</span>`}</span
      >`}
      actions=${html`<${Acts} delivery=${d} done=${found.reload} />
        <a class="button" href=${`/api/v1/deliveries/${d.id}/raw`} download=${`${d.id}.eml`}>Download (.eml)</a>`}
    >
      <dl class="facts">
        <dt>Result</dt>
        <dd><b>${d.result_code}</b> <span class="server-words">${said(d.result_message)}</span></dd>
        <dt>Given</dt>
        <dd><${Time} at=${d.created_at} /></dd>
        <dt>Integration</dt>
        <dd><a href=${href("integrations", d.integration)}>${name(d.integration)}</a></dd>
        <dt>Sender</dt>
        <dd>${said(d.envelope_sender)}</dd>
        <dt>Size</dt>
        <dd>${size(d.size_bytes)}, priority ${d.priority}</dd>
        <dt>Next attempt</dt>
        <dd><${Time} at=${d.next_attempt_at} none="none" /></dd>
        <dt>Ids</dt>
        <dd><code>${d.id}</code> <code>${said(d.message_id)}</code></dd>
        ${d.tags?.length > 0 && html`<dt>Tags</dt><dd>${d.tags.map((t) => html`<span class="tag">${said(t)}</span> `)}</dd>`}
        ${d.notes?.length > 0 && html`<dt>Notes</dt><dd>${d.notes.map((n) => html`<p>${said(n)}</p>`)}</dd>`}
      </dl>
      <section class="card">
        <h2>Recipients</h2>
        <${Table}
          label="Recipients"
          items=${d.per_recipient ?? []}
          key_of=${(r) => r.address}
          columns=${[
            ["Address", (r) => said(r.address)],
            ["Result", (r) => r.result_code],
            ["Server's answer", (r) => html`${r.smtp_code ?? ""} ${r.enhanced_code ?? ""} ${said(r.message)}`],
            ["Bounced", (r) => r.bounced_at && html`<${Time} at=${r.bounced_at} />`],
          ]}
        />
        <${Readdress} delivery=${d} done=${found.reload} />
      </section>
      <section class="card">
        <h2>Attempts</h2>
        <${Loaded} from=${attempts}>
          ${({ items }) =>
            items.length === 0
              ? html`<p class="quiet">None yet.</p>`
              : html`<${Table}
                  label="Attempts"
                  items=${items}
                  key_of=${(a) => a.number}
                  columns=${[
                    ["Number", (a) => a.number],
                    ["Began", (a) => html`<${Time} at=${a.began_at} />`],
                    ["Ended", (a) => html`<${Time} at=${a.ended_at} none="under way" />`],
                    ["State", (a) => html`<${State} state=${a.state} small=${true} />`],
                    ["Result", (a) => html`<b>${a.result_code}</b> ${said(a.result_message)}`],
                  ]}
                />`}
        <//>
        <${Said} delivery=${d} />
      </section>
    <//>`}
  <//>`;
}

/** What was said in the last try that failed. */
function Said({ delivery }) {
  const [transcript, set_transcript] = useState(null);
  if (!delivery.attempts) return null;
  if (transcript) return html`<${TranscriptView} transcript=${transcript} name=${delivery.id} />`;
  const show = async () => set_transcript(await get(`/deliveries/${delivery.id}/transcript`));
  return html`<p class="actions push-down"><${Button} act=${show}>What was said in the last failure<//></p>`;
}

/** Other recipients for a mail that waits. */
function Readdress({ delivery, done }) {
  const now = (delivery.per_recipient ?? []).map((each) => each.address).join("\n");
  const [open, set_open] = useState(false);
  const [typed, set_typed] = useState(now);
  if (!may_change() || !["queued", "held"].includes(delivery.state)) return null;
  async function save() {
    const given = typed.split(/[\n;,]/).map((each) => each.trim());
    await send("PATCH", `/deliveries/${delivery.id}`, { recipients: given.filter(Boolean) });
    tell("It goes to these recipients now.");
    set_open(false);
    done();
  }
  if (!open) return html`<p class="actions push-down"><${Button} tone="small" act=${() => set_open(true)}>Change the recipients<//></p>`;
  return html`<div class="field push-down">
    <label class="label" for="readdress">Recipients, one a line</label>
    <textarea id="readdress" name="recipients" rows="3" value=${typed} onInput=${(e) => set_typed(e.target.value)}></textarea>
    <p class="actions">
      <${Button} act=${() => set_open(false)}>Leave them<//>
      <${Button} tone="primary" act=${save}>Send to these<//>
    </p>
  </div>`;
}

const open_states = ["queued", "held", "unknown"];

export function Acts({ delivery, done, small = false }) {
  if (!may_act()) return null;
  const act = (what, text) => async () => {
    await post(`/deliveries/${delivery.id}/${what}`);
    tell(text);
    done();
  };
  async function cancel() {
    const lines = [`${said(delivery.subject) || "The mail"} to ${recipients(delivery)} will never be sent.`];
    if (await ask({ title: "Cancel this mail?", lines, yes: "Cancel it" })) {
      await act("cancel", "It is cancelled.")();
    }
  }
  const tone = small ? "small" : "";
  const { state } = delivery;
  return html`
    ${[...open_states, "failed"].includes(state) &&
    html`<${Button} tone=${tone} act=${act("retry", "It is tried now.")}>Retry now<//>`}
    ${state === "queued" && html`<${Button} tone=${tone} act=${act("hold", "It is held.")}>Hold<//>`}
    ${state === "held" && html`<${Button} tone=${tone} act=${act("release", "It goes on.")}>Release<//>`}
    ${open_states.includes(state) &&
    html`<${Button} tone=${`${tone} danger`} act=${cancel}>Cancel<//>`}
  `;
}
