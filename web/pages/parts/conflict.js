// Two people changed the same thing: both versions side by side, a choice for each field.
import { said } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { differing, value_at, with_value } from "../lib/paths.js";
import { Button } from "./button.js";
import { Dialog } from "./dialog.js";
import { Time } from "./time.js";

const not_ours = /^(status|modified_|created_|id$|password_set)/;
const words = (value) =>
  value === undefined || value === null || value === ""
    ? "–"
    : typeof value === "string"
      ? said(value)
      : said(JSON.stringify(value));

/**
 * @param base what both began with; mine, theirs: what each made of it
 * @param merged called with what is to be saved now
 */
export function Conflict({ base, mine, theirs, merged, close }) {
  const paths = differing(mine, theirs).filter((path) => !not_ours.test(path));
  const [keep, set_keep] = useState(() =>
    Object.fromEntries(
      paths.map((path) => [
        path,
        differing(value_at(base, path), value_at(mine, path)).length > 0 ? "mine" : "theirs",
      ]),
    ),
  );
  const result = paths.reduce(
    (made, path) => (keep[path] === "mine" ? with_value(made, path, value_at(mine, path)) : made),
    theirs,
  );
  const choice = (path, side, value) =>
    html`<label>
      <input
        type="radio"
        name=${`keep-${path}`}
        checked=${keep[path] === side}
        onChange=${() => set_keep({ ...keep, [path]: side })}
      />
      <span class="sr">${side === "mine" ? "Yours" : "Theirs"}: </span>
      <code>${path.endsWith("password") && value ? "new password" : words(value)}</code>
    </label>`;
  return html`<${Dialog} title="Somebody else changed this meanwhile" close=${close} wide=${true}>
    <p>
      Saved by <b>${said(theirs.modified_by ?? "somebody")}</b>
      ${theirs.modified_at && html` <${Time} at=${theirs.modified_at} />`}. Nothing of yours is lost:
      choose for each field which version stays.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Both versions">
      <table class="plain-table">
        <thead>
          <tr><th>Field</th><th>Before</th><th>Yours</th><th>Theirs</th></tr>
        </thead>
        <tbody>
          ${paths.map(
            (path) =>
              html`<tr key=${path}>
                <th scope="row"><code>${path}</code></th>
                <td><code>${words(value_at(base, path))}</code></td>
                <td>${choice(path, "mine", value_at(mine, path))}</td>
                <td>${choice(path, "theirs", value_at(theirs, path))}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${paths.length === 0 && html`<p>Both versions say the same.</p>`}
    <footer>
      <${Button} act=${close}>Go on editing<//>
      <${Button} tone="primary" act=${() => merged(result)}>Save this choice<//>
    </footer>
  <//>`;
}
