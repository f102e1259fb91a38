// Daily work at the page: several integrations at once, a mail with files, what was refused beside
// its fields, times and API names, and the bars of past checks over a restart.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, test } from "node:test";

import { until } from "../interop/lib/until.mjs";
import { open_browser, open_tab, shoot, sign_in } from "./lib/browser.mjs";
import { focused, heading } from "./lib/keyboard.mjs";
import { admin, quiet, with_admin } from "./lib/stage.mjs";

const ends = [];
let postern, browser;
before(async () => {
  const all = { after: (end) => ends.unshift(end) };
  postern = await with_admin(all);
  browser = await open_browser(all);
});
after(async () => {
  for (const end of ends) await end();
});

/** One whose servers refuse: nobody listens at port 9. */
const refused = (name) =>
  quiet(name, {
    enabled: true,
    incoming: {
      enabled: true,
      protocol: "imap",
      host: "127.0.0.1",
      port: 9,
      security: "none",
      mode: "poll",
      auth: { method: "password", username: "u", password: "not-used-anywhere" },
    },
    outgoing: { enabled: true, host: "127.0.0.1", port: 9, security: "none", auth: { method: "none" } },
  });

async function signed_in() {
  const opened = await open_tab(browser, postern.url);
  await sign_in(opened.tab, admin.name, admin.password);
  return opened;
}

test("several integrations are disabled, tested, enabled and deleted at once", async () => {
  for (const name of ["One", "Two", "Three"]) {
    await postern.api("POST", "/integrations", refused(name));
  }
  const { tab, context, seen } = await signed_in();
  await tab.goto("/#/integrations");
  await heading(tab, "Integrations");
  const rows = tab.getByRole("list", { name: "Integrations" }).getByRole("listitem");
  const toolbar = tab.getByRole("toolbar", { name: "Acts on the chosen" });
  const choose = async (...names) => {
    for (const each of names) await tab.getByLabel(`Choose ${each}`).check();
  };
  const enabled = async (name) => (await postern.integration(name)).enabled;
  await until("three rows", async () => (await rows.count()) === 3);

  await choose("One", "Two");
  await toolbar.getByRole("button", { name: "Disable" }).click();
  const question = tab.getByRole("dialog", { name: "Disable 2 integrations?" });
  await question.getByText("Their connections close at once").waitFor();
  await question.getByRole("button", { name: "Disable" }).click();
  await tab.getByText("Disabled: 2").waitFor();
  assert.deepEqual([await enabled("One"), await enabled("Two"), await enabled("Three")], [false, false, true]);

  await choose("One", "Two");
  await toolbar.getByRole("button", { name: "Enable" }).click();
  await tab.getByText("Enabled: 2").waitFor();
  assert.ok(await enabled("One"));

  await tab.getByRole("button", { name: "Choose all 3" }).click();
  await toolbar.getByRole("button", { name: "Test" }).click();
  await heading(tab, "Test of several integrations");
  const results = tab.getByRole("region", { name: "Results" }).getByRole("row");
  await until("each has its result", async () => {
    const texts = await results.allInnerTexts();
    if (texts.filter((each) => /Failed/i.test(each) && /tcp/.test(each)).length === 3) return true;
    throw new Error(texts.join(" | "));
  });
  await shoot(tab, "bulk-test");

  await tab.goto("/#/integrations");
  await choose("One", "Two");
  await toolbar.getByRole("button", { name: "Delete" }).click();
  const grave = tab.getByRole("dialog", { name: "Delete 2 integrations?" });
  await grave.getByText("Their settings, stored passwords and authorisations go.").waitFor();
  assert.ok(await grave.getByRole("button", { name: "Delete" }).isDisabled(), "the number is asked for");
  await grave.getByLabel("Type 2 to go on").fill("2");
  await grave.getByRole("button", { name: "Delete" }).click();
  await tab.getByText("Deleted: 2").waitFor();
  await until("one is left", async () => (await rows.count()) === 1);
  await tab.goto("/#/audit");
  await tab.getByText("POST /integrations/bulk delete").first().waitFor();

  assert.deepEqual(seen.errors, []);
  await context.close();
});

