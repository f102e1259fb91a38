// The dialogue with a server: who said what and when, secrets already masked by Postern.
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { Button } from "./button.js";
import { copy, download } from "./code.js";

const clock = (at) => at.slice(11, 23);
const as_text = ({ at, protocol, lines }) =>
  [`# ${protocol} ${at}`, ...lines.map((l) => `${l.at} ${l.from === "client" ? "C:" : "S:"} ${l.text}`)].join(
    "\n",
  );

export function TranscriptView({ transcript, name }) {
  const text = () => as_text(transcript);
  const file = `${name}-${transcript.protocol}-${transcript.at}.txt`.replaceAll(/[^\w.-]/g, "_");
  return html`<div class="code">
    <div class="actions">
      <${Button} tone="small" act=${() => copy(text())}>Copy<//>
      <${Button} tone="small" act=${() => download(file, text())}>Download<//>
    </div>
    <div class="dialogue" tabindex="0" role="region" aria-label="Transcript">
      ${transcript.lines.map(
        (line, n) =>
          html`<p key=${n} class=${line.from}>
            <span class="when">${clock(line.at)}</span>
            <span class="from">${line.from === "client" ? "Postern" : "Server"}</span>
            <span class="line">${said(line.text)}</span>
          </p>`,
      )}
    </div>
  </div>`;
}
