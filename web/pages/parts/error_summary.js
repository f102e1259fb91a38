// What was refused, above the form: each with a link to its field; focus goes there.
import { said } from "../lib/format.js";
import { html, useLayoutEffect, useRef } from "../lib/html.js";
import { id_of } from "./field.js";

export function ErrorSummary({ problem }) {
  const box = useRef(null);
  useLayoutEffect(() => {
    if (problem) box.current?.focus();
  }, [problem]);
  if (!problem) return null;
  const to_field = (event, pointer) => {
    event.preventDefault();
    const path = pointer.replace(/^#?\//, "").replaceAll("/", ".");
    const parts = path.split(".");
    for (let n = parts.length; n > 0; n -= 1) {
      const input = document.getElementById(id_of(parts.slice(0, n).join(".")));
      if (!input) continue;
      const fold = input.closest("details");
      if (fold) fold.open = true;
      input.focus();
      return;
    }
  };
  const listed = problem.errors.filter((each) => each.detail);
  return html`<div class="box bad summary" role="alert" tabindex="-1" ref=${box}>
    <div>
      <p><b>${said(problem.message)}</b></p>
      ${problem.hint && html`<p>${said(problem.hint)}</p>`}
      ${listed.length > 0 &&
      html`<ul>
        ${listed.map(
          (each) =>
            html`<li>
              ${each.pointer &&
              html`<a href="#" onClick=${(event) => to_field(event, each.pointer)}
                  >${each.pointer.replace(/^#?\//, "").replaceAll("/", ".")}</a
                >${" "}`}${said(each.detail)}
            </li>`,
        )}
      </ul>`}
    </div>
  </div>`;
}
