// The HTML of a mail in a frame that may do nothing: no scripts, no forms, no top navigation, an
// origin of its own; and the server sends it with a policy that loads nothing from anywhere.
import { html } from "../lib/html.js";

export function MailFrame({ id }) {
  return html`<p class="quiet">Pictures and styles from elsewhere are not loaded; nothing in it runs.</p>
    <iframe
      class="mail-frame"
      title="The mail's HTML"
      sandbox=""
      referrerpolicy="no-referrer"
      src=${`/api/v1/messages/${id}/html`}
    ></iframe>`;
}
