// What runs here, and how it is.
import { said } from "../lib/format.js";
import { html, useEffect, useState } from "../lib/html.js";
import { description } from "../lib/schema.js";
import { use_resource } from "../lib/use.js";
import { Loaded } from "./screen.js";
import { State } from "./state.js";

export function About() {
  const health = use_resource("/health", true);
  const [api, set_api] = useState(null);
  useEffect(() => {
    description().then(set_api);
  }, []);
  return html`<section class="card" aria-labelledby="about-title">
    <h2 id="about-title">Postern</h2>
    <dl class="facts">
      <dt>Version</dt>
      <dd>${said(api?.info?.version)}</dd>
      <dt>API</dt>
      <dd><a href="/openapi.json">/openapi.json</a> (OpenAPI ${api?.openapi})</dd>
      <dt>Licence</dt>
      <dd>GPL-3.0-or-later</dd>
    </dl>
    <${Loaded} from=${health}>
      ${(data) => html`<h3>Health</h3>
        <p class="spaced"><${State} state=${data.healthy ? "ok" : "failing"} text=${data.healthy ? "Healthy" : "Not healthy"} /> ${said(data.message)}</p>
        <ul>
          ${(data.issues ?? []).map(
            (each) => html`<li>${said(each.message ?? each.detail ?? JSON.stringify(each))}</li>`,
          )}
          ${(data.actions ?? []).map((each) => html`<li>→ ${said(each.message ?? each)}</li>`)}
        </ul>`}
    <//>
  </section>`;
}
