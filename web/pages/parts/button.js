// A button whose act may take a while: busy meanwhile, its failure told as a notice.
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { Icon } from "./icon.js";
import { tell_problem } from "./notices.js";

export function Button({
  act,
  icon,
  tone = "",
  children,
  disabled = false,
  type = "button",
  label,
  ...others
}) {
  const [busy, set_busy] = useState(false);
  const here = useRef(true);
  useEffect(() => () => (here.current = false), []);
  async function pressed(event) {
    if (!act || busy) return;
    event.preventDefault();
    set_busy(true);
    try {
      await act(event);
    } catch (problem) {
      tell_problem(problem);
    } finally {
      if (here.current) set_busy(false);
    }
  }
  return html`<button
    type=${type}
    class=${`button ${tone}`}
    onClick=${pressed}
    disabled=${disabled}
    aria-busy=${busy ? "true" : undefined}
    aria-label=${label}
    ...${others}
  >
    ${icon && html`<${Icon} name=${icon} />`}${children}
  </button>`;
}
