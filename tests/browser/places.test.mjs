// Every call of the API has its place on the page: the server's own description against a list of
// where each is called. A new call without a place fails here, as does a place that is gone.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { with_admin } from "./lib/stage.mjs";

const pages = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../web/pages");

// What the page reaches by another call that shows or does the same, and why.
const patched = "the forms save by PATCH";
const listed = "its list shows all there is to one";
const elsewhere = {
  "PUT /integrations/{integration}": patched,
  "PUT /targets/{target}": patched,
  "PUT /rules/{rule}": patched,
  "PUT /providers/{provider}": patched,
  "PUT /oauth/apps/{app}": patched,
  "PUT /silences/{silence}": patched,
  "PUT /event-rules/{rule}": patched,
  "PUT /profiles/{profile}": patched,
  "GET /tokens/{token}": listed,
  "GET /users/{user}": listed,
  "GET /problems/{problem}": listed,
  "GET /oauth/callback": "the provider sends the browser there",
  "GET /acknowledge/{problem}": "the link in a notice leads there",
  "POST /acknowledge/{problem}": "the button on that page",
  "GET /messages/{message}/text": "the message itself has its text; the raw mail has all of it",
};

// A resource with a form of its own: ResourceForm reads, changes and deletes at its path.
const form = (file, base) => ({ [`POST ${base}`]: file, [`GET ${base}/{}`]: file, [`PATCH ${base}/{}`]: file, [`DELETE ${base}/{}`]: file });
const by_form = {
  ...form("screens/targets.js", "/targets"),
  ...form("screens/rules.js", "/rules"),
  ...form("screens/setting_forms.js", "/providers"),
  ...form("screens/setting_forms.js", "/oauth/apps"),
  ...form("screens/alert_forms.js", "/silences"),
  ...form("screens/alert_forms.js", "/event-rules"),
  ...form("screens/alert_forms.js", "/profiles"),
};

