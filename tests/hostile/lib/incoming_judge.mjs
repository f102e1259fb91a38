// What the judges of IMAP's and of POP3's rows share: an integration and its mails for each row, and
// what its outcome says of status, reason, hand-overs, connections and the login.
import assert from "node:assert/strict";

import { mail_about } from "./imap_peer.mjs";
import { Peer } from "./wire.mjs";
import { password_of } from "./world.mjs";

const mails_of_a_row = 3;
const talks_max = 9; // connections in the first minute: a few at once to find a bad mail, then ever fewer
const talks_in_ms = 60000;
const early_s = 2;

/** How a connection ends that the server cuts: by a reset, where it had not read everything. */
export const cut_off = ["the connection ended too early", "the connection broke"];

async function start_row(world, row, serve_row) {
  const subjects = [];
  for (let n = 1; n <= (row.mail_count ?? mails_of_a_row); n++) subjects.push(`${row.id} ${n}`);
  const mails = subjects.map((subject, n) => mail_about(subject, row.body?.(n + 1)));
  const certificate = world.certificates[row.certificate ?? "server"];
  const peer = await Peer.start(
    row.serve ?? serve_row(row, mails, certificate, world.trap),
    row.security === "tls" && !row.bare ? certificate : undefined,
    row.tls_options,
  );
  const password = password_of(row);
  const login = `${row.id}@hostile.test`;
  const encoded = Buffer.from(`\0${login}\0${password}`).toString("base64");
  return { row, peer, subjects, login, password, encoded };
}

const settings_of = ({ row, peer, login, password }) => ({
  enabled: true,
  host: "localhost",
  port: peer.port,
  security: row.security ?? "none",
  auth: { method: "password", username: login, password },
  start_from: "all",
});

/** How long it was waited for, in seconds, on each connection where it kept us waiting. */
const waits_of = ({ peer }) =>
  peer.talks
    .filter((talk) => talk.quiet_since && talk.ended_at && !talk.cut_by_us)
    .map((talk) => (talk.ended_at - talk.quiet_since) / 1000);

const deletions_of = ({ peer }) => peer.heard.match(/^DELE \d+\r\n/gm)?.length ?? 0;

function mails_wanted({ subjects }, { mails, step }) {
  const which = mails ?? (step ? [] : "all");
  return which === "all" ? subjects : which.map((number) => subjects[number - 1]);
}

function check_error(error, { step, says, kind }) {
  const text = JSON.stringify(error);
  assert.ok([step].flat().includes(error.step), text);
  assert.equal(error.kind, kind, text);
  assert.ok(
    [says].flat().some((words) => error.message.startsWith(words)),
    text,
  );
  assert.ok(error.hint, `a hint: ${text}`);
  // eslint-disable-next-line no-control-regex -- that is what is looked for
  assert.doesNotMatch(error.message, /[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]/);
}

/**
 * `protocol`; `serve_row`: function of a row, its mails' texts, a certificate and the trap giving
 * what serves a connection; `settings`: more of `incoming`; `visit`: what is heard at each visit;
 * `login`: what may not be heard without TLS.
 */
export function incoming_judge({ protocol, serve_row, settings, visit, login }) {
  async function start_rows(world, rows) {
    const all = [];
    for (const row of rows) all.push(await start_row(world, row, serve_row));
    await Promise.all(
      all.map((one) =>
        world.postern.api("POST", "/integrations", {
          name: one.row.name,
          address: one.login,
          incoming: {
            protocol,
            ...settings_of(one),
            ...settings,
            ...one.row.incoming?.(world, all),
          },
        }),
      ),
    );
    return all;
  }

  /** Throws what is not (yet) as it has to be; gives true when all is. */
  function holds(world, one, outcome) {
    const seen = world.integrations.get(one.row.name)?.status;
    assert.ok(seen, "its status was read");
    const { step, kind = `${protocol}.connection_failed` } = outcome;
    if (step) {
      const error = seen.last_incoming_error;
      assert.ok(error, `no error; ${seen.incoming_state}`);
      check_error(error, { ...outcome, kind });
    } else if (!("says" in outcome)) {
      assert.equal(seen.last_incoming_error, null);
    }
    const { state = step ? "failing" : "ok" } = outcome;
    if (state) assert.equal(seen.incoming_state, state);
    for (const subject of mails_wanted(one, outcome)) {
      const count = world.handed_over(subject);
      assert.ok(count >= (one.row.copies ?? 1), `"${subject}" was handed over ${count} times`);
    }
    if (outcome.visits) {
      const visits = one.peer.talks.filter(({ heard }) => visit.test(heard)).length;
      assert.ok(visits >= outcome.visits, `${visits} visits`);
    }
    const count = deletions_of(one);
    if (outcome.deletes) assert.ok(count >= outcome.deletes, `${count} mails were deleted`);
    if (outcome.quiet_s) assert.ok(waits_of(one).length > 0, "still waited for");
    return true;
  }

  /** What must not have happened, looked at when all is over. */
  function never_happened(world, one, outcome) {
    const { row, subjects, peer } = one;
    const wanted = mails_wanted(one, outcome);
    for (const subject of subjects) {
      const count = world.handed_over(subject);
      const what = `hand-overs of "${subject}"`;
      if (wanted.includes(subject)) assert.equal(count, row.copies ?? 1, what);
      else assert.ok(count <= (outcome.mails ? 1 : 0), what); // a bad mail may yet have come
    }
    // In a time that is the same on every machine: a slow one sees no more of them.
    const [first] = peer.talks;
    const soon = peer.talks.filter((talk) => talk.opened_at - first.opened_at <= talks_in_ms);
    const most = row.talks_max ?? talks_max;
    assert.ok(soon.length <= most, `${soon.length} connections in a minute`);
    const late_by_machine_s = world.late_ms / 1000;
    for (const waited of waits_of(one)) {
      const text = `dropped after ${waited} s, limit ${outcome.quiet_s} s`;
      assert.ok(waited >= outcome.quiet_s - early_s - late_by_machine_s, text);
      assert.ok(waited <= outcome.quiet_s + world.allowed_late_s(), text);
    }
    // Promise 8: where TLS is demanded, nothing of the login is ever said without it.
    if (row.security) {
      for (const secret of [one.password, one.encoded]) {
        assert.ok(!peer.plain.includes(secret), "the password was said without TLS");
      }
      assert.doesNotMatch(peer.plain, login);
    }
    const trusted = !row.certificate && row.certificate_trusted !== false;
    for (const secret of [one.password, one.encoded]) {
      if (!trusted) assert.ok(!peer.heard.includes(secret), "a stranger was told the password");
    }
    // One that is told as refused, or as done, is not said again.
    if ("deletes" in outcome) assert.equal(deletions_of(one), outcome.deletes, "mails deleted");
    const most_at_all = outcome.talks_max ?? Infinity;
    assert.ok(peer.talks.length <= most_at_all, `${peer.talks.length} connections`);
  }

  return { start_rows, holds, never_happened };
}
