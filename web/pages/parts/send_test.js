// Sends a test mail and shows what becomes of it.
import { get, post } from "../lib/api.js";
import { said } from "../lib/format.js";
import { html, useEffect, useState } from "../lib/html.js";
import { href } from "../lib/route.js";
import { who } from "../lib/session.js";
import { Button } from "./button.js";
import { Dialog } from "./dialog.js";
import { State } from "./state.js";

const look_ms = 700;
const under_way = ["queued", "sending"];

export function SendTest({ integration, close }) {
  const [to, set_to] = useState(who()?.address || integration.address);
  const [delivery, set_delivery] = useState(null);
  const waiting = delivery && under_way.includes(delivery.state);
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setInterval(async () => {
      const now = await get(`/deliveries/${delivery.id}`).catch(() => null);
      if (now) set_delivery(now);
    }, look_ms);
    return () => clearInterval(timer);
  }, [delivery?.id, waiting]);
  const sent = async () => set_delivery(await post(`/integrations/${integration.id}/send-test`, { to }));
  return html`<${Dialog} title="Send test mail" close=${close}>
    <form
      onSubmit=${(event) => {
        event.preventDefault();
      }}
    >
      <div class="field">
        <label class="label" for="test-to">To</label>
        <input id="test-to" value=${to} onInput=${(event) => set_to(event.target.value)} />
      </div>
      ${delivery &&
      html`<div class="box note" role="status">
        <div>
          <p><${State} state=${delivery.state} /> ${said(delivery.result_message)}</p>
          <p><a href=${href("sent", delivery.id)} onClick=${close}>Open the delivery</a></p>
        </div>
      </div>`}
      <footer>
        <${Button} act=${close}>Close<//>
        <${Button} type="submit" tone="primary" act=${sent}>Send<//>
      </footer>
    </form>
  <//>`;
}
