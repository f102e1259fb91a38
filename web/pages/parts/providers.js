// The providers' presets: those built in, which can be hidden, and one's own.
import { send } from "../lib/api.js";
import { said } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { href } from "../lib/route.js";
import { use_list } from "../lib/use.js";
import { Button } from "./button.js";
import { Icon } from "./icon.js";
import { Loaded } from "./screen.js";
import { Table } from "./table.js";

export function Providers() {
  const [hidden, set_hidden] = useState(false);
  const all = use_list(`/providers${hidden ? "?hidden=true" : ""}`);
  const toggle = (provider) => async () => {
    await send("PATCH", `/providers/${provider.id}`, { hidden: !provider.hidden });
    all.reload();
  };
  const where = (server) => (server ? said(`${server.host}:${server.port}`) : "");
  return html`<section class="card" aria-labelledby="providers-title">
    <h2 id="providers-title">Providers</h2>
    <label class="switch"
      ><input type="checkbox" checked=${hidden} onChange=${(event) => set_hidden(event.target.checked)} />Also hidden
      ones</label
    >
    <${Loaded} from=${all}>
      ${(items) => html`<${Table}
          label="Providers"
          items=${items}
          columns=${[
            ["Name", (p) => (p.built_in ? html`<b>${said(p.name)}</b>` : html`<a href=${href("settings", "providers", p.id)}>${said(p.name)}</a>`)],
            ["IMAP", (p) => html`<span class="small">${where(p.imap)}</span>`],
            ["SMTP", (p) => html`<span class="small">${where(p.smtp)}</span>`],
            ["Logins", (p) => p.logins.join(", ").replaceAll("_", " ")],
            ["Kind", (p) => (p.built_in ? "built in" : "own")],
            ["Act", (p) => html`<${Button} tone="small" act=${toggle(p)}>${p.hidden ? "Show" : "Hide"}<//>`],
          ]}
        />
        <p class="actions push-down">
          <a class="button" href=${href("settings", "providers", "new")}><${Icon} name="plus" />New provider</a>
        </p>`}
    <//>
  </section>`;
}
