// The sign-in.
import { said } from "../lib/format.js";
import { html, useLayoutEffect, useRef, useState } from "../lib/html.js";
import { sign_in } from "../lib/session.js";

export function SignIn({ done, again }) {
  const [name, set_name] = useState("");
  const [password, set_password] = useState("");
  const [problem, set_problem] = useState(null);
  const [busy, set_busy] = useState(false);
  const first = useRef(null);
  useLayoutEffect(() => {
    document.title = "Sign in · Postern";
    first.current.focus();
  }, []);
  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    set_busy(true);
    try {
      done(await sign_in(name.trim(), password));
    } catch (refused) {
      set_problem(refused);
      set_busy(false);
    }
  }
  return html`<main class="door">
    <form onSubmit=${submit} aria-labelledby="sign-in-title">
      <img src="/pages/icon.svg" alt="" width="48" height="48" />
      <h1 id="sign-in-title">Sign in to Postern</h1>
      ${again && html`<p class="quiet">Your session has ended. Sign in to go on where you were.</p>`}
      ${problem &&
      html`<div class="box bad" role="alert">
        <div>
          <p>${said(problem.message)}</p>
          ${problem.hint && html`<p class="quiet">${said(problem.hint)}</p>`}
        </div>
      </div>`}
      <div class="field">
        <label class="label" for="name">Name</label>
        <input
          id="name"
          name="name"
          ref=${first}
          value=${name}
          autocomplete="username"
          autocapitalize="none"
          spellcheck=${false}
          required
          onInput=${(event) => set_name(event.target.value)}
        />
      </div>
      <div class="field">
        <label class="label" for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          value=${password}
          autocomplete="current-password"
          required
          onInput=${(event) => set_password(event.target.value)}
        />
      </div>
      <button class="button primary" type="submit" aria-busy=${busy ? "true" : undefined}>Sign in</button>
    </form>
  </main>`;
}
