// Whether fields show their names in the API: one switch for all forms, kept in the browser.
import { html, useEffect, useState } from "../lib/html.js";

const key = "postern.api-names";
const heard = new Set();

export const names_shown = {
  get: () => localStorage.getItem(key) === "1",
  set(shown) {
    localStorage.setItem(key, shown ? "1" : "0");
    for (const each of heard) each(shown);
  },
  use() {
    const [shown, set_shown] = useState(names_shown.get());
    useEffect(() => {
      heard.add(set_shown);
      return () => heard.delete(set_shown);
    }, []);
    return shown;
  },
};

export function NamesSwitch() {
  const shown = names_shown.use();
  return html`<label class="switch">
    <input
      type="checkbox"
      checked=${shown}
      onChange=${(event) => names_shown.set(event.target.checked)}
    />
    API names
  </label>`;
}
