// Every hostile IMAP server of lib/imap_rows*.mjs beside the others, each with an integration of
// its own in one Postern: status and reason, time, connections made, mail handed over once.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { until } from "../interop/lib/until.mjs";
import { holds, never_happened, start_rows } from "./lib/imap_judge.mjs";
import { outcomes as before_folder } from "./lib/imap_outcomes_before.mjs";
import { outcomes as from_folder } from "./lib/imap_outcomes_folder.mjs";
import { rows as all_rows } from "./lib/imap_rows.mjs";
import { chosen, memory_of, pours, World } from "./lib/world.mjs";

const outcomes = { ...before_folder, ...from_folder };
// Those that pour are memory.test.mjs's: side by side they would take all of the machine.
const rows = chosen(all_rows.filter((row) => !pours(row)));
const run_ms = 150000; // the longest limit is 60 s; a machine under load needs more around it
const memory_max = 192 << 20; // of all rows together; memory.test.mjs looks at each alone

let world;
let all;
let memory_before;
before(async () => {
  world = await World.start();
  memory_before = memory_of(world.postern.program.pid).now;
  all = await start_rows(world, rows);
  world.watch();
});
after(async () => {
  for (const { peer } of all ?? []) peer.stop();
  await world?.stop();
});

test("there are 80 rows and more, and each has its outcome", () => {
  assert.ok(all_rows.length >= 80, `${all_rows.length}`);
  assert.deepEqual(all_rows.map(({ name }) => name).sort(), Object.keys(outcomes).sort());
});

describe("a hostile IMAP server", { concurrency: rows.length }, () => {
  for (const row of rows) {
    test(row.name, async () => {
      const one = all.find((candidate) => candidate.row === row);
      await until(row.name, () => holds(world, one, outcomes[row.name]), run_ms);
    });
  }
});

describe("when all is over", () => {
  for (const row of rows) {
    test(row.name, () => {
      const one = all.find((candidate) => candidate.row === row);
      never_happened(world, one, outcomes[row.name]);
    });
  }

  test("nobody followed a referral", () => assert.equal(world.trap.talks.length, 0));

  test("no log line is forged, and no password is in the log", () => {
    const log = world.postern.log();
    for (const { password, encoded } of all) {
      assert.ok(!log.includes(password) && !log.includes(encoded));
    }
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    assert.doesNotMatch(log, /[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]/);
    assert.doesNotMatch(log, /^INFO: all is well/m);
  });

  test("the memory of them all", () => {
    const { now, most } = memory_of(world.postern.program.pid);
    const mib = (bytes) => `${Math.round(bytes / (1 << 20))} MiB`;
    console.log(
      `${rows.length} hostile IMAP servers: RSS ${mib(memory_before)} before, at most ` +
        `${mib(most)}, ${mib(now)} after; this machine was at most ${world.late_ms} ms late`,
    );
    assert.ok(most - memory_before <= memory_max, mib(most - memory_before));
  });
});
