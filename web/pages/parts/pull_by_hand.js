// A pull target as its consumer sees it: mail leased, acknowledged or given back, by hand.
import { post } from "../lib/api.js";
import { plural, said } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { href } from "../lib/route.js";
import { may_change } from "../lib/session.js";
import { Button } from "./button.js";
import { ask } from "./dialog.js";
import { tell } from "./notices.js";
import { Table } from "./table.js";
import { Time } from "./time.js";

const lease_s = 60;

export function PullByHand({ target }) {
  const [leased, set_leased] = useState(null);
  if (!may_change()) return null;
  const path = `/pull/${encodeURIComponent(target)}`;
  async function lease() {
    const { items } = await post(`${path}/lease`, { limit: 1, lease_s, wait_s: 0 });
    set_leased(items);
    if (items.length === 0) tell("Nothing waits for it.");
  }
  const lease_ids = (leased ?? []).map((each) => each.lease_id);
  async function acknowledge() {
    const lines = ["Its consumer never gets this mail: it counts as taken."];
    if (!(await ask({ title: "Acknowledge it?", lines, yes: "Acknowledge" }))) return;
    await post(`${path}/ack`, { lease_ids });
    set_leased(null);
    tell("Acknowledged.");
  }
  async function give_back() {
    await post(`${path}/nack`, { lease_ids, reason: "looked at on the admin page" });
    set_leased(null);
    tell("It waits for its consumer again.");
  }
  return html`<section class="card" aria-labelledby="pull-title">
    <h2 id="pull-title">Fetch by hand</h2>
    <p>
      Your program fetches with <code>POST /api/v1${path}/lease</code> and a token of the scope <code>pull</code>;
      here is what it would get. A mail that is leased is nobody else's for ${plural(lease_s, "second")}.
    </p>
    ${leased?.length > 0 &&
    html`<${Table}
        label="Leased mail"
        items=${leased}
        key_of=${(each) => each.lease_id}
        columns=${[
          ["Mail", (l) => html`<a href=${href("received", l.data.id)}>${said(l.data.subject) || "(no subject)"}</a>`],
          ["Until", (l) => html`<${Time} at=${l.until} />`],
        ]}
      />
      <p class="actions push-down">
        <${Button} act=${give_back}>Give it back<//>
        <${Button} tone="danger" act=${acknowledge}>Acknowledge<//>
      </p>`}
    <p class="actions push-down"><${Button} act=${lease}>Lease one mail<//></p>
  </section>`;
}
