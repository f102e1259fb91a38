// Script, markup and control characters wherever others' words are shown: subjects, names, file
// names, folder names, servers' answers, HTML bodies. Nothing runs, nothing is loaded, nothing asks.
import assert from "node:assert/strict";
import { test } from "node:test";

import { new_account } from "../interop/lib/fixture.mjs";
import { MailHost } from "../interop/lib/mail_host.mjs";
import { Receiver } from "../interop/lib/receiver.mjs";
import { until } from "../interop/lib/until.mjs";
import { open_browser, open_tab, shoot, sign_in } from "./lib/browser.mjs";
import { admin, quiet, with_admin } from "./lib/stage.mjs";
import { Trap } from "./lib/trap.mjs";

const markup = (url) => [
  `<img src="${url}/img" onerror="alert(1);window.ran=1">`,
  `<script src="${url}/script.js"></script><script>window.ran=2;alert(2)</script>`,
  `"><svg onload="window.ran=3;fetch('${url}/svg')">`,
  `javascript:window.ran=4`,
  `{{constructor.constructor("window.ran=5")()}}`,
];

const bidi_and_control = "\u202efdp.exe \u0007\u001b[31m \u2066x";

function hostile_mail(account, url, subject) {
  const word = (text) => `=?utf-8?B?${Buffer.from(text).toString("base64")}?=`;
  const html = `<html><head><base href="${url}/"><meta http-equiv="refresh" content="0;url=${url}/refresh">
<link rel="stylesheet" href="${url}/style.css"><style>@import url("${url}/import.css");
body { background: url("${url}/background.png") }</style><script>window.ran=6;parent.ran=6;alert(6)</script></head>
<body onload="window.ran=7"><p id="seen">A harmless paragraph.</p>${markup(url).join("")}
<iframe src="${url}/frame"></iframe><object data="${url}/object"></object><embed src="${url}/embed">
<video src="${url}/video" poster="${url}/poster"></video><audio src="${url}/audio" autoplay></audio>
<form action="${url}/form"><input name="a" autofocus onfocus="window.ran=8"><button>Send</button></form>
<a href="javascript:alert(9)">link</a><img srcset="${url}/srcset 2x" src="${url}/again.png">
<input type="image" src="${url}/input.png"><table background="${url}/table.png"></table></body></html>`;
  return (
    `From: ${word(markup(url)[0])} <evil@example.test>\nTo: ${account.address}\n` +
    `Subject: ${word(subject)}\nMessage-ID: <${Date.now()}.hostile@example.test>\n` +
    `X-Evil: ${markup(url)[0]}\nMIME-Version: 1.0\n` +
    `Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=c\n\n` +
    `--c\nContent-Type: text/plain; charset=utf-8\n\n${markup(url).join("\n")}\n` +
    `--c\nContent-Type: text/html; charset=utf-8\n\n${html}\n--c--\n` +
    `--b\nContent-Type: text/html\nContent-Disposition: attachment; filename*=utf-8''${encodeURIComponent(markup(url)[0])}\n\n` +
    `<script>window.ran=10</script>\n--b--\n`
  );
}

/** Everything else that has a name or words of somebody's; where on the page each is shown. */
async function name_all_else(postern, integration, [evil, script, svg]) {
  const make = (where, body) => postern.api("POST", where, body);
  const mail = { type: "email", to: ["a@example.test"], subject: evil, text: script, html: svg };
  const rule = await make("/rules", {
    name: `rule ${evil}`,
    condition: { field: "subject", op: "contains", value: svg },
    actions: { tags: ["a"], ignore: script },
  });
  const alert = await make("/event-rules", {
    name: `alert ${evil}`,
    when: { kinds: ["imap.login_failed"], server: svg },
    then: [mail, { type: "web_page", url: "http://127.0.0.1:1/", method: "POST", body: script }],
  });
  const profile = await make("/profiles", { name: `duty ${evil}`, channels: [mail] });
  const silence = await make("/silences", { integrations: [integration], reason: script });
  await make("/users", { name: "<img src=x onerror=window.ran=11>", role: "viewer", password: "a-long-password-42" });
  await make("/tokens", { name: "<svg onload=window.ran=12>", scopes: ["read"] });
  await make("/providers", {
    id: "evil",
    name: `mail ${evil}`,
    notes: script,
    logins: ["password"],
    imap: { host: "imap.example.test", port: 993, security: "tls" },
  });
  const app = await make("/oauth/apps", {
    name: `app ${evil}`,
    provider: "google",
    client_id: svg,
    client_secret: "not-a-secret-of-anybody",
  });
  await postern.api("PATCH", "/settings", { notices: { subject: `{{status}} ${evil}` } });
  const settings = ["general", "account", "users", "tokens", "oauth", "providers", "about"];
  return [
    ...["problems", "events", "notices", "rules", "profiles", "silences"].map((each) => `alerts/${each}`),
    ...[`rules/${rule.id}`, `alerts/rules/${alert.id}`, `alerts/profiles/${profile.id}`],
    `alerts/silences/${silence.id}`,
    ...settings.map((each) => `settings/${each}`),
    ...["settings/providers/evil", `settings/oauth/${app.id}`],
  ];
}

