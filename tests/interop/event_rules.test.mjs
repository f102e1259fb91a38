// Event rules and profiles at work against real servers: a mailbox whose server goes away, mail that
// is refused, and people who are told of it: by webhook, in chat, by SMS gateway, in a log file, by
// a provider, by e-mail through a real Postfix into a real mailbox.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { Webhook } from "standardwebhooks";

import { fixture, new_account } from "./lib/fixture.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { Receiver } from "./lib/receiver.mjs";
import { until } from "./lib/until.mjs";

let host;
before(async () => (host = await MailHost.start()));
after(() => host?.stop());

async function listener(t) {
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  return receiver;
}

/** An integration whose login is refused: imap.login_failed. */
const refused = (account) => ({ ...account, password: "wrong-password-42" });

describe("an event rule", () => {
  test("calls webhooks, web pages, a provider and a log file, each by itself", async (t) => {
    const alerts = await listener(t);
    const provider = await listener(t);
    provider.answer = () => 500;
    const { postern } = await fixture(t, host, {
      incoming: false,
      postern: { secrets: ["canary-credential"] },
    });
    const made = await postern.api("POST", "/event-rules", {
      name: "Tell of refused logins",
      when: { kinds: ["imap.login_failed"], server: "local*", ssl: true },
      then: [
        { type: "provider", url: `http://127.0.0.1:${provider.port}/events` },
        { type: "webhook", url: `${alerts.url}/signed` },
        { type: "webhook", url: `${alerts.url}/slack`, format: "slack" },
        { type: "webhook", url: `${alerts.url}/teams`, format: "teams" },
        { type: "webhook", url: `${alerts.url}/ntfy`, format: "ntfy" },
        {
          type: "web_page",
          method: "PUT",
          url: `${alerts.url}/page?who={{login}}&what={{event.kind}}`,
          headers: { "X-Key": "{{secret}}", "Content-Type": "application/json" },
          secret: "canary-credential",
          body: '{"said": "{{event.message}}"}',
        },
        { type: "log_file", path: "mail/logins.log" },
      ],
    });
    assert.ok(!JSON.stringify(made).includes("canary-credential"));
    const account = refused(new_account(host));
    await postern.api("POST", "/integrations", {
      name: "Refused",
      incoming: host.incoming(account),
    });

    const called = (what) =>
      until(`${what} is called`, () =>
        alerts.requests.find((request) => request.path.startsWith(`/hook/${what}`)),
      );
    const signed = await called("signed");
    const read = new Webhook(made.then[1].secret).verify(signed.body.toString(), signed.headers);
    assert.equal(read.type, "imap.login_failed");
    assert.equal(read.data.integration.name, "Refused");
    assert.equal(read.data.rule.name, "Tell of refused logins");
    assert.match((await called("slack")).json.text, /imap\.login_failed: Refused/);
    const card = (await called("teams")).json.attachments[0];
    assert.equal(card.contentType, "application/vnd.microsoft.card.adaptive");
    assert.match(card.content.body[0].text, /imap\.login_failed: Refused/);
    const ntfy = await called("ntfy");
    assert.match(ntfy.headers.title, /imap\.login_failed: Refused/);
    assert.match(ntfy.body.toString(), /AUTHENTICATIONFAILED/);
    const page = await called("page");
    assert.equal(page.path, `/hook/page?who=${encodeURIComponent(account.address)}&what=imap.login_failed`);
    assert.equal(page.headers["x-key"], "canary-credential");
    assert.match(page.json.said, /AUTHENTICATIONFAILED/);
    const log = path.join(postern.data, "logs/mail/logins.log");
    await until("the log has a line", () => fs.existsSync(log) && fs.readFileSync(log, "utf8"));
    assert.match(fs.readFileSync(log, "utf8"), /imap\.login_failed integration="Refused"/);

    await until("the provider's trouble is told", async () => {
      const events = await postern.list("/events?kind=event_rule.action_failed");
      return events.length === 1 && events[0].data.type === "provider";
    });
    const asked = provider.requests[0].json;
    assert.equal(asked.contract, "postern.events/1");
    assert.equal(asked.event.kind, "imap.login_failed");
    // A receiver has its call before Postern has written down that it was answered.
    const runs = await until("every other run is done", async () => {
      const all = await postern.list(`/event-rules/${made.id}/runs`);
      return all.filter((run) => run.state === "done").length === 6 && all;
    });
    assert.equal(runs.length, 7);
    assert.equal(runs.find((run) => run.type === "provider").status, 500);
    for (const where of [`/event-rules/${made.id}`, `/event-rules/${made.id}/runs`, "/events"]) {
      const shown = JSON.stringify(await postern.api("GET", where));
      assert.ok(!shown.includes("canary-credential") && !shown.includes("whsec_"), where);
    }
  });

  test("goes to no address that [egress] denies, and follows no redirect", async (t) => {
    const inside = await listener(t);
    const outside = await listener(t);
    outside.answer = () => ({ status: 302, headers: { location: `${inside.url}/secret` } });
    const { postern } = await fixture(t, host, {
      incoming: false,
      postern: { env: { POSTERN_EGRESS_DENY: "127.0.0.2/32" } },
    });
    const made = await postern.api("POST", "/event-rules", {
      name: "r",
      then: [
        { type: "web_page", url: `${outside.url}/go` },
        { type: "web_page", url: `http://127.0.0.2:${inside.port}/` },
      ],
    });
    const redirected = await postern.api("POST", `/event-rules/${made.id}/test`, { action: 0 });
    assert.equal(redirected.ok, false);
    assert.equal(redirected.status, 302);
    const denied = await postern.api("POST", `/event-rules/${made.id}/test`, { action: 1 });
    assert.equal(denied.ok, false);
    assert.equal(denied.status, null);
    assert.equal(inside.requests.length, 0);
  });

  test("tells once within its time and then how many more there were, over a crash", async (t) => {
    const alerts = await listener(t);
    const { postern, add } = await fixture(t, host, { incoming: false, outgoing: {} });
    const { id } = await add();
    const rule = await postern.api("POST", "/event-rules", {
      name: "r",
      when: { kinds: ["smtp.final_delivery_failed"], recipient: "*@nowhere.test" },
      then: [{ type: "webhook", url: alerts.url }],
      max_frequency_s: 20,
    });
    const refuse = async () => {
      const sent = await postern.api("POST", "/send", {
        integration: id,
        mode: "sync",
        to: "nobody@nowhere.test",
        subject: "s",
        text: "t",
      });
      assert.equal(sent.state, "failed", JSON.stringify(sent));
    };
    host.postfix.policy = ({ protocol_state }) =>
      protocol_state === "RCPT" ? "550 5.1.1 no such person" : undefined;
    t.after(() => (host.postfix.policy = () => undefined));
    await refuse();
    await until("the first notice", () => alerts.requests.length === 1);
    for (let i = 0; i < 4; ++i) await refuse();
    await postern.crash();
    await postern.start();
    const last = await until(
      "the second notice",
      () => alerts.requests.length > 1 && alerts.requests.at(-1),
      60000,
    );
    assert.equal(alerts.requests.length, 2);
    assert.equal(last.json.data.held_back, 4);
    assert.match(last.body.toString(), /4 more since/);
    assert.ok(last.at - alerts.requests[0].at >= 15000);
    const { status } = await postern.api("GET", `/event-rules/${rule.id}`);
    assert.equal(status.times_fired, 2);
  });
});
