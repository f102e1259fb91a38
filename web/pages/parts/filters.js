// The row of filters above a list; what is chosen stands in the address, so that it can be shared.
import { html, useEffect, useState } from "../lib/html.js";
import { replace } from "../lib/route.js";
import { use_some } from "../lib/use.js";
import { said } from "../lib/format.js";
import { Icon } from "./icon.js";

const typing_ms = 300;

/** @param fields [[key, label, options or "search"|"date"|"integration"], …] */
export function Filters({ place, query, fields }) {
  const set = (key, value) => replace(...place, { ...query, [key]: value });
  return html`<div class="toolbar" role="search">
    ${fields.map(([key, label, options]) => {
      const value = query[key] ?? "";
      if (options === "search") {
        return html`<${Search} key=${key} label=${label} value=${value} set=${(v) => set(key, v)} />`;
      }
      if (options === "integration") {
        return html`<${OfIntegration} key=${key} label=${label} value=${value} set=${(v) => set(key, v)} />`;
      }
      if (options === "date") {
        return html`<label class="choice" key=${key}
          ><span>${label}</span>
          <input type="date" value=${value} onChange=${(event) => set(key, event.target.value)}
        /></label>`;
      }
      return html`<label class="choice" key=${key}
        ><span>${label}</span>
        <select value=${value} onChange=${(event) => set(key, event.target.value)}>
          ${options.map(
            ([each, words]) => html`<option value=${each} selected=${each === value}>${words}</option>`,
          )}
        </select></label
      >`;
    })}
  </div>`;
}

function OfIntegration({ label, value, set }) {
  const all = use_some("/integrations?sort=name");
  return html`<label class="choice"
    ><span>${label}</span>
    <select value=${value} onChange=${(event) => set(event.target.value)}>
      <option value="">All</option>
      ${(all.data ?? []).map(
        (each) => html`<option value=${each.id} selected=${each.id === value}>${said(each.name)}</option>`,
      )}
    </select></label
  >`;
}

function Search({ label, value, set }) {
  const [typed, set_typed] = useState(value);
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => set(typed), typing_ms);
    return () => clearTimeout(timer);
  }, [typed]);
  return html`<label class="search">
    <${Icon} name="search" /><span class="sr">${label}</span>
    <input
      type="search"
      placeholder=${label}
      value=${typed}
      onInput=${(event) => set_typed(event.target.value)}
    />
  </label>`;
}

/** A date of the viewer's as the moment it begins, or ends. */
export const day_begins = (day) => day && new Date(`${day}T00:00:00`).toISOString();
export const day_ends = (day) => day && new Date(`${day}T23:59:59`).toISOString();
