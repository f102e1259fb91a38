// The first start: whoever has the code that the server printed sets the admin's password.
import { said } from "../lib/format.js";
import { html, useLayoutEffect, useRef, useState } from "../lib/html.js";
import { first_start } from "../lib/session.js";

export function FirstStart({ done, rules = [] }) {
  const [values, set_values] = useState({ code: "", name: "admin", password: "", again: "" });
  const [problem, set_problem] = useState(null);
  const [busy, set_busy] = useState(false);
  const first = useRef(null);
  useLayoutEffect(() => {
    document.title = "First start · Postern";
    first.current.focus();
  }, []);
  const other = values.again.length > 0 && values.again !== values.password;
  async function submit(event) {
    event.preventDefault();
    if (busy || other) return;
    set_busy(true);
    const { code, name, password } = values;
    try {
      await first_start({ code: code.trim(), name: name.trim(), password });
      done();
    } catch (refused) {
      set_problem(refused);
      set_busy(false);
    }
  }
  const field = (key, label, more = {}, note = "") =>
    html`<div class="field">
      <label class="label" for=${key}>${label}</label>
      <input
        id=${key}
        value=${values[key]}
        required
        spellcheck=${false}
        aria-describedby=${note ? `${key}-note` : undefined}
        onInput=${(event) => set_values({ ...values, [key]: event.target.value })}
        ...${more}
      />
      ${note && html`<span class="hint" id=${`${key}-note`}>${note}</span>`}
    </div>`;
  return html`<main class="door">
    <form onSubmit=${submit} aria-labelledby="first-title">
      <img src="/pages/icon.svg" alt="" width="48" height="48" />
      <h1 id="first-title">Welcome to Postern</h1>
      <p class="quiet">
        This is its first start. Choose the password of the person who looks after it; the code shows
        that you are the one who started it.
      </p>
      ${problem &&
      html`<div class="box bad" role="alert">
        <div>
          <p>${said(problem.message)}</p>
          ${problem.errors.map((each) => html`<p>${said(each.detail)}</p>`)}
          ${problem.hint && html`<p class="quiet">${said(problem.hint)}</p>`}
        </div>
      </div>`}
      ${field(
        "code",
        "Code",
        { ref: first, autocomplete: "one-time-code", autocapitalize: "characters" },
        "The server printed it when it started.",
      )}
      ${field("name", "Name", { autocomplete: "username" })}
      ${field(
        "password",
        "Password",
        { type: "password", autocomplete: "new-password" },
        rules.join(" "),
      )}
      ${field("again", "Password again", { type: "password", autocomplete: "new-password" })}
      ${other && html`<p class="error" role="alert">The two passwords differ.</p>`}
      <button class="button primary" type="submit" aria-busy=${busy ? "true" : undefined}>
        Set the password
      </button>
    </form>
  </main>`;
}
