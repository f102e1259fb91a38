// OAuth apps, as registered at the providers, and who has authorised with them.
import { send } from "../lib/api.js";
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { use_names } from "../lib/names.js";
import { href } from "../lib/route.js";
import { may_change } from "../lib/session.js";
import { use_list } from "../lib/use.js";
import { Button } from "./button.js";
import { ask } from "./dialog.js";
import { Icon } from "./icon.js";
import { tell } from "./notices.js";
import { Loaded } from "./screen.js";
import { State } from "./state.js";
import { Table } from "./table.js";
import { Time } from "./time.js";

export function OAuthApps() {
  const apps = use_list("/oauth/apps", true);
  const grants = use_list("/oauth/grants", true);
  const app_name = use_names("/oauth/apps");
  const name = use_names("/integrations");
  async function revoke(grant) {
    const lines = ["Its tokens go. The integrations that use it stop until somebody authorises again."];
    if (!(await ask({ title: "Revoke this authorisation?", lines, yes: "Revoke" }))) return;
    await send("DELETE", `/oauth/grants/${grant.id}`);
    tell("Revoked.");
    grants.reload();
  }
  return html`<section class="card" aria-labelledby="apps-title">
      <h2 id="apps-title">OAuth apps</h2>
      <p>Postern as it is registered at Microsoft, Google or another provider. An integration is authorised on its own page.</p>
      <${Loaded} from=${apps}>
        ${(items) => html`<${Table}
          label="OAuth apps"
          items=${items}
          columns=${[
            ["Name", (a) => html`<a href=${href("settings", "oauth", a.id)}>${said(a.name)}</a>`],
            ["Provider", (a) => a.provider],
            ["Flow", (a) => a.flow.replaceAll("_", " ")],
            ["Secret ends", (a) => html`<${Time} at=${a.secret_expires_at} none="not told" />`],
            ["Trouble", (a) => said(a.fault)],
          ]}
        />`}
      <//>
      ${may_change() &&
      html`<p class="actions push-down">
        <a class="button" href=${href("settings", "oauth", "new")}><${Icon} name="plus" />New OAuth app</a>
      </p>`}
    </section>
    <section class="card" aria-labelledby="grants-title">
      <h2 id="grants-title">Authorisations</h2>
      <${Loaded} from=${grants}>
        ${(items) =>
          items.length === 0
            ? html`<p class="quiet">Nobody has authorised yet.</p>`
            : html`<${Table}
                label="Authorisations"
                items=${items}
                columns=${[
                  ["Account", (g) => said(g.identity ?? g.subject ?? "not told")],
                  ["App", (g) => app_name(g.app)],
                  ["State", (g) => html`<${State} state=${g.state} small=${true} />`],
                  ["By", (g) => html`${said(g.authorised_by)} <${Time} at=${g.authorised_at} brief=${true} />`],
                  ["Used by", (g) => (g.integrations ?? []).map(name).join(", ")],
                  ["Trouble", (g) => said(g.trouble)],
                  ["Act", (g) => may_change() && html`<${Button} tone="small danger" act=${() => revoke(g)}>Revoke<//>`],
                ]}
              />`}
      <//>
    </section>`;
}
