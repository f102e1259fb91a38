// Which screen an address shows.
import { html } from "./lib/html.js";
import { Empty, Screen } from "./parts/screen.js";
import { EventRule, Profile, Silence } from "./screens/alert_forms.js";
import { Alerts } from "./screens/alerts.js";
import { Audit } from "./screens/audit.js";
import { BulkTest } from "./screens/bulk_test.js";
import { Compose } from "./screens/compose.js";
import { Integration } from "./screens/integration.js";
import { IntegrationForm } from "./screens/integration_form.js";
import { Integrations } from "./screens/integrations.js";
import { Message } from "./screens/message.js";
import { Overview } from "./screens/overview.js";
import { Quarantine } from "./screens/quarantine.js";
import { Queue } from "./screens/queue.js";
import { Received } from "./screens/received.js";
import { Rule, Rules } from "./screens/rules.js";
import { Delivery, Sent } from "./screens/sent.js";
import { OAuthApp, Provider } from "./screens/setting_forms.js";
import { Settings } from "./screens/settings.js";
import { Target, Targets } from "./screens/targets.js";

const alert_forms = { rules: EventRule, profiles: Profile, silences: Silence };
const setting_forms = { oauth: OAuthApp, providers: Provider };

const screens = {
  "": () => html`<${Overview} />`,
  integrations: (query, id, part, section) => {
    if (id === undefined) return html`<${Integrations} query=${query} />`;
    if (id === "new") return html`<${IntegrationForm} key="new" />`;
    if (part === "edit") return html`<${IntegrationForm} key=${id} id=${id} section=${section} />`;
    return html`<${Integration} key=${id} id=${id} tab=${part ?? "general"} />`;
  },
  "integrations-test": () => html`<${BulkTest} />`,
  received: (query, id) =>
    id ? html`<${Message} key=${id} id=${id} />` : html`<${Received} query=${query} />`,
  sent: (query, id) =>
    id ? html`<${Delivery} key=${id} id=${id} />` : html`<${Sent} query=${query} />`,
  compose: () => html`<${Compose} />`,
  queue: () => html`<${Queue} />`,
  quarantine: (query) => html`<${Quarantine} query=${query} />`,
  rules: (query, id) => (id ? html`<${Rule} key=${id} id=${id} />` : html`<${Rules} />`),
  targets: (query, id) => (id ? html`<${Target} key=${id} id=${id} />` : html`<${Targets} />`),
  alerts: (query, tab, id) => {
    const Form = id && alert_forms[tab];
    return Form
      ? html`<${Form} key=${`${tab}/${id}`} id=${id} />`
      : html`<${Alerts} tab=${tab} query=${query} />`;
  },
  settings: (query, tab, id) => {
    const Form = id && setting_forms[tab];
    return Form ? html`<${Form} key=${`${tab}/${id}`} id=${id} />` : html`<${Settings} tab=${tab} />`;
  },
  audit: (query) => html`<${Audit} query=${query} />`,
};

export function screen_of({ parts: [place = "", ...rest], query }) {
  const made = Object.hasOwn(screens, place) && screens[place];
  if (made) return made(query, ...rest);
  return html`<${Screen} title="Not here">
    <${Empty} title="There is no such page."><p><a href="#/">To the overview</a></p><//>
  <//>`;
}