/** Where each other call stands: the file, and what of it must be there. */
const places = {
  "POST /integrations/bulk": ["parts/bulk_acts.js", '"/integrations/bulk"'],
  "POST /integrations/test": ["screens/integration_form.js", '"/integrations/test"'],
  "POST /integrations/{}/test": ["screens/integration.js", "path=${`${path}/test`}"],
  "POST /integrations/{}/submission-password": ["parts/submission_password.js", "await post(path)"],
  "DELETE /integrations/{}/submission-password": ["parts/submission_password.js", 'send("DELETE", path)'],
  "GET /integrations": ["screens/integrations.js", "`/integrations${query_of("],
  "POST /integrations": ["screens/integration_form.js", 'send("POST", "/integrations"'],
  "GET /integrations/{}": ["screens/integration.js", "`/integrations/${encodeURIComponent(id)}`"],
  "PATCH /integrations/{}": ["screens/integration_form.js", 'send("PATCH", path'],
  "DELETE /integrations/{}": ["screens/integration.js", 'send("DELETE", path'],
  "POST /integrations/{}/enable": ["screens/integration.js", "`${path}/enable`"],
  "POST /integrations/{}/disable": ["screens/integration.js", "`${path}/disable`"],
  "POST /integrations/{}/check": ["screens/integration.js", "`${path}/check`"],
  "POST /integrations/{}/make-default": ["screens/integration.js", "`${path}/make-default`"],
  "POST /integrations/{}/send-test": ["parts/send_test.js", "/send-test`"],
  "GET /integrations/{}/activity": ["parts/activity.js", "`${path}/activity`"],
  "GET /integrations/{}/transcript": ["parts/activity.js", "`${path}/transcript?"],
  "POST /integrations/{}/transcript": ["parts/activity.js", "post(`${path}/transcript`"],
  "GET /integrations/{}/checks": ["parts/integration_status.js", "/checks`"],
  "PATCH /deliveries/{}": ["screens/sent.js", 'send("PATCH", `/deliveries/'],
  "GET /deliveries": ["screens/sent.js", "`/deliveries${asked}`"],
  "GET /deliveries/{}": ["screens/sent.js", "`/deliveries/${encodeURIComponent(id)}`"],
  "GET /deliveries/{}/raw": ["screens/sent.js", "/raw`"],
  "GET /deliveries/{}/attempts": ["screens/sent.js", "/attempts`"],
  "GET /deliveries/{}/transcript": ["screens/sent.js", "/transcript`"],
  "POST /deliveries/{}/retry": ["screens/sent.js", 'act("retry"'],
  "POST /deliveries/{}/hold": ["screens/sent.js", 'act("hold"'],
  "POST /deliveries/{}/release": ["screens/sent.js", 'act("release"'],
  "POST /deliveries/{}/cancel": ["screens/sent.js", 'act("cancel"'],
  "POST /send": ["screens/compose.js", 'post("/send"'],
  "POST /send/preview": ["screens/compose.js", 'post("/send/preview"'],
  "GET /messages": ["screens/received.js", "`/messages${query_of("],
  "GET /messages/{}": ["screens/message.js", "`/messages/${encodeURIComponent(id)}`"],
  "GET /messages/{}/raw": ["screens/message.js", "${path}/raw`"],
  "GET /messages/{}/html": ["parts/mail_frame.js", "/html`"],
  "GET /messages/{}/attachments/{}": ["screens/message.js", "/attachments/${a.index}`"],
  "POST /messages/{}/handover": ["screens/message.js", 'acted("handover"'],
  "POST /messages/{}/reprocess": ["screens/message.js", 'acted("reprocess"'],
  "POST /messages/reprocess": ["screens/quarantine.js", "`/messages/reprocess"],
  "GET /targets": ["screens/targets.js", 'use_list("/targets"'],
  "POST /targets/{}/rotate-secret": ["screens/targets.js", "/rotate-secret`"],
  "POST /targets/test": ["screens/targets.js", '"/targets/test"'],
  "POST /targets/{}/test": ["screens/targets.js", "`${path}/test`"],
  "POST /targets/{}/replay": ["screens/targets.js", "`${path}/replay`"],
  "GET /handovers": ["screens/targets.js", "`/handovers?target="],
  "POST /handovers/{}/retry": ["screens/targets.js", "`/handovers/${id}/retry`"],
  "GET /rules": ["screens/rules.js", 'use_list("/rules"'],
  "POST /rules/reorder": ["screens/rules.js", '"/rules/reorder"'],
  "POST /rules/try": ["screens/rules.js", '"/rules/try"'],
  "POST /pull/{}/lease": ["parts/pull_by_hand.js", "`${path}/lease`"],
  "POST /pull/{}/ack": ["parts/pull_by_hand.js", "`${path}/ack`"],
  "POST /pull/{}/nack": ["parts/pull_by_hand.js", "`${path}/nack`"],
  "GET /events": ["screens/alerts.js", "`/events${"],
  "GET /tokens": ["parts/tokens.js", 'use_list("/tokens")'],
  "POST /tokens": ["parts/tokens.js", 'post("/tokens"'],
  "DELETE /tokens/{}": ["parts/tokens.js", 'send("DELETE", `/tokens/'],
  "GET /session": ["lib/session.js", 'get("/session")'],
  "POST /session": ["lib/session.js", 'send("POST", "/session"'],
  "DELETE /session": ["lib/session.js", 'send("DELETE", "/session")'],
  "POST /session/first-start": ["lib/session.js", '"/session/first-start"'],
  "POST /session/address": ["parts/account.js", 'send("POST", "/session/address"'],
  "POST /session/password": ["parts/account.js", '"/session/password"'],
  "POST /session/address": ["parts/account.js", '"/session/address"'],
  "GET /sessions": ["parts/account.js", '"/sessions"'],
  "DELETE /sessions": ["parts/account.js", 'send("DELETE", "/sessions")'],
  "DELETE /sessions/{}": ["parts/account.js", 'send("DELETE", `/sessions/'],
  "GET /users": ["parts/users.js", 'use_list("/users")'],
  "POST /users": ["parts/users.js", '"/users"'],
  "PATCH /users/{}": ["parts/users.js", '"PATCH", `/users/'],
  "DELETE /users/{}": ["parts/users.js", 'send("DELETE", `/users/'],
  "GET /audit": ["screens/audit.js", "`/audit${query_of("],
  "GET /providers": ["parts/providers.js", "`/providers${"],
  "GET /oauth/apps": ["parts/oauth_apps.js", 'use_list("/oauth/apps"'],
  "POST /oauth/authorize": ["parts/oauth_panel.js", 'post("/oauth/authorize"'],
  "POST /oauth/device": ["parts/oauth_panel.js", 'post("/oauth/device"'],
  "GET /oauth/device/{}": ["parts/oauth_panel.js", "get(`/oauth/device/"],
  "GET /oauth/grants": ["parts/oauth_apps.js", 'use_list("/oauth/grants"'],
  "GET /oauth/grants/{}": ["parts/oauth_panel.js", "use_resource(`/oauth/grants/"],
  "DELETE /oauth/grants/{}": ["parts/oauth_panel.js", 'send("DELETE", `/oauth/grants/'],
  "GET /stats": ["screens/overview.js", 'use_resource("/stats"'],
  "GET /about": ["parts/about.js", '"/about"'],
  "GET /health": ["parts/about.js", '"/health"'],
  "POST /backup": ["parts/backup.js", '"/backup"'],
  "GET /problems": ["screens/alerts.js", "`/problems${"],
  "POST /problems/{}/acknowledge": ["parts/problem_card.js", "/acknowledge`"],
  "GET /notices": ["screens/alerts.js", '"/notices"'],
  "GET /silences": ["screens/alerts.js", 'use_list("/silences"'],
  "GET /settings": ["parts/gateway_settings.js", 'use_resource("/settings")'],
  "PATCH /settings": ["parts/gateway_settings.js", '"PATCH", "/settings"'],
  "POST /notify": ["screens/alerts.js", 'post("/notify"'],
  "GET /event-rules": ["screens/alerts.js", 'use_list("/event-rules")'],
  "GET /event-rules/{}/runs": ["parts/event_rule_parts.js", "/runs`"],
  "POST /event-rules/try": ["parts/event_rule_parts.js", '"/event-rules/try"'],
  "POST /event-rules/{}/test": ["parts/event_rule_parts.js", "`${path}/test`"],
  "POST /profiles/{}/test": ["screens/alert_forms.js", "`/profiles/${profile_.id}`"],
  "GET /profiles": ["screens/alerts.js", 'use_list("/profiles")'],
  "GET /healthz": ["parts/about.js", 'href="/healthz"'],
  "GET /readyz": ["lib/live.js", '"/readyz"'],
  "GET /metrics": ["parts/about.js", 'href="/metrics"'],
  "GET /openapi.json": ["lib/schema.js", '"/openapi.json"'],
};

