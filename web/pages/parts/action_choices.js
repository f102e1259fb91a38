// Choices of an action that come from other lists: which integration sends, which profile is told.
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { use_some } from "../lib/use.js";
import { Field } from "./field.js";

function Choice({ form, path, list, label, none, hint }) {
  const found = use_some(list);
  const options = (found.data ?? []).map((each) => [each.id, said(each.name)]);
  const field = {
    path,
    label,
    kind: "select",
    options: [["", none], ...options],
    none: null,
    hint,
  };
  return html`<${Field} form=${form} field=${field} />`;
}

export const ActionIntegration = ({ form, at }) =>
  html`<${Choice}
    form=${form}
    path=${`${at}.integration`}
    list="/integrations"
    label="Send by"
    none="One that works"
    hint="Never by the one that fails."
  />`;

export const ActionProfile = ({ form, at }) =>
  html`<${Choice} form=${form} path=${`${at}.profile`} list="/profiles" label="Profile" none="Choose one" />`;
