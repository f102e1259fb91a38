// What happened with one integration, newest first, and the last dialogue with its servers.
import { post } from "../lib/api.js";
import { plural, said } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { href } from "../lib/route.js";
import { may_change } from "../lib/session.js";
import { use_pages, use_resource } from "../lib/use.js";
import { Button } from "./button.js";
import { tell } from "./notices.js";
import { Empty, Loaded } from "./screen.js";
import { Time } from "./time.js";
import { TranscriptView } from "./transcript_view.js";

const record_s = 300;

export function Activity({ integration }) {
  const [kind, set_kind] = useState("");
  const path = `/integrations/${integration.id}`;
  const pages = use_pages(`${path}/activity`, true);
  return html`<${Transcripts} path=${path} integration=${integration} />
    <section class="card" aria-labelledby="activity-title">
      <h2 id="activity-title">Activity</h2>
      <${Loaded} from=${pages}>
        ${(items) => {
          if (items.length === 0) return html`<${Empty} title="Nothing has happened yet." />`;
          const kinds = [...new Set(items.map((each) => each.kind.split(".")[0]))].sort();
          const shown = items.filter((each) => !kind || each.kind.startsWith(`${kind}.`));
          return html`<label class="choice"
              ><span>Show</span>
              <select value=${kind} onChange=${(event) => set_kind(event.target.value)}>
                <option value="">Everything</option>
                ${kinds.map((each) => html`<option value=${each}>${each}</option>`)}
              </select></label
            >
            <ol class="log">
              ${shown.map((each, n) => html`<${Entry} key=${`${each.at}-${n}`} entry=${each} />`)}
            </ol>
            ${pages.more && html`<${Button} act=${pages.more}>Show older<//>`}`;
        }}
      <//>
    </section>`;
}

function Entry({ entry }) {
  const bad = /failed|disabled|quarantin|parked|needed|error/.test(entry.kind);
  return html`<li class=${bad ? "bad" : ""}>
    <${Time} at=${entry.until ?? entry.at} />
    <code>${entry.kind}</code>
    <span>
      ${said(entry.text)}
      ${entry.count > 1 && html` <b>${plural(entry.count, "time")}</b>`}
      ${entry.by && html` <span class="quiet">by ${said(entry.by)}</span>`}
      ${entry.message && html` <a href=${href("received", entry.message)}>Open the mail</a>`}
      ${entry.delivery && html` <a href=${href("sent", entry.delivery)}>Open the delivery</a>`}
    </span>
  </li>`;
}

function Transcripts({ path, integration }) {
  const [direction, set_direction] = useState(integration.incoming?.enabled ? "incoming" : "outgoing");
  const found = use_resource(`${path}/transcript?direction=${direction}`, true);
  const transcript = found.data;
  const record = async () => {
    await post(`${path}/transcript`, { seconds: record_s, direction });
    tell("Everything said in the next five minutes is kept.");
    found.reload();
  };
  return html`<section class="card" aria-labelledby="transcript-title">
    <h2 id="transcript-title">Transcript</h2>
    <div class="row">
      <label class="choice"
        ><span>Direction</span>
        <select value=${direction} onChange=${(event) => set_direction(event.target.value)}>
          <option value="incoming" selected=${direction === "incoming"}>Incoming</option>
          <option value="outgoing" selected=${direction === "outgoing"}>Outgoing</option>
        </select></label
      >
      ${may_change() && html`<${Button} act=${record}>Record the next 5 minutes<//>`}
      ${transcript?.recording_until &&
      html`<span class="quiet">recording until <${Time} at=${transcript.recording_until} /></span>`}
    </div>
    <${Loaded} from=${found}>
      ${(data) =>
        data?.lines?.length
          ? html`<p>
                ${data.step && html`Step <b>${data.step}</b>: `}${said(data.message ?? "")}
                ${data.at && html` <${Time} at=${data.at} />`}
              </p>
              <${TranscriptView} transcript=${data} name=${integration.name} />`
          : html`<p class="quiet">
              None: no check has failed since the start. A failing one leaves its dialogue here, passwords
              masked.
            </p>`}
    <//>
  </section>`;
}
