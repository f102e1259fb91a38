// Tabs as the ARIA practices have them: arrows move between them, one panel is shown.
import { html, useId, useRef } from "../lib/html.js";

/** @param tabs [[key, label], …] */
export function Tabs({ tabs, chosen, choose, label, children }) {
  const id = useId();
  const row = useRef(null);
  function moved(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = tabs.findIndex(([key]) => key === chosen);
    const to =
      event.key === "Home" ? 0 : event.key === "End" ? tabs.length - 1 : step ? at + step : -1;
    if (to < 0 && !step) return;
    event.preventDefault();
    const next = (to + tabs.length) % tabs.length;
    choose(tabs[next][0]);
    row.current.children[next].focus();
  }
  return html`<div class="tabs" role="tablist" aria-label=${label} ref=${row} onKeyDown=${moved}>
      ${tabs.map(
        ([key, name]) =>
          html`<button
            type="button"
            role="tab"
            key=${key}
            id=${`${id}-${key}`}
            aria-selected=${key === chosen ? "true" : "false"}
            aria-controls=${`${id}-panel`}
            tabindex=${key === chosen ? 0 : -1}
            onClick=${() => choose(key)}
          >
            ${name}
          </button>`,
      )}
    </div>
    <div
      role="tabpanel"
      id=${`${id}-panel`}
      aria-labelledby=${`${id}-${chosen}`}
      tabindex="0"
      class="panel"
      key=${chosen}
    >
      ${children}
    </div>`;
}
