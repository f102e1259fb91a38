// How a table of hostile servers is played: all of its rows at once, each until what has to come of
// it has come, then once more for what must not have happened. ctest has a short form: the rows that
// wait for no long limit, and of those every few; POSTERN_HOSTILE=all plays them all.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { within } from "../../interop/lib/until.mjs";
import { memory_of, pours, World } from "./world.mjs";

const every = 3; // in the short form, beside the first of each group
const short_s = 20; // a row that needs more is of the long form
const all_of_them = process.env.POSTERN_HOSTILE === "all";
const pattern = process.env.POSTERN_HOSTILE_ROWS;
// Until a row's outcome has come. The longest limit in time is 60 s, some come twice; those of the
// short form have none over 20 s. The rest is for a loaded machine.
const row_ms = all_of_them ? 300000 : 100000;
const start_ms = 120000; // everything that the rows need
const last_ms = 20000; // for this process to end by itself when all is told
const memory_max = 512 << 20; // of all rows together; memory.test.mjs looks at each alone

const group_of = ({ name }) => name.split(":")[0];

/** The rows of this run: those POSTERN_HOSTILE_ROWS names, all of them, or the short form's. */
function chosen(rows, outcomes) {
  if (pattern) return rows.filter(({ name }) => new RegExp(pattern).test(name));
  // Those that pour are memory.test.mjs's: side by side they would take all of the machine.
  const calm = rows.filter((row) => !pours(row));
  if (all_of_them) return calm;
  const brief = calm.filter(
    ({ name }) => !outcomes[name]?.slow && !(outcomes[name]?.quiet_s > short_s),
  );
  const first = new Set(new Map(brief.map((row) => [group_of(row), row]).reverse()).values());
  return brief.filter((row, n) => first.has(row) || row.world || n % every === 0);
}

// eslint-disable-next-line no-control-regex -- that is what is looked for
const forgery = /[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]/;

/** Waits for what has to come of a row, and says what it saw where that does not come. */
async function play(world, judge, one, outcome) {
  const { row, peer } = one;
  await judge.given?.(world, one, outcome, row_ms);
  try {
    await world.until(row.name, () => judge.holds(world, one, outcome), row_ms);
  } catch (error) {
    const talks = peer.talks.slice(-3).map((talk) => talk.told());
    throw new Error(
      `${error.message}\nawaited: ${JSON.stringify(outcome)}\n` +
        `its server, ${peer.talks.length} connections: ${talks.join("; ")}\n${world.state()}`,
    );
  }
}

/** A process that something keeps alive says what, and ends. */
function end_for_good() {
  const timer = setTimeout(() => {
    console.error(
      `still alive ${last_ms} ms after the last test: ${process.getActiveResourcesInfo()}`,
    );
    process.exit(1);
  }, last_ms);
  timer.unref();
}

/**
 * Registers the tests. `what`: "IMAP server"; `all_rows`, at least `rows_min`; `outcomes` by name;
 * `judge`: {start_rows, holds, never_happened}; `worlds`: options of World.start by name, of which a
 * row's `world` names one (else "usual"); `watch`: options of World.watch.
 */
export function play_table({ what, all_rows, rows_min, outcomes, judge, worlds, watch }) {
  const rows = chosen(all_rows, outcomes);
  const started = []; // {world, all, memory_before}
  const by_row = new Map();

  const start = async () => {
    for (const [name, options] of Object.entries(worlds)) {
      const own = rows.filter((row) => (row.world ?? "usual") === name);
      if (own.length === 0) continue;
      const world = await World.start(options);
      const one_world = { world, all: [], memory_before: 0 };
      started.push(one_world);
      one_world.memory_before = memory_of(world.postern.program.pid).now;
      one_world.all = await judge.start_rows(world, own);
      for (const one of one_world.all) by_row.set(one.row, { world, one });
      world.watch(watch);
    }
  };
  before(() => within(`all ${rows.length} rows are started`, start(), start_ms));
  after(async () => {
    end_for_good();
    const ends = started.map(({ world, all }) => {
      for (const { peer } of all) peer.stop();
      return world.stop();
    });
    // Each, whatever becomes of the others.
    for (const { reason } of await Promise.allSettled(ends)) if (reason) throw reason;
  });

  test(`there are ${rows_min} rows and more, and each has its outcome`, () => {
    assert.ok(all_rows.length >= rows_min, `${all_rows.length}`);
    assert.deepEqual(all_rows.map(({ name }) => name).sort(), Object.keys(outcomes).sort());
    assert.ok(rows.length > 0, "rows to play");
  });

  describe(`a hostile ${what}`, { concurrency: Math.max(rows.length, 1) }, () => {
    for (const row of rows) {
      test(row.name, async () => {
        const { world, one } = by_row.get(row);
        await play(world, judge, one, outcomes[row.name]);
      });
    }
  });

  describe("when all is over", () => {
    for (const row of rows) {
      test(row.name, async () => {
        const { world, one } = by_row.get(row);
        await judge.never_happened(world, one, outcomes[row.name]);
      });
    }

    test("nobody followed a referral", () => {
      for (const { world } of started) assert.equal(world.trap.talks.length, 0);
    });

    test("no log line is forged, and no password is in the log", () => {
      for (const { world, all } of started) {
        const log = world.postern.log();
        for (const { password, encoded } of all) {
          assert.ok(!log.includes(password) && !log.includes(encoded));
        }
        assert.doesNotMatch(log, forgery);
        assert.doesNotMatch(log, /^INFO: all is well/m);
      }
    });

    test("the memory of them all", () => {
      for (const { world, all, memory_before } of started) {
        const { now, most } = memory_of(world.postern.program.pid);
        const mib = (bytes) => `${Math.round(bytes / (1 << 20))} MiB`;
        console.log(
          `${all.length} hostile ${what}s: RSS ${mib(memory_before)} before, at most ` +
            `${mib(most)}, ${mib(now)} after; this machine was at most ${world.late_ms} ms late`,
        );
        assert.ok(most - memory_before <= memory_max, mib(most - memory_before));
      }
    });
  });
}
