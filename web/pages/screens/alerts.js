// Alerts: what is wrong now, what is told to whom (event rules, profiles), what is silenced, and
// all that happened.
import { post } from "../lib/api.js";
import { said } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { href, replace } from "../lib/route.js";
import { may_act, may_change } from "../lib/session.js";
import { use_list, use_pages } from "../lib/use.js";
import { Button } from "../parts/button.js";
import { Filters } from "../parts/filters.js";
import { Icon } from "../parts/icon.js";
import { tell } from "../parts/notices.js";
import { ProblemCard } from "../parts/problem_card.js";
import { Empty, Loaded, Screen } from "../parts/screen.js";
import { State } from "../parts/state.js";
import { Table } from "../parts/table.js";
import { Tabs } from "../parts/tabs.js";
import { Time } from "../parts/time.js";

const tabs = [
  ["problems", "Problems"],
  ["rules", "Event rules"],
  ["profiles", "Profiles"],
  ["silences", "Silences"],
  ["notices", "Notices"],
  ["events", "Events"],
];
const one_of = { rules: "event rule", profiles: "profile", silences: "silence" };

export function Alerts({ tab = "problems", query }) {
  const panels = {
    problems: () => html`<${Problems} />`,
    rules: () => html`<${EventRules} />`,
    profiles: () => html`<${Profiles} />`,
    silences: () => html`<${Silences} />`,
    notices: () => html`<${NoticeLog} />`,
    events: () => html`<${Events} query=${query} />`,
  };
  const chosen = panels[tab] ? tab : "problems";
  return html`<${Screen}
    title="Alerts"
    lead="What is wrong, who is told of it, and when not."
    actions=${html`${may_act() && html`<${NotifyTest} />`}
    ${one_of[chosen] &&
    (chosen === "silences" ? may_act : may_change)() &&
    html`<a class="button primary" href=${href("alerts", chosen, "new")}><${Icon} name="plus" />New ${one_of[chosen]}</a>`}`}
  >
    <${Tabs} tabs=${tabs} chosen=${chosen} choose=${(key) => replace("alerts", key)} label="Alerts">
      ${panels[chosen]()}
    <//>
  <//>`;
}

function Problems() {
  const [closed, set_closed] = useState(false);
  const all = use_list(`/problems${closed ? "?state=closed" : ""}`, true);
  return html`<label class="switch"
      ><input type="checkbox" checked=${closed} onChange=${(event) => set_closed(event.target.checked)} />
      Those that are over</label
    >
    <${Loaded} from=${all}>
      ${(items) =>
        items.length === 0
          ? html`<${Empty} title=${closed ? "None is over yet." : "Nothing is wrong."} />`
          : items.map((each) => html`<${ProblemCard} key=${each.id} problem=${each} done=${all.reload} />`)}
    <//>`;
}

function EventRules() {
  const all = use_list("/event-rules");
  return html`<${Loaded} from=${all}>
    ${(items) =>
      items.length === 0
        ? html`<${Empty} title="No event rule yet."><p>An event rule tells somebody when something happens.</p><//>`
        : html`<${Table}
            label="Event rules"
            items=${items}
            columns=${[
              ["Name", (r) => html`<a href=${href("alerts", "rules", r.id)}>${said(r.name)}</a>`],
              ["State", (r) => html`<${State} state=${r.enabled ? "enabled" : "off"} small=${true} />`],
              ["When", (r) => said((r.when?.kinds ?? []).join(", ")) || "every kind"],
              ["Then", (r) => (r.then ?? []).map((each) => each.type.replace("_", " ")).join(", ")],
              ["Last run", (r) => html`<${Time} at=${r.last_fired_at} /> ${r.status?.last_result === "failed" && html`<${State} state="failed" small=${true} />`}`],
            ]}
          />`}
  <//>`;
}

function Profiles() {
  const all = use_list("/profiles");
  return html`<${Loaded} from=${all}>
    ${(items) =>
      items.length === 0
        ? html`<${Empty} title="No profile yet."><p>A profile says by which ways somebody is reached.</p><//>`
        : html`<${Table}
            label="Profiles"
            items=${items}
            columns=${[
              ["Name", (p) => html`<a href=${href("alerts", "profiles", p.id)}>${said(p.name)}</a>`],
              ["Channels", (p) => (p.channels ?? []).map((each) => each.type).join(", ")],
              ["Quiet hours", (p) => (p.quiet_hours ? "Yes" : "No")],
              ["Steps", (p) => p.steps?.length ?? 1],
            ]}
          />`}
  <//>`;
}

