// Every field that the server's own description knows is on the page's form, under its API name.
import assert from "node:assert/strict";
import { test } from "node:test";

import { open_browser, open_tab, sign_in } from "./lib/browser.mjs";
import { heading } from "./lib/keyboard.mjs";
import { admin, quiet, with_admin } from "./lib/stage.mjs";

/** [form's address, its heading, schema, under which name its fields are on the form] */
const forms = [
  ["integrations/ID/edit", "Edit Support", "IntegrationInput", ""],
  ["integrations/ID/edit", "Edit Support", "IncomingInput", "incoming"],
  ["integrations/ID/edit", "Edit Support", "OutgoingInput", "outgoing"],
  ["targets/new", "New target", "TargetInput", ""],
  ["settings/oauth/new", "New OAuth app", "OAuthAppFields", ""],
  ["settings/providers/new", "New provider", "ProviderInput", ""],
  ["rules/new", "New rule", "RuleInput", ""],
  ["alerts/rules/new", "New event rule", "EventRuleInput", ""],
  ["alerts/profiles/new", "New profile", "ProfileInput", ""],
  ["alerts/silences/new", "New silence", "SilenceInput", ""],
];

// What stands on the form in another shape than an input of its name, or is the server's alone.
const otherwise = {
  IncomingInput: [
    "auth.grant", // the OAuth panel
  ],
  OutgoingInput: ["auth.grant", "protocol"], // smtp, always
  IntegrationInput: ["incoming", "outgoing"],
  TargetInput: ["auth", "tls", "id", "created_at", "modified_at", "modified_by"],
  ProviderInput: ["imap", "smtp", "hidden", "built_in", "created_at", "modified_at", "modified_by"],
  RuleInput: ["scope", "condition", "actions", "id", "created_at", "modified_at", "modified_by"],
  EventRuleInput: ["when", "then", "id", "created_at", "modified_at", "modified_by"],
  ProfileInput: ["channels", "quiet_hours", "id", "created_at", "modified_at", "modified_by"],
  SilenceInput: ["integrations", "id", "created_at", "modified_at", "modified_by"],
};

/** The same with what is inside of them, as paths ("tls.verify"). */
function paths(all, schema, depth = 0) {
  const found = schema?.$ref ? all[schema.$ref.split("/").at(-1)] : schema;
  return Object.entries(found?.properties ?? {})
    .filter(([, type]) => !type.readOnly)
    .flatMap(([name, type]) => {
      const inner = depth < 2 ? paths(all, type, depth + 1) : [];
      return inner.length ? inner.map((each) => `${name}.${each}`) : [name];
    });
}

/** All property names of a schema, its references followed. */
function properties(all, schema) {
  if (!schema) return [];
  if (schema.$ref) return properties(all, all[schema.$ref.split("/").at(-1)]);
  const own = Object.entries(schema.properties ?? {})
    .filter(([, type]) => !type.readOnly)
    .map(([name]) => name);
  return [...(schema.allOf ?? []).flatMap((each) => properties(all, each)), ...own];
}

const target_types = ["webhook", "raw", "osticket", "rt", "redmine", "zammad", "rails_relay", "smtp", "imap_append", "pull"];

/** The names on the form; the description is read after it is there: once no field is added any more. */
function names_of(tab) {
  return tab.evaluate(async () => {
    const found = () => [...document.querySelectorAll("[name], .api-name")].map((e) => e.name ?? e.textContent);
    let last = found();
    for (let same = 0; same < 5; ) {
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30)));
      const now = found();
      same = now.length === last.length ? same + 1 : 0;
      last = now;
    }
    return last;
  });
}

/** The names that come with another choice: a folder to move to, days, a server without TLS. */
function names_by_choice(tab) {
  return tab.evaluate(async () => {
    const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20)));
    const found = new Set();
    const chosen = [...document.querySelectorAll("select[name$='.action'], select[name$='.security']")];
    for (const { name } of chosen) {
      const select = () => document.querySelector(`select[name='${name}']`);
      for (const { value } of [...select().options]) {
        select().value = value;
        select().dispatchEvent(new Event("change", { bubbles: true }));
        await drawn();
        for (const each of document.querySelectorAll("[name]")) found.add(each.name);
      }
    }
    return [...found];
  });
}

test("every field of the API's description is on its form", async (t) => {
  const postern = await with_admin(t);
  const { id } = await postern.api("POST", "/integrations", {
    ...quiet("Support"),
    outgoing: {
      enabled: true,
      host: "smtp.example.test",
      port: 587,
      security: "starttls",
      auth: { method: "password", username: "somebody", password: "not-used-anywhere" },
    },
  });
  const description = await (await fetch(`${postern.url}/openapi.json`)).json();
  const schemas = description.components.schemas;
  const browser = await open_browser(t);
  const { tab, seen } = await open_tab(browser, postern.url);
  await sign_in(tab, admin.name, admin.password);
  await tab.evaluate(() => localStorage.setItem("postern.api-names", "1"));
  const missing = [];
  let looked_at = 0;
  const seen_on = new Map(); // each form is looked at once
  for (const [where, title, schema, under] of forms) {
    if (!schemas[schema]) continue;
    if (!seen_on.has(where)) {
      await tab.goto("about:blank");
      await tab.goto(`/#/${where.replace("ID", id)}`);
      await heading(tab, title);
      await tab.waitForFunction(() => !document.body.hasAttribute("data-calls"));
      const found = await names_of(tab);
      // A target has the fields of its type alone.
      for (const type of schema === "TargetInput" ? target_types : []) {
        await tab.selectOption("[name=type]", type);
        found.push(...(await names_of(tab)));
      }
      if (where.startsWith("integrations/")) found.push(...(await names_by_choice(tab)));
      seen_on.set(where, found);
    }
    const names = seen_on.get(where);
    const deep = /^(Integration|Incoming|Outgoing)Input$/.test(schema);
    for (const name of (deep ? paths : properties)(schemas, schemas[schema])) {
      if (otherwise[schema]?.some((each) => name === each || (deep && name.startsWith(`${each}.`)))) continue;
      looked_at += 1;
      const path = under ? `${under}.${name}` : name;
      // What is inside another may be one field of JSON.
      const within = (each) => deep && each && path.startsWith(`${each}.`);
      const there = names.some((each) => each === path || each?.startsWith(`${path}.`) || within(each));
      if (!there) missing.push(`${where}: ${path}`);
    }
  }
  console.log(`${looked_at} fields looked for`);

  assert.ok(looked_at >= 50, `${looked_at} fields`);
  assert.deepEqual(missing, []);
  assert.deepEqual(seen.errors, []);
});
