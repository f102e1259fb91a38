// The frame of a screen: its heading with buttons, and what stands in the place of data that is
// not here (yet).
import { said } from "../lib/format.js";
import { html, useEffect, useRef } from "../lib/html.js";
import { Button } from "./button.js";
import { Icon } from "./icon.js";

export function Screen({ title, lead, actions, children }) {
  const heading = useRef(null);
  useEffect(() => {
    document.title = `${title} · Postern`;
  }, [title]);
  return html`<header class="screen-head">
      <div>
        <h1 ref=${heading} tabindex="-1">${title}</h1>
        ${lead && html`<p class="lead">${lead}</p>`}
      </div>
      ${actions && html`<div class="actions">${actions}</div>`}
    </header>
    ${children}`;
}

export function Empty({ title, children }) {
  return html`<div class="empty">
    <p class="empty-title">${title}</p>
    ${children}
  </div>`;
}

export function ProblemBox({ problem, retry }) {
  if (problem.status === 403) {
    return html`<div class="box fair">
      <${Icon} name="key" />
      <p>${said(problem.message)} Your role does not allow this.</p>
    </div>`;
  }
  return html`<div class="box bad" role="alert">
    <${Icon} name="warning" />
    <div>
      <p>${said(problem.message)}</p>
      ${problem.hint && html`<p class="quiet">${said(problem.hint)}</p>`}
      ${problem.request_id &&
      html`<p class="quiet">Request <code>${problem.request_id}</code></p>`}
    </div>
    ${retry && html`<${Button} act=${retry}>Try again<//>`}
  </div>`;
}

/** What was read, or why not. `children` is a function of the data. */
export function Loaded({ from, children }) {
  if (from.problem && (from.data ?? from.items) === undefined) {
    return html`<${ProblemBox} problem=${from.problem} retry=${from.reload} />`;
  }
  if (from.loading) return html`<p class="loading" role="status">Loading…</p>`;
  return children(from.data ?? from.items);
}
