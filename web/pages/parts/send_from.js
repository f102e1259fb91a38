// Which integration a mail is sent by.
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { use_some } from "../lib/use.js";
import { Field } from "./field.js";

export function SendFrom({ form }) {
  const all = use_some("/integrations?sort=name");
  const options = (all.data ?? [])
    .filter((each) => each.outgoing?.enabled)
    .map((each) => [each.id, `${said(each.name)} <${said(each.address)}>`]);
  const field = {
    path: "integration",
    label: "Integration",
    kind: "select",
    options: [["", "The default one"], ...options],
    none: null,
  };
  return html`<${Field} form=${form} field=${field} />`;
}
