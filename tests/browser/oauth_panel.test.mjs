// The OAuth panel against a real authorization server: authorised in the browser and by a device
// code, authorised again, revoked; what each does to the integration is seen on its page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { MailHost } from "../interop/lib/mail_host.mjs";
import { OAuthFixture, scopes } from "../interop/lib/oauth_fixture.mjs";
import { OidcServer } from "../interop/lib/oidc.mjs";
import { postern_command } from "../interop/lib/postern.mjs";
import { open_browser, open_tab, shoot, sign_in } from "./lib/browser.mjs";
import { heading } from "./lib/keyboard.mjs";
import { admin, page_args } from "./lib/stage.mjs";

let host;
before(async () => {
  host = await MailHost.start({ authorize: (certificates) => OidcServer.start(certificates) });
});
after(() => host?.stop());

/** A person's choice at the provider's page travels as a header: see OidcServer. */
const at_provider = (person, deny = false) => ({
  "x-choice": Buffer.from(JSON.stringify({ person, deny, scopes_dropped: [] })).toString("base64"),
});

async function set_up(t) {
  const made = await OAuthFixture.start(t, host, { args: page_args });
  const password = await postern_command(
    ["user", "set-password", "--name", admin.name, "--data", made.postern.data],
    { input: `${admin.password}\n` },
  );
  assert.equal(password.code, 0, password.errors);
  const integration = await made.add_integration({ outgoing: false });
  await made.postern.status(
    integration.id,
    (status) => status.incoming_state === "needs_consent",
    "wants consent",
  );
  const browser = await open_browser(t);
  const { tab, context, seen } = await open_tab(browser, made.postern.url, { ignoreHTTPSErrors: true });
  await sign_in(tab, admin.name, admin.password);
  return { made, integration, tab, context, seen };
}

const panel = (tab) => tab.getByRole("group", { name: "OAuth 2.0" }).first();

test("authorised in the browser, authorised again, revoked", async (t) => {
  const { made, integration, tab, context, seen } = await set_up(t);
  await made.add_app();
  const { address } = integration.account;

  await tab.goto(`/#/integrations/${integration.id}`);
  await heading(tab, "Support");
  await tab.getByText("Needs authorisation").first().waitFor();
  await tab.getByRole("link", { name: "Authorise" }).click();
  await heading(tab, "Edit Support");
  // Somebody says no at the provider: its words are shown, and nothing is lost.
  await context.setExtraHTTPHeaders(at_provider(address, true));
  await panel(tab).getByRole("button", { name: "Authorise", exact: true }).click();
  await tab.getByText("the person said no").waitFor();
  await context.setExtraHTTPHeaders(at_provider(address));
  await tab.goto(`/#/integrations/${integration.id}/edit/incoming`);
  await heading(tab, "Edit Support");
  await panel(tab).getByRole("button", { name: "Authorise", exact: true }).click();
  await tab.waitForURL("**/oauth/callback?**");
  await shoot(tab, "oauth-authorised");
  await made.well(integration);

  await tab.goto(`/#/integrations/${integration.id}/edit/incoming`);
  await heading(tab, "Edit Support");
  await panel(tab).getByText("Authorised as").waitFor();
  assert.ok((await panel(tab).innerText()).includes(address), "who it is, is shown");
  await shoot(tab, "oauth-panel");
  const [before_again] = await made.postern.list("/oauth/grants");
  await panel(tab).getByRole("button", { name: "Re-authorise", exact: true }).click();
  await tab.waitForURL("**/oauth/callback?**");
  const [after_again] = await made.postern.list("/oauth/grants");
  assert.ok(
    Date.parse(after_again.authorised_at) >= Date.parse(before_again.authorised_at),
    "the grant is renewed",
  );
  await made.well(integration);

  await tab.goto(`/#/integrations/${integration.id}/edit/incoming`);
  await panel(tab).getByRole("button", { name: "Revoke" }).click();
  const question = tab.getByRole("dialog", { name: "Revoke this authorisation?" });
  await question.getByText("stop until somebody authorises again").waitFor();
  await question.getByRole("button", { name: "Revoke" }).click();
  await tab.getByText("Revoked.").waitFor();
  await made.postern.status(
    integration.id,
    (status) => status.incoming_state === "needs_consent",
    "wants consent again",
  );
  assert.deepEqual(await made.postern.list("/oauth/grants"), []);
  assert.deepEqual(seen.errors, []);
});

test("authorised by a code on another device", async (t) => {
  const { made, integration, tab, seen } = await set_up(t);
  await made.postern.api("POST", "/oauth/apps", {
    name: "Device",
    flow: "device",
    issuer: host.oidc.issuer,
    scopes,
    client_id: host.oidc.add_device_client().client_id,
  });

  await tab.goto(`/#/integrations/${integration.id}/edit/incoming`);
  await heading(tab, "Edit Support");
  await panel(tab).getByRole("button", { name: "Authorise by device code" }).click();
  const code = panel(tab).locator(".big-code");
  await code.waitFor();
  await shoot(tab, "oauth-device");
  assert.match(await panel(tab).getByRole("link").last().getAttribute("href"), /^https:/);
  await host.oidc.approve_device(await code.innerText(), integration.account.address);

  await tab.getByText("Authorised.", { exact: true }).waitFor();
  await panel(tab).getByText("Authorised as").waitFor();
  await made.well(integration);
  assert.deepEqual(seen.errors, []);
});
