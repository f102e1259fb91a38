// A group of fields from a table of them; what is seldom touched folded away, and at its end what
// the server's own description has beyond the table, so that no field lacks its place.
import { html } from "../lib/html.js";
import { use_schema } from "../lib/schema.js";
import { Field } from "./field.js";
import { group_id } from "./form_sections.js";

const shown = (field, draft) => !field.when || field.when(draft);

export function Fields({ form, fields }) {
  const seen = fields.filter((each) => shown(each, form.draft));
  const plain = seen.filter((each) => !each.more);
  const folded = seen.filter((each) => each.more);
  const wrong = folded.some((each) => each.path && form.error(each.path));
  const one = (each) =>
    each.part
      ? html`<${each.part} form=${form} key=${each.key} ...${each.with ?? {}} />`
      : html`<${Field} form=${form} field=${each} key=${each.path} />`;
  return html`<div class="fields">${plain.map(one)}</div>
    ${folded.length > 0 &&
    html`<details class="more" open=${wrong || form.read_only || undefined}>
      <summary>More settings</summary>
      <div class="fields">${folded.map(one)}</div>
    </details>`}`;
}

/** A named group. @param schema the name in /openapi.json of what is at `at` */
export function Group({ form, name, note, fields, schema, at = "", beyond = [], children }) {
  return html`<fieldset class="group" id=${group_id(name)}>
    <legend>${name}</legend>
    ${note && html`<p class="quiet">${note}</p>`}
    <${Fields} form=${form} fields=${fields} />
    ${schema &&
    html`<${Further} form=${form} schema=${schema} at=${at} known=${[...fields.map((f) => f.path), ...beyond]} />`}
    ${children}
  </fieldset>`;
}

/** Fields of the server's description that are not `known` (paths). */
export function Further({ form, schema, at, known }) {
  const found = use_schema(schema);
  if (!found) return null;
  const covered = new Set(known.filter(Boolean));
  const has = (path) => covered.has(path) || [...covered].some((k) => k.startsWith(`${path}.`));
  const fields = Object.entries(found.properties ?? {})
    .filter(([name, type]) => !type.readOnly && !has(at ? `${at}.${name}` : name))
    .map(([name, type]) => field_of(at ? `${at}.${name}` : name, name, type));
  if (fields.length === 0) return null;
  return html`<details class="more" open=${form.read_only || undefined}>
    <summary>Further settings</summary>
    <div class="fields">
      ${fields.map((each) => html`<${Field} form=${form} field=${each} key=${each.path} />`)}
    </div>
  </details>`;
}

const titled = (name) => {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** A field made from a JSON Schema alone. */
export function field_of(path, name, type) {
  const kinds = [type.type].flat();
  const field = { path, label: titled(name), hint: type.description };
  if (type.enum) {
    const options = type.enum.map((each) => [each ?? "", each ?? "–"]);
    return { ...field, kind: "select", options, none: type.enum.includes(null) ? null : undefined };
  }
  if (type.writeOnly && kinds.includes("string")) return { ...field, kind: "password" };
  if (kinds.includes("boolean")) return { ...field, kind: "check" };
  if (kinds.includes("integer") || kinds.includes("number")) return { ...field, kind: "number" };
  if (kinds.includes("array") && (!type.items || type.items.type === "string")) {
    return { ...field, kind: "lines", wide: true };
  }
  if (kinds.includes("string")) {
    const none = kinds.includes("null") ? null : undefined;
    return { ...field, kind: type.format === "date-time" ? "datetime" : "text", none };
  }
  return { ...field, kind: "json", wide: true };
}
