// Every page, with data on it: in light and dark without a serious or critical finding of axe, at
// 375 px without scrolling sideways, without an error of a script or a refusal by the policy; a
// picture of each is kept.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, describe, test } from "node:test";

import { new_account } from "../interop/lib/fixture.mjs";
import { MailHost, mail } from "../interop/lib/mail_host.mjs";
import { Receiver } from "../interop/lib/receiver.mjs";
import { axe_findings } from "./lib/axe.mjs";
import { open_browser, open_tab, shoot, sign_in } from "./lib/browser.mjs";
import { admin, quiet, with_admin } from "./lib/stage.mjs";

const wrong_password = "not-the-password-8231";
const ends = [];
const all = { after: (end) => ends.unshift(end) };
let stage;

/** Postern with one integration at work, one failing, one paused; mail received, sent and waiting. */
async function set_up() {
  const host = await MailHost.start({ smtp: true });
  all.after(() => host.stop());
  const account = new_account(host);
  const receiver = await Receiver.start();
  all.after(() => receiver.stop());
  const postern = await with_admin(all, { authority: host.certificates.ca.certificate });
  const target = await postern.add_target(receiver, { name: "Helpdesk" });
  const support = await postern.api("POST", "/integrations", {
    name: "Support",
    description: "The address on the web site",
    address: account.address,
    is_default: true,
    incoming: host.incoming(account),
    outgoing: host.outgoing(account),
  });
  const failing = await postern.api("POST", "/integrations", {
    name: "Sales",
    address: "sales@example.test",
    incoming: { ...host.incoming(account), port: 9, mode: "poll" },
  });
  await postern.api("POST", "/integrations", quiet("Archive"));
  const locked = host.incoming(account);
  const locked_out = await postern.api("POST", "/integrations", {
    name: "Locked out",
    address: account.address,
    incoming: { ...locked, mode: "poll", auth: { ...locked.auth, password: wrong_password } },
  });
  for (const subject of ["The printer is out of paper", "Invoice 4711", "Re: your question"]) {
    await host.deliver(account.address, mail({ to: account.address, subject }));
    await receiver.request_about(subject);
  }
  const sent = await postern.api("POST", "/send", {
    to: [account.address],
    subject: "Your ticket is solved",
    text: "It works again.",
  });
  await postern.settled(sent.id);
  const held = await postern.api("POST", "/send", {
    to: ["later@example.test"],
    subject: "For next week",
    text: "Not yet.",
    not_before: "2099-01-01T08:00:00Z",
  });
  for (let checks = 1; checks <= 3; checks += 1) {
    const failed = (status) => status.consecutive_incoming_errors >= checks;
    await postern.status(failing.id, failed, `it failed ${checks} times`, 60000);
    await postern.api("POST", `/integrations/${failing.id}/check`);
  }
  const { items } = await postern.api("GET", "/messages?limit=1");
  return { postern, target, support, failing, locked_out, sent, held, message: items[0] };
}

/** [name of the picture, address]; only those whose call the server has. */
function pages({ target, support, failing, sent, message }) {
  return [
    ["overview", ""],
    ["integrations", "integrations"],
    ["integration-new", "integrations/new"],
    ["integration-edit", `integrations/${support.id}/edit`],
    ...["general", "incoming", "outgoing", "rules", "monitoring", "activity"].map((tab) => [
      `integration-${tab}`,
      `integrations/${failing.id}/${tab}`,
    ]),
    ["received", "received"],
    ["message", `received/${message.id}`],
    ["sent", "sent"],
    ["delivery", `sent/${sent.id}`],
    ["compose", "compose"],
    ["queue", "queue"],
    ["quarantine", "quarantine"],
    ["rules", "rules"],
    ["rule-new", "rules/new"],
    ["targets", "targets"],
    ["target", `targets/${target.id}`],
    ["target-new", "targets/new"],
    ...["problems", "rules", "profiles", "silences", "events"].map((tab) => [
      `alerts-${tab}`,
      `alerts/${tab}`,
    ]),
    ["event-rule-new", "alerts/rules/new"],
    ["profile-new", "alerts/profiles/new"],
    ["silence-new", "alerts/silences/new"],
    ...["general", "account", "users", "tokens", "oauth", "providers", "backup", "about"].map(
      (tab) => [`settings-${tab}`, `settings/${tab}`],
    ),
    ["oauth-app-new", "settings/oauth/new"],
    ["provider-new", "settings/providers/new"],
    ["audit", "audit"],
  ];
}

