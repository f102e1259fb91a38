// Routing rules: their list in order, one rule with its condition as a tree, and a try on a mail.
import { get, post } from "../lib/api.js";
import { said } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { href } from "../lib/route.js";
import { may_change } from "../lib/session.js";
import { use_list, use_resource } from "../lib/use.js";
import { use_names } from "../lib/names.js";
import { actions as action_fields, fresh, rule as fields } from "../fields/rule.js";
import { Button } from "../parts/button.js";
import { ChooseMany } from "../parts/choose_many.js";
import { ConditionEditor } from "../parts/condition_editor.js";
import { Fields } from "../parts/fields.js";
import { Icon } from "../parts/icon.js";
import { ResourceForm } from "../parts/resource_form.js";
import { RuleTrace } from "../parts/rule_trace.js";
import { Empty, Loaded, ProblemBox, Screen } from "../parts/screen.js";
import { State } from "../parts/state.js";
import { words_of_condition } from "../parts/condition_words.js";

export function Rules() {
  const all = use_list("/rules", true);
  async function move(items, from, to) {
    const ids = items.map((each) => each.id);
    ids.splice(to, 0, ...ids.splice(from, 1));
    await post("/rules/reorder", { ids });
    await all.reload();
  }
  return html`<${Screen}
    title="Rules"
    lead="They decide, in this order, which mail goes to which target. Without any, every mail goes to every target."
    actions=${may_change() &&
    html`<a class="button primary" href=${href("rules", "new")}><${Icon} name="plus" />New rule</a>`}
  >
    <p><a href=${href("alerts", "rules")}>Event rules</a> (who is told what) are under Alerts.</p>
    <${Loaded} from=${all}>
      ${(items) =>
        items.length === 0
          ? html`<${Empty} title="No rule yet."><p>Every mail goes to every enabled target.</p><//>`
          : html`<ol class="rule-list">
              ${items.map((rule, n) => html`<${RuleLine} key=${rule.id} rule=${rule} n=${n} last=${items.length - 1} move=${(to) => move(items, n, to)} />`)}
            </ol>`}
    <//>
    <${Try} />
  <//>`;
}

function RuleLine({ rule, n, last, move }) {
  return html`<li class="card rule">
    <div class="row">
      <b class="quiet">${n + 1}.</b>
      <a class="strong" href=${href("rules", rule.id)}>${said(rule.name)}</a>
      <${State} state=${rule.enabled ? "enabled" : "off"} small=${true} />
      ${rule.stop && html`<span class="tag">stops here</span>`}
      ${may_change() &&
      html`<span class="actions push">
        <${Button} tone="small" label=${`Move ${said(rule.name)} up`} disabled=${n === 0} act=${() => move(n - 1)}><${Icon} name="up" /><//>
        <${Button} tone="small" label=${`Move ${said(rule.name)} down`} disabled=${n === last} act=${() => move(n + 1)}><${Icon} name="down" /><//>
      </span>`}
    </div>
    <p class="small">If ${words_of_condition(rule.condition)}</p>
  </li>`;
}

export function Rule({ id }) {
  return html`<${ResourceForm}
    id=${id}
    kind="rule"
    path="/rules"
    place=${["rules"]}
    fresh=${fresh}
    fields=${fields}
    schema="RuleInput"
    beyond=${["scope", "condition", "actions"]}
    goes=${["Mail already routed stays where it is."]}
    children=${(form) => html`
      <fieldset class="group">
        <legend>If</legend>
        <${ConditionEditor} condition=${form.value("condition")} set=${(value) => form.set("condition", value)} />
        <${ChooseMany}
          path="/integrations"
          label="For mail of"
          chosen=${form.value("scope")}
          set=${(value) => form.set("scope", value)}
          all_words="All integrations, also new ones"
        />
      </fieldset>
      <fieldset class="group">
        <legend>Then</legend>
        <${ChooseMany}
          path="/targets"
          label="Hand it to"
          chosen=${form.value("actions.targets") ?? []}
          set=${(value) => form.set("actions.targets", value.length ? value : undefined)}
          none_words="There is no target yet."
        />
        <${Fields} form=${form} fields=${action_fields} />
      </fieldset>
      <${Try} rule=${form.draft} />
    `}
  />`;
}

const recent = "/messages?limit=50";

/** What the rules (or one not saved yet) would make of a stored mail. */
function Try({ rule }) {
  const mails = use_resource(recent);
  const name = use_names("/targets");
  const [chosen, set_chosen] = useState("");
  const [result, set_result] = useState(null);
  const [problem, set_problem] = useState(null);
  async function run() {
    set_problem(null);
    try {
      const { id: _, created_at: _a, modified_at: _b, modified_by: _c, ...draft } = rule ?? {};
      const message_id = chosen || (await get(recent)).items[0]?.id;
      set_result(await post("/rules/try", { message_id, ...(rule ? { rule: draft } : {}) }));
    } catch (refused) {
      set_result(null);
      set_problem(refused);
    }
  }
  const items = mails.data?.items ?? [];
  return html`<section class="card" aria-labelledby="try-title">
    <h2 id="try-title">Try ${rule ? "this rule" : "the rules"} on a mail</h2>
    ${items.length === 0
      ? html`<p class="quiet">There is no received mail to try on yet.</p>`
      : html`<div class="row">
          <div class="field">
            <label class="label" for="try-mail">Mail</label>
            <select id="try-mail" onChange=${(event) => set_chosen(event.target.value)}>
              ${items.map(
                (each) =>
                  html`<option value=${each.id} selected=${each.id === chosen}>
                    ${said(each.subject) || "(no subject)"} – ${said(each.from?.[0]?.address)}
                  </option>`,
              )}
            </select>
          </div>
          <${Button} act=${run}>Try<//>
        </div>`}
    ${problem && html`<${ProblemBox} problem=${problem} />`}
    <div aria-live="polite">
      ${result &&
      html`<${RuleTrace}
        trace=${result.rule_trace}
        attributes=${result.attributes}
        targets=${(result.targets ?? []).map(name)}
        ignored=${result.ignored}
      />`}
    </div>
  </section>`;
}
