// Which screen an address shows.
import { html } from "./lib/html.js";
import { Screen, Empty } from "./parts/screen.js";
import { Integration } from "./screens/integration.js";
import { IntegrationForm } from "./screens/integration_form.js";
import { Integrations } from "./screens/integrations.js";

const screens = {
  integrations: (id, part) => {
    if (id === undefined) return html`<${Integrations} />`;
    if (id === "new") return html`<${IntegrationForm} key="new" />`;
    if (part === "edit") return html`<${IntegrationForm} key=${id} id=${id} />`;
    return html`<${Integration} key=${id} id=${id} tab=${part ?? "general"} />`;
  },
};

export function screen_of({ parts: [place = "", ...rest], query }) {
  const made = screens[place];
  if (made) return made(rest[0], rest[1], query);
  return html`<${Screen} title="Not here">
    <${Empty} title="There is no such page."><p><a href="#/">To the overview</a></p><//>
  <//>`;
}
