// Bounces of a real Postfix find the mail they are about: its recipient's state, one event, the
// bounce in MESSAGE. And GET /deliveries, searched as people do.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { fixture, new_account } from "./lib/fixture.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { until } from "./lib/until.mjs";

let host;
before(async () => (host = await MailHost.start()));
after(() => host?.stop());

const both_ways = async (t) => {
  const made = await fixture(t, host, { outgoing: {} });
  made.integration = await made.add();
  made.send = (body) =>
    made.postern.api("POST", "/send", { integration: "Support", text: "x", ...body });
  made.bounced = (id) =>
    until(`a bounced recipient of ${id}`, async () => {
      const delivery = await made.postern.delivery(id);
      return delivery.per_recipient.some((one) => one.bounced_at) ? delivery : undefined;
    });
  return made;
};

test("a recipient that the server behind does not know changes the delivery", async (t) => {
  const made = await both_ways(t);
  const known = new_account(host, "known");
  const nobody = "Nobody.Here@example.test";
  const sent = await made.send({ to: [known.address, nobody], subject: "half of it" });

  const delivery = await made.bounced(sent.id);
  assert.equal(delivery.state, "sent");
  assert.equal(delivery.result_code, 52);
  assert.equal(delivery.partial, true);
  const [first, second] = delivery.per_recipient;
  assert.equal(first.result_code, 0);
  assert.equal(first.bounced_at, null);
  assert.equal(second.address, nobody);
  assert.equal(second.result_code, 51);
  assert.match(second.enhanced_code, /^5\.\d+\.\d+$/);
  assert.match(second.message, /550/);

  const [event] = await made.postern.list("/events?kind=message.bounced");
  assert.equal(event.integration.id, made.integration.id);
  assert.equal(event.data.delivery, sent.id);
  assert.equal(event.data.recipient, nobody);
  assert.equal(event.data.status, second.enhanced_code);

  const { bounce } = await until("the bounce is handed over", () =>
    made.receiver.mails().find((data) => data.class === "bounce"),
  );
  assert.equal(bounce.delivery, sent.id);
  assert.equal(bounce.original_message_id, sent.message_id);
  assert.deepEqual(
    bounce.recipients.map(({ address, action }) => [address.toLowerCase(), action]),
    [[nobody.toLowerCase(), "failed"]],
  );
});

test("a delivery of which nothing arrived has failed", async (t) => {
  const made = await both_ways(t);
  const sent = await made.send({ to: "gone@example.test", subject: "all of it" });
  const delivery = await made.bounced(sent.id);
  assert.equal(delivery.state, "failed");
  assert.equal(delivery.result_code, 51);
  assert.equal(delivery.success, false);
  assert.equal(delivery.retryable, false);
});

test("a bounce by a stranger is not believed", async (t) => {
  const made = await both_ways(t);
  const known = new_account(host, "known");
  const sent = await made.send({ to: known.address });
  await made.postern.settled(sent.id);
  const forged = (recipient, message_id) =>
    [
      "From: MAILER-DAEMON@evil.test",
      `To: ${made.account.address}`,
      `Message-ID: <forged-${recipient}>`,
      "Subject: Undelivered",
      "Content-Type: multipart/report; report-type=delivery-status; boundary=B",
      "",
      "--B",
      "Content-Type: message/delivery-status",
      "",
      "Reporting-MTA: dns; evil.test",
      "",
      `Final-Recipient: rfc822; ${recipient}`,
      "Action: failed",
      "Status: 5.1.1",
      "",
      "--B",
      "Content-Type: text/rfc822-headers",
      "",
      `Message-ID: ${message_id}`,
      "",
      "--B--",
      "",
    ].join("\n");
  await host.deliver(
    made.account.address,
    forged(known.address, "<guessed@example.test>"),
    forged("someone@else.test", sent.message_id),
  );
  await until("both were read", () => {
    const ids = made.receiver.mails().map(({ message_id }) => message_id);
    return [`<forged-${known.address}>`, "<forged-someone@else.test>"].every((id) =>
      ids.includes(id),
    );
  });
  const delivery = await made.postern.delivery(sent.id);
  assert.equal(delivery.state, "sent");
  assert.equal(delivery.result_code, 0);
  assert.deepEqual(await made.postern.list("/events?kind=message.bounced"), []);
});

test("deliveries are found by recipient, sender, subject, Message-ID and time", async (t) => {
  const made = await both_ways(t);
  const known = new_account(host, "known");
  const first = await made.send({ to: known.address, subject: "Invoice 17" });
  const second = await made.send({ to: "b@bücher.test", subject: "Größe" });
  await made.postern.settled(first.id);
  await made.postern.settled(second.id);
  const created = (await made.postern.delivery(first.id)).created_at;
  const found = async (query) => {
    const items = await made.postern.list(`/deliveries?${new URLSearchParams(query)}`);
    return items.map(({ id }) => id);
  };
  assert.deepEqual(await found({ recipient: known.address.toUpperCase() }), [first.id]);
  assert.deepEqual(await found({ recipient: "b@bücher.test" }), [second.id]);
  assert.deepEqual(await found({ recipient: "known" }), []);
  assert.deepEqual(await found({ sender: made.account.address }), [second.id, first.id]);
  assert.deepEqual(await found({ subject: "invoice" }), [first.id]);
  assert.deepEqual(await found({ subject: "Größe" }), [second.id]);
  assert.deepEqual(await found({ message_id: first.message_id }), [first.id]);
  assert.deepEqual(await found({ message_id: first.message_id.slice(1, -1) }), [first.id]);
  assert.deepEqual(await found({ until: created }), []);
  assert.deepEqual(await found({ since: created, until: "2200-01-01" }), [second.id, first.id]);
  assert.deepEqual(await found({ state: "sent", integration: "Support", subject: "17" }), [
    first.id,
  ]);
  for (const query of [{ since: "yesterday" }, { subject: "" }, { state: "gone" }]) {
    const answer = await made.postern.call("GET", `/deliveries?${new URLSearchParams(query)}`);
    assert.equal(answer.status, 400, JSON.stringify(query));
  }
});
