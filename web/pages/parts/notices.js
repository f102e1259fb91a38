// Short notices of what was done or refused; a live region reads them out.
import { said } from "../lib/format.js";
import { html, useEffect, useState } from "../lib/html.js";
import { Icon } from "./icon.js";

const good_for_ms = 6000;
let told = null;
let last = 0;

export function tell(text, tone = "good", hint = "") {
  last += 1;
  told?.({ id: last, text: said(text), tone, hint: said(hint) });
}

export function tell_problem(problem) {
  if (problem?.name === "AbortError") return;
  if (problem.status === undefined) console.error(problem);
  const details = (problem.errors ?? []).map((each) => each.detail).join(" · ");
  tell([problem.message, details].filter(Boolean).join(" "), "bad", problem.hint);
}

export function Notices() {
  const [shown, set_shown] = useState([]);
  const drop = (id) => set_shown((old) => old.filter((each) => each.id !== id));
  useEffect(() => {
    told = (notice) => {
      set_shown((old) => [...old.slice(-3), notice]);
      if (notice.tone === "good") setTimeout(() => drop(notice.id), good_for_ms);
    };
    return () => (told = null);
  }, []);
  return html`<div class="notices" role="status" aria-live="polite">
    ${shown.map(
      (each) =>
        html`<div class=${`notice ${each.tone}`} key=${each.id}>
          <${Icon} name=${each.tone === "good" ? "ok" : "warning"} />
          <div>
            <p>${each.text}</p>
            ${each.hint && html`<p class="quiet">${each.hint}</p>`}
          </div>
          <button type="button" class="plain" aria-label="Dismiss" onClick=${() => drop(each.id)}>
            <${Icon} name="close" />
          </button>
        </div>`,
    )}
  </div>`;
}
