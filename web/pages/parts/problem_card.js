// One problem: what is wrong, since when, how often, the server's words, what to do, and buttons.
import { post } from "../lib/api.js";
import { plural, said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { href } from "../lib/route.js";
import { may_act } from "../lib/session.js";
import { Button } from "./button.js";
import { tell } from "./notices.js";
import { State } from "./state.js";
import { Time } from "./time.js";

export function ProblemCard({ problem, done }) {
  const { integration, direction, state, since, count, message, hint, kind } = problem;
  const id = integration?.id ?? integration;
  const name = said(integration?.name ?? problem.title ?? id ?? kind);
  async function acknowledge() {
    await post(`/problems/${problem.id}/acknowledge`);
    tell("Acknowledged: nobody is reminded of it any more.");
    done?.();
  }
  async function check() {
    await post(`/integrations/${id}/check`);
    tell("The check has begun.");
    done?.();
  }
  return html`<article class=${`problem ${state === "closed" ? "over" : ""}`}>
    <header>
      <${State} state=${state} />
      <h3>${id ? html`<a href=${href("integrations", id)}>${name}</a>` : name}</h3>
      ${direction && html`<span class="tag">${direction}</span>`}
      <code>${kind}</code>
    </header>
    <p class="server-words">${said(message)}</p>
    ${hint && html`<p class="hint-line">${said(hint)}</p>`}
    <p class="small quiet">
      Since <${Time} at=${since} /> · ${plural(count ?? 0, "time")}
      ${problem.notices > 0 && html` · ${plural(problem.notices, "notice")}`}
      ${problem.acknowledged_at &&
      html` · acknowledged by ${said(problem.acknowledged_by)} <${Time} at=${problem.acknowledged_at} brief=${true} />`}
    </p>
    ${may_act() &&
    state !== "closed" &&
    html`<div class="actions">
      ${id && html`<a class="button small" href=${href("integrations", id, "activity")}>Open</a>`}
      ${id && html`<${Button} tone="small" act=${check}>Check now<//>`}
      ${problem.id && !problem.acknowledged_at && html`<${Button} tone="small" act=${acknowledge}>Acknowledge<//>`}
      ${problem.id && html`<a class="button small" href=${href("alerts", "silences", "new")}>Silence</a>`}
    </div>`}
  </article>`;
}
