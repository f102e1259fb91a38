// Text as it is, with buttons to copy it and to keep it as a file.
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { Button } from "./button.js";
import { tell } from "./notices.js";

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without HTTPS the browser has no clipboard to offer; the old way still works.
    const area = document.createElement("textarea");
    area.value = text;
    const place = document.querySelector("dialog[open]") ?? document.body;
    place.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  tell("Copied.");
}

export function download(name, text, type = "text/plain") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

export function Code({ text, name, label = "Text" }) {
  return html`<div class="code">
    <div class="actions">
      <${Button} tone="small" act=${() => copy(text)}>Copy<//>
      ${name &&
      html`<${Button} tone="small" act=${() => download(name, text)}>Download<//>`}
    </div>
    <pre tabindex="0" role="region" aria-label=${label}>${said(text)}</pre>
  </div>`;
}
