// A moment: how long ago, and exactly when in the viewer's zone.
import { ago, exact, exact_whole } from "../lib/format.js";
import { html } from "../lib/html.js";
import { use_now } from "../lib/use.js";

/** `brief`: the exact time only as the title, where there is no room. */
export function Time({ at, brief = false, none = "never" }) {
  const now = use_now();
  if (!at || Number.isNaN(new Date(at).getTime())) return html`<span class="quiet">${none}</span>`;
  const time = html`<time datetime=${at} title=${exact_whole(at)}>${ago(at, now)}</time>`;
  if (brief) return time;
  return html`<span class="moment">${time} <span class="exact">${exact(at)}</span></span>`;
}
