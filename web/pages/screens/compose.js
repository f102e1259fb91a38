// A mail written by hand: POST /send with every field, and its answer.
import { post } from "../lib/api.js";
import { use_form } from "../lib/form.js";
import { html } from "../lib/html.js";
import { go, guard_leaving, href } from "../lib/route.js";
import { Button } from "../parts/button.js";
import { ErrorSummary } from "../parts/error_summary.js";
import { Group } from "../parts/fields.js";
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

export function Compose() {
  const form = use_form({ to: [], subject: "", text: "", mode: "queue" });
  async function submit(event) {
    event?.preventDefault();
    try {
      const delivery = await post("/send", form.draft);
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
      <${Group} form=${form} name="Mail" fields=${fields} schema="SendRequest" beyond=${["body", "format"]} />
      <div class="save-bar">
        <a class="button" href=${href("sent")}>Cancel</a>
        <${Button} tone="primary" type="submit" act=${submit}>Send<//>
      </div>
    </form>
  <//>`;
}
