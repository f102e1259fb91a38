// A list of actions (of an event rule) or channels (of a profile): add, change, remove.
import { html } from "../lib/html.js";
import { action_fields } from "../fields/action.js";
import { Button } from "./button.js";
import { Fields } from "./fields.js";

export function ActionsEditor({ form, at, types, legend, one, named = false }) {
  const items = form.value(at) ?? [];
  const add = () => form.set(at, [...items, { type: types[0][0] }]);
  return html`<fieldset class="group">
    <legend>${legend}</legend>
    ${items.length === 0 && html`<p class="quiet">None yet.</p>`}
    ${items.map(
      (item, n) =>
        html`<div class="sub-panel spaced" key=${n} role="group" aria-label=${`${one} ${n + 1}`}>
          <div class="row">
            <label class="choice"
              ><span>${one} ${n + 1}</span>
              <select
                onChange=${(event) =>
                  form.set(`${at}.${n}`, { type: event.target.value, ...(item.name ? { name: item.name } : {}) })}
              >
                ${types.map(
                  ([key, words]) => html`<option value=${key} selected=${key === item.type}>${words}</option>`,
                )}
              </select></label
            >
            <${Button}
              tone="small"
              act=${() =>
                form.set(
                  at,
                  items.filter((_, other) => other !== n),
                )}
              >Remove<//
            >
          </div>
          <${Fields} form=${form} fields=${action_fields(`${at}.${n}`, item.type, named)} />
        </div>`,
    )}
    <${Button} act=${add}>Add ${one.toLowerCase()}<//>
  </fieldset>`;
}
