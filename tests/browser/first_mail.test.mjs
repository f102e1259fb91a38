// First start to first mail, by keyboard alone: the code, the password, an integration tested and
// saved, a target, and the mail itself, on the page, from a real Dovecot.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { new_account } from "../interop/lib/fixture.mjs";
import { MailHost, mail } from "../interop/lib/mail_host.mjs";
import { Postern } from "../interop/lib/postern.mjs";
import { Receiver } from "../interop/lib/receiver.mjs";
import { until } from "../interop/lib/until.mjs";
import { open_browser, open_tab, shoot } from "./lib/browser.mjs";
import { focused, heading, press, tab_to, type_into } from "./lib/keyboard.mjs";
import { admin, page_args } from "./lib/stage.mjs";

let host;
before(async () => (host = await MailHost.start({ smtp: true })));
after(() => host?.stop());

test("first start to first mail by keyboard alone", async (t) => {
  const account = new_account(host);
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  const postern = await Postern.start({
    authority: host.certificates.ca.certificate,
    args: page_args,
  });
  t.after(() => postern.stop());
  const browser = await open_browser(t);
  const { tab, seen } = await open_tab(browser, postern.url);

  // The first start: the code is printed, and beside the data.
  const code = fs.readFileSync(path.join(postern.data, "first-start-code"), "utf8").trim();
  assert.ok(postern.log().includes(code), "the code is printed as well");
  await tab.goto("/");
  await heading(tab, "Welcome to Postern");
  await until("the first field has the focus", async () => (await focused(tab)).name === "Code");
  await shoot(tab, "first-start");
  await tab.keyboard.type(code);
  await type_into(tab, "Password", admin.password);
  await type_into(tab, "Password again", admin.password);
  await press(tab, "Set the password");
  await heading(tab, "Overview");
  await tab.getByText("Three steps to the first mail").waitFor();
  await shoot(tab, "overview-empty");

  // The integration.
  await press(tab, "New integration");
  await heading(tab, "New integration");
  await type_into(tab, "Name", "Support");
  await type_into(tab, "Address", account.address);
  const incoming = host.incoming(account);
  const inside = { group: "Incoming" };
  await type_into(tab, "Server", incoming.host, inside);
  await type_into(tab, "Port", String(incoming.port), inside);
  await type_into(tab, "Login", account.address, inside);
  await type_into(tab, "Password", account.password, inside);
  await type_into(tab, "Start from", "all", inside);
  const outgoing = host.outgoing(account);
  const outside = { group: "Outgoing" };
  await type_into(tab, "Server", outgoing.host, outside);
  await type_into(tab, "Port", String(outgoing.port), outside);
  await type_into(tab, "Login", account.address, outside);
  await type_into(tab, "Password", account.password, outside);
  await press(tab, "Test");
  await tab.getByText("Everything passed.").waitFor({ timeout: 60000 });
  const steps = await tab.getByRole("dialog").getByRole("listitem").allTextContents();
  assert.ok(steps.length >= 6, steps.join(" | "));
  for (const each of steps) assert.match(each, /passed/);
  await shoot(tab, "test");
  await tab.keyboard.press("Escape");
  await tab.getByRole("dialog").waitFor({ state: "detached" });
  await press(tab, "Save");
  await heading(tab, "Support");

  // The target, whose secret is shown once.
  await tab_to(tab, "Overview");
  await press(tab, "Targets");
  await heading(tab, "Targets");
  await press(tab, "New target");
  await heading(tab, "New target");
  await type_into(tab, "Name", "Helpdesk");
  await type_into(tab, "URL", receiver.url);
  await press(tab, "Save");
  const secret = tab.getByRole("dialog").getByRole("region", { name: "Secret" });
  assert.match(await secret.innerText(), /^whsec_/);
  await tab.keyboard.press("Escape");
  await heading(tab, "Targets");

  // The mail comes by itself while the list is looked at.
  await press(tab, "Received");
  await heading(tab, "Received");
  await host.mail_in(account.address, mail({ to: account.address, subject: "The printer is out" }));
  await receiver.request_about("The printer is out");
  await tab.getByRole("link", { name: "The printer is out" }).waitFor({ timeout: 60000 });
  await press(tab, "The printer is out");
  await heading(tab, "The printer is out");
  await tab.getByText("Hello.", { exact: true }).waitFor();
  await shoot(tab, "first-mail");

  // And one goes out.
  await press(tab, "Integrations");
  await heading(tab, "Integrations");
  await press(tab, "Support");
  await heading(tab, "Support");
  await press(tab, "Send test mail");
  await tab.getByRole("dialog").waitFor();
  await press(tab, "Send");
  await tab.getByRole("dialog").getByText("Sent", { exact: true }).waitFor({ timeout: 60000 });

  assert.deepEqual(seen, { elsewhere: [], dialogs: [], errors: [], refused: [] });
  assert.ok(!postern.log().includes(account.password), "the password is not in the log");
});
