// The last 24 hours in figures, each with a small plot, and the queues as they are now.
import { count } from "../lib/format.js";
import { html } from "../lib/html.js";
import { href } from "../lib/route.js";
import { Plot } from "./plot.js";
import { Time } from "./time.js";

/** [title, address, key of an hour, key of what failed, tone] */
const shown = [
  ["Received", ["received"], "received", "quarantined", "accent"],
  ["Handed over", ["targets"], "handed_over", "handover_failed", "good"],
  ["Sent", ["sent"], "sent", "send_failed", "accent"],
];

export function Figures({ stats }) {
  const { hours, totals, queues } = stats;
  const times = hours.map((each) => Date.parse(each.begins) / 1000);
  return html`<section aria-labelledby="figures-title">
    <h2 id="figures-title">The last 24 hours</h2>
    <div class="figures">
      ${shown.map(([title, where, key, failed, tone]) => {
        const wrong = totals[failed] ?? 0;
        return html`<div class="figure" key=${key}>
          <h3><a href=${href(...where)}>${title}</a></h3>
          <p class="big">${count(totals[key])}</p>
          <p class=${`small ${wrong ? "bad" : "quiet"}`}>
            ${key === "received" ? `${count(wrong)} in quarantine` : `${count(wrong)} failed`}
          </p>
          <${Plot} times=${times} values=${hours.map((each) => each[key] ?? 0)} tone=${tone} label=${`${title}, by hour`} />
        </div>`;
      })}
      <div class="figure">
        <h3><a href=${href("queue")}>Queue</a></h3>
        <p class="big">${count(queues.queued)}</p>
        <p class="small quiet">
          ${queues.oldest_queued_at
            ? html`the oldest: <${Time} at=${queues.oldest_queued_at} brief=${true} />`
            : "nothing waits"}${queues.held > 0 ? `, ${count(queues.held)} held` : ""}
        </p>
        <${Plot} times=${times} values=${hours.map((each) => each.queue ?? 0)} tone="fair" label="Queue, by hour" />
      </div>
      <div class="figure">
        <h3><a href=${href("targets")}>Waiting for a target</a></h3>
        <p class="big">${count(queues.handovers_waiting)}</p>
        <p class=${`small ${queues.handovers_parked ? "bad" : "quiet"}`}>${count(queues.handovers_parked)} parked</p>
        <${Plot}
          times=${times}
          values=${hours.map((each) => each.handovers_waiting ?? 0)}
          tone="fair"
          label="Waiting for a target, by hour"
        />
      </div>
      <div class="figure">
        <h3><a href=${href("quarantine")}>Quarantine</a></h3>
        <p class=${`big ${queues.quarantined ? "bad" : ""}`}>${count(queues.quarantined)}</p>
        <p class="small quiet">mails that could not be taken</p>
      </div>
    </div>
  </section>`;
}
