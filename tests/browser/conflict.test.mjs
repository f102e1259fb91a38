// Two people edit one integration: the second sees both versions, and loses nothing.
import assert from "node:assert/strict";
import { test } from "node:test";

import { open_browser, open_tab, shoot, sign_in } from "./lib/browser.mjs";
import { heading } from "./lib/keyboard.mjs";
import { admin, quiet, with_admin } from "./lib/stage.mjs";

async function open_edit(browser, postern, id) {
  const { tab } = await open_tab(browser, postern.url);
  await sign_in(tab, admin.name, admin.password);
  await tab.goto(`/#/integrations/${id}/edit`);
  await heading(tab, "Edit Support");
  return tab;
}

test("the second of two who edit one integration chooses between both versions", async (t) => {
  const postern = await with_admin(t);
  const { id } = await postern.api("POST", "/integrations", quiet("Support"));
  const browser = await open_browser(t);
  const anna = await open_edit(browser, postern, id);
  const bert = await open_edit(browser, postern, id);
  const group = (tab, name) => tab.getByRole("group", { name, exact: true });

  await anna.getByLabel("Description").fill("by Anna");
  await group(anna, "Incoming").getByLabel("Port").fill("1993");
  await anna.getByRole("button", { name: "Save" }).click();
  await heading(anna, "Support");
  await bert.getByLabel("Description").fill("by Bert");
  await bert.getByLabel("From name", { exact: true }).fill("Support of Bert");
  await bert.getByRole("button", { name: "Save" }).click();

  const dialog = bert.getByRole("dialog", { name: "Somebody else changed this meanwhile" });
  await dialog.waitFor();
  const text = await dialog.innerText();
  for (const each of ["by Anna", "by Bert", "Support of Bert", "1993", "incoming.port"]) {
    assert.ok(text.includes(each), `${each} is shown:\n${text}`);
  }
  await shoot(bert, "conflict");
  await dialog.getByRole("button", { name: "Save this choice" }).click();
  await dialog.waitFor({ state: "detached" });
  await bert.getByRole("button", { name: "Save" }).click();
  await heading(bert, "Support");

  const saved = await postern.integration(id);
  assert.equal(saved.description, "by Bert", "the second's own field is the second's");
  assert.equal(saved.display_name, "Support of Bert");
  assert.equal(saved.incoming.port, 1993, "what only the first changed stays");
  assert.equal(saved.incoming.auth.password_set, true, "the password is still there");
});
