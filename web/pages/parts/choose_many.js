// Some of a list by check boxes, or all of it (also what comes later).
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { use_some } from "../lib/use.js";

export function ChooseMany({ path, label, chosen, set, all_words, none_words }) {
  const found = use_some(path);
  const items = found.data ?? [];
  const all = chosen === "all";
  const is_in = (each) => !all && (chosen?.includes(each.id) || chosen?.includes(each.name));
  const toggle = (each) => {
    const list = all ? [] : (chosen ?? []);
    const left = list.filter((one) => one !== each.id && one !== each.name);
    set(is_in(each) ? left : [...left, each.id]);
  };
  return html`<fieldset class="choose-many">
    <legend class="label">${label}</legend>
    ${all_words &&
    html`<label class="check-line">
      <input type="checkbox" checked=${all} onChange=${() => set(all ? [] : "all")} />${all_words}
    </label>`}
    ${!all &&
    items.map(
      (each) =>
        html`<label class="check-line" key=${each.id}>
          <input type="checkbox" checked=${is_in(each)} onChange=${() => toggle(each)} />${said(each.name)}
        </label>`,
    )}
    ${!all && found.data?.length === 0 && html`<p class="quiet">${none_words ?? "There are none yet."}</p>`}
  </fieldset>`;
}
