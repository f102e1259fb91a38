// The demo of the README, two rounds of it, with the program that is already built.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { binary } from "./lib/postern.mjs";
import { Program, run } from "./lib/processes.mjs";
import { until } from "./lib/until.mjs";

const start = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../deploy/start");
// A place of its own: what else runs here makes folders and removes them, too.
const place = fs.mkdtempSync(path.join(os.tmpdir(), "demo-"));
fs.chmodSync(place, 0o755); // the servers run as users of their own
after(() => fs.rmSync(place, { recursive: true, force: true }));
const leftovers = () => fs.readdirSync(place).filter((name) => /^postern-(mail|data)-/.test(name));
const env = { POSTERN_BINARY: binary, TMPDIR: place };

test("deploy/start --demo shows mail going in and out, and leaves nothing behind", async () => {
  const { code, output, errors } = await run(start, ["--demo-rounds", "2"], {
    env,
    limit_ms: 120000,
  });
  assert.equal(code, 0, output + errors);
  assert.match(
    output,
    /mail 1 put into support@.* → stored by Postern as msg_.* → handed over \(signature ok\) after \d+ ms/,
  );
  assert.match(
    output,
    /mail 2 sent through Postern: 250 .*queued as .* → arrived in bob's mailbox/,
  );
  assert.match(output, /mail 3 put into/);
  assert.match(output, /mail 4 sent through/);
  assert.deepEqual(leftovers(), []);
});

test("deploy/start --demo ends in order when it is told to", async () => {
  const program = new Program(start, ["--demo"], { env });
  await until(
    "a first round",
    () => {
      if (program.end) throw new Error(program.output + program.errors);
      return program.output.includes("mail 2 sent");
    },
    60000,
  );
  program.kill("SIGTERM");
  const end = await program.ended;
  assert.equal(end.code, 0, program.output + program.errors);
  assert.match(program.output, /All of it went well\./);
  assert.deepEqual(leftovers(), []);
});
