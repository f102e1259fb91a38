// GET and PATCH /settings: thresholds, recipients, texts. The fields are those the server describes.
import { send } from "../lib/api.js";
import { use_form } from "../lib/form.js";
import { html, useState } from "../lib/html.js";
import { is_object } from "../lib/paths.js";
import { may_change } from "../lib/session.js";
import { use_schema } from "../lib/schema.js";
import { use_resource } from "../lib/use.js";
import { Button } from "./button.js";
import { ErrorSummary } from "./error_summary.js";
import { Fields, field_of } from "./fields.js";
import { NamesSwitch } from "./names_switch.js";
import { tell } from "./notices.js";
import { Loaded } from "./screen.js";
import { Warnings } from "./warnings.js";

const titles = {
  monitoring: "Monitoring",
  notices: "Notices",
  alerts: "Alert transport",
  retention: "Retention",
};
const titled = (name) =>
  titles[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

// What the description does not tell is told by the value.
function type_of(value) {
  if (typeof value === "boolean") return { type: "boolean" };
  if (typeof value === "number") return { type: "integer" };
  if (Array.isArray(value)) return { type: "array" };
  if (is_object(value)) return { type: "object" };
  return { type: ["string", "null"] };
}

const long = (field, value) =>
  field.path.endsWith(".text") || (typeof value === "string" && value.includes("\n"))
    ? { ...field, none: null, kind: "area", wide: true, prose: true, rows: 8 }
    : field;

function fields_under(path, value, schema) {
  return Object.entries(value ?? {}).map(([name, inner]) => {
    const at = path ? `${path}.${name}` : name;
    return long(field_of(at, name, schema?.properties?.[name] ?? type_of(inner)), inner);
  });
}

export function GatewaySettings() {
  const found = use_resource("/settings");
  return html`<${Loaded} from=${found}>
    ${(data) => html`<${Form} initial=${data} etag=${found.etag} key=${found.etag} reload=${found.reload} />`}
  <//>`;
}

function Form({ initial, etag, reload }) {
  const schema = use_schema("Settings");
  const form = use_form(initial);
  const [saving, set_saving] = useState(false);
  const groups = Object.entries(initial).filter(([, value]) => is_object(value));
  const loose = Object.fromEntries(
    Object.entries(initial).filter(([key, value]) => !is_object(value) && !key.startsWith("modified_") && key !== "warnings"),
  );
  async function save(event) {
    event?.preventDefault();
    if (saving) return;
    set_saving(true);
    try {
      const now = await send("PATCH", "/settings", form.patch() ?? {}, { etag });
      form.restart(now ?? form.draft);
      tell("The settings are saved.");
      await reload();
    } catch (problem) {
      form.set_problem(problem);
    } finally {
      set_saving(false);
    }
  }
  return html`<form class="form" onSubmit=${save} novalidate>
    <p class="form-head"><${NamesSwitch} /></p>
    <${ErrorSummary} problem=${form.problem} />
    <${Warnings} items=${form.base.warnings} />
    ${Object.keys(loose).length > 0 &&
    html`<fieldset class="group">
      <legend>General</legend>
      <${Fields} form=${form} fields=${fields_under("", loose, schema)} />
    </fieldset>`}
    ${groups.map(
      ([name, value]) =>
        html`<fieldset class="group" key=${name}>
          <legend>${titled(name)}</legend>
          <${Fields} form=${form} fields=${fields_under(name, value, schema?.properties?.[name])} />
        </fieldset>`,
    )}
    ${may_change() &&
    html`<div class="save-bar">
      <span class="quiet" role="status">${form.dirty ? "Unsaved changes" : ""}</span>
      <${Button} tone="primary" type="submit" act=${save}>Save<//>
    </div>`}
  </form>`;
}
