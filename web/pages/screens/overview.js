// Overview: what is broken first, then the last 24 hours in figures, then what was changed lately.
// An empty installation shows the three steps to the first mail.
import { plural } from "../lib/format.js";
import { html } from "../lib/html.js";
import { href } from "../lib/route.js";
import { use_list, use_resource } from "../lib/use.js";
import { Figures } from "../parts/figures.js";
import { FirstSteps } from "../parts/first_steps.js";
import { ProblemCard } from "../parts/problem_card.js";
import { RecentChanges } from "../parts/recent_changes.js";
import { Loaded, Screen } from "../parts/screen.js";
import { rank_of_trouble, state_of } from "../parts/state.js";

const shown_max = 10;
const broken = ["failing", "needs_consent", "disabled"];

// Where GET /problems is not offered, the states of the integrations say what is wrong.
function from_integrations(integrations) {
  return integrations
    .filter((each) => broken.includes(state_of(each)))
    .sort((a, b) => rank_of_trouble(state_of(a)) - rank_of_trouble(state_of(b)))
    .map((each) => {
      const { status } = each;
      const inn = broken.includes(status.incoming_state);
      const error = inn ? status.last_incoming_error : status.last_outgoing_error;
      return {
        integration: { id: each.id, name: each.name },
        direction: inn ? "incoming" : "outgoing",
        state: state_of(each),
        kind: error?.kind ?? "",
        since: error?.at,
        count: inn ? status.consecutive_incoming_errors : status.consecutive_outgoing_errors,
        message: error?.message ?? status.disabled_reason,
        hint: error?.hint,
      };
    });
}

export function Overview() {
  const integrations = use_list("/integrations", true);
  const targets = use_list("/targets");
  const problems = use_resource("/problems?limit=100", true);
  return html`<${Screen} title="Overview">
    <${Loaded} from=${integrations}>
      ${(items) => {
        const listed = problems.problem?.absent ? from_integrations(items) : (problems.data?.items ?? []);
        const open = listed.filter((each) => each.state !== "closed");
        const names = new Map(items.map((each) => [each.id, each.name]));
        const named = open.map((each) =>
          typeof each.integration === "string"
            ? { ...each, integration: { id: each.integration, name: names.get(each.integration) } }
            : each,
        );
        const steps = items.length === 0 || (targets.data && targets.data.length === 0);
        return html`${steps &&
          html`<${FirstSteps} integrations=${items} targets=${targets.data ?? []} />`}
          ${items.length > 0 && html`<${Trouble} problems=${named} all=${items.length} reload=${problems.reload} />`}
          <${Figures} />
          <${RecentChanges} />`;
      }}
    <//>
  <//>`;
}

function Trouble({ problems, all, reload }) {
  if (problems.length === 0) {
    return html`<section class="all-well" aria-label="State">
      <p><b>All is well.</b> ${plural(all, "integration")}, nothing is failing.</p>
    </section>`;
  }
  return html`<section aria-labelledby="trouble-title" class="trouble">
    <h2 id="trouble-title">${plural(problems.length, "thing")} to look at</h2>
    ${problems.slice(0, shown_max).map((each, n) => html`<${ProblemCard} key=${each.id ?? n} problem=${each} done=${reload} />`)}
    ${problems.length > shown_max && html`<p><a href=${href("alerts")}>All ${problems.length} problems</a></p>`}
  </section>`;
}
