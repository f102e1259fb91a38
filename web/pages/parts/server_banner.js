// Says that the server does not answer, as long as it does not; and that it is back.
import { html, useEffect, useState } from "../lib/html.js";
import { server_is_up, watch_server } from "../lib/live.js";
import { Icon } from "./icon.js";
import { tell } from "./notices.js";

export function ServerBanner({ back }) {
  const [up, set_up] = useState(server_is_up());
  useEffect(
    () =>
      watch_server((now_up) => {
        set_up(now_up);
        if (now_up) {
          tell("The server answers again.");
          back();
        }
      }),
    [back],
  );
  return html`<div role="status" aria-live="polite">
    ${!up &&
    html`<p class="banner">
      <${Icon} name="warning" />The server does not answer. It is tried again every few seconds; what
      you typed stays.
    </p>`}
  </div>`;
}
