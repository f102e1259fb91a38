// The forms behind Settings: an OAuth app, a provider's preset.
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { fresh, oauth_app } from "../fields/oauth_app.js";
import { fresh_provider, provider } from "../fields/provider.js";
import { Code } from "../parts/code.js";
import { ResourceForm } from "../parts/resource_form.js";

export function OAuthApp({ id }) {
  return html`<${ResourceForm}
    id=${id}
    kind="OAuth app"
    path="/oauth/apps"
    place=${["settings", "oauth"]}
    fresh=${fresh}
    fields=${oauth_app}
    schema="OAuthAppFields"
    goes=${["Integrations that were authorised with it can renew their tokens no more."]}
    writable=${({ client_secret_set: _a, private_key_set: _b, redirect_uri: _c, fault: _d, ...app }) => app}
    before=${(form) => html`
      ${form.base.fault && html`<div class="box bad"><p>${said(form.base.fault)}</p></div>`}
      ${form.base.redirect_uri &&
      html`<section class="card">
        <h2>Redirect URI</h2>
        <p>Register it at the provider exactly so:</p>
        <${Code} text=${form.base.redirect_uri} label="Redirect URI" />
      </section>`}
    `}
  />`;
}

export function Provider({ id }) {
  return html`<${ResourceForm}
    id=${id}
    kind="provider"
    path="/providers"
    place=${["settings", "providers"]}
    fresh=${fresh_provider}
    fields=${provider(id === "new")}
    schema="ProviderInput"
    goes=${["Integrations that chose it keep their servers."]}
    writable=${({ built_in: _, hidden, ...rest }) => (hidden === undefined ? rest : { ...rest, hidden })}
  />`;
}
