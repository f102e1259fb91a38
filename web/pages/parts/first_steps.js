// The three steps of an empty installation to its first mail.
import { html } from "../lib/html.js";
import { href } from "../lib/route.js";
import { Icon } from "./icon.js";

function Step({ number, done, title, text, link, action, later }) {
  return html`<li class=${done ? "done" : ""}>
    <span class="number" aria-hidden="true">${done ? html`<${Icon} name="ok" />` : number}</span>
    <div>
      <h3>${title}${done && html` <span class="sr">(done)</span>`}</h3>
      <p class="quiet">${text}</p>
      ${!done && !later && html`<p class="push-down"><a class="button primary" href=${link}>${action}</a></p>`}
    </div>
  </li>`;
}

export function FirstSteps({ integration: has_integration, target: has_target }) {
  return html`<section class="card first-steps" aria-labelledby="steps-title">
    <h2 id="steps-title">Three steps to the first mail</h2>
    <ol>
      <${Step}
        number="1"
        done=${has_integration}
        title="Add an integration"
        text="The mail account to watch and to send from. A test shows at once whether it works."
        link=${href("integrations", "new")}
        action="New integration"
      />
      <${Step}
        number="2"
        done=${has_target}
        title="Add a target"
        text="The helpdesk or other system that gets the mail."
        link=${href("targets", "new")}
        action="New target"
        later=${!has_integration}
      />
      <${Step}
        number="3"
        done=${false}
        title="Send it a mail"
        text="Write to the account's address; the mail shows up under Received within seconds."
        link=${href("received")}
        action="Received"
        later=${!has_integration || !has_target}
      />
    </ol>
  </section>`;
}
