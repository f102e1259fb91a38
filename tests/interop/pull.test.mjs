// Mail from a real Dovecot to consumers that fetch it: each mail once, over kills of the gateway.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { new_account, with_postern } from "./lib/fixture.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import { until } from "./lib/until.mjs";

let host;
before(async () => (host = await MailHost.start({ smtp: false })));
after(() => host?.stop());

async function pull_fixture(t, target = {}) {
  const account = new_account(host);
  const postern = await with_postern(t, host, { secrets: [account.password] });
  await postern.api("POST", "/targets", { name: "desk", type: "pull", ...target });
  const { token } = await postern.api("POST", "/tokens", { name: "consumer", scopes: ["pull"] });
  const add = () =>
    postern.api("POST", "/integrations", {
      name: "Support",
      address: account.address,
      incoming: host.incoming(account),
    });
  const pull = (act, body) => postern.call("POST", `/pull/desk/${act}`, body, { token });
  const lease = async (body) => {
    const answer = await pull("lease", body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.items;
  };
  return { account, postern, add, pull, lease };
}

const numbered = (account, count) =>
  Array.from({ length: count }, (_, n) => mail({ to: account.address, subject: `mail ${n}` }));

describe("a consumer", () => {
  test("that waits is given a mail the moment it comes", async (t) => {
    const { account, postern, add, pull, lease } = await pull_fixture(t, { raw: true });
    const { id } = await add();
    await postern.status(id, (status) => status.incoming_state === "ok", "first check done");
    const waiting = lease({ wait_s: 30, lease_s: 30 });
    const put = Date.now();
    await host.deliver(account.address, mail({ to: account.address, subject: "now" }));

    const [item] = await waiting;

    assert.ok(Date.now() - put < 5000, `took ${Date.now() - put} ms`);
    assert.equal(item.data.subject, "now");
    assert.match(item.lease_id, /^lse_/);
    assert.deepEqual(
      Buffer.from(item.data.raw_base64, "base64"),
      host.dovecot.mail(account.address, 1),
    );
    const acked = await pull("ack", { lease_ids: [item.lease_id] });
    assert.deepEqual(acked.body, { acknowledged: [item.lease_id], errors: [] });
    const message = await postern.api("GET", `/messages/${item.data.id}`);
    assert.equal(message.state, "handed_over");
  });

  test("gets again what it let run out or gave back, and nobody else meanwhile", async (t) => {
    const { account, postern, add, pull, lease } = await pull_fixture(t);
    await host.deliver(account.address, mail({ to: account.address, subject: "one" }));
    await add();
    const [first] = await lease({ wait_s: 30, lease_s: 2 });
    assert.deepEqual(await lease({}), []);
    const leased = Date.now();

    const [second] = await lease({ wait_s: 30, lease_s: 60 });

    const took = Date.now() - leased;
    assert.ok(took > 500 && took < 4000, `came back after ${took} ms`);
    assert.equal(second.data.id, first.data.id);
    assert.equal(second.handover, first.handover);
    assert.equal((await pull("ack", { lease_ids: [first.lease_id] })).status, 409);
    const waiting = lease({ wait_s: 30 });
    await pull("nack", { lease_ids: [second.lease_id], reason: "no room" });
    const [third] = await waiting;
    assert.equal(third.attempts, 3);
    const both = await pull("ack", { lease_ids: [second.lease_id, third.lease_id] });
    assert.deepEqual(both.body.acknowledged, [third.lease_id]);
    assert.equal(both.body.errors[0].lease_id, second.lease_id);
    const { items } = await postern.api("GET", `/handovers?message=${third.data.id}`);
    assert.equal(items[0].state, "acknowledged");
  });

  test("loses and repeats nothing over kill -9", async (t) => {
    const { account, postern, add, pull, lease } = await pull_fixture(t);
    const count = 60;
    await host.deliver(account.address, ...numbered(account, count));
    await add();
    const acknowledged = new Set();
    const unsure = new Set();
    let kills = 0;
    const consume = async () => {
      for (const item of await lease({ limit: 5, lease_s: 2, wait_s: 2 })) {
        const { subject } = item.data;
        assert.ok(!acknowledged.has(subject), `${subject} came back after its acknowledgement`);
        const answer = await pull("ack", { lease_ids: [item.lease_id] }).catch(() => {
          unsure.add(subject);
        });
        if (answer?.status === 200) acknowledged.add(subject);
      }
    };
    const all = () => new Set([...acknowledged, ...unsure]).size === count;
    const ends = Date.now() + 60000;
    while (!all() && Date.now() < ends) {
      const consumers = [consume(), consume()].map((each) => each.catch((error) => error));
      if (kills < 5 && acknowledged.size >= kills * 8) {
        kills += 1;
        await postern.crash();
        await postern.start();
      }
      for (const error of await Promise.all(consumers)) {
        if (error instanceof assert.AssertionError) throw error;
      }
    }

    assert.ok(all(), `${acknowledged.size} of ${count} acknowledged, ${unsure.size} unsure`);
    assert.ok(kills > 0);
    await until("nothing is left", async () => {
      const items = await lease({ limit: 100 });
      for (const { data, lease_id } of items) {
        assert.ok(!acknowledged.has(data.subject));
        await pull("ack", { lease_ids: [lease_id] });
      }
      const { items: waiting } = await postern.api("GET", "/handovers?state=waiting");
      return waiting.length === 0;
    });
  });

  test("that hangs up leaves its mail to the next, and a stop ends its wait", async (t) => {
    const { account, postern, add, lease } = await pull_fixture(t);
    await add();
    const leaving = new AbortController();
    const gone = fetch(`${postern.url}/api/v1/pull/desk/lease`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${postern.token}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ wait_s: 60, lease_s: 600 }),
      signal: leaving.signal,
    }).catch(() => "gone");
    await new Promise((resolve) => setImmediate(resolve));
    await lease({});
    leaving.abort();
    assert.equal(await gone, "gone");
    await until("the server saw it", () => (postern.log().match(/pull\/desk\/lease/g) ?? []).length > 1);
    await host.deliver(account.address, mail({ to: account.address, subject: "kept" }));
    const [item] = await lease({ wait_s: 30 });
    assert.equal(item.data.subject, "kept");

    const waiting = lease({ wait_s: 60 });
    await lease({});
    const end = await postern.terminate();
    assert.deepEqual(await waiting, []);
    assert.ok(end.ms < 5000, `the stop took ${end.ms} ms`);
  });
});

test("a span is handed over once more", async (t) => {
  const { account, postern, add, pull, lease } = await pull_fixture(t);
  const since = new Date(Date.now() - 1000).toISOString();
  await host.deliver(account.address, ...numbered(account, 3));
  await add();
  const first = [];
  while (first.length < 3) first.push(...(await lease({ wait_s: 30, limit: 3 })));
  await pull("ack", { lease_ids: first.map(({ lease_id }) => lease_id) });

  const { count } = await postern.api("POST", "/targets/desk/replay", { since });

  assert.equal(count, 3);
  const again = await lease({ limit: 10 });
  const ids = (leases) => leases.map(({ data }) => data.id).sort();
  assert.deepEqual(ids(again), ids(first));
  assert.notEqual(again[0].handover, first[0].handover);
  const tested = await postern.api("POST", "/targets/desk/test");
  assert.equal(tested.ok, true);
  assert.equal(tested.waiting, 3);
});
