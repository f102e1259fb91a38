// A backup over the API, and how to bring it back.
import { answer_to } from "../lib/api.js";
import { html } from "../lib/html.js";
import { may_change } from "../lib/session.js";
import { Button } from "./button.js";
import { tell } from "./notices.js";

export function Backup() {
  async function make() {
    const answer = await answer_to("POST", "/backup", undefined, { headers: { Accept: "*/*" } });
    const kind = answer.headers.get("content-type") ?? "";
    if (/json/.test(kind)) {
      const { path, file } = await answer.json();
      tell(`The backup is at ${path ?? file ?? "the server"}.`);
      return;
    }
    const url = URL.createObjectURL(await answer.blob());
    const link = document.createElement("a");
    link.href = url;
    link.download = `postern-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.tar`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
    tell("The backup is made.");
  }
  return html`<section class="card" aria-labelledby="backup-title">
    <h2 id="backup-title">Backup</h2>
    <p>
      A backup holds the database and all mail as they are now, made while everything goes on. It does not
      hold the key of the stored passwords: keep that file (<code>[secrets] key_file</code>) elsewhere.
    </p>
    ${may_change() && html`<p class="actions push-down"><${Button} tone="primary" act=${make}>Make a backup<//></p>`}
    <h3 class="spaced-above">On the command line</h3>
    <p><code>postern backup FILE</code>, <code>postern restore FILE</code>, <code>postern verify</code></p>
  </section>`;
}
