// Between a field's value in the API and what stands in its input, or is shown for reading.
import { size } from "../lib/format.js";
import { html } from "../lib/html.js";
import { Time } from "./time.js";

const two = (n) => String(n).padStart(2, "0");

function local_minutes(at) {
  const t = new Date(at);
  if (Number.isNaN(t.getTime())) return "";
  const day = `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}`;
  return `${day}T${two(t.getHours())}:${two(t.getMinutes())}`;
}

export function to_input(field, value) {
  if (value === null || value === undefined) return "";
  if (field.kind === "lines") return Array.isArray(value) ? value.join("\n") : String(value);
  if (field.kind === "json") return JSON.stringify(value, null, 2);
  if (field.kind === "datetime") return local_minutes(value);
  if (field.kind === "date") return String(value).slice(0, 10);
  return String(value);
}

/** Throws with words for people when `text` can't be a value of this field. */
export function from_input(field, text) {
  switch (field.kind) {
    case "number":
      return text === "" ? (field.none ?? null) : Number(text);
    case "lines":
      return text
        .split(field.split ?? /[\n;,]/)
        .map((each) => each.trim())
        .filter(Boolean);
    case "json":
      if (text.trim() === "") return field.none ?? null;
      try {
        return JSON.parse(text);
      } catch (error) {
        throw new Error(`This is not JSON yet: ${error.message}`);
      }
    case "datetime":
      return text === "" ? null : new Date(text).toISOString().replace(/\.\d+Z$/, "Z");
    case "date":
      return text === "" ? null : text;
    default:
      return text === "" && field.none !== undefined ? field.none : text;
  }
}

const nothing = html`<span class="quiet">–</span>`;

export function shown_value(field, value, form) {
  if (field.kind === "password") {
    return form.value(`${field.path}_set`) ? "stored, not shown" : "none";
  }
  if (field.kind === "check") return value ? "Yes" : "No";
  if (value === null || value === undefined || value === "") return field.empty ?? nothing;
  if (field.kind === "select") {
    const options = typeof field.options === "function" ? field.options(form.draft) : field.options;
    return options.find(([key]) => key === value)?.[1] ?? String(value);
  }
  if (field.kind === "datetime") return html`<${Time} at=${value} />`;
  if (field.bytes) return `${size(value)} (${value} bytes)`;
  if (Array.isArray(value) && value.every((each) => typeof each !== "object")) {
    return value.length ? value.join(", ") : nothing;
  }
  if (typeof value === "object") return html`<code>${JSON.stringify(value)}</code>`;
  return String(value);
}
