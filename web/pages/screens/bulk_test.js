// The connection tests of several integrations, one after the other.
import { html, useEffect, useState } from "../lib/html.js";
import { lines_of } from "../lib/api.js";
import { said } from "../lib/format.js";
import { use_names } from "../lib/names.js";
import { href } from "../lib/route.js";
import { Empty, Screen } from "../parts/screen.js";
import { State } from "../parts/state.js";
import { Table } from "../parts/table.js";

function chosen_ids() {
  try {
    return JSON.parse(sessionStorage.getItem("postern.bulk-test") ?? "[]");
  } catch {
    return [];
  }
}

export function BulkTest() {
  const [ids] = useState(chosen_ids);
  const [results, set_results] = useState({});
  const name = use_names("/integrations");
  useEffect(() => {
    const stop = new AbortController();
    (async () => {
      for (const id of ids) {
        set_results((old) => ({ ...old, [id]: { state: "sending", text: "Testing …" } }));
        const steps = [];
        let text = "";
        try {
          await lines_of(`/integrations/${id}/test`, undefined, (step) => steps.push(step), {
            signal: stop.signal,
          });
          const failed = steps.filter((each) => !each.ok);
          text = failed.map((each) => `${each.direction} ${each.step}: ${each.server}`).join(" · ");
        } catch (problem) {
          if (problem.name === "AbortError") return;
          text = problem.message;
        }
        const state = text ? "failed" : "passed";
        set_results((old) => ({ ...old, [id]: { state, text } }));
      }
    })();
    return () => stop.abort();
  }, []);
  return html`<${Screen} title="Test of several integrations">
    ${ids.length === 0
      ? html`<${Empty} title="None was chosen."><p><a href=${href("integrations")}>To the list</a></p><//>`
      : html`<div aria-live="polite"><${Table}
          label="Results"
          items=${ids.map((id) => ({ id, ...results[id] }))}
          columns=${[
            ["Integration", (r) => html`<a href=${href("integrations", r.id)}>${name(r.id)}</a>`],
            ["Result", (r) => (r.state ? html`<${State} state=${r.state} small=${true} text=${r.state === "sending" ? "Testing" : undefined} />` : html`<span class="quiet">waits</span>`)],
            ["What was said", (r) => said(r.text)],
          ]}
        /></div>`}
  <//>`;
}
