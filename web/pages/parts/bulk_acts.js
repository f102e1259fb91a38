// What can be done with several integrations at once.
import { post, send } from "../lib/api.js";
import { count, plural, said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { go } from "../lib/route.js";
import { may_change } from "../lib/session.js";
import { Button } from "./button.js";
import { ask } from "./dialog.js";
import { tell } from "./notices.js";

const named_max = 5;

export function BulkActs({ chosen, clear, done }) {
  const each_of = (text, act) => async () => {
    let failed = 0;
    for (const { id } of chosen) {
      await act(`/integrations/${id}`).catch(() => (failed += 1));
    }
    tell(
      `${text}: ${count(chosen.length - failed)}${failed ? `, failed: ${count(failed)}` : ""}`,
      failed ? "bad" : "good",
    );
    done();
  };
  const names = chosen.slice(0, named_max).map((each) => said(each.name)).join(", ");
  const rest = chosen.length > named_max ? ` and ${count(chosen.length - named_max)} more` : "";
  const default_goes = chosen.some((each) => each.is_default)
    ? ["The default integration is among them: calls that name no integration will be refused."]
    : [];
  async function remove() {
    const yes = await ask({
      title: `Delete ${plural(chosen.length, "integration")}?`,
      lines: [
        `${names}${rest}.`,
        "Their settings, stored passwords and authorisations go. Mail already received stays until retention removes it; queued mail is not sent.",
        ...default_goes,
      ],
      name: chosen.length > 1 ? String(chosen.length) : "",
    });
    if (yes) await each_of("Deleted", (path) => send("DELETE", path))();
  }
  async function disable() {
    const yes = await ask({
      title: `Disable ${plural(chosen.length, "integration")}?`,
      lines: [`${names}${rest}.`, "Their connections close at once; queued mail waits.", ...default_goes],
      yes: "Disable",
      tone: "primary",
    });
    if (yes) await each_of("Disabled", (path) => post(`${path}/disable`))();
  }
  function test() {
    sessionStorage.setItem("postern.bulk-test", JSON.stringify(chosen.map((each) => each.id)));
    go("integrations-test");
  }
  return html`<div class="bulk" role="toolbar" aria-label="Acts on the chosen">
    <b>${count(chosen.length)} chosen</b>
    <${Button} tone="small" act=${each_of("Enabled", (path) => post(`${path}/enable`))}>Enable<//>
    <${Button} tone="small" act=${disable}>Disable<//>
    <${Button} tone="small" act=${each_of("Checked", (path) => post(`${path}/check`))}>Check now<//>
    ${may_change() && html`<${Button} tone="small" act=${test}>Test<//>`}
    ${may_change() && html`<${Button} tone="small danger" act=${remove}>Delete<//>`}
    <${Button} tone="small" act=${clear}>Choose none<//>
  </div>`;
}
