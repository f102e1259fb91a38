// The people who may sign in, with their roles.
import { send } from "../lib/api.js";
import { errors_of } from "../lib/form.js";
import { said } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { use_list } from "../lib/use.js";
import { Button } from "./button.js";
import { ask, Dialog } from "./dialog.js";
import { ErrorSummary } from "./error_summary.js";
import { Field } from "./field.js";
import { tell } from "./notices.js";
import { Loaded } from "./screen.js";
import { Table } from "./table.js";
import { Time } from "./time.js";

const roles = [
  ["admin", "Admin (everything)"],
  ["operator", "Operator (looks, tests, retries)"],
  ["viewer", "Viewer (looks)"],
];

export function Users() {
  const all = use_list("/users");
  const [edited, set_edited] = useState(null);
  const done = () => {
    set_edited(null);
    all.reload();
  };
  async function remove(user) {
    const lines = ["Its sessions end at once. What it did stays in the audit log."];
    if (!(await ask({ title: `Delete ${said(user.name)}?`, lines }))) return;
    await send("DELETE", `/users/${encodeURIComponent(user.name)}`);
    tell(`${said(user.name)} may sign in no more.`);
    done();
  }
  return html`<section class="card" aria-labelledby="users-title">
    <h2 id="users-title">Users</h2>
    <${Loaded} from=${all}>
      ${(items) =>
        html`<${Table}
            label="Users"
            items=${items}
            key_of=${(u) => u.name}
            columns=${[
              ["Name", (u) => html`<b>${said(u.name)}</b>`],
              ["Role", (u) => roles.find(([key]) => key === u.role)?.[1] ?? u.role],
              ["Created", (u) => html`<${Time} at=${u.created_at} />`],
              ["Modified", (u) => html`<${Time} at=${u.modified_at} brief=${true} /> ${u.modified_by && html`by ${said(u.modified_by)}`}`],
              [
                "Act",
                (u) =>
                  html`<span class="actions">
                    <${Button} tone="small" act=${() => set_edited(u)}>Change<//>
                    <${Button} tone="small danger" act=${() => remove(u)}>Delete<//>
                  </span>`,
              ],
            ]}
          />
          <p class="actions push-down"><${Button} icon="plus" act=${() => set_edited({})}>New user<//></p>`}
    <//>
    ${edited && html`<${Person} user=${edited} done=${done} close=${() => set_edited(null)} />`}
  </section>`;
}

function Person({ user, done, close }) {
  const fresh = !user.name;
  const [values, set_values] = useState({
    name: user.name ?? "",
    role: user.role ?? "viewer",
    address: user.address ?? "",
  });
  const [problem, set_problem] = useState(null);
  const errors = errors_of(problem);
  const form = {
    draft: values,
    value: (path) => values[path],
    set: (path, value) => set_values((old) => ({ ...old, [path]: value })),
    error: (path) => errors[path],
  };
  const fields = [
    fresh && { path: "name", label: "Name", required: true },
    { path: "role", label: "Role", kind: "select", options: roles },
    { path: "address", label: "E-mail address", hint: "Where test mails go. May be left out." },
    {
      path: "password",
      label: fresh ? "Password" : "New password",
      kind: "password",
      hint: fresh ? "" : "Empty: stays as it is. A new one ends the person's sessions.",
    },
  ].filter(Boolean);
  async function save(event) {
    event?.preventDefault();
    const { name, ...change } = values;
    try {
      if (fresh) await send("POST", "/users", values);
      else await send("PATCH", `/users/${encodeURIComponent(name)}`, change);
      tell(`${said(name)} is saved.`);
      done();
    } catch (refused) {
      set_problem(refused);
    }
  }
  return html`<${Dialog} title=${fresh ? "New user" : `Change ${said(user.name)}`} close=${close}>
    <form onSubmit=${save} novalidate>
      <${ErrorSummary} problem=${problem} />
      <div class="fields">${fields.map((each) => html`<${Field} form=${form} field=${each} key=${each.path} />`)}</div>
      <footer>
        <${Button} act=${close}>Cancel<//>
        <${Button} type="submit" tone="primary" act=${save}>Save<//>
      </footer>
    </form>
  <//>`;
}
