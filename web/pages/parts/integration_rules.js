// The routing rules that apply to one integration, in their order.
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { href } from "../lib/route.js";
import { use_list } from "../lib/use.js";
import { Empty, Loaded } from "./screen.js";
import { State } from "./state.js";

export function IntegrationRules({ integration }) {
  const rules = use_list("/rules", true);
  const here = (rule) =>
    rule.scope === "all" ||
    rule.scope === undefined ||
    rule.scope.includes?.(integration.id) ||
    rule.scope.includes?.(integration.name);
  return html`<${Loaded} from=${rules}>
    ${(items) => {
      const mine = items.filter(here);
      if (mine.length === 0) {
        return html`<${Empty} title="No rule applies here.">
          <p>Every mail goes to every enabled target. <a href=${href("rules")}>Rules</a> change that.</p>
        <//>`;
      }
      return html`<ol class="plain-list">
        ${mine.map(
          (rule) =>
            html`<li key=${rule.id}>
              <a href=${href("rules", rule.id)}>${said(rule.name)}</a>
              <${State} state=${rule.enabled ? "enabled" : "off"} small=${true} />
              ${rule.stop && html`<span class="quiet">and no later rule</span>`}
            </li>`,
        )}
      </ol>`;
    }}
  <//>`;
}
