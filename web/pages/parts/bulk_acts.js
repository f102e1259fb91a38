// What can be done with several integrations at once.
import { lines_of } from "../lib/api.js";
import { count, plural, said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { go } from "../lib/route.js";
import { may_change } from "../lib/session.js";
import { Button } from "./button.js";
import { ask } from "./dialog.js";
import { tell } from "./notices.js";

const named_max = 5;

/** One act on all of `ids`, by the server: {done, failed: ["name: why", …]}. */
export async function bulk(act, ids, each = () => {}) {
  let done = 0;
  const failed = [];
  await lines_of("/integrations/bulk", { act, integrations: ids }, (line) => {
    if (line.ok) done += 1;
    else failed.push(`${said(line.integration.name)}: ${said(line.problem?.detail ?? "failed")}`);
    each(line);
  });
  return { done, failed };
}

export function BulkActs({ chosen, clear, done: finished }) {
  const all = (text, act) => async () => {
    const { done, failed } = await bulk(act, chosen.map((each) => each.id));
    const words = failed.slice(0, named_max).join(" · ");
    tell(
      `${text}: ${count(done)}${failed.length ? `, failed: ${count(failed.length)}. ${words}` : ""}`,
      failed.length ? "bad" : "good",
    );
    finished();
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
    if (yes) await all("Deleted", "delete")();
  }
  async function disable() {
    const yes = await ask({
      title: `Disable ${plural(chosen.length, "integration")}?`,
      lines: [`${names}${rest}.`, "Their connections close at once; queued mail waits.", ...default_goes],
      yes: "Disable",
      tone: "primary",
    });
    if (yes) await all("Disabled", "disable")();
  }
  function test() {
    sessionStorage.setItem("postern.bulk-test", JSON.stringify(chosen.map((each) => each.id)));
    go("integrations-test");
  }
  return html`<div class="bulk" role="toolbar" aria-label="Acts on the chosen">
    <b>${count(chosen.length)} chosen</b>
    <${Button} tone="small" act=${all("Enabled", "enable")}>Enable<//>
    <${Button} tone="small" act=${disable}>Disable<//>
    <${Button} tone="small" act=${all("Checked", "check")}>Check now<//>
    <${Button} tone="small" act=${test}>Test<//>
    ${may_change() && html`<${Button} tone="small danger" act=${remove}>Delete<//>`}
    <${Button} tone="small" act=${clear}>Choose none<//>
  </div>`;
}
