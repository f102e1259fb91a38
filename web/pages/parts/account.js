// One's own account: the password, and where one is signed in.
import { send } from "../lib/api.js";
import { said } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { find_session, who } from "../lib/session.js";
import { use_resource } from "../lib/use.js";
import { Button } from "./button.js";
import { ask } from "./dialog.js";
import { ErrorSummary } from "./error_summary.js";
import { tell } from "./notices.js";
import { Loaded } from "./screen.js";
import { Table } from "./table.js";
import { Time } from "./time.js";

export function Account() {
  return html`<${Address} /><${Password} /><${Sessions} />`;
}

function Address() {
  const [address, set_address] = useState(who()?.address ?? "");
  const [problem, set_problem] = useState(null);
  async function save(event) {
    event?.preventDefault();
    try {
      await send("POST", "/session/address", { address });
      await find_session();
      set_problem(null);
      tell("Your address is saved.");
    } catch (refused) {
      set_problem(refused);
    }
  }
  return html`<form class="card" onSubmit=${save} aria-labelledby="address-title" novalidate>
    <h2 id="address-title">Your e-mail address</h2>
    <${ErrorSummary} problem=${problem} />
    <div class="fields">
      <div class="field">
        <label class="label" for="field-address">E-mail address</label>
        <input
          id="field-address"
          type="email"
          autocomplete="email"
          value=${address}
          onInput=${(event) => set_address(event.target.value)}
        />
      </div>
    </div>
    <p class="actions push-down"><${Button} type="submit" tone="primary" act=${save}>Save the address<//></p>
  </form>`;
}

function Password() {
  const empty = { current_password: "", new_password: "", again: "" };
  const [values, set_values] = useState(empty);
  const [problem, set_problem] = useState(null);
  const differ = values.again !== "" && values.again !== values.new_password;
  async function save(event) {
    event?.preventDefault();
    if (differ) return;
    const { again: _, ...body } = values;
    try {
      await send("POST", "/session/password", body);
      set_values(empty);
      set_problem(null);
      tell("The password is changed; your other sessions have ended.");
    } catch (refused) {
      set_problem(refused);
    }
  }
  const field = (key, label, autocomplete) =>
    html`<div class="field">
      <label class="label" for=${`field-${key}`}>${label}</label>
      <input
        id=${`field-${key}`}
        type="password"
        autocomplete=${autocomplete}
        value=${values[key]}
        onInput=${(event) => set_values({ ...values, [key]: event.target.value })}
      />
    </div>`;
  return html`<form class="card" onSubmit=${save} aria-labelledby="password-title">
    <h2 id="password-title">Password of ${said(who()?.name)}</h2>
    <${ErrorSummary} problem=${problem} />
    <input type="text" autocomplete="username" value=${who()?.name} readonly hidden />
    <div class="fields">
      ${field("current_password", "Current password", "current-password")}
      ${field("new_password", "New password", "new-password")}
      ${field("again", "New password again", "new-password")}
    </div>
    ${differ && html`<p class="error" role="alert">The two new passwords differ.</p>`}
    <p class="actions push-down"><${Button} type="submit" tone="primary" act=${save}>Change the password<//></p>
  </form>`;
}

function Sessions() {
  const found = use_resource("/sessions");
  const end = (session) => async () => {
    await send("DELETE", `/sessions/${session.id}`);
    tell("That session has ended.");
    found.reload();
  };
  async function end_all() {
    const lines = ["Everywhere you are signed in, here too, the sign-in is asked for again."];
    if (!(await ask({ title: "Sign out everywhere?", lines, yes: "Sign out everywhere" }))) return;
    await send("DELETE", "/sessions");
    window.dispatchEvent(new Event("postern:signed-out"));
  }
  return html`<section class="card" aria-labelledby="sessions-title">
    <h2 id="sessions-title">Where you are signed in</h2>
    <${Loaded} from=${found}>
      ${({ items }) => html`<${Table}
          label="Sessions"
          items=${items}
          columns=${[
            ["Since", (s) => html`<${Time} at=${s.created_at} />`],
            ["User", (s) => said(s.user)],
            ["Address", (s) => said(s.address)],
            ["Browser", (s) => html`<span class="small">${said(s.agent)}</span>`],
            ["Last seen", (s) => html`<${Time} at=${s.seen_at} />`],
            ["", (s) => (s.current ? html`<b>this one</b>` : html`<${Button} tone="small" act=${end(s)}>End<//>`)],
          ]}
        />
        <p class="actions push-down"><${Button} tone="danger" act=${end_all}>Sign out everywhere<//></p>`}
    <//>
  </section>`;
}
