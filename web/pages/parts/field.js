// One field of a form: label, input, its API name on demand, its hint and what was wrong with it.
import { said } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { from_input, shown_value, to_input } from "./field_values.js";
import { Icon } from "./icon.js";
import { names_shown } from "./names_switch.js";

export const id_of = (path) => `field-${path.replaceAll(/[^A-Za-z0-9_.-]/g, "_")}`;

/**
 * @param field {path, label, kind, hint, options, placeholder, warn, required, autocomplete}; kinds:
 *   text, password, number, check, select, lines, area, json, date, datetime
 */
export function Field({ form, field }) {
  const id = id_of(form.under ? `${form.under}.${field.path}` : field.path);
  const value = form.value(field.path);
  const error = form.error(field.path);
  const hint = typeof field.hint === "function" ? field.hint(form.draft) : field.hint;
  const warning = field.warn?.(value, form.draft);
  const described = [hint && `${id}-hint`, warning && `${id}-warn`, error && `${id}-error`];
  const common = {
    id,
    name: field.path,
    "aria-describedby": described.filter(Boolean).join(" ") || undefined,
    "aria-invalid": error ? "true" : undefined,
    "aria-required": field.required ? "true" : undefined,
  };
  const name = names_shown.use() && html`<code class="api-name">${field.path}</code>`;
  if (form.read_only) {
    return html`<div class="field reading">
      <span class="label">${field.label} ${name}</span>
      <span class="value">${shown_value(field, value, form)}</span>
    </div>`;
  }
  const notes = html`
    ${hint && html`<span class="hint" id=${`${id}-hint`}>${hint}</span>`}
    ${warning &&
    html`<span class="warn" id=${`${id}-warn`}><${Icon} name="warning" />${warning}</span>`}
    ${error && html`<span class="error" id=${`${id}-error`}>${said(error)}</span>`}
  `;
  if (field.kind === "check") {
    return html`<div class=${`field check ${field.wide ? "wide" : ""}`}>
      <label for=${id}>
        <input
          type="checkbox"
          ...${common}
          checked=${Boolean(value)}
          onChange=${(event) => form.set(field.path, event.target.checked)}
        />
        <span>${field.label}</span> </label
      >${name}${notes}
    </div>`;
  }
  return html`<div class=${`field ${field.wide ? "wide" : ""}`}>
    <span class="label-row">
      <label class="label" for=${id}>${field.label}</label>
      ${field.required && html`<span class="quiet" aria-hidden="true">required</span>`}${name}
    </span>
    <${Input} field=${field} common=${common} value=${value} form=${form} />
    ${notes}
  </div>`;
}

function Input({ field, common, value, form }) {
  const set = (text) => (field.change ?? form.set)(field.path, text, form);
  if (field.kind === "select") {
    const options = typeof field.options === "function" ? field.options(form.draft) : field.options;
    const known = options.some(([key]) => key === (value ?? ""));
    return html`<select ...${common} onChange=${(event) => set(event.target.value || field.none)}>
      ${!known && html`<option value=${value ?? ""} selected>${value ?? "–"}</option>`}
      ${options.map(
        ([key, words]) =>
          html`<option key=${key} value=${key} selected=${key === (value ?? "")}>${words}</option>`,
      )}
    </select>`;
  }
  if (["lines", "area", "json"].includes(field.kind)) {
    return html`<${Words} field=${field} common=${common} value=${value} set=${set} />`;
  }
  if (field.kind === "password") {
    const stored = form.value(`${field.path}_set`);
    return html`<input
      type="password"
      ...${common}
      autocomplete=${field.autocomplete ?? "new-password"}
      value=${value ?? ""}
      placeholder=${stored ? "stored; type to replace it" : ""}
      onInput=${(event) => set(event.target.value || undefined)}
    />`;
  }
  const type = { number: "number", date: "date", datetime: "datetime-local" }[field.kind] ?? "text";
  return html`<input
    type=${type}
    ...${common}
    value=${to_input(field, value)}
    placeholder=${field.placeholder ?? ""}
    min=${field.min}
    max=${field.max}
    autocomplete=${field.autocomplete ?? "off"}
    spellcheck=${false}
    list=${field.list}
    onInput=${(event) => set(from_input(field, event.target.value))}
    onBlur=${(event) => {
      const trimmed = event.target.value.trim();
      if (trimmed !== event.target.value && type === "text") set(from_input(field, trimmed));
    }}
  />`;
}

// Text of several lines keeps what is typed, also while it is not (yet) a value.
function Words({ field, common, value, set }) {
  const [typed, set_typed] = useState(null);
  const [wrong, set_wrong] = useState("");
  return html`<textarea
      ...${common}
      rows=${field.rows ?? (field.kind === "lines" ? 3 : 5)}
      spellcheck=${Boolean(field.prose)}
      class=${field.prose ? "" : "mono"}
      placeholder=${field.placeholder ?? ""}
      value=${typed ?? to_input(field, value)}
      onInput=${(event) => {
        const text = event.target.value;
        set_typed(text);
        try {
          set(from_input(field, text));
          set_wrong("");
        } catch (error) {
          set_wrong(error.message);
        }
      }}
      onBlur=${() => !wrong && set_typed(null)}
    ></textarea
    >${wrong && html`<span class="error" role="alert">${wrong}</span>`}`;
}
