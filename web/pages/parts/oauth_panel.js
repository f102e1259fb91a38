// OAuth 2.0 of one integration: authorise by browser or by device code, what was granted, revoke.
import { get, post, send } from "../lib/api.js";
import { said } from "../lib/format.js";
import { html, useEffect, useState } from "../lib/html.js";
import { href } from "../lib/route.js";
import { use_list, use_resource } from "../lib/use.js";
import { Button } from "./button.js";
import { ask } from "./dialog.js";
import { tell } from "./notices.js";
import { State } from "./state.js";
import { Time } from "./time.js";

export function OAuthPanel({ form, direction }) {
  const { id } = form.draft;
  const grant = form.value(`${direction}.auth.grant`);
  return html`<div class="sub-panel wide" role="group" aria-label="OAuth 2.0">
    <h3>OAuth 2.0</h3>
    ${form.read_only
      ? grant
        ? html`<${Grant} id=${grant} form=${form} direction=${direction} />`
        : html`<p>Not authorised yet.</p>`
      : !id
      ? html`<p>Save the integration first; then authorise it here, once for both directions.</p>`
      : html`${grant && html`<${Grant} id=${grant} form=${form} direction=${direction} />`}
          <${Authorise} integration=${id} again=${Boolean(grant)} form=${form} direction=${direction} />`}
  </div>`;
}

function Grant({ id, form, direction }) {
  const { data } = use_resource(`/oauth/grants/${encodeURIComponent(id)}`, true);
  if (!data) return null;
  async function revoke() {
    const yes = await ask({
      title: "Revoke this authorisation?",
      lines: [
        "Its tokens go, here and where the provider offers it there too.",
        `${data.integrations?.length ?? 1} integration(s) stop until somebody authorises again.`,
      ],
      yes: "Revoke",
    });
    if (!yes) return;
    await send("DELETE", `/oauth/grants/${encodeURIComponent(id)}`);
    form.set(`${direction}.auth.grant`, null);
    tell("Revoked.");
  }
  return html`<dl class="facts">
      <dt>Authorised as</dt>
      <dd>${said(data.identity ?? data.subject ?? "not told")} <${State} state=${data.state} small=${true} /></dd>
      <dt>By</dt>
      <dd>${said(data.authorised_by)}, <${Time} at=${data.authorised_at} /></dd>
      <dt>Scopes</dt>
      <dd>${data.scopes.map((each) => html`<code class="tag">${said(each)}</code> `)}</dd>
      <dt>Token valid until</dt>
      <dd><${Time} at=${data.expires_at} none="not told" /> · renewed <${Time} at=${data.last_refresh} /></dd>
      ${data.trouble && html`<dt>Trouble</dt><dd>${said(data.trouble)}</dd>`}
    </dl>
    ${!form.read_only && html`<${Button} tone="small danger" act=${revoke}>Revoke<//>`}`;
}

function Authorise({ integration, again, form, direction }) {
  const apps = use_list("/oauth/apps");
  const [chosen, set_chosen] = useState("");
  const [shared, set_shared] = useState(false);
  const [device, set_device] = useState(null);
  const items = apps.data ?? [];
  const app = items.find((each) => each.id === (chosen || items[0]?.id));
  const wish = { app: app?.id, integration, ...(shared ? { shared_mailbox: true } : {}) };
  const granted = async () => {
    const now = await get(`/integrations/${integration}`);
    for (const each of ["incoming", "outgoing"]) {
      const given = now[each]?.auth?.grant;
      if (given) form.set(`${each}.auth.grant`, given);
    }
    tell("Authorised.");
  };
  async function by_browser() {
    const { url, grant } = await post("/oauth/authorize", wish);
    if (grant || !url) return granted();
    if (!/^https?:/.test(url)) throw new Error("The provider's address is not a web address.");
    location.assign(url);
    return undefined;
  }
  const by_device = async () => set_device(await post("/oauth/device", wish));
  if (apps.data && items.length === 0) {
    return html`<p>
      There is no OAuth app yet. <a href=${href("settings", "oauth")}>Register one in Settings</a>.
    </p>`;
  }
  const label = again ? "Re-authorise" : "Authorise";
  return html`<div class="row">
      <div class="field">
        <label class="label" for=${`app-${direction}`}>App</label>
        <select id=${`app-${direction}`} onChange=${(event) => set_chosen(event.target.value)}>
          ${items.map(
            (each) =>
              html`<option value=${each.id} selected=${each.id === app?.id}>${said(each.name)}</option>`,
          )}
        </select>
      </div>
      ${app && app.flow !== "device" && html`<${Button} icon="key" act=${by_browser}>${label}<//>`}
      ${app &&
      ["device", "code"].includes(app.flow) &&
      html`<${Button} act=${by_device}>${label} by device code<//>`}
    </div>
    <label class="check-line"
      ><input type="checkbox" checked=${shared} onChange=${(e) => set_shared(e.target.checked)} />
      A shared mailbox: who authorises is somebody else than the address</label
    >
    ${device &&
    html`<${DeviceCode}
      begun=${device}
      done=${() => {
        set_device(null);
        granted();
      }}
    />`}`;
}

function DeviceCode({ begun, done }) {
  const [device, set_device] = useState(begun);
  useEffect(() => {
    const timer = setInterval(async () => {
      const now = await get(`/oauth/device/${begun.id}`).catch(() => null);
      if (!now) return;
      set_device(now);
      if (now.state === "authorised") done();
      if (now.state !== "pending") clearInterval(timer);
    }, Math.max(2, begun.interval) * 1000);
    return () => clearInterval(timer);
  }, [begun.id]);
  const link = device.verification_uri_complete ?? device.verification_uri;
  return html`<div class="box note" role="status">
    <div>
      <p>
        Open${" "}
        ${/^https?:/.test(link)
          ? html`<a href=${link} target="_blank" rel="noreferrer noopener">${said(device.verification_uri)}</a>`
          : html`<code>${said(link)}</code>`}
        ${" "}and enter
      </p>
      <p class="big-code">${said(device.user_code)}</p>
      <p class="quiet">
        ${device.state === "pending" ? "Waiting for the provider …" : said(device.message ?? device.state)}
      </p>
    </div>
  </div>`;
}
