// The groups of a long form, as links above it: each brings its group into view, and the focus there.
import { html, useEffect } from "../lib/html.js";

export const group_id = (name) => `group-${name.toLowerCase().replaceAll(" ", "-")}`;

function show(name) {
  const group = document.getElementById(group_id(name));
  group?.scrollIntoView({ block: "start" });
  group?.querySelector("input, select, textarea")?.focus({ preventScroll: true });
}

/** `first`: the group to begin at; empty: the top. */
export function FormSections({ names, first }) {
  useEffect(() => {
    const wanted = names.find((each) => each.toLowerCase() === first);
    if (wanted && wanted !== names[0]) show(wanted);
  }, []);
  return html`<nav class="sections" aria-label="Parts of the form">
    ${names.map(
      (name) =>
        html`<button type="button" class="plain" key=${name} onClick=${() => show(name)}>${name}</button>`,
    )}
  </nav>`;
}
