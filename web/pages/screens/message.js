// One received mail: its text, its HTML where nothing of it can run or load, headers, parts, raw;
// what the rules did with it, and what each target answered.
import { answer_to, post } from "../lib/api.js";
import { has_bytes, people, plural, said, size } from "../lib/format.js";
import { html, useEffect, useState } from "../lib/html.js";
import { use_names } from "../lib/names.js";
import { href } from "../lib/route.js";
import { may_act } from "../lib/session.js";
import { use_resource } from "../lib/use.js";
import { Button } from "../parts/button.js";
import { ask } from "../parts/dialog.js";
import { Code } from "../parts/code.js";
import { MailFrame } from "../parts/mail_frame.js";
import { tell } from "../parts/notices.js";
import { RuleTrace } from "../parts/rule_trace.js";
import { Empty, Loaded, ProblemBox, Screen } from "../parts/screen.js";
import { State, words_of_state } from "../parts/state.js";
import { Table } from "../parts/table.js";
import { Tabs } from "../parts/tabs.js";
import { Time } from "../parts/time.js";

export function Message({ id }) {
  const found = use_resource(
    `/messages/${encodeURIComponent(id)}`,
    (event) => event.kind.startsWith("message.") || event.kind.startsWith("handover."),
  );
  return html`<${Loaded} from=${found}>
    ${(data) => html`<${Found} message=${data} reload=${found.reload} />`}
  <//>`;
}

function Found({ message, reload }) {
  const [tab, set_tab] = useState(message.text !== null || !message.html ? "text" : "html");
  const path = `/messages/${message.id}`;
  const acted = (call, text) => async () => {
    await post(`${path}/${call}`);
    tell(text);
    reload();
  };
  async function again() {
    const lines = ["Every target gets this mail once more, under a new id."];
    if (await ask({ title: "Hand over again?", lines, yes: "Hand over again", tone: "primary" })) {
      await acted("handover", "It is being handed over again.")();
    }
  }
  const raw = `/api/v1${path}/raw`;
  const actions = html`
    ${may_act() &&
    html`${has_bytes(message) && html`<${Button} act=${again}>Hand over again<//>`}
      <${Button} act=${acted("reprocess", "It is being processed anew.")}>Reprocess<//>`}
    ${has_bytes(message) && html`<a class="button" href=${raw} download=${`${message.id}.eml`}>Download (.eml)</a>`}
  `;
  const attachments = message.attachments ?? [];
  const senders = [message.sender ?? []].flat();
  const tabs = [
    ["text", "Text"],
    ["html", "HTML"],
    ["headers", "Headers"],
    ["parts", `Parts${attachments.length ? ` (${attachments.length})` : ""}`],
    ["raw", "Raw"],
    ["rules", "Rules"],
    ["handovers", `Hand-overs (${message.handovers?.length ?? 0})`],
  ];
  const panels = {
    text: () =>
      message.text
        ? html`<pre class="mail-text" tabindex="0">${said(message.text)}</pre>
            ${message.text_truncated && html`<p class="quiet">Cut here; the raw mail has all of it.</p>`}`
        : html`<${Empty} title="It has no text." />`,
    html: () =>
      message.html ? html`<${MailFrame} id=${message.id} />` : html`<${Empty} title="It has no HTML." />`,
    headers: () => html`<${Headers} headers=${message.headers ?? []} />`,
    parts: () => html`<${Parts} message=${message} />`,
    raw: () =>
      !has_bytes(message)
        ? html`<${Empty} title="It could not be downloaded."><p>${said(message.trouble?.reason)}</p><//>`
        : html`<${Raw} path=${`${path}/raw`} name=${`${message.id}.eml`} bytes=${message.size_bytes} />`,
    rules: () => html`<${RuleTrace} trace=${message.rule_trace} attributes=${message.attributes} />`,
    handovers: () => html`<${Handovers} message=${message} reload=${reload} />`,
  };
  return html`<${Screen}
    title=${said(message.subject) || "(no subject)"}
    lead=${html`<span class="sentence"
      ><${State} state=${message.state} />
      ${message.class !== "normal" && html`<span class="tag">${words_of_state(message.class)}</span>`}
      ${(message.defects ?? []).map((each) => html`<span class="tag">${said(each)}</span>`)}</span
    >`}
    actions=${actions}
  >
    ${message.trouble && html`<${Trouble} trouble=${message.trouble} />`}
    ${message.bounce && html`<${Bounce} bounce=${message.bounce} />`}
    <dl class="facts">
      <dt>From</dt>
      <dd>${people(message.from)}${senders.length > 0 && html` <span class="quiet">sent by ${people(senders)}</span>`}</dd>
      <dt>To</dt>
      <dd>${people(message.to) || html`<span class="quiet">nobody named</span>`}</dd>
      ${message.cc?.length > 0 && html`<dt>Cc</dt><dd>${people(message.cc)}</dd>`}
      ${message.reply_to?.length > 0 && html`<dt>Reply to</dt><dd>${people(message.reply_to)}</dd>`}
      <dt>Received</dt>
      <dd>
        <${Time} at=${message.received_at} /> by${" "}
        <a href=${href("integrations", message.integration?.id)}>${said(message.integration?.name)}</a>,
        folder ${said(message.folder)}, UID ${message.uid}
      </dd>
      <dt>Size</dt>
      <dd>${size(message.size_bytes)}${attachments.length > 0 && ` with ${plural(attachments.length, "attachment")}`}</dd>
      <dt>Ids</dt>
      <dd><code>${message.id}</code> <code>${said(message.message_id)}</code></dd>
    </dl>
    <${Tabs} tabs=${tabs} chosen=${tab} choose=${set_tab} label="Parts of the mail">${panels[tab]()}<//>
  <//>`;
}

