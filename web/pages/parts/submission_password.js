// The login other programs send with (SMTP submission); its password is shown once.
import { post, send } from "../lib/api.js";
import { html, useState } from "../lib/html.js";
import { Button } from "./button.js";
import { Code } from "./code.js";
import { ask, Dialog } from "./dialog.js";
import { tell } from "./notices.js";

export function SubmissionPassword({ integration, close }) {
  const [made, set_made] = useState(null);
  const path = `/integrations/${integration.id}/submission-password`;
  return html`<${Dialog} title="Submission password" close=${close}>
    <p>
      Programs that can only send by SMTP may hand their mail to Postern with this login. A new password
      replaces the former one at once.
    </p>
    ${made &&
    html`<p>Shown this once:</p>
      <${Code} text=${`Login: ${made.login}\nPassword: ${made.password}`} label="Login" />`}
    <footer>
      <${Button}
        tone="danger"
        act=${async () => {
          const lines = ["Programs that send with this login are refused from now on."];
          if (!(await ask({ title: "Remove the submission login?", lines, yes: "Remove" }))) return;
          await send("DELETE", path);
          set_made(null);
          tell("The submission login is removed.");
        }}
        >Remove<//
      >
      <${Button} act=${close}>Close<//>
      <${Button} tone="primary" act=${async () => set_made(await post(path))}>Make a new password<//>
    </footer>
  <//>`;
}
