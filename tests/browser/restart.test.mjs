// The server goes away under an open page, and comes back: the page says so, keeps what was typed,
// and goes on.
import assert from "node:assert/strict";
import { test } from "node:test";

import { until } from "../interop/lib/until.mjs";
import { open_browser, open_tab, shoot, sign_in } from "./lib/browser.mjs";
import { heading } from "./lib/keyboard.mjs";
import { admin, quiet, with_admin } from "./lib/stage.mjs";

const gone = "The server does not answer.";

test("a restart under an open page loses nothing that was typed", async (t) => {
  const postern = await with_admin(t);
  const { id } = await postern.api("POST", "/integrations", quiet("Support"));
  const browser = await open_browser(t);
  const { tab, seen } = await open_tab(browser, postern.url);
  await sign_in(tab, admin.name, admin.password);
  await tab.goto(`/#/integrations/${id}/edit`);
  await heading(tab, "Edit Support");
  await tab.getByLabel("Description").fill("typed before the restart");

  await postern.crash();
  await tab.getByRole("button", { name: "Save" }).click();
  await tab.locator(".banner", { hasText: gone }).waitFor({ timeout: 60000 });
  await shoot(tab, "server-gone");
  await postern.start();
  await tab.locator(".banner").waitFor({ state: "detached", timeout: 60000 });

  const save = tab.locator("main#main").getByRole("button", { name: "Save" });
  await save.click();
  // Where the session did not outlive the restart, the sign-in stands above the page as it was.
  const sign_in_again = tab.getByRole("button", { name: "Sign in" });
  const title = tab.locator("main#main h1");
  const saved = await until("it is saved, or the sign-in is asked for", async () => {
    if (await sign_in_again.isVisible()) return "sign-in";
    return (await title.innerText()) === "Support" && "saved";
  });
  if (saved === "sign-in") {
    await tab.locator("#name").fill(admin.name);
    await tab.locator("#password").fill(admin.password);
    await sign_in_again.click();
    await sign_in_again.waitFor({ state: "detached" });
    assert.equal(await tab.locator("#field-description").inputValue(), "typed before the restart");
    await save.click();
    await heading(tab, "Support");
  }
  assert.equal((await postern.integration(id)).description, "typed before the restart");
  assert.deepEqual(seen.errors, []);
});
