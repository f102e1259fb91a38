// "The same login as incoming": copies it over, so that one password is typed once.
import { html } from "../lib/html.js";
import { Button } from "./button.js";

export function SameLogin({ form }) {
  const { incoming, outgoing } = form.draft;
  if (form.read_only || !incoming?.enabled) return null;
  const copied = () => {
    const { method, username, password, grant } = incoming.auth ?? {};
    const auth = { ...outgoing.auth, method, username };
    if (password) auth.password = password;
    if (grant) auth.grant = grant;
    form.set("outgoing.auth", auth);
    if (!outgoing.host) form.set("outgoing.host", incoming.host);
  };
  return html`<div class="field wide">
    <${Button} tone="small" act=${copied}>Use the login of incoming<//>
  </div>`;
}
