// A mail written by hand: POST /send with every field, and its answer.
import { post } from "../lib/api.js";
import { use_form } from "../lib/form.js";
import { html, useState } from "../lib/html.js";
import { go, guard_leaving, href } from "../lib/route.js";
import { AttachFiles, body_of_mail } from "../parts/attach_files.js";
import { Button } from "../parts/button.js";
import { ErrorSummary } from "../parts/error_summary.js";
import { Group } from "../parts/fields.js";
import { MailPreview } from "../parts/mail_preview.js";
import { NamesSwitch } from "../parts/names_switch.js";
import { tell } from "../parts/notices.js";
import { Screen } from "../parts/screen.js";
import { SendFrom } from "../parts/send_from.js";

const fields = [
  { path: "integration", key: "send-from", part: SendFrom },
  { path: "to", label: "To", kind: "lines", required: true },
  { path: "cc", label: "Cc", kind: "lines" },
  { path: "bcc", label: "Bcc", kind: "lines" },
  { path: "subject", label: "Subject", wide: true },
  { path: "text", label: "Text", kind: "area", wide: true, prose: true, rows: 8 },
  { path: "html", label: "HTML", kind: "area", wide: true, more: true, none: null },
  { path: "from", label: "From", none: null, more: true },
  { path: "reply_to", label: "Reply-To", none: null, more: true },
  {
    path: "mode",
    label: "Mode",
    kind: "select",
    options: [
      ["queue", "Into the queue"],
      ["sync", "At once, and wait for the answer"],
    ],
    more: true,
  },
  { path: "not_before", label: "Not before", kind: "datetime", more: true },
];
const files = [
  {
    key: "attachments",
    part: AttachFiles,
    with: { name: "attachments", label: "Attachments", hint: "Any number of files." },
  },
  {
    key: "inline",
    part: AttachFiles,
    with: { name: "inline", label: "Pictures of the HTML", hint: "Shown where the HTML says cid: and the file's name." },
    more: true,
  },
];
// Lists that others write for it, and what a form has no need of.
const beyond = ["body", "format", "attachments", "inline"];

export function Compose() {
  const form = use_form({ to: [], subject: "", text: "", mode: "queue" });
  const [shown, set_shown] = useState(null);
  async function preview() {
    try {
      set_shown(await post("/send/preview", body_of_mail(form.draft)));
      form.set_problem(null);
    } catch (problem) {
      form.set_problem(problem);
    }
  }
  async function submit(event) {
    event?.preventDefault();
    try {
      const delivery = await post("/send", body_of_mail(form.draft));
      form.restart(form.draft);
      guard_leaving(null);
      tell(delivery.result_message || "It is in the queue.");
      go("sent", delivery.id);
    } catch (problem) {
      form.set_problem(problem);
    }
  }
  return html`<${Screen} title="Write a mail" actions=${html`<${NamesSwitch} />`}>
    <form onSubmit=${submit} class="form" novalidate>
      <${ErrorSummary} problem=${form.problem} />
      <${Group} form=${form} name="Mail" fields=${[...fields, ...files]} schema="SendRequest" beyond=${beyond} />
      <div class="save-bar">
        <a class="button" href=${href("sent")}>Cancel</a>
        <${Button} act=${preview}>Preview<//>
        <${Button} tone="primary" type="submit" act=${submit}>Send<//>
      </div>
    </form>
    ${shown && html`<${MailPreview} shown=${shown} close=${() => set_shown(null)} />`}
  <//>`;
}
