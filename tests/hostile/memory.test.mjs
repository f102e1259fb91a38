// Promise 6: what one hostile server can make Postern keep in memory, each row alone. The kernel's
// own mark of the most it ever had is reset before each.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { until } from "../interop/lib/until.mjs";
import { start_rows as start_imap } from "./lib/imap_judge.mjs";
import { rows as imap_rows } from "./lib/imap_rows.mjs";
import { start_rows as start_pop3 } from "./lib/pop3_judge.mjs";
import { rows as pop3_rows } from "./lib/pop3_rows.mjs";
import { start_rows as start_smtp } from "./lib/smtp_judge.mjs";
import { rows as smtp_rows } from "./lib/smtp_rows.mjs";
import { forget_most, memory_of, pours, World } from "./lib/world.mjs";

const extra_max = 32 << 20; // promise 6
const poured_bytes = 96 << 20; // more than that shows nothing new
const row_ms = 60000;
const back_ms = 60000; // promise 6

const cases = [
  ...imap_rows.filter(pours).map((row) => [row, start_imap]),
  ...pop3_rows.filter(pours).map((row) => [{ ...row, name: `POP3 ${row.name}` }, start_pop3]),
  ...smtp_rows.filter(pours).map((row) => [{ ...row, name: `SMTP ${row.name}` }, start_smtp]),
];
const mib = (bytes) => (bytes / (1 << 20)).toFixed(1);

let world;
let first;
before(async () => {
  world = await World.start({ env: { POSTERN_RETRY_OUTGOING_S: "3600" } });
  // What any first integration costs is no hostile server's doing.
  const warm = [
    ...(await start_imap(world, [{ id: "warm-1", name: "warm incoming" }])),
    ...(await start_smtp(world, [{ id: "warm-2", name: "warm outgoing", sync: true }])),
  ];
  await until("the first mails", () => world.handed_over("warm-1 3") > 0);
  await warm[1].sent;
  world.warm = warm;
  first = memory_of(world.postern.program.pid).now;
});
after(async () => {
  for (const { peer } of world?.warm ?? []) peer.stop();
  await world?.stop();
});

describe("one hostile server takes no more than 32 MiB", () => {
  let worst = ["none", 0];
  for (const [row, start] of cases) {
    test(row.name, async () => {
      const { pid } = world.postern.program;
      forget_most(pid);
      const before_it = memory_of(pid).now;
      const [one] = await start(world, [row]);
      await until(
        "it has poured it all, or was dropped",
        () =>
          one.peer.talks.some((talk) => !talk.open || talk.said_bytes >= poured_bytes) &&
          one.peer.talks.some((talk) => talk.said_bytes > 0),
        row_ms,
      );
      const extra = memory_of(pid).most - before_it;
      if (extra > worst[1]) worst = [row.name, extra];
      const { id } = await world.postern.integration(row.name);
      await world.postern.api("POST", `/integrations/${id}/disable`);
      one.peer.stop();
      await one.sent;
      assert.ok(extra <= extra_max, `${mib(extra)} MiB`);
    });
  }

  test("and gives it back within a minute", async () => {
    const { pid } = world.postern.program;
    console.log(`${cases.length} rows alone: at most ${mib(worst[1])} MiB extra ("${worst[0]}")`);
    await until(
      "the memory is back",
      () => {
        const extra = memory_of(pid).now - first;
        if (extra <= extra_max) return true;
        throw new Error(`${mib(extra)} MiB more than at first`);
      },
      back_ms,
    );
  });
});