before(async () => (stage = await set_up()));
after(async () => {
  for (const end of ends) await end();
});

/** Goes there and waits until what the page reads is shown. */
async function show(tab, where) {
  await tab.goto("about:blank");
  await tab.goto(`/#/${where}`);
  await tab.locator("main#main").getByRole("heading", { level: 1 }).waitFor();
  await tab.waitForFunction(
    () => !document.body.hasAttribute("data-calls") && !document.querySelector(".loading"),
  );
}

/** The innermost elements that reach beyond the window, by tag and class. */
function beyond() {
  const all = [...document.querySelectorAll("body *")];
  const wide = all.filter((each) => each.getBoundingClientRect().right > window.innerWidth);
  const inner = wide.filter((each) => !wide.some((other) => other !== each && each.contains(other)));
  return inner.map((each) => `${each.tagName}.${each.className}`).join(", ");
}

const usual = { width: 1280, height: 860 };
const narrow = { width: 375, height: 740 };

/** What of the page that is shown has to be scrolled sideways on a telephone; "" for nothing. */
async function too_wide(tab, name) {
  await tab.setViewportSize(narrow);
  await shoot(tab, `${name}-narrow`);
  const over = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  const what = over > 0 ? `${name}: ${over} px too wide: ${await tab.evaluate(beyond)}` : "";
  await tab.setViewportSize(usual);
  return what;
}

for (const color_scheme of ["light", "dark"]) {
  describe(`in ${color_scheme}`, () => {
    test("every page is without a serious or critical finding", async (t) => {
      const browser = await open_browser(t);
      const { tab, seen } = await open_tab(browser, stage.postern.url, { color_scheme });
      // The document is the same in both; in the dark its colours are what is looked at.
      const rules = color_scheme === "dark" ? ["color-contrast", "link-in-text-block"] : [];
      await tab.goto("/");
      await tab.getByLabel("Name", { exact: true }).waitFor();
      const found = [...(await axe_findings(tab)).map((each) => `sign-in: ${each}`)];
      const wide = [];
      await shoot(tab, `sign-in-${color_scheme}`);
      await sign_in(tab, admin.name, admin.password);
      for (const [name, where] of pages(stage)) {
        await show(tab, where);
        await shoot(tab, `${name}-${color_scheme}`);
        for (const each of await axe_findings(tab, rules)) found.push(`${name}: ${each}`);
        if (color_scheme === "light") wide.push(await too_wide(tab, name));
      }

      assert.deepEqual(found, []);
      assert.deepEqual(wide.filter(Boolean), [], "nothing is scrolled sideways at 375 px");
      assert.deepEqual(seen, { elsewhere: [], dialogs: [], errors: [], refused: [] });
    });
  });
}

test("the overview says first what is broken, then the figures, then what was changed", async (t) => {
  const browser = await open_browser(t);
  const { tab, seen } = await open_tab(browser, stage.postern.url);
  await sign_in(tab, admin.name, admin.password);
  await tab.goto("/#/overview-not-there");
  await tab.getByText("There is no such page.").waitFor();
  await tab.getByRole("link", { name: "To the overview" }).click();
  const card = tab.getByRole("article").filter({ hasText: "Sales" }).first();
  await card.waitFor();
  const words = await card.innerText();
  assert.match(words, /imap\.connection_failed|connection/);
  assert.match(words, /Since/);
  assert.match(words, /\d+ times?/);
  for (const name of ["Open", "Silence"]) await card.getByRole("link", { name }).waitFor();
  for (const name of ["Check now", "Acknowledge"]) await card.getByRole("button", { name }).waitFor();
  const order = await tab.evaluate(() =>
    [...document.querySelectorAll("main .trouble, main canvas, main #changes-title")].map((each) =>
      each.tagName === "CANVAS" ? "plot" : each.id || each.className,
    ),
  );
  assert.equal(order[0], "trouble");
  assert.equal(order.at(-1), "changes-title");
  assert.ok(order.filter((each) => each === "plot").length >= 3, order.join(" "));
  assert.deepEqual(seen.errors, []);
});

