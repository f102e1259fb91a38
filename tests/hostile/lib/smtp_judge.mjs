// Starts a server and an integration for each row of SMTP, sends its mail, and says what the
// outcome has to be.
import assert from "node:assert/strict";

import { within } from "../../interop/lib/until.mjs";
import { Peer } from "./wire.mjs";
import { smtp_server } from "./smtp_peer.mjs";
import { password_of } from "./world.mjs";

export const call_ms = 15000;

async function start_row(world, row) {
  const sink = { taken: 0, bodies: [], recipients: {} };
  const certificate = world.certificates[row.certificate ?? "server"];
  const peer = await Peer.start(
    row.serve ?? smtp_server(row, sink, certificate),
    row.security === "tls" && !row.bare ? certificate : undefined,
  );
  const password = password_of(row);
  const login = `${row.id}@hostile.test`;
  const encoded = Buffer.from(`\0${login}\0${password}`).toString("base64");
  const calls_in_vain = []; // ids
  return {
    row,
    peer,
    sink,
    calls_in_vain,
    login,
    password,
    encoded,
    subject: `subject of ${row.id}`,
  };
}

const integration_of = ({ row, peer, login, password }) => ({
  name: row.name,
  address: login,
  outgoing: {
    enabled: true,
    protocol: "smtp",
    host: "localhost",
    port: peer.port,
    security: row.security ?? "none",
    auth: { method: "password", username: login, password },
    ...row.outgoing,
  },
});

async function send_of_row(world, one) {
  const { row } = one;
  const called = Date.now();
  const answer = await world.postern.call("POST", "/send", {
    integration: row.name,
    to: row.to ?? ["to1@example.test"],
    subject: one.subject,
    text: row.text ?? "Hello.\r\n.\r\nBye.\r\n",
    ...(row.sync ? { mode: "sync", timeout_ms: call_ms } : {}),
  });
  one.answered_after_ms = Date.now() - called;
  one.answer = answer.body;
}

export async function start_rows(world, rows) {
  const all = [];
  for (const row of rows) all.push(await start_row(world, row));
  await Promise.all(
    all.map((one) => world.postern.api("POST", "/integrations", integration_of(one))),
  );
  for (const one of all) begin_to_send(world, one);
  return all;
}

function begin_to_send(world, one) {
  one.sent = send_of_row(world, one).catch((error) => (one.answer = { error: error.message }));
}

/** Whether a call's time was over before its server did what the row is about. */
function in_vain({ row, answer, peer }, { code, quiet_s }) {
  const time_budget = 60;
  if (!row.sync || answer.result_code !== time_budget) return false;
  const reached = quiet_s ? peer.talks.some((talk) => talk.quiet_since) : /^DATA/m.test(peer.heard);
  return !reached || ![code].flat().includes(time_budget);
}

/**
 * The mail of a row was given to Postern, which answered with a delivery. A call in vain is the
 * loaded machine's doing, and made again.
 */
export async function given(world, one, outcome, limit_ms) {
  const what = `POST /send of "${one.row.name}"`;
  const deadline = Date.now() + limit_ms;
  for (;;) {
    await within(`the answer to ${what}`, one.sent, limit_ms);
    assert.ok(one.answer?.id, `${what}: ${JSON.stringify(one.answer)}`);
    if (!in_vain(one, outcome) || Date.now() > deadline) return;
    one.calls_in_vain.push(one.answer.id);
    begin_to_send(world, one);
  }
}

const early_s = 2;

/** Throws what is not (yet) as it has to be; gives true when all is. */
export function holds(world, one, outcome) {
  const delivery = world.deliveries.get(one.answer?.id);
  assert.ok(delivery, `delivery ${one.answer.id} was not read yet`);
  const text = JSON.stringify(delivery);
  assert.ok([outcome.state].flat().includes(delivery.state), text);
  assert.ok([outcome.code].flat().includes(delivery.result_code), text);
  if (outcome.each) {
    assert.deepEqual(
      delivery.per_recipient.map(({ result_code }) => result_code),
      outcome.each,
    );
  }
  if ("resent" in outcome) assert.equal(delivery.next_attempt_at !== null, outcome.resent, text);
  assert.ok(delivery.result_message.length > 0, text);
  // eslint-disable-next-line no-control-regex -- that is what is looked for
  assert.doesNotMatch(delivery.result_message, /[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]/);
  const error = world.integrations.get(one.row.name)?.status.last_outgoing_error;
  if (outcome.step) {
    assert.ok([outcome.step].flat().includes(error?.step), JSON.stringify(error));
    assert.ok(error.hint, `a hint: ${JSON.stringify(error)}`);
  }
  if (outcome.quiet_s) assert.ok(waits_of(one).length > 0, "still waited for");
  return true;
}

const waits_of = ({ peer }) =>
  peer.talks
    .filter((talk) => talk.quiet_since && talk.ended_at && !talk.cut_by_us)
    .map((talk) => (talk.ended_at - talk.quiet_since) / 1000);

/** What must not have happened, looked at when all is over. */
export async function never_happened(world, one, outcome) {
  const { row, peer, sink } = one;
  // Behind a refused recipient that was lined up with DATA comes an empty mail, at each retry.
  const taken = outcome.taken === "some" ? Math.max(1, sink.taken) : (outcome.taken ?? 0);
  assert.equal(sink.taken, taken, "mails that the server took");
  // Nobody to whom the server has promised the mail is sent it again.
  const times_taken = Math.max(0, ...Object.values(sink.recipients));
  assert.ok(times_taken <= 1, JSON.stringify(sink.recipients));
  // Counted in this order: an attempt is written down before its connection is made.
  const connections = peer.talks.length;
  let attempts = 0;
  for (const id of [...one.calls_in_vain, one.answer.id]) {
    attempts += (await world.postern.delivery(id)).attempts;
  }
  assert.ok(connections <= attempts + 1, `${connections} connections in ${attempts} attempts`);
  const late_by_machine_s = world.late_ms / 1000;
  for (const waited of waits_of(one)) {
    // The budget of a call begins before the server falls silent.
    const least = row.sync ? 0 : outcome.quiet_s - early_s - late_by_machine_s;
    assert.ok(waited >= least, `dropped after ${waited} s`);
    assert.ok(waited <= outcome.quiet_s + world.allowed_late_s(), `dropped after ${waited} s`);
  }
  if (row.sync) {
    const budget = call_ms + world.allowed_late_s() * 1000;
    assert.ok(one.answered_after_ms <= budget, `answered after ${one.answered_after_ms} ms`);
  }
  if (row.security) {
    for (const secret of [one.password, one.encoded]) {
      assert.ok(!peer.plain.includes(secret), "the password was said without TLS");
    }
    assert.doesNotMatch(peer.plain, /\b(AUTH|MAIL|RCPT|DATA)\b/);
    assert.ok(!peer.plain.includes(one.subject), "the mail was said without TLS");
  }
  if (row.certificate) assert.doesNotMatch(peer.heard, /AUTH|MAIL|RCPT/);
}
