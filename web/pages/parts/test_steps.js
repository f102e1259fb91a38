// The connection test: its steps as they come, each passed or failed, with the server's words, what
// to do about it, and the whole dialogue of what failed.
import { lines_of } from "../lib/api.js";
import { said } from "../lib/format.js";
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { Button } from "./button.js";
import { copy } from "./code.js";
import { id_of } from "./field.js";
import { Icon } from "./icon.js";
import { ProblemBox } from "./screen.js";
import { TranscriptView } from "./transcript_view.js";

const words = {
  input: "The values",
  dns: "Find the server",
  tcp: "Connect",
  tls: "Encrypt (TLS)",
  greeting: "Greeting",
  capability: "What it can do",
  starttls: "STARTTLS",
  token: "Fetch a token",
  login: "Sign in",
  auth: "Sign in",
  namespace: "Folders",
  folders: "Folders",
  select: "Open the folder",
  fetch: "Read the newest mail",
  after_fetch: "May do what follows the hand-over",
  mail_from: "Sender accepted",
  rcpt_to: "Recipient accepted",
  round_trip: "There and back",
};

const seconds = (ms) => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);
const as_text = (steps) =>
  steps
    .map(
      (each) =>
        `${each.direction} ${each.step}: ${each.ok ? "passed" : "failed"} (${seconds(each.ms)}) ${each.server ?? ""}${each.hint ? ` [${each.hint}]` : ""}`,
    )
    .join("\n");

/** @param path of the test's call; body: the values to test. Runs at once, and again when asked. */
export function TestSteps({ path, body, close }) {
  const [steps, set_steps] = useState([]);
  const [state, set_state] = useState("running");
  const [problem, set_problem] = useState(null);
  const running = useRef(null);
  async function run() {
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    set_steps([]);
    set_problem(null);
    set_state("running");
    try {
      await lines_of(path, body, (step) => set_steps((old) => [...old, step]), {
        signal: mine.signal,
      });
      set_state("done");
    } catch (refused) {
      if (refused.name === "AbortError") return;
      set_problem(refused);
      set_state("done");
    }
  }
  useEffect(() => {
    run();
    return () => running.current?.abort();
  }, []);
  const failed = steps.filter((each) => !each.ok);
  const end =
    state === "running"
      ? "Testing …"
      : problem
        ? "The test could not run."
        : failed.length
          ? `${failed.length} step${failed.length > 1 ? "s" : ""} failed.`
          : "Everything passed.";
  return html`<section class="test" aria-label="Connection test">
    <p class=${`test-end ${state === "done" ? (failed.length || problem ? "bad" : "good") : ""}`} role="status">
      ${state === "running" && html`<span class="spinner" aria-hidden="true"></span>`}${end}
    </p>
    ${problem && html`<${ProblemBox} problem=${problem} />`}
    ${["incoming", "outgoing"].map((direction) => {
      const mine = steps.filter((each) => each.direction === direction);
      if (mine.length === 0) return null;
      return html`<h3>${direction === "incoming" ? "Incoming" : "Outgoing"}</h3>
        <ol class="steps" aria-live="polite" aria-label=${`Steps of ${direction}`}>
          ${mine.map((step, n) => html`<${Step} key=${n} step=${step} close=${close} />`)}
        </ol>`;
    })}
    <div class="actions">
      <${Button} act=${run}>Test again<//>
      <${Button} disabled=${steps.length === 0} act=${() => copy(as_text(steps))}>Copy the result<//>
      ${close && html`<${Button} act=${close}>Close<//>`}
    </div>
  </section>`;
}

function Step({ step, close }) {
  const path = (step.field ?? "").replace(/^\//, "").replaceAll("/", ".");
  const to_field = (event) => {
    const input = document.getElementById(id_of(path));
    if (!input) return;
    event.preventDefault();
    close?.();
    setTimeout(() => input.focus());
  };
  return html`<li class=${step.ok ? "passed" : "failed"}>
    <span class="step-line">
      <${Icon} name=${step.ok ? "ok" : "failing"} />
      <b>${words[step.step] ?? step.step.replaceAll("_", " ")}</b>
      <span class="verdict">${step.ok ? "passed" : "failed"}</span>
      <span class="quiet">${seconds(step.ms)}</span>
    </span>
    ${step.server && html`<span class="server-words">${said(step.server)}</span>`}
    ${!step.ok &&
    html`${step.hint && html`<span class="hint-line">${said(step.hint)}</span>`}
    ${path &&
    document.getElementById(id_of(path)) &&
    html`<a href="#" onClick=${to_field}>Go to the field</a>`}`}
    ${step.transcript?.lines?.length > 0 &&
    html`<details>
      <summary>What was said</summary>
      <${TranscriptView} transcript=${step.transcript} name="test" />
    </details>`}
  </li>`;
}
