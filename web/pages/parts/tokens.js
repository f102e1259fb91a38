// API tokens: what each may do, when it was last used; a new one is shown once.
import { post, send } from "../lib/api.js";
import { errors_of } from "../lib/form.js";
import { said } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { use_list } from "../lib/use.js";
import { use_schema } from "../lib/schema.js";
import { Button } from "./button.js";
import { Code } from "./code.js";
import { ask, Dialog } from "./dialog.js";
import { ErrorSummary } from "./error_summary.js";
import { Field } from "./field.js";
import { tell } from "./notices.js";
import { Loaded } from "./screen.js";
import { Table } from "./table.js";
import { Time } from "./time.js";

const scope_words = {
  admin: "everything",
  operate: "look, test, retry",
  read: "look",
  send: "send mail",
  pull: "fetch received mail",
  metrics: "read the metrics",
};

export function Tokens() {
  const all = use_list("/tokens");
  const [making, set_making] = useState(false);
  async function remove(token) {
    const lines = ["Programs that use it are refused from now on."];
    if (!(await ask({ title: `Delete the token ${said(token.name)}?`, lines }))) return;
    await send("DELETE", `/tokens/${token.id}`);
    tell("The token is deleted.");
    all.reload();
  }
  return html`<section class="card" aria-labelledby="tokens-title">
    <h2 id="tokens-title">API tokens</h2>
    <p>
      Programs use them for the HTTP API: <a href="/openapi.json">its description</a> (OpenAPI 3.1).
    </p>
    <${Loaded} from=${all}>
      ${(items) =>
        html`<${Table}
            label="API tokens"
            items=${items}
            columns=${[
              ["Name", (t) => html`<b>${said(t.name)}</b>`],
              ["May", (t) => t.scopes.join(", ")],
              ["Created", (t) => html`<${Time} at=${t.created_at} />`],
              ["Last used", (t) => html`<${Time} at=${t.last_used_at} />`],
              ["Ends", (t) => html`<${Time} at=${t.expires_at} none="never" />`],
              ["Act", (t) => html`<${Button} tone="small danger" act=${() => remove(t)}>Delete<//>`],
            ]}
          />
          <p class="actions push-down"><${Button} icon="plus" act=${() => set_making(true)}>New token<//></p>`}
    <//>
    ${making &&
    html`<${Making}
      close=${() => {
        set_making(false);
        all.reload();
      }}
    />`}
  </section>`;
}

function Making({ close }) {
  const scope = use_schema("Scope");
  const [values, set_values] = useState({ name: "", scopes: ["send"], expires_at: null });
  const [problem, set_problem] = useState(null);
  const [made, set_made] = useState(null);
  const errors = errors_of(problem);
  const form = {
    draft: values,
    value: (path) => values[path],
    set: (path, value) => set_values((old) => ({ ...old, [path]: value })),
    error: (path) => errors[path],
  };
  async function save(event) {
    event?.preventDefault();
    try {
      set_made(await post("/tokens", values));
    } catch (refused) {
      set_problem(refused);
    }
  }
  const toggle = (each) =>
    form.set(
      "scopes",
      values.scopes.includes(each) ? values.scopes.filter((s) => s !== each) : [...values.scopes, each],
    );
  if (made) {
    return html`<${Dialog} title="The new token" close=${close}>
      <p>It is shown this once.</p>
      <${Code} text=${made.token} label="Token" />
      <footer><${Button} tone="primary" act=${close}>Done<//></footer>
    <//>`;
  }
  return html`<${Dialog} title="New token" close=${close}>
    <form onSubmit=${save} novalidate>
      <${ErrorSummary} problem=${problem} />
      <div class="fields">
        <${Field} form=${form} field=${{ path: "name", label: "Name", required: true }} />
        <${Field} form=${form} field=${{ path: "expires_at", label: "Ends", kind: "datetime", hint: "Empty: never." }} />
      </div>
      <fieldset class="choose-many">
        <legend class="label">May</legend>
        ${(scope?.enum ?? Object.keys(scope_words)).map(
          (each) =>
            html`<label class="check-line" key=${each}>
              <input type="checkbox" checked=${values.scopes.includes(each)} onChange=${() => toggle(each)} />
              ${each} <span class="quiet">${scope_words[each]}</span>
            </label>`,
        )}
      </fieldset>
      <footer>
        <${Button} act=${close}>Cancel<//>
        <${Button} type="submit" tone="primary" act=${save}>Make the token<//>
      </footer>
    </form>
  <//>`;
}
