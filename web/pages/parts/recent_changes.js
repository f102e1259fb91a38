// The last changes, from the audit log: often what broke something.
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { href } from "../lib/route.js";
import { use_resource } from "../lib/use.js";
import { words_of_act } from "../screens/audit.js";
import { Time } from "./time.js";

export function RecentChanges() {
  const found = use_resource("/audit?limit=8", true);
  const items = found.data?.items ?? [];
  if (items.length === 0) return null;
  return html`<section class="card" aria-labelledby="changes-title">
    <h2 id="changes-title">Recent changes</h2>
    <ul class="log">
      ${items.map(
        (each) =>
          html`<li key=${each.id}>
            <${Time} at=${each.at} />
            <b>${said(each.who)}</b>
            <span
              ><code>${words_of_act(each)}</code> ${said(each.resource)}
              ${each.fields?.length > 0 && html`<span class="quiet small">${said(each.fields.join(", "))}</span>`}</span
            >
          </li>`,
      )}
    </ul>
    <p><a href=${href("audit")}>The whole audit log</a></p>
  </section>`;
}
