// What runs here, since when, and how it is.
import { duration, said, size } from "../lib/format.js";
import { html } from "../lib/html.js";
import { use_resource } from "../lib/use.js";
import { Loaded } from "./screen.js";
import { State } from "./state.js";
import { Time } from "./time.js";

export function About() {
  const about = use_resource("/about");
  return html`<${Health} />
    <section class="card" aria-labelledby="about-title">
      <h2 id="about-title">Postern</h2>
      <${Loaded} from=${about}>
        ${(data) => html`<dl class="facts">
          <dt>Version</dt>
          <dd>${said(data.version)}</dd>
          <dt>Running since</dt>
          <dd><${Time} at=${data.started_at} /> (${duration(data.uptime_s)})</dd>
          <dt>Public address</dt>
          <dd>${said(data.public_url) || html`<span class="quiet">none set</span>`}</dd>
          <dt>Data</dt>
          <dd><code>${said(data.storage.data_dir)}</code>, database ${size(data.storage.database_bytes)}, ${size(data.storage.free_bytes)} free</dd>
          <dt>Key file</dt>
          <dd><code>${said(data.storage.key_file)}</code></dd>
          <dt>Built with</dt>
          <dd>${Object.entries(data.libraries).map(([name, version]) => `${name} ${version}`).join(", ")}; ${said(data.compiler)}</dd>
          <dt>API</dt>
          <dd><a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1)</dd>
          <dt>For monitors</dt>
          <dd>
            <a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>, <a href="/metrics">/metrics</a>
            (Prometheus; needs a token with the scope metrics)
          </dd>
          <dt>Licence</dt>
          <dd>${said(data.licence)}</dd>
        </dl>`}
      <//>
    </section>`;
}

function Health() {
  const health = use_resource("/health", true);
  return html`<section class="card" aria-labelledby="health-title">
    <h2 id="health-title">Health</h2>
    <${Loaded} from=${health}>
      ${(data) => html`<p>
          <${State} state=${data.healthy ? "ok" : "failing"} text=${data.healthy ? "Healthy" : "Not healthy"} />${" "}
          ${said(data.message)}
        </p>
        ${[...(data.issues ?? []), ...(data.actions ?? [])].length > 0 &&
        html`<ul>
          ${(data.issues ?? []).map(
            (each) => html`<li>${said(each.message ?? each.detail ?? JSON.stringify(each))}</li>`,
          )}
          ${(data.actions ?? []).map((each) => html`<li>→ ${said(each.message ?? each)}</li>`)}
        </ul>`}`}
    <//>
  </section>`;
}
