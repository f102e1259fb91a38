// What the server says against a setting that it took: sentences, one a line.
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { Icon } from "./icon.js";

export function Warnings({ items }) {
  if (!items?.length) return null;
  return items.map((each) => html`<p class="warn" key=${each}><${Icon} name="warning" />${said(each)}</p>`);
}
