// What the rules made of a mail: each rule, whether it matched and why.
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { State } from "./state.js";
import { Empty } from "./screen.js";

export function RuleTrace({ trace, attributes, targets, ignored }) {
  const entries = Object.entries(attributes ?? {});
  return html`${(trace ?? []).length === 0
    ? html`<${Empty} title="No rule looked at it." />`
    : html`<ol class="plain-list">
        ${trace.map(
          (each, n) =>
            html`<li key=${n}>
              <${State} state=${each.matched ? "yes" : "no"} text=${each.matched ? "Matched" : "Passed by"} />
              <b>${said(each.name)}</b> <span>${said(each.reason)}</span>
            </li>`,
        )}
      </ol>`}
  ${ignored && html`<p>Ignored: ${said(ignored)}</p>`}
  ${targets && html`<p>Goes to: ${targets.map((each) => said(each.name ?? each)).join(", ") || "nobody"}</p>`}
  ${entries.length > 0 &&
  html`<h3>Attributes</h3>
    <dl class="facts">
      ${entries.map(
        ([key, value]) =>
          html`<dt>${said(key)}</dt>
            <dd>${said(typeof value === "string" ? value : JSON.stringify(value))}</dd>`,
      )}
    </dl>`}`;
}
