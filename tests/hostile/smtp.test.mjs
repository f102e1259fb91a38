// Every hostile SMTP server of lib/smtp_rows*.mjs beside the others, each with an integration of
// its own in one Postern: state and result code, time, connections made, mail taken once.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { until } from "../interop/lib/until.mjs";
import { holds, never_happened, start_rows } from "./lib/smtp_judge.mjs";
import { outcomes } from "./lib/smtp_outcomes.mjs";
import { rows as all_rows } from "./lib/smtp_rows.mjs";
import { chosen, memory_of, pours, World } from "./lib/world.mjs";

// Those that pour are memory.test.mjs's: side by side they would take all of the machine.
const rows = chosen(all_rows.filter((row) => !pours(row)));
const run_ms = 150000; // the longest limit is 60 s; a machine under load needs more around it
const memory_max = 192 << 20; // of all rows together; memory.test.mjs looks at each alone

let world;
let all;
let memory_before;
before(async () => {
  world = await World.start({
    env: { POSTERN_RETRY_OUTGOING_S: "2", POSTERN_RETRY_OUTGOING_FOR_S: "8" },
  });
  memory_before = memory_of(world.postern.program.pid).now;
  all = await start_rows(world, rows);
  world.watch({ deliveries: true });
});
after(async () => {
  for (const { peer } of all ?? []) peer.stop();
  await world?.stop();
});

test("there are 60 rows and more, and each has its outcome", () => {
  assert.ok(all_rows.length >= 60, `${all_rows.length}`);
  assert.deepEqual(all_rows.map(({ name }) => name).sort(), Object.keys(outcomes).sort());
});

describe("a hostile SMTP server", { concurrency: rows.length }, () => {
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

  test("no log line is forged, and no password is in the log", () => {
    const log = world.postern.log();
    for (const { password, encoded } of all) {
      assert.ok(!log.includes(password) && !log.includes(encoded));
    }
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    assert.doesNotMatch(log, /[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]/);
  });

  test("the memory of them all", () => {
    const { now, most } = memory_of(world.postern.program.pid);
    const mib = (bytes) => `${Math.round(bytes / (1 << 20))} MiB`;
    console.log(
      `${rows.length} hostile SMTP servers: RSS ${mib(memory_before)} before, at most ` +
        `${mib(most)}, ${mib(now)} after; this machine was at most ${world.late_ms} ms late`,
    );
    assert.ok(most - memory_before <= memory_max, mib(most - memory_before));
  });
});
