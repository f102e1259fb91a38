// The read-only block of an integration: all its times and counters, by direction.
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { use_resource } from "../lib/use.js";
import { ChecksBar } from "./checks_bar.js";
import { Icon } from "./icon.js";
import { State } from "./state.js";
import { Time } from "./time.js";

function LastError({ error, recovered }) {
  if (!error) return html`<span class="quiet">none</span>`;
  return html`<div class="last-error">
    <${Time} at=${error.at} /> <code>${error.kind}</code> at step <b>${error.step}</b>
    ${recovered && html` <span class="quiet">recovered since</span>`}
    <p class="server-words">${said(error.message)}</p>
    ${error.hint && html`<p class="hint-line">${said(error.hint)}</p>`}
  </div>`;
}

const known = new Set([
  "incoming_state",
  "outgoing_state",
  "disabled_reason",
  "last_check",
  "last_successful_check",
  "last_successful_incoming",
  "last_successful_outgoing",
  "last_incoming_error",
  "last_outgoing_error",
  "consecutive_incoming_errors",
  "consecutive_outgoing_errors",
  "incoming_certificate_ends_at",
  "outgoing_certificate_ends_at",
]);

const soon_ms = 30 * 24 * 3600 * 1000;

/** When something runs out, with a warning once that is near. */
function Ends({ at, none }) {
  if (!at) return html`<span class="quiet">${none}</span>`;
  const left = new Date(at).getTime() - Date.now();
  const word = left < 0 ? "it has run out" : left < soon_ms ? "it runs out soon" : "";
  return html`<${Time} at=${at} />${word && html` <span class="warn"><${Icon} name="warning" />${word}</span>`}`;
}

/** The OAuth grant's token and the client secret of its app, where it signs in by OAuth. */
function SecretEnds({ grant }) {
  const { data } = use_resource(`/oauth/grants/${encodeURIComponent(grant)}`);
  const app = use_resource(data?.app ? `/oauth/apps/${encodeURIComponent(data.app)}` : null);
  if (!data) return null;
  return html`<dt>OAuth token valid until</dt>
    <dd><${Time} at=${data.expires_at} none="not told" /></dd>
    <dt>OAuth client secret ends</dt>
    <dd><${Ends} at=${app.data?.secret_expires_at} none="not told" /></dd>`;
}

export function IntegrationStatus({ integration }) {
  const { status = {} } = integration;
  const checks = use_resource(`/integrations/${integration.id}/checks`, true);
  const beyond = Object.entries(status).filter(([key]) => !known.has(key));
  const inn = status.consecutive_incoming_errors ?? 0;
  const out = status.consecutive_outgoing_errors ?? 0;
  const bars = checks.data ?? integration.checks;
  const grant = ["incoming", "outgoing"]
    .map((each) => integration[each]?.auth?.method === "oauth2" && integration[each].auth.grant)
    .find(Boolean);
  return html`<section class="card" aria-labelledby="status-title">
    <h2 id="status-title">State</h2>
    <dl class="facts">
      <dt>Incoming</dt>
      <dd>
        <${State} state=${status.incoming_state} /> ${inn} consecutive errors
        ${bars?.incoming && html` <${ChecksBar} checks=${bars.incoming} label="Incoming" />`}
      </dd>
      <dt>Outgoing</dt>
      <dd>
        <${State} state=${status.outgoing_state} /> ${out} consecutive errors
        ${bars?.outgoing && html` <${ChecksBar} checks=${bars.outgoing} label="Outgoing" />`}
      </dd>
      ${status.disabled_reason && html`<dt>Disabled because</dt><dd>${said(status.disabled_reason)}</dd>`}
      <dt>Last e-mail check</dt>
      <dd><${Time} at=${status.last_check} /></dd>
      <dt>Last successful check</dt>
      <dd><${Time} at=${status.last_successful_check} /></dd>
      <dt>Last incoming e-mail</dt>
      <dd><${Time} at=${status.last_successful_incoming} /></dd>
      <dt>Last outgoing e-mail</dt>
      <dd><${Time} at=${status.last_successful_outgoing} /></dd>
      <dt>Last incoming error</dt>
      <dd><${LastError} error=${status.last_incoming_error} recovered=${inn === 0} /></dd>
      <dt>Last outgoing error</dt>
      <dd><${LastError} error=${status.last_outgoing_error} recovered=${out === 0} /></dd>
      ${["incoming", "outgoing"].map(
        (direction) =>
          integration[direction]?.enabled &&
          integration[direction].security !== "none" &&
          html`<dt>Certificate of the ${direction} server ends</dt>
            <dd><${Ends} at=${status[`${direction}_certificate_ends_at`]} none="not seen yet" /></dd>`,
      )}
      ${grant && html`<${SecretEnds} grant=${grant} />`}
      ${beyond.map(
        ([key, value]) =>
          html`<dt>${key.replaceAll("_", " ")}</dt>
            <dd>
              ${value === null
                ? html`<span class="quiet">none</span>`
                : /^\d{4}-\d\d-\d\dT/.test(value)
                  ? html`<${Time} at=${value} />`
                  : said(typeof value === "object" ? JSON.stringify(value) : value)}
            </dd>`,
      )}
    </dl>
  </section>`;
}
