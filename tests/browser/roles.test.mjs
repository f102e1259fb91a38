// What each role sees and may do: a viewer looks, an operator acts on what is there, an admin
// changes it. What one may not do is not offered; what is offered is not refused.
import assert from "node:assert/strict";
import { test } from "node:test";

import { postern_command } from "../interop/lib/postern.mjs";
import { until } from "../interop/lib/until.mjs";
import { open_browser, open_tab, shoot, sign_in } from "./lib/browser.mjs";
import { heading } from "./lib/keyboard.mjs";
import { admin, quiet, with_admin } from "./lib/stage.mjs";

const password = "another-long-password-9";

/** Postern with somebody of each role, and something on each page. */
async function set_up(t) {
  const postern = await with_admin(t);
  for (const role of ["operator", "viewer"]) {
    await postern.api("POST", "/users", { name: role, role, password });
  }
  const { id } = await postern.api("POST", "/integrations", {
    ...quiet("Support", { is_default: true, enabled: true }),
    incoming: {
      enabled: true,
      protocol: "imap",
      host: "127.0.0.1",
      port: 9,
      security: "none",
      mode: "poll",
      auth: { method: "password", username: "u", password: "not-used-anywhere" },
    },
    outgoing: {
      enabled: true,
      host: "127.0.0.1",
      port: 9,
      security: "none",
      auth: { method: "none" },
    },
  });
  const target = await postern.api("POST", "/targets", {
    name: "Helpdesk",
    url: "http://127.0.0.1:9/",
  });
  await postern.api("POST", "/rules", { name: "First", actions: { tags: ["a"] } });
  const waiting = await postern.api("POST", "/send", {
    to: ["a@example.test"],
    subject: "Later",
    text: "Later.",
    not_before: "2099-01-01T08:00:00Z",
  });
  return { postern, id, target, waiting };
}

/** The buttons and button-like links of the page's content, by their names. */
async function offered(tab) {
  await tab.waitForFunction(
    () => !document.body.hasAttribute("data-calls") && !document.querySelector(".loading"),
  );
  const names = await tab
    .locator("main button:visible, main a.button:visible")
    .evaluateAll((all) =>
      all
        .filter((each) => !["tab"].includes(each.getAttribute("role")))
        .map((each) => (each.getAttribute("aria-label") ?? each.textContent).replace(/\s+/g, " ").trim()),
    );
  return [...new Set(names)].sort();
}

async function go(tab, where) {
  await tab.goto("about:blank");
  await tab.goto(`/#/${where}`);
  await tab.locator("main#main").getByRole("heading", { level: 1 }).waitFor();
}

const looking = ["Copy", "Download", "Download (.eml)", "Show older", "Choose none", "Show more"];
const acts = {
  "integrations": ["Choose all 1"],
  "integrations/ID": ["Check now", "Pause", "Send test mail", "Test"],
  "sent/DELIVERY": ["Cancel", "Hold", "Retry now"],
  "queue": ["Cancel", "Choose all", "Hold", "Retry now"],
  "targets/TARGET": ["Cancel", "Replay…", "Test"],
  "alerts/silences": ["New silence", "Send a trial notice"],
};
const changes = {
  "integrations": ["New integration"],
  "integrations/ID": ["Delete", "Edit", "Submission password"],
  "sent/DELIVERY": ["Change the recipients"],
  "rules": ["Move First down", "Move First up", "New rule"],
  "targets": ["New target"],
  "targets/TARGET": ["Delete", "Rotate secret", "Save"],
  "alerts/profiles": ["New profile"],
  "settings/general": ["Save"],
  "settings/oauth": ["New OAuth app"],
  "settings/backup": ["Make a backup"],
};
const places = [...new Set([...Object.keys(acts), ...Object.keys(changes), "audit", "received"])];

test("what a role may not do is not offered to it", async (t) => {
  const { postern, id, target, waiting } = await set_up(t);
  const browser = await open_browser(t);
  const where = (place) =>
    place.replace("ID", id).replace("TARGET", target.id).replace("DELIVERY", waiting.id);
  for (const role of ["viewer", "operator", "admin"]) {
    const { tab, context, seen } = await open_tab(browser, postern.url);
    await sign_in(tab, role, role === "admin" ? admin.password : password);
    const wrong = [];
    for (const place of places) {
      await go(tab, where(place));
      const there = await offered(tab);
      const act = acts[place] ?? [];
      const change = changes[place] ?? [];
      const may = [...(role === "viewer" ? [] : act), ...(role === "admin" ? change : [])];
      const may_not = [...act, ...change].filter((each) => !may.includes(each));
      for (const each of may) if (!there.includes(each)) wrong.push(`${place}: no "${each}"`);
      for (const each of may_not) {
        const own = each === "Cancel" && place.startsWith("targets/"); // the form's way back
        if (there.includes(each) && !own) wrong.push(`${place}: "${each}" is offered`);
      }
    }
    await go(tab, `integrations/${id}`);
    await shoot(tab, `role-${role}`);

    assert.deepEqual(wrong, [], `as ${role}`);
    assert.deepEqual(seen.errors, []);
    await context.close();
  }
  t.diagnostic(`${places.length} pages, ${looking.length} harmless buttons aside`);
});

test("an operator tests, checks, pauses and retries; a viewer is told that the log is not for it", async (t) => {
  const { postern, id, waiting } = await set_up(t);
  const browser = await open_browser(t);
  const { tab, seen } = await open_tab(browser, postern.url);
  await sign_in(tab, "operator", password);

  await go(tab, `integrations/${id}`);
  await tab.getByRole("button", { name: "Test", exact: true }).click();
  const dialog = tab.getByRole("dialog");
  await dialog.getByText(/steps? failed\./).waitFor();
  assert.match((await dialog.getByRole("listitem").allInnerTexts()).join(" "), /Connect\s+failed/);
  await tab.keyboard.press("Escape");
  await tab.getByRole("button", { name: "Check now" }).click();
  await tab.getByText("The check has begun.").waitFor();
  await tab.getByRole("button", { name: "Pause" }).click();
  await tab.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
  await until("it is paused", async () => (await postern.integration(id)).enabled === false);
  await tab.getByRole("button", { name: "Enable" }).click();
  await until("it is enabled", async () => (await postern.integration(id)).enabled);
  await go(tab, `sent/${waiting.id}`);
  await tab.getByRole("button", { name: "Hold" }).click();
  await tab.getByRole("button", { name: "Release" }).waitFor();
  await tab.getByRole("button", { name: "Cancel" }).click();
  const question = tab.getByRole("dialog", { name: "Cancel this mail?" });
  await question.getByText("will never be sent").waitFor();
  await question.getByRole("button", { name: "Cancel it" }).click();
  await until("it is cancelled", async () => {
    const { state } = await postern.api("GET", `/deliveries/${waiting.id}`);
    return state === "cancelled";
  });
  await go(tab, "audit");
  await tab.getByText("POST /deliveries/{delivery}/cancel").first().waitFor();
  // Its settings are not to be saved, so no form of them is reached by an address either.
  await go(tab, "settings/users");
  await tab.getByText("Your role does not allow this.").waitFor();
  await tab.getByRole("button", { name: "Sign out" }).click();
  await tab.getByLabel("Name", { exact: true }).waitFor();

  await sign_in(tab, "viewer", password);
  await go(tab, "audit");
  await tab.getByText("Your role does not allow this.").waitFor();
  await heading(tab, "Audit");
  assert.deepEqual(seen.errors, []);
});
