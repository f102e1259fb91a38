// The connection tests of several integrations: the server runs some at once, each result as it ends.
import { html, useEffect, useState } from "../lib/html.js";
import { lines_of } from "../lib/api.js";
import { said } from "../lib/format.js";
import { use_names } from "../lib/names.js";
import { href } from "../lib/route.js";
import { Empty, ProblemBox, Screen } from "../parts/screen.js";
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
  const [problem, set_problem] = useState(null);
  useEffect(() => {
    if (ids.length === 0) return undefined;
    const stop = new AbortController();
    const one = ({ integration, ok, problem: why, steps = [] }) => {
      const failed = steps.filter((each) => !each.ok);
      const text = failed.map((each) => `${each.direction} ${each.step}: ${each.server}`).join(" · ");
      const state = ok ? "passed" : "failed";
      set_results((old) => ({ ...old, [integration.id]: { state, text: why?.detail ?? text } }));
    };
    const body = { act: "test", integrations: ids };
    lines_of("/integrations/bulk", body, one, { signal: stop.signal }).catch(
      (refused) => refused.name !== "AbortError" && set_problem(refused),
    );
    return () => stop.abort();
  }, []);
  return html`<${Screen} title="Test of several integrations">
    ${ids.length === 0
      ? html`<${Empty} title="None was chosen."><p><a href=${href("integrations")}>To the list</a></p><//>`
      : html`${problem && html`<${ProblemBox} problem=${problem} />`}
          <div aria-live="polite"><${Table}
          label="Results"
          items=${ids.map((id) => ({ id, ...results[id] }))}
          columns=${[
            ["Integration", (r) => html`<a href=${href("integrations", r.id)}>${name(r.id)}</a>`],
            ["Result", (r) => (r.state ? html`<${State} state=${r.state} small=${true} />` : html`<span class="quiet">testing …</span>`)],
            ["What was said", (r) => said(r.text)],
          ]}
        /></div>`}
  <//>`;
}
