// A long list of which only the rows near the window are in the document. Rows are measured once
// they are there, since their height depends on the width of the window.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../lib/html.js";

const guess_px = 58;
const around = 8; // rows drawn beyond what is seen
const small = 60; // up to so many all are drawn

/** `more`: called when the end comes near, for lists that come page by page. */
export function VirtualRows({ items, row, label, more }) {
  const list = useRef(null);
  const [height, set_height] = useState(guess_px);
  const [range, set_range] = useState([0, 40]);
  const whole = items.length <= small;
  useLayoutEffect(() => {
    const first = list.current.querySelector("[role=listitem]");
    const real = first?.getBoundingClientRect().height;
    if (real && Math.abs(real - height) > 0.5) set_height(real);
  });
  useEffect(() => {
    if (whole) return undefined;
    const moved = () => {
      if (!list.current) return; // a last scroll of a list that is gone
      const above = Math.max(0, -list.current.getBoundingClientRect().top);
      const from = Math.max(0, Math.floor(above / height) - around);
      const to = Math.ceil((above + window.innerHeight) / height) + around;
      set_range((old) => (old[0] === from && old[1] === to ? old : [from, to]));
    };
    moved();
    window.addEventListener("scroll", moved, { passive: true });
    window.addEventListener("resize", moved);
    return () => {
      window.removeEventListener("scroll", moved);
      window.removeEventListener("resize", moved);
    };
  }, [whole, height, items.length]);
  const [from, to] = whole ? [0, items.length] : range;
  const wants_more = Boolean(more) && !whole && to + around >= items.length;
  useEffect(() => {
    if (wants_more) more();
  }, [wants_more, items.length]);
  const seen = items.slice(from, to);
  const after = Math.max(0, items.length - from - seen.length);
  return html`<div class="rows" role="list" aria-label=${label} ref=${list}>
    ${from > 0 && html`<div class="gap" style=${{ height: `${from * height}px` }}></div>`}
    ${seen.map(
      (each, n) =>
        html`<div
          role="listitem"
          key=${each.id}
          aria-setsize=${items.length}
          aria-posinset=${from + n + 1}
        >
          ${row(each)}
        </div>`,
    )}
    ${after > 0 && html`<div class="gap" style=${{ height: `${after * height}px` }}></div>`}
  </div>`;
}