test("a failed login's dialogue is shown without its password, and can be copied and kept", async (t) => {
  const { postern, locked_out } = stage;
  const refused = (status) => status.last_incoming_error?.kind === "imap.login_failed";
  await postern.status(locked_out.id, refused, "its login was refused", 60000);
  const browser = await open_browser(t);
  const { tab, context, seen } = await open_tab(browser, postern.url);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await sign_in(tab, admin.name, admin.password);
  await tab.goto(`/#/integrations/${locked_out.id}/activity`);
  const dialogue = tab.locator(".dialogue");
  await dialogue.waitFor();
  const words = await dialogue.innerText();
  assert.match(words, /\*\*\*/);
  const card = tab.locator("section").filter({ has: tab.getByRole("heading", { name: "Transcript" }) });
  await card.getByRole("button", { name: "Copy" }).click();
  await tab.getByText("Copied.").waitFor();
  const copied = await tab.evaluate(() => navigator.clipboard.readText());
  const [download] = await Promise.all([
    tab.waitForEvent("download"),
    card.getByRole("button", { name: "Download" }).click(),
  ]);
  assert.match(download.suggestedFilename(), /^Locked_out-imap-.*\.txt$/);
  const kept = fs.readFileSync(await download.path(), "utf8");
  for (const text of [words, copied, kept]) {
    assert.ok(!text.includes(wrong_password), "the password is nowhere");
    assert.ok(!text.includes(Buffer.from(wrong_password).toString("base64").slice(0, -4)));
  }
  assert.match(kept, /^\S+ S: /m);
  await shoot(tab, "transcript");
  assert.deepEqual(seen.errors, []);
});

test("received mail is found by its subject, its sender and its Message-ID", async (t) => {
  const browser = await open_browser(t);
  const { tab, seen } = await open_tab(browser, stage.postern.url);
  await sign_in(tab, admin.name, admin.password);
  await tab.goto("/#/received");
  const subjects = tab.getByRole("region", { name: "Received mail" }).getByRole("link");
  await subjects.filter({ hasText: "The printer is out of paper" }).waitFor();
  const only = async (label, text, subject) => {
    const box = tab.getByRole("searchbox", { name: label });
    await box.fill(text);
    if (subject === "") {
      await tab.getByText("No mail is like that.").waitFor();
    } else {
      await subjects.filter({ hasText: "The printer" }).waitFor({ state: "detached" });
      assert.deepEqual(await subjects.allTextContents(), [subject]);
    }
    await box.fill("");
    await subjects.filter({ hasText: "The printer" }).waitFor();
  };

  await only("Search the subject", "INVOICE", "Invoice 4711");
  await only("Search the subject", "no such words", "");
  await only("Search a sender", "nobody@nowhere", "");
  const { items } = await stage.postern.api("GET", "/messages?subject=your%20question");
  await only("Search a Message-ID", items[0].message_id, "Re: your question");
  assert.deepEqual(seen.errors, []);
});

test("at 375 px the menu leads everywhere", async (t) => {
  const browser = await open_browser(t);
  const { tab, seen } = await open_tab(browser, stage.postern.url, { viewport: narrow });
  await sign_in(tab, admin.name, admin.password);
  await tab.goto("/#/sent");
  await tab.getByRole("heading", { level: 1, name: "Sent" }).waitFor();
  await tab.getByRole("button", { name: "Menu" }).click();
  await tab.getByRole("link", { name: "Overview" }).click();
  await tab.getByRole("heading", { name: "Overview" }).waitFor();

  assert.deepEqual(seen.errors, []);
});
