// Which authorisation (OAuth grant) signs in for something: one of those that people have given.
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { use_some } from "../lib/use.js";
import { Field } from "./field.js";

export function GrantChoice({ form, path }) {
  const grants = use_some("/oauth/grants");
  const words = (grant) => `${said(grant.identity ?? grant.subject ?? grant.id)} (${grant.state})`;
  const field = {
    path,
    label: "Authorisation",
    kind: "select",
    options: [["", "–"], ...(grants.data ?? []).map((each) => [each.id, words(each)])],
    none: null,
    hint: "Given on an integration's page.",
  };
  return html`<${Field} form=${form} field=${field} />`;
}
