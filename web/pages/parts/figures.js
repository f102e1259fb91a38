// The last 24 hours in figures, each with a small plot: received, handed over, sent, queue.
import { html } from "../lib/html.js";
import { use_resource } from "../lib/use.js";

export function Figures() {
  const stats = use_resource("/stats", true);
  if (!stats.data) return null;
  return html`<section aria-labelledby="figures-title">
    <h2 id="figures-title">The last 24 hours</h2>
  </section>`;
}