const text_of = (file) => {
  const whole = path.join(pages, file);
  return fs.existsSync(whole) ? fs.readFileSync(whole, "utf8") : "";
};

/** The page's own files, which are no call of the API. */
const is_page = (where) => ["/", "/style.css"].includes(where) || /^\/(pages|modules|assets)\//.test(where);

test("every call of the API has its place on the page", async (t) => {
  const postern = await with_admin(t);
  const description = await (await fetch(`${postern.url}/openapi.json`)).json();
  const calls = Object.entries(description.paths)
    .filter(([where]) => !is_page(where))
    .flatMap(([where, verbs]) =>
      Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${where.replace("/api/v1", "")}`),
    );
  const short = (call) => call.replaceAll(/\{[^}]+\}/g, "{}");
  const known = new Set([...Object.keys(places), ...Object.keys(by_form)]);
  for (const each of Object.keys(elsewhere)) known.add(short(each));

  const homeless = calls.filter((call) => !known.has(short(call)));
  const gone = Object.entries(places)
    .filter(([, [file, words]]) => !text_of(file).includes(words))
    .map(([call, [file]]) => `${call} in ${file}`);
  for (const [call, file] of Object.entries(by_form)) {
    const base = call.split(" ")[1].replace("/{}", "");
    if (!text_of(file).includes(`path="${base}"`)) gone.push(`${call} in ${file}`);
  }
  const called = new Set(calls.map(short));
  const unknown = [...known].filter((call) => !called.has(call));

  assert.ok(calls.length > 100, `${calls.length} calls`);
  assert.deepEqual(homeless, [], "calls without a place");
  assert.deepEqual(gone, [], "places that are not there");
  assert.deepEqual(unknown, [], "places of calls that there are not");
  t.diagnostic(`${calls.length} calls`);
});
