// What a target's test call was answered with.
import { plural, said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { Button } from "./button.js";
import { Dialog } from "./dialog.js";
import { Icon } from "./icon.js";

export function TargetTested({ answer, close }) {
  return html`<${Dialog} title="Test" close=${close}>
    <p class=${`test-end ${answer.ok ? "good" : "bad"}`} role="status">
      ${answer.ok ? `It answers (${answer.ms} ms).` : "It does not take it."}
    </p>
    <p class="server-words">${answer.status} ${said(answer.error ?? answer.answer)}</p>
    <ol class="steps">
      ${(answer.steps ?? []).map(
        (step, n) =>
          html`<li key=${n} class=${step.ok ? "passed" : "failed"}>
            <span class="step-line"
              ><${Icon} name=${step.ok ? "ok" : "failing"} /><b>${said(step.step)}</b>
              <span class="verdict">${step.ok ? "passed" : "failed"}</span></span
            >
            ${step.server && html`<span class="server-words">${said(step.server)}</span>`}
            ${step.hint && html`<span class="hint-line">${said(step.hint)}</span>`}
          </li>`,
      )}
    </ol>
    ${answer.waiting > 0 && html`<p>${plural(answer.waiting, "mail")} wait for it.</p>`}
    <footer><${Button} tone="primary" act=${close}>Close<//></footer>
  <//>`;
}
