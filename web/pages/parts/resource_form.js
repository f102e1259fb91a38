// A form over any resource of the API: new, edit, delete, conflicts, what was refused. What is
// particular to one kind comes as a table of fields.
import { read, send } from "../lib/api.js";
import { said } from "../lib/format.js";
import { use_form } from "../lib/form.js";
import { html, useState } from "../lib/html.js";
import { go, guard_leaving, href } from "../lib/route.js";
import { may_change } from "../lib/session.js";
import { use_resource } from "../lib/use.js";
import { Button } from "./button.js";
import { Conflict } from "./conflict.js";
import { ask } from "./dialog.js";
import { ErrorSummary } from "./error_summary.js";
import { Group } from "./fields.js";
import { NamesSwitch } from "./names_switch.js";
import { tell } from "./notices.js";
import { Loaded, Screen } from "./screen.js";
import { Warnings } from "./warnings.js";

const servers_own = [
  "id",
  "status",
  "active",
  "last_fired_at",
  "warnings",
  "created_at",
  "modified_at",
  "modified_by",
  "secret_set",
  "api_key_set",
];

/**
 * @param kind "target"; path: "/targets"; place: where its list is, as parts of the address
 * @param fresh what a new one begins with; fields, schema: as Group has them
 * @param goes what is said to go when it is deleted, sentences
 * @param made called with the answer to POST (it may hold a secret shown once) before leaving
 * @param may who may save it: may_change (an admin, the default) or may_act (an operator too)
 * @param draft_actions (what would be sent): buttons beside the heading of a new one
 * @param writable (value, draft): takes what may not be sent back out of a resource or a patch
 */
export function ResourceForm({ id, path, fresh, ...kind }) {
  if (id === "new") return html`<${Form} ...${kind} path=${path} initial=${fresh} />`;
  const found = use_resource(`${path}/${encodeURIComponent(id)}`);
  return html`<${Loaded} from=${found}>
    ${(data) => html`<${Form} ...${kind} path=${path} id=${id} initial=${data} etag=${found.etag} />`}
  <//>`;
}

function without(resource, names) {
  const kept = { ...resource };
  for (const each of names) delete kept[each];
  return kept;
}

function Form(props) {
  const { kind, path, place, id, initial, fields, schema, beyond = [], goes = [] } = props;
  const { made, actions, children, writable = (each) => each, method = "PATCH" } = props;
  const { may = may_change, draft_actions } = props;
  const form = use_form(initial);
  const [etag, set_etag] = useState(props.etag);
  const [conflict, set_conflict] = useState(null);
  const own = id ? `${path}/${encodeURIComponent(id)}` : path;
  const name = said(form.base.name ?? kind);
  const leave = () => {
    guard_leaving(null);
    go(...place);
  };
  async function save(event) {
    event?.preventDefault();
    const sent = (value) => writable(without(value, servers_own), form.draft);
    try {
      if (!id) {
        const answer = await send("POST", path, sent(form.draft));
        form.restart(form.draft);
        guard_leaving(null);
        tell(`${said(form.draft.name ?? kind)} is saved.`);
        if (made && (await made(answer))) return;
        leave();
        return;
      }
      const body = method === "PUT" ? sent(form.draft) : sent(form.patch() ?? {});
      await send(method, own, body, { etag });
      form.restart(form.draft);
      tell(`${said(form.draft.name ?? kind)} is saved.`);
      leave();
    } catch (problem) {
      if (problem.status !== 412) {
        form.set_problem(problem);
        return;
      }
      const theirs = await read(own);
      set_conflict({ theirs: theirs.body, etag: theirs.etag });
    }
  }
  async function remove() {
    if (await ask({ title: `Delete ${name}?`, lines: goes, name: props.grave ? name : "" })) {
      await send("DELETE", own, undefined, { etag });
      form.restart(form.draft);
      tell(`${name} is deleted.`);
      leave();
    }
  }
  return html`<${Screen}
    title=${id ? name : `New ${kind}`}
    actions=${html`<${NamesSwitch} />${id
      ? actions?.(form.base)
      : draft_actions?.(() => writable(without(form.draft, servers_own), form.draft), form)}`}
  >
    <form onSubmit=${save} class="form" novalidate>
      <${ErrorSummary} problem=${form.problem} />
      ${props.before?.(form)}
      <${Warnings} items=${form.base.warnings} />
      <${Group} form=${form} name=${props.group ?? "Settings"} fields=${fields} schema=${schema}
        beyond=${[...servers_own, ...beyond]} />
      ${children?.(form)}
      <div class="save-bar">
        ${id &&
        may() &&
        html`<${Button} tone="danger" act=${remove}>Delete<//><span class="quiet"></span>`}
        <a class="button" href=${href(...place)}>Cancel</a>
        ${may() && html`<${Button} tone="primary" type="submit" act=${save}>Save<//>`}
      </div>
    </form>
    ${conflict &&
    html`<${Conflict}
      base=${form.base}
      mine=${form.draft}
      theirs=${conflict.theirs}
      merged=${(result) => {
        form.rebase(conflict.theirs, result);
        set_etag(conflict.etag);
        set_conflict(null);
        tell("Both versions are merged. Save to keep the result.");
      }}
      close=${() => set_conflict(null)}
    />`}
  <//>`;
}
