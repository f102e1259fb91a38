// How many problems are open, beside "Alerts" in the navigation.
import { html } from "../lib/html.js";
import { use_resource } from "../lib/use.js";

export function TroubleCount() {
  const problems = use_resource("/problems?limit=100", true);
  const open = (problems.data?.items ?? []).filter((each) =>
    ["open", "flapping"].includes(each.state),
  ).length;
  if (!open) return null;
  return html`<span class="count" title="open problems">${open}<span class="sr"> open</span></span>`;
}
