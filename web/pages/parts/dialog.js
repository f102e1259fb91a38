// A modal dialog (the browser's own: focus stays in it, Escape closes it), and the question that
// stands before every act that can't be undone.
import { html, useEffect, useId, useLayoutEffect, useRef, useState } from "../lib/html.js";
import { Button } from "./button.js";
import { Icon } from "./icon.js";

export function Dialog({ title, close, wide = false, children }) {
  const element = useRef(null);
  const name = useId();
  useLayoutEffect(() => {
    const before = document.activeElement;
    element.current.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  return html`<dialog
    ref=${element}
    class=${wide ? "wide" : ""}
    aria-labelledby=${name}
    onCancel=${(event) => {
      event.preventDefault();
      close();
    }}
  >
    <header>
      <h2 id=${name}>${title}</h2>
      <button type="button" class="plain" aria-label="Close" onClick=${close}>
        <${Icon} name="close" />
      </button>
    </header>
    ${children}
  </dialog>`;
}

let ask_now = null;

/**
 * Asks in a dialog; gives whether the answer was yes.
 * @param lines what goes, a sentence each
 * @param name what has to be typed before, for the gravest acts
 */
export function ask({ title, lines = [], yes = "Delete", tone = "danger", name = "" }) {
  return new Promise((answer) => ask_now?.({ title, lines, yes, tone, name, answer }));
}

export function Questions() {
  const [question, set_question] = useState(null);
  const [typed, set_typed] = useState("");
  useEffect(() => {
    ask_now = (asked) => {
      set_typed("");
      set_question(asked);
    };
    return () => (ask_now = null);
  }, []);
  if (!question) return null;
  const answer = (yes) => {
    set_question(null);
    question.answer(yes);
  };
  return html`<${Dialog} title=${question.title} close=${() => answer(false)}>
    ${question.lines.map((line) => html`<p>${line}</p>`)}
    ${question.name &&
    html`<label class="field">
      <span class="label">Type <b>${question.name}</b> to go on</span>
      <input value=${typed} onInput=${(event) => set_typed(event.target.value)} autocomplete="off" />
    </label>`}
    <footer>
      <${Button} act=${() => answer(false)}>Cancel<//>
      <${Button}
        tone=${question.tone}
        disabled=${question.name !== "" && typed !== question.name}
        act=${() => answer(true)}
        >${question.yes}<//
      >
    </footer>
  <//>`;
}
