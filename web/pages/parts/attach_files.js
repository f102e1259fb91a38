// Files of a mail: chosen, listed with their sizes, taken off again.
import { said, size } from "../lib/format.js";
import { html } from "../lib/html.js";
import { Button } from "./button.js";
import { names_shown } from "./names_switch.js";

/** `name`: the form's list of files, and the field's name in the API's form. */
export function AttachFiles({ form, name, label, hint }) {
  const files = form.value(name) ?? [];
  const id = `field-${name}`;
  const taken = (event) => {
    form.set(name, [...files, ...event.target.files]);
    event.target.value = "";
  };
  return html`<div class="field wide">
    <span class="label-row">
      <label class="label" for=${id}>${label}</label>
      ${names_shown.use() && html`<code class="api-name">${name}</code>`}
    </span>
    <input id=${id} name=${name} type="file" multiple onChange=${taken} aria-describedby=${`${id}-hint`} />
    <span class="hint" id=${`${id}-hint`}>${hint}</span>
    ${files.length > 0 &&
    html`<ul class="plain-list" aria-label=${label}>
      ${files.map(
        (file, n) =>
          html`<li key=${n}>
            ${said(file.name)} <span class="quiet">${size(file.size)}</span>${" "}
            <${Button}
              tone="small"
              label=${`Take off ${said(file.name)}`}
              act=${() => form.set(name, files.filter((each) => each !== file))}
              >Take off<//
            >
          </li>`,
      )}
    </ul>`}
  </div>`;
}

/** The body of POST /send: JSON, or a form as soon as there are files, whose bytes go as they are. */
export function body_of_mail({ attachments = [], inline = [], ...fields }) {
  if (attachments.length + inline.length === 0) return fields;
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value === null || value === undefined) continue;
    body.append(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  for (const file of attachments) body.append("attachments", file, file.name);
  for (const file of inline) body.append("inline", file, file.name);
  return body;
}
