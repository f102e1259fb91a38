// Days of the week by check boxes.
import { html } from "../lib/html.js";
import { days } from "../fields/alerts.js";

export function DaysChoice({ form, path, label = "Days" }) {
  const chosen = form.value(path) ?? [];
  const toggle = (day) => {
    const next = chosen.includes(day) ? chosen.filter((each) => each !== day) : [...chosen, day];
    form.set(
      path,
      days.map(([key]) => key).filter((key) => next.includes(key)),
    );
  };
  return html`<fieldset class="choose-many">
    <legend class="label">${label} <span class="hint">none chosen: every day</span></legend>
    <span class="row">
      ${days.map(
        ([key, name]) =>
          html`<label class="check-line" key=${key}>
            <input type="checkbox" checked=${chosen.includes(key)} onChange=${() => toggle(key)} />${name}
          </label>`,
      )}
    </span>
  </fieldset>`;
}