test("hostile words run nothing, load nothing and ask nothing on any page", async (t) => {
  const trap = await Trap.start();
  t.after(() => trap.stop());
  const host = await MailHost.start({ smtp: true });
  t.after(() => host.stop());
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  receiver.answer = () => ({ status: 500, body: markup(trap.url)[0] });
  const account = new_account(host);
  const postern = await with_admin(t, { authority: host.certificates.ca.certificate });
  const [evil, script, svg] = markup(trap.url);
  const target = await postern.add_target(receiver, { name: `Desk ${evil}` });
  const { id } = await postern.api("POST", "/integrations", {
    name: `Support ${evil}`,
    description: script,
    display_name: bidi_and_control.replaceAll(/[\u0000-\u001f]/g, ""),
    address: account.address,
    incoming: { ...host.incoming(account), more_folders: [`Box <img src=x onerror=alert(1)>`] },
    outgoing: host.outgoing(account),
  });
  // A server whose greeting is markup: its words come into errors, activity and the transcript.
  const bad = await postern.api("POST", "/integrations", {
    ...quiet(`Sales ${svg}`),
    enabled: true,
    incoming: {
      ...quiet("x").incoming,
      host: "127.0.0.1",
      port: trap.line_port,
      security: "starttls",
      tls: { verify: false },
    },
  });
  const subjects = [...markup(trap.url), bidi_and_control];
  for (const subject of subjects) {
    await host.deliver(account.address, hostile_mail(account, trap.url, subject));
  }
  const messages = await until("all are received", async () => {
    const items = await postern.list("/messages");
    return items.length >= subjects.length && items;
  });
  const sent = await postern.api("POST", "/send", {
    integration: id,
    to: ["nobody@example.test"],
    subject: `sent ${evil}`,
    text: script,
    html: evil,
    tags: [evil.slice(0, 64)],
  });
  await postern.status(bad.id, (status) => status.consecutive_incoming_errors > 0, "it fails");

  const more = await name_all_else(postern, id, markup(trap.url));

  const browser = await open_browser(t);
  const { tab, seen } = await open_tab(browser, postern.url);
  await sign_in(tab, admin.name, admin.password);
  const tabs = ["general", "incoming", "outgoing", "rules", "monitoring", "activity", "edit"];
  const pages = [
    "",
    "integrations",
    ...tabs.flatMap((each) => [`integrations/${id}/${each}`, `integrations/${bad.id}/${each}`]),
    ...["received", "sent", "queue", "quarantine", "rules", "rules/new", "targets", "audit"],
    ...[`targets/${target.id}`, `sent/${sent.id}`, "compose", ...more],
  ];
  let shown = 0;
  for (const where of pages) {
    await tab.goto("about:blank");
    await tab.goto(`/#/${where}`);
    await tab.locator("main#main").getByRole("heading", { level: 1 }).waitFor();
    await tab.waitForFunction(() => !document.body.hasAttribute("data-calls"));
    assert.equal(await tab.evaluate(() => window.ran), undefined, `nothing ran on ${where}`);
    shown += (await tab.locator("main#main").innerText()).includes("onerror=") ? 1 : 0;
  }
  assert.ok(shown >= 8, `the words are shown as words (${shown} pages)`);
  for (const message of messages.slice(0, subjects.length)) {
    await tab.goto(`/#/received/${message.id}`);
    for (const name of ["Text", "HTML", "Headers", /^Parts/, "Raw", "Rules", /^Hand-overs/]) {
      await tab.getByRole("tab", { name }).click();
      if (name !== "HTML") continue;
      const frame = tab.frameLocator("iframe");
      await frame.getByText("A harmless paragraph.").waitFor();
      await shoot(tab, "hostile-html");
    }
    assert.equal(await tab.evaluate(() => window.ran), undefined, "nothing ran");
  }
  const heading = await tab.locator("main#main h1").innerText();
  assert.ok(!/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/.test(heading), "no control character");

  assert.deepEqual(trap.requests, [], "nothing was loaded");
  assert.deepEqual(seen.elsewhere, [], "nothing elsewhere was asked for");
  assert.deepEqual(seen.dialogs, [], "nothing asked");
  assert.deepEqual(seen.errors, []);
});
