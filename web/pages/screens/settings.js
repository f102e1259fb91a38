// Settings, by tabs: the gateway's own, who may come in, OAuth apps, providers, backup, about.
import { html } from "../lib/html.js";
import { replace } from "../lib/route.js";
import { Screen } from "../parts/screen.js";
import { Tabs } from "../parts/tabs.js";
import { About } from "../parts/about.js";
import { Account } from "../parts/account.js";
import { Backup } from "../parts/backup.js";
import { GatewaySettings } from "../parts/gateway_settings.js";
import { OAuthApps } from "../parts/oauth_apps.js";
import { Providers } from "../parts/providers.js";
import { Tokens } from "../parts/tokens.js";
import { Users } from "../parts/users.js";

const tabs = [
  ["general", "Monitoring & notices", GatewaySettings],
  ["account", "Your account", Account],
  ["users", "Users", Users],
  ["tokens", "API tokens", Tokens],
  ["oauth", "OAuth apps", OAuthApps],
  ["providers", "Providers", Providers],
  ["backup", "Backup", Backup],
  ["about", "About", About],
];

export function Settings({ tab = "general" }) {
  const [chosen, , Part] = tabs.find(([key]) => key === tab) ?? tabs[0];
  return html`<${Screen} title="Settings">
    <${Tabs} tabs=${tabs} chosen=${chosen} choose=${(key) => replace("settings", key)} label="Settings">
      <${Part} />
    <//>
  <//>`;
}
