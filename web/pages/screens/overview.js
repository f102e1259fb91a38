// Overview: what is broken first, then the last 24 hours in figures, then what was changed lately.
// An empty installation shows the three steps to the first mail.
import { plural } from "../lib/format.js";
import { html } from "../lib/html.js";
import { href } from "../lib/route.js";
import { may_act } from "../lib/session.js";
import { use_resource, use_some } from "../lib/use.js";
import { Figures } from "../parts/figures.js";
import { FirstSteps } from "../parts/first_steps.js";
import { ProblemCard } from "../parts/problem_card.js";
import { RecentChanges } from "../parts/recent_changes.js";
import { Loaded, Screen } from "../parts/screen.js";
import { words_of_state } from "../parts/state.js";

const shown_max = 10;
const worst_first = ["open", "flapping", "recovering", "pending"];

export function Overview() {
  const stats = use_resource("/stats", true);
  const targets = use_some("/targets");
  const problems = use_resource("/problems?limit=100", true);
  return html`<${Screen} title="Overview">
    <${Loaded} from=${stats}>
      ${({ integrations }) => {
        const open = (problems.data?.items ?? [])
          .filter((each) => each.state !== "closed")
          .sort((a, b) => worst_first.indexOf(a.state) - worst_first.indexOf(b.state));
        const begun = integrations.total > 0;
        const first = !begun || targets.data?.length === 0;
        return html`${first && html`<${FirstSteps} integration=${begun} target=${targets.data?.length > 0} />`}
          ${begun &&
          problems.data &&
          html`<${Trouble} problems=${open} integrations=${integrations} reload=${problems.reload} />`}
          <${Figures} stats=${stats.data} />
          ${may_act() && html`<${RecentChanges} />`}`;
      }}
    <//>
  <//>`;
}

/** "3 integrations: 2 ok, 1 failing" of one direction. */
const in_words = (states) =>
  Object.entries(states)
    .map(([state, n]) => `${n} ${words_of_state(state).toLowerCase()}`)
    .join(", ");

function Trouble({ problems, integrations, reload }) {
  const states = html`<p class="quiet small">
    Incoming: ${in_words(integrations.incoming) || "none"} · Outgoing:
    ${` ${in_words(integrations.outgoing) || "none"}`}
  </p>`;
  if (problems.length === 0) {
    return html`<section class="all-well" aria-label="State">
      <p><b>All is well.</b> ${plural(integrations.total, "integration")}, no open problem.</p>
      ${states}
    </section>`;
  }
  return html`<section aria-labelledby="trouble-title" class="trouble">
    <h2 id="trouble-title">${plural(problems.length, "thing")} to look at</h2>
    ${problems.slice(0, shown_max).map((each) => html`<${ProblemCard} key=${each.id} problem=${each} done=${reload} />`)}
    ${problems.length > shown_max && html`<p><a href=${href("alerts")}>All ${problems.length} problems</a></p>`}
    ${states}
  </section>`;
}
