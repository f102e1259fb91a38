// The forms behind Alerts: an event rule, a profile, a silence.
import { html } from "../lib/html.js";
import { may_act } from "../lib/session.js";
import { action_types, channel_types } from "../fields/action.js";
import {
  event_condition,
  event_rule,
  fresh_event_rule,
  fresh_profile,
  fresh_silence,
  profile,
  schedule,
  silence,
} from "../fields/alerts.js";
import { ActionsEditor } from "../parts/actions_editor.js";
import { ChooseMany } from "../parts/choose_many.js";
import { DaysChoice } from "../parts/days_choice.js";
import { Fields, Further } from "../parts/fields.js";
import { EventRuleRuns, TestActions, TryEvent } from "../parts/event_rule_parts.js";
import { ResourceForm } from "../parts/resource_form.js";

// A time of day is asked for only when both its ends are there.
function tidy_schedule(value) {
  if (!value || typeof value !== "object") return value;
  const { time_of_day, ...rest } = value;
  if (time_of_day === undefined) return value;
  const set = time_of_day && (time_of_day.from || time_of_day.to);
  return { ...rest, time_of_day: set ? time_of_day : null };
}

export function EventRule({ id }) {
  return html`<${ResourceForm}
    id=${id}
    kind="event rule"
    path="/event-rules"
    place=${["alerts", "rules"]}
    fresh=${fresh_event_rule}
    fields=${event_rule}
    schema="EventRuleInput"
    beyond=${["when", "then"]}
    goes=${["Nobody is told by it any more."]}
    actions=${(rule) => html`<${TestActions} path=${`/event-rules/${rule.id}`} items=${rule.then} what="action" />`}
    writable=${(rule) => ("when" in rule ? { ...rule, when: tidy_schedule(rule.when) } : rule)}
    children=${(form) => html`
      <fieldset class="group">
        <legend>When</legend>
        <${Fields} form=${form} fields=${[...event_condition, ...schedule("when")]} />
        <${DaysChoice} form=${form} path="when.days" />
        <${ChooseMany}
          path="/integrations"
          label="Of"
          chosen=${form.value("when.integrations") ?? "all"}
          set=${(value) => form.set("when.integrations", value === "all" ? null : value)}
          all_words="All integrations, also new ones"
        />
        <${Further} form=${form} schema="EventCondition" at="when"
          known=${["when.kinds", "when.server", "when.login", "when.from", "when.recipient", "when.port", "when.ssl", "when.time_of_day", "when.days", "when.time_zone", "when.integrations"]} />
      </fieldset>
      <${ActionsEditor} form=${form} at="then" types=${action_types} legend="Then" one="Action" />
      <${TryEvent} rule=${form.draft} />
      ${form.base.id && html`<${EventRuleRuns} id=${form.base.id} />`}
    `}
  />`;
}

export function Profile({ id }) {
  return html`<${ResourceForm}
    id=${id}
    kind="profile"
    path="/profiles"
    place=${["alerts", "profiles"]}
    fresh=${fresh_profile}
    fields=${profile}
    schema="ProfileInput"
    beyond=${["channels", "quiet_hours"]}
    goes=${["Event rules that name it tell nobody by it any more."]}
    actions=${(profile_) => html`<${TestActions} path=${`/profiles/${profile_.id}`} items=${profile_.channels} what="channel" />`}
    writable=${(value) => {
      if (!("quiet_hours" in value)) return value;
      const hours = tidy_schedule(value.quiet_hours);
      return { ...value, quiet_hours: hours?.time_of_day || hours?.days?.length ? hours : null };
    }}
    children=${(form) => html`
      <${ActionsEditor} form=${form} at="channels" types=${channel_types} legend="Channels" one="Channel" named=${true} />
      <fieldset class="group">
        <legend>Quiet hours</legend>
        <p class="quiet">What comes in them waits for their end.</p>
        <${Fields} form=${form} fields=${schedule("quiet_hours")} />
        <${DaysChoice} form=${form} path="quiet_hours.days" />
      </fieldset>
    `}
  />`;
}

export function Silence({ id }) {
  return html`<${ResourceForm}
    id=${id}
    kind="silence"
    may=${may_act}
    path="/silences"
    place=${["alerts", "silences"]}
    fresh=${fresh_silence}
    fields=${silence}
    schema="SilenceInput"
    beyond=${["integrations", "weekly"]}
    goes=${["Notices go out again."]}
    writable=${(value) => {
      if (!("weekly" in value)) return value;
      const weekly = tidy_schedule(value.weekly);
      return { ...value, weekly: weekly?.time_of_day || weekly?.days?.length ? weekly : null };
    }}
    children=${(form) => html`
      <fieldset class="group">
        <legend>Of</legend>
        <${ChooseMany}
          path="/integrations"
          label="Integrations"
          chosen=${form.value("integrations")?.length ? form.value("integrations") : "all"}
          set=${(value) => form.set("integrations", value === "all" ? [] : value)}
          all_words="All integrations"
        />
      </fieldset>
      <fieldset class="group">
        <legend>Every week</legend>
        <p class="quiet">Only in these hours of these days: a maintenance window. Empty: the whole time.</p>
        <${Fields} form=${form} fields=${schedule("weekly")} />
        <${DaysChoice} form=${form} path="weekly.days" />
      </fieldset>
    `}
  />`;
}