function Silences() {
  const all = use_list("/silences", true);
  return html`<${Loaded} from=${all}>
    ${(items) =>
      items.length === 0
        ? html`<${Empty} title="Nothing is silenced."><p>A silence keeps notices back; problems are seen all the same.</p><//>`
        : html`<${Table}
            label="Silences"
            items=${items}
            columns=${[
              ["Reason", (s) => html`<a href=${href("alerts", "silences", s.id)}>${said(s.reason) || s.id}</a>`],
              ["State", (s) => html`<${State} state=${s.active ? "enabled" : "off"} text=${s.active ? "Silent now" : "Not now"} small=${true} />`],
              ["From", (s) => html`<${Time} at=${s.from} none=${s.weekly ? "every week" : "at once"} />`],
              ["Until", (s) => html`<${Time} at=${s.until} none="deleted" />`],
              ["Kinds", (s) => said((s.kinds ?? []).join(", ")) || "every kind"],
              ["By", (s) => said(s.modified_by)],
            ]}
          />`}
  <//>`;
}

function Events({ query }) {
  const { integration = "", kind = "" } = query;
  const search = new URLSearchParams(Object.entries({ integration, kind }).filter(([, value]) => value));
  const pages = use_pages(`/events${String(search) ? `?${search}` : ""}`, true);
  return html`<${Filters}
      place=${["alerts", "events"]}
      query=${query}
      fields=${[
        ["kind", "Search a kind", "search"],
        ["integration", "Integration", "integration"],
      ]}
    />
    <${Loaded} from=${pages}>
      ${(items) =>
        items.length === 0
          ? html`<${Empty} title="No event." />`
          : html`<${Table}
                label="Events"
                items=${items}
                columns=${[
                  ["Kind", (e) => html`<code>${e.kind}</code>`],
                  ["At", (e) => html`<${Time} at=${e.at} />`],
                  ["Integration", (e) => e.integration && html`<a href=${href("integrations", e.integration.id)}>${said(e.integration.name)}</a>`],
                  ["Server", (e) => said([e.server, e.port].filter(Boolean).join(":"))],
                  ["What was said", (e) => html`${said(e.message)} ${e.hint && html`<span class="hint-line small">${said(e.hint)}</span>`}`],
                ]}
              />
              ${pages.more && html`<p><${Button} act=${pages.more}>Show older<//></p>`}`}
    <//>`;
}

/** What was told to whom, and how each way of it went. */
function NoticeLog() {
  const pages = use_pages("/notices", true);
  const ways = (notice) =>
    (notice.channels ?? [])
      .map((each) => [each.type, each.to, each.state ?? (each.ok ? "sent" : "failed"), each.error].flat().filter(Boolean).join(" "))
      .join(" · ");
  return html`<${Loaded} from=${pages}>
    ${(items) =>
      items.length === 0
        ? html`<${Empty} title="Nobody had to be told of anything yet." />`
        : html`<${Table}
              label="Notices"
              items=${items}
              columns=${[
                ["Subject", (n) => said(n.subject)],
                ["At", (n) => html`<${Time} at=${n.at} />`],
                ["State", (n) => html`<${State} state=${n.state} small=${true} />`],
                ["Ways", (n) => html`<span class="small">${said(ways(n))}</span>`],
              ]}
            />
            ${pages.more && html`<p><${Button} act=${pages.more}>Show older<//></p>`}`}
  <//>`;
}

/** POST /notify as somebody's script would: to see who is told. */
function NotifyTest() {
  return html`<${Button}
    act=${async () => {
      const answer = await post("/notify", {
        outcome: "success",
        subject: "A trial of the notices",
        text: "Somebody pressed the button on the admin page.",
      });
      tell(answer.result_message, answer.success ? "good" : "bad");
    }}
    >Send a trial notice<//
  >`;
}
