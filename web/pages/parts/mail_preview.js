// A mail as it would go out, before it does: POST /send/preview.
import { said, size } from "../lib/format.js";
import { html } from "../lib/html.js";
import { Button } from "./button.js";
import { Code } from "./code.js";
import { Dialog } from "./dialog.js";

export function MailPreview({ shown, close }) {
  return html`<${Dialog} title="Preview" close=${close} wide=${true}>
    <p class="quiet">Nothing is sent or kept.</p>
    <dl class="facts">
      <dt>From</dt>
      <dd>${said(shown.envelope.sender)}</dd>
      <dt>To</dt>
      <dd>${said((shown.envelope.recipients ?? []).join(", "))}</dd>
      <dt>Size</dt>
      <dd>${size(shown.size_bytes)}</dd>
      ${shown.attachments.length > 0 &&
      html`<dt>Files</dt>
        <dd>${shown.attachments.map((each) => html`<p>${said(each.filename)} <span class="quiet">${size(each.size_bytes)}</span></p>`)}</dd>`}
      ${shown.notes.length > 0 && html`<dt>Notes</dt><dd>${shown.notes.map((each) => html`<p>${said(each)}</p>`)}</dd>`}
    </dl>
    ${shown.text && html`<pre class="mail-text" tabindex="0">${said(shown.text)}</pre>`}
    <details class="more">
      <summary>The mail's bytes</summary>
      <${Code} text=${shown.raw} name="preview.eml" label="Raw mail" />
    </details>
    <footer><${Button} tone="primary" act=${close}>Close<//></footer>
  <//>`;
}
