// New integration, or an edit of one: every field on one page, a test of what is typed, save.
import { read, send } from "../lib/api.js";
import { plural, said } from "../lib/format.js";
import { use_form } from "../lib/form.js";
import { html, useState } from "../lib/html.js";
import { go, guard_leaving, href } from "../lib/route.js";
import { use_resource } from "../lib/use.js";
import { incoming } from "../fields/incoming.js";
import { fresh, general, monitoring } from "../fields/integration.js";
import { outgoing } from "../fields/outgoing.js";
import { Button } from "../parts/button.js";
import { Conflict } from "../parts/conflict.js";
import { Dialog } from "../parts/dialog.js";
import { ErrorSummary } from "../parts/error_summary.js";
import { Group } from "../parts/fields.js";
import { FormSections } from "../parts/form_sections.js";
import { NamesSwitch } from "../parts/names_switch.js";
import { tell } from "../parts/notices.js";
import { Loaded, Screen } from "../parts/screen.js";
import { TestSteps } from "../parts/test_steps.js";

const read_only = ["id", "status", "created_at", "modified_at", "modified_by", "checks"];

/** What may be sent back: without what only the server writes. */
export function writable(resource) {
  const kept = { ...resource };
  for (const each of read_only) delete kept[each];
  for (const side of ["incoming", "outgoing"]) {
    if (!kept[side]?.auth) continue;
    const { password_set: _, ...auth } = kept[side].auth;
    kept[side] = { ...kept[side], auth };
  }
  return kept;
}

export function IntegrationForm({ id, section }) {
  if (!id) return html`<${Form} initial=${fresh} />`;
  const found = use_resource(`/integrations/${encodeURIComponent(id)}`);
  return html`<${Loaded} from=${found}>
    ${(data) => html`<${Form} id=${data.id} initial=${data} etag=${found.etag} section=${section} />`}
  <//>`;
}

function Form({ id, initial, etag: first_etag, section }) {
  const form = use_form(initial);
  const [etag, set_etag] = useState(first_etag);
  const [conflict, set_conflict] = useState(null);
  const [testing, set_testing] = useState(0);
  const path = `/integrations/${id}`;
  async function saved(name) {
    guard_leaving(null);
    tell(`${said(name)} is saved.`);
  }
  async function save(event) {
    event?.preventDefault();
    try {
      if (!id) {
        const made = await send("POST", "/integrations", writable(form.draft));
        form.restart(form.draft);
        await saved(made.name);
        go("integrations", made.id);
        return;
      }
      const patch = form.patch() ?? {};
      await send("PATCH", path, writable(patch), { etag });
      form.restart(form.draft);
      await saved(form.draft.name);
      go("integrations", id);
    } catch (problem) {
      if (problem.status !== 412) return form.set_problem(problem);
      const theirs = await read(path);
      set_conflict({ theirs: theirs.body, etag: theirs.etag });
    }
    return undefined;
  }
  async function save_merged(merged) {
    const { theirs, etag: their_etag } = conflict;
    set_conflict(null);
    form.rebase(theirs, merged);
    set_etag(their_etag);
    tell("Both versions are merged. Save to keep the result.");
  }
  const body = id ? writable(form.patch() ?? {}) : writable(form.draft);
  const title = id ? `Edit ${said(initial.name)}` : "New integration";
  const changes = form.dirty && id ? plural(form.changed().length, "unsaved change") : "";
  return html`<${Screen} title=${title} actions=${html`<${NamesSwitch} />`}>
    <form onSubmit=${save} class="form" novalidate>
      <${ErrorSummary} problem=${form.problem} />
      <${FormSections} names=${["General", "Incoming", "Outgoing", "Monitoring"]} first=${section} />
      <datalist id="start-from"><option value="now" /><option value="all" /></datalist>
      <${Group} form=${form} name="General" fields=${general} schema="IntegrationInput"
        beyond=${["incoming", "outgoing", "monitoring", "notifications", "provider"]} />
      <${Group} form=${form} name="Incoming" fields=${incoming} schema="IncomingInput" at="incoming"
        beyond=${["incoming.auth", "incoming.tls", "incoming.protocol"]} />
      <${Group} form=${form} name="Outgoing" fields=${outgoing} schema="OutgoingInput" at="outgoing"
        beyond=${["outgoing.auth", "outgoing.tls", "outgoing.protocol"]} />
      <${Group} form=${form} name="Monitoring" fields=${monitoring} />
      <div class="save-bar">
        <span class="quiet" role="status">${changes}</span>
        <a class="button" href=${id ? href("integrations", id) : href("integrations")}>Cancel</a>
        <${Button} act=${() => set_testing(testing + 1)}>Test<//>
        <${Button} tone="primary" type="submit" act=${save}>Save<//>
      </div>
    </form>
    ${testing > 0 &&
    html`<${Dialog} title="Test" wide=${true} close=${() => set_testing(0)}>
      <p class="quiet">With the values as they stand in the form; nothing is saved.</p>
      <${TestSteps}
        key=${testing}
        path=${id ? `${path}/test` : "/integrations/test"}
        body=${body}
        close=${() => set_testing(0)}
      />
    <//>`}
    ${conflict &&
    html`<${Conflict}
      base=${form.base}
      mine=${form.draft}
      theirs=${conflict.theirs}
      merged=${save_merged}
      close=${() => set_conflict(null)}
    />`}
  <//>`;
}
