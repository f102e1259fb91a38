// Where the focus is when a screen, a dialog or a refusal appears: there at once, not a frame later,
// or the first keys of somebody quick go to what stood there before.
import assert from "node:assert/strict";
import { test } from "node:test";

import { open_browser, open_tab, sign_in } from "./lib/browser.mjs";
import { heading } from "./lib/keyboard.mjs";
import { admin, quiet, with_admin } from "./lib/stage.mjs";

/** Keeps, for each thing that appears on the page, what had the focus when its task ended. */
const watch = (tab) =>
  tab.evaluate(() => {
    window.appeared = [];
    const told = new WeakMap();
    const wanted = 'h1, dialog h2, [role="alert"]';
    new MutationObserver(() => {
      for (const each of document.querySelectorAll(wanted)) {
        const text = each.textContent.trim();
        if (!text || told.get(each) === text) continue;
        told.set(each, text);
        const has = document.activeElement;
        window.appeared.push({
          text,
          kind: each.closest("dialog") ? "dialog" : each.tagName === "H1" ? "screen" : "refusal",
          within: has !== document.body && (has.contains(each) || each.contains(has)),
          in_dialog: Boolean(each.closest("dialog")?.contains(has)),
          in_main: document.getElementById("main").contains(has),
        });
      }
    }).observe(document.getElementById("page"), { childList: true, subtree: true, characterData: true });
  });

test("the focus is in what appears as soon as it appears", async (t) => {
  const postern = await with_admin(t);
  const { id } = await postern.api("POST", "/integrations", quiet("Support"));
  const browser = await open_browser(t);
  const { tab } = await open_tab(browser, postern.url);
  await sign_in(tab, admin.name, admin.password);
  await heading(tab, "Overview");
  await watch(tab);

  const visit = async (link, title) => {
    await tab.getByRole("link", { name: link, exact: true }).first().click();
    await heading(tab, title);
  };
  await visit("Targets", "Targets");
  await visit("New target", "New target");
  await tab.getByRole("button", { name: "Save", exact: true }).click();
  await tab.locator(".summary").waitFor();
  await visit("Rules", "Rules");
  await visit("Integrations", "Integrations");
  await visit("Support", "Support");
  assert.ok((await tab.evaluate(() => location.hash)).includes(id));
  await tab.getByRole("button", { name: "Delete", exact: true }).click();
  await tab.getByRole("dialog").waitFor();

  const appeared = await tab.evaluate(() => window.appeared);
  for (const each of appeared) {
    const right = { dialog: each.in_dialog, refusal: each.within, screen: each.within || each.in_main };
    assert.ok(right[each.kind], JSON.stringify(each));
  }
  for (const kind of ["screen", "dialog", "refusal"]) {
    assert.ok(appeared.some((each) => each.kind === kind), `${kind}: ${JSON.stringify(appeared)}`);
  }
});
