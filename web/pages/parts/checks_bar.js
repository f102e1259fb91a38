// The last checks as a row of small bars: tall and filled for a good one, short for a bad one, so
// that it reads without colour.
import { exact } from "../lib/format.js";
import { html } from "../lib/html.js";

const shown_max = 30;

/** @param checks [{at, ok}], oldest first */
export function ChecksBar({ checks, label }) {
  const last = checks.slice(-shown_max);
  if (last.length === 0) return null;
  const bad = last.filter((each) => !each.ok).length;
  const words = `${label}: of the last ${last.length} checks ${bad === 0 ? "all were good" : `${bad} failed`}`;
  return html`<svg
    class="checks"
    viewBox=${`0 0 ${shown_max * 4} 16`}
    width=${shown_max * 4}
    height="16"
    role="img"
    aria-label=${words}
  >
    ${last.map(
      (each, n) =>
        html`<rect
          key=${n}
          class=${each.ok ? "good" : "bad"}
          x=${(shown_max - last.length + n) * 4}
          y=${each.ok ? 2 : 8}
          width="3"
          height=${each.ok ? 14 : 8}
          ><title>${exact(each.at)}: ${each.ok ? "good" : "failed"}</title></rect
        >`,
    )}
  </svg>`;
}
