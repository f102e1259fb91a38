// The provider of an OAuth app: those of the presets that have OAuth.
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { use_list } from "../lib/use.js";
import { Field } from "./field.js";

export function AppProvider({ form }) {
  const presets = use_list("/providers");
  const options = (presets.data ?? [])
    .filter((each) => each.oauth || each.id === "custom")
    .map((each) => [each.id, said(each.name)]);
  const field = { path: "provider", label: "Provider", kind: "select", options };
  return html`<${Field} form=${form} field=${field} />`;
}
