// A real Request Tracker as a target: tickets by its mail gateway, its refusals, its absence.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { new_account, with_postern } from "./lib/fixture.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import { RequestTracker } from "./lib/request_tracker.mjs";
import { until } from "./lib/until.mjs";

let host;
let tracker;
before(async () => {
  host = await MailHost.start({ smtp: false });
  tracker = await RequestTracker.start();
});
after(async () => {
  await tracker?.stop();
  await host?.stop();
});

const handover = (postern, state) =>
  until(
    `a hand-over that is ${state}`,
    async () => {
      const all = await postern.list("/handovers");
      return all.find((one) => one.state === state) ?? Promise.reject(JSON.stringify(all));
    },
    120000,
  );

describe("Request Tracker", () => {
  test("refuses with 200, and is believed; then it makes a ticket, and an answer joins it", async (t) => {
    const account = new_account(host);
    const postern = await with_postern(t, host, { secrets: [account.password] });
    const target = await postern.api("POST", "/targets", {
      name: "desk",
      type: "rt",
      url: tracker.url,
    });
    const tested = await postern.api("POST", `/targets/${target.id}/test`);
    assert.equal(tested.ok, true, JSON.stringify(tested));
    const wrong = await postern.api("POST", `/targets/${target.id}/test`, {
      url: `${tracker.url}/nowhere`,
    });
    assert.equal(wrong.ok, false, JSON.stringify(wrong));
    assert.equal(wrong.steps.at(-1).field, "/url");

    await host.deliver(
      account.address,
      mail({ from: "anna@example.test", to: account.address, subject: "printer" }),
    );
    const { id } = await postern.api("POST", "/integrations", {
      name: "Support",
      address: account.address,
      incoming: host.incoming(account),
    });
    const refused = await handover(postern, "parked");
    assert.match(refused.last_error, /^refused for good: HTTP 200 not ok/);
    assert.equal(refused.attempts, 1);
    assert.deepEqual(await tracker.tickets(), []);

    await tracker.let_everyone_in();
    await tracker.pause(); // rights are cached by the running server
    await postern.api("POST", `/handovers/${refused.id}/retry`);
    await until("a try while it is away", async () => {
      const one = (await postern.list("/handovers")).find((each) => each.id === refused.id);
      return one.state === "waiting" && one.attempts >= 2;
    });
    await tracker.serve();
    await postern.api("POST", `/handovers/${refused.id}/retry`);
    const taken = await handover(postern, "acknowledged");
    assert.equal(taken.id, refused.id);
    const [ticket] = await tracker.tickets();
    assert.equal(ticket.subject, "printer");
    assert.equal(ticket.requestor, "anna@example.test");
    assert.match(ticket.mails[0].text, /Hello\./);

    await host.deliver(
      account.address,
      mail({
        from: "anna@example.test",
        to: account.address,
        subject: `Re: [desk.test #${ticket.id}] printer`,
        body: "Still broken.\n",
      }).replace("Subject:", "X-RT-Action: resolve\nX-Zammad-Ticket-Owner: mallory\nSubject:"),
    );
    await postern.api("POST", `/integrations/${id}/check`);
    const [joined] = await until(
      "the answer is in the ticket",
      async () => {
        const all = await tracker.tickets();
        return all[0].mails.length === 2 && all;
      },
      120000,
    );
    assert.match(joined.mails[1].text, /Still broken/);
    assert.ok(!/X-RT-Action|X-Zammad/.test(joined.mails[1].headers), joined.mails[1].headers);
    assert.equal((await tracker.tickets()).length, 1);
  });
});