function Trouble({ trouble }) {
  return html`<div class="box bad">
    <div>
      <p><b>${words_of_state(trouble.stage)}:</b> ${said(trouble.reason)}</p>
      <p class="quiet">
        ${plural(trouble.tries ?? 0, "try", "tries")}; next
        <${Time} at=${trouble.next_try_at} none="only when you ask for it" />
      </p>
    </div>
  </div>`;
}

function Bounce({ bounce }) {
  return html`<div class="box fair">
    <div>
      <p>
        It says that a mail did not arrive.${" "}
        ${bounce.delivery && html`<a href=${href("sent", bounce.delivery)}>The mail it is about</a>`}
      </p>
      <ul>
        ${(bounce.recipients ?? []).map(
          (each) => html`<li><b>${said(each.address)}</b> ${each.action} ${said(each.diagnostic ?? each.status)}</li>`,
        )}
      </ul>
    </div>
  </div>`;
}

function Headers({ headers }) {
  return html`<div class="table-box scroll" tabindex="0" role="region" aria-label="Headers">
    <table class="plain-table">
      <tbody>
        ${headers.map(
          ([name, value], n) =>
            html`<tr key=${n}><th scope="row">${said(name)}</th><td><code>${said(value)}</code></td></tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function Parts({ message }) {
  const items = message.attachments ?? [];
  if (items.length === 0) return html`<${Empty} title="It has no attachments." />`;
  return html`<${Table}
    label="Attachments"
    items=${items}
    key_of=${(each) => each.index}
    columns=${[
      ["File", (a) => said(a.filename) || "(no name)"],
      ["Type", (a) => html`<code>${said(a.content_type)}</code>`],
      ["Size", (a) => size(a.size_bytes)],
      ["", (a) => (a.inline ? "inline" : "")],
      [
        "Get",
        (a) =>
          html`<a href=${`/api/v1/messages/${message.id}/attachments/${a.index}`} download=${said(a.filename) || "part"}
            >Download</a
          >`,
      ],
    ]}
  />`;
}

const raw_shown_max = 256 * 1024;

function Raw({ path, name, bytes }) {
  const [text, set_text] = useState(null);
  const [problem, set_problem] = useState(null);
  useEffect(() => {
    const stop = new AbortController();
    (async () => {
      const answer = await answer_to("GET", path, undefined, {
        headers: { Accept: "message/rfc822, */*" },
        signal: stop.signal,
      });
      const reader = answer.body.getReader();
      const chunks = [];
      for (let got = 0; got < raw_shown_max; ) {
        const { value, done } = await reader.read();
        if (done) break;
        chunks.push(value);
        got += value.length;
      }
      reader.cancel();
      set_text(await new Blob(chunks).text());
    })().catch((error) => error.name !== "AbortError" && set_problem(error));
    return () => stop.abort();
  }, [path]);
  if (problem) return html`<${ProblemBox} problem=${problem} />`;
  if (text === null) return html`<p class="loading">Loading…</p>`;
  return html`<${Code} text=${text} name=${name} label="Raw mail" />
    ${bytes > raw_shown_max && html`<p class="quiet">The first ${size(raw_shown_max)}; download the mail for all.</p>`}`;
}

function Handovers({ message, reload }) {
  const name = use_names("/targets");
  const items = message.handovers ?? [];
  if (items.length === 0) return html`<${Empty} title="No target gets it." />`;
  return html`<${Table}
    label="Hand-overs"
    items=${items}
    columns=${[
      ["Target", (h) => html`<a href=${href("targets", h.target)}>${name(h.target)}</a>`],
      ["State", (h) => html`<${State} state=${h.state} small=${true} />`],
      ["Attempts", (h) => h.attempts],
      ["Last answer", (h) => html`${h.last_status ?? ""} ${said(h.last_error)}`],
      ["Next attempt", (h) => html`<${Time} at=${h.next_attempt_at} none="none" />`],
      [
        "Act",
        (h) =>
          may_act() &&
          h.state !== "acknowledged" &&
          html`<${Button}
            tone="small"
            act=${async () => {
              await post(`/handovers/${h.id}/retry`);
              tell("It is tried now.");
              reload();
            }}
            >Try now<//
          >`,
      ],
    ]}
  />`;
}
