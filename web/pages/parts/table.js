// A table that turns into cards on narrow screens: each cell carries its column's name.
import { html } from "../lib/html.js";

/** @param columns [[name, cell of item, class?], …]; the first is the row's heading */
export function Table({ label, columns, items, chosen, toggle, key_of = (each) => each.id }) {
  return html`<div class="table-box scroll" tabindex="0" role="region" aria-label=${label}>
    <table class="plain-table cards">
      <thead>
        <tr>
          ${toggle && html`<th scope="col"><span class="sr">Chosen</span></th>`}
          ${columns.map(([name]) => html`<th scope="col" key=${name}>${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${items.map(
          (item) =>
            html`<tr key=${key_of(item)}>
              ${toggle &&
              html`<td>
                <input
                  type="checkbox"
                  aria-label="Choose this row"
                  checked=${chosen.has(item.id)}
                  onChange=${() => toggle(item.id)}
                />
              </td>`}
              ${columns.map(([name, cell, look], n) =>
                n === 0
                  ? html`<th scope="row" class=${look} key=${name}>${cell(item)}</th>`
                  : html`<td data-name=${name} class=${look} key=${name}>${cell(item)}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** More of a list that comes page by page. */
export function More({ from, act }) {
  return from.more && html`<div class="more-rows">${act}</div>`;
}