test("a mail with files is looked at, sent, and waits in its integration's queue", async () => {
  const { id } = await postern.api("POST", "/integrations", refused("Sender"));
  const bytes = crypto.randomBytes(1500 * 1024);
  const { tab, context, seen } = await signed_in();
  await tab.goto("/#/compose");
  await heading(tab, "Write a mail");
  await tab.getByLabel("Integration").selectOption(id);
  await tab.getByLabel("To", { exact: true }).fill("ann@example.test");
  await tab.getByLabel("Subject").fill("The plans");
  await tab.getByLabel("Text", { exact: true }).fill("See the plans.");
  await tab.getByLabel("Attachments").setInputFiles([
    { name: "plans.pdf", mimeType: "application/pdf", buffer: bytes },
    { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("nothing") },
  ]);
  await tab.getByRole("button", { name: "Take off notes.txt" }).click();
  await tab.getByRole("button", { name: "Preview" }).click();
  const preview = tab.getByRole("dialog", { name: "Preview" });
  await preview.getByText("plans.pdf").first().waitFor();
  assert.ok(!(await preview.innerText()).includes("notes.txt"));
  await shoot(tab, "preview");
  await tab.keyboard.press("Escape");
  await tab.getByRole("button", { name: "Send", exact: true }).click();
  await heading(tab, "The plans");

  const sent_id = new URL(tab.url()).hash.split("/").at(-1);
  const { body } = await postern.call("GET", `/deliveries/${sent_id}/raw`);
  const mail = body.toString("latin1");
  assert.match(mail, /filename="?plans\.pdf/);
  const encoded = bytes.toString("base64");
  const whole = mail.replaceAll(/\r?\n/g, "");
  assert.ok(whole.includes(encoded), "the file's bytes are in the mail");
  await tab.goto("/#/integrations");
  const row = tab.getByRole("listitem").filter({ hasText: "Sender" });
  await until("the queue's length is in the list", async () => {
    const said = await row.locator(".queue-cell").innerText();
    if (/\b1$/.test(said)) return true;
    throw new Error(said);
  }, 30000);
  assert.deepEqual(seen, { elsewhere: [], dialogs: [], errors: [], refused: [] });
  await context.close();
});

test("what is refused is said above the form and beside its field; API names come on demand", async () => {
  const { tab, context, seen } = await signed_in();
  await tab.goto("/#/integrations/new");
  await heading(tab, "New integration");
  const incoming = tab.getByRole("group", { name: "Incoming", exact: true });
  await tab.getByLabel("Name", { exact: true }).fill("Wrong");
  await incoming.getByLabel("Port").fill("70000");
  await tab.getByRole("button", { name: "Save" }).click();

  const summary = tab.getByRole("alert");
  await summary.waitFor();
  await until("the summary has the focus", () =>
    tab.evaluate(() => document.activeElement?.getAttribute("role") === "alert"),
  );
  await summary.getByRole("link", { name: "incoming.port" }).click();
  await until("the link leads to its field", async () => (await focused(tab)).name.startsWith("Port"));
  const port = incoming.getByLabel("Port");
  assert.equal(await port.getAttribute("aria-invalid"), "true");
  const described = (await port.getAttribute("aria-describedby")).split(" ");
  const beside = await tab.locator(`#${CSS_escape(described.find((each) => each.endsWith("-error")))}`).innerText();
  assert.match(beside, /65535/);
  await shoot(tab, "refused");

  assert.equal(await tab.locator(".api-name").count(), 0);
  await tab.getByLabel("API names").check();
  await tab.getByText("incoming.port", { exact: true }).last().waitFor();
  assert.ok((await tab.locator(".api-name").count()) > 20);
  await tab.getByRole("navigation", { name: "Parts of the form" }).getByRole("button", { name: "Outgoing" }).click();
  await until("the part has the focus", async () => (await focused(tab)).group === "Outgoing");
  assert.deepEqual(seen.errors, []);
  await context.close();
});

const CSS_escape = (id) => id.replaceAll(".", "\\.");

test("past checks and exact times stay over a restart", async () => {
  const { id } = await postern.api("POST", "/integrations", refused("Checked"));
  const checked = (status) => status.consecutive_incoming_errors >= 1;
  const before_it = await postern.status(id, checked, "checked", 60000);
  await postern.terminate();
  await postern.start();

  const { tab, context, seen } = await signed_in();
  await tab.goto(`/#/integrations/${id}/monitoring`);
  await heading(tab, "Checked");
  const bar = tab.getByRole("img", { name: /^Incoming: of the last \d+ checks/ }).first();
  await bar.waitFor();
  const last = tab.locator("dt", { hasText: "Last e-mail check" }).locator("xpath=following-sibling::dd[1]");
  const time = last.locator("time");
  assert.match(await time.getAttribute("datetime"), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.match(await time.innerText(), /ago|just now|now/);
  assert.match(await last.innerText(), /\d{1,2} \w{3,4},? \d\d:\d\d:\d\d/, "the exact time is beside it");
  assert.match(await time.getAttribute("title"), /CES?T|GMT\+\d/, "in the viewer's zone");
  const { incoming } = await postern.api("GET", `/integrations/${id}/checks`);
  assert.ok(incoming.some((each) => each.at === before_it.last_check), JSON.stringify(incoming));
  assert.deepEqual(seen.errors, []);
  await context.close();
});
