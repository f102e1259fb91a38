// The harness: runs kinds of trouble, each some lives long, and prints what became of the mails.
// See README.md; `run` starts it.
import { availableParallelism } from "node:os";

import { binary } from "../interop/lib/postern.mjs";
import { may_mount } from "./lib/disk.mjs";
import { Random } from "./lib/random.mjs";

const kinds = ["kill", "power", "checkpoint", "idempotent", "calls", "eio", "full", "clock", "stop", "dns", "limits"];
const usage = `Usage: tests/chaos/run [--seed N] [--long] [--lives N] [--rounds N] [KIND…]
Kinds: ${kinds.join(", ")}. POSTERN_BINARY names the program. Exit code 0: nothing was lost.`;

function parse(words) {
  const asked = { seed: 1, kinds: [], numbers: {} };
  while (words.length > 0) {
    const word = words.shift();
    if (word === "--long") asked.long = true;
    else if (word === "--seed") asked.seed = Number(words.shift());
    else if (/^--(lives|rounds|mails|writes|spooled|dead)$/.test(word)) asked.numbers[word.slice(2)] = +words.shift();
    else if (kinds.includes(word)) asked.kinds.push(word);
    else throw new Error(`unknown: ${word}\n${usage}`);
  }
  for (const number of [asked.seed, ...Object.values(asked.numbers)]) {
    if (!Number.isInteger(number)) throw new Error(`a whole number was expected\n${usage}`);
  }
  return asked;
}

async function run_kind(name, asked) {
  const kind = await import(`./kinds/${name}.mjs`);
  const plan = { ...(asked.long ? kind.long : kind.short), ...asked.numbers };
  const totals = {};
  let wrong = 0;
  const started = Date.now();
  for (let number = 0; number < plan.lives; number++) {
    const seed = asked.seed + number;
    const say = (words) => console.log(`  ${name} seed ${seed}: ${words}`);
    const life = await kind.life({ ...plan, random: new Random(seed), number, say });
    for (const [figure, count] of Object.entries(life.figures)) {
      totals[figure] = (totals[figure] ?? 0) + count;
    }
    say(JSON.stringify(life.figures));
    wrong += life.wrong.length;
    for (const words of life.wrong.slice(0, 40)) say(`WRONG: ${words}`);
    if (life.wrong.length > 0) say(`again: tests/chaos/run --seed ${seed} --lives 1 ${name}`);
  }
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  const told = Object.entries(totals).map(([figure, count]) => `${count} ${figure}`);
  console.log(`${name}: ${told.join(", ")}; ${wrong} promises broken; ${seconds} s`);
  return wrong;
}

async function main() {
  if (process.argv[2] === "--may-mount") process.exit(may_mount() ? 0 : 1);
  const asked = parse(process.argv.slice(2));
  console.log(`${binary}, seed ${asked.seed}, ${availableParallelism()} cores`);
  let wrong = 0;
  for (const name of asked.kinds.length > 0 ? asked.kinds : kinds) {
    wrong += await run_kind(name, asked);
  }
  process.exit(wrong === 0 ? 0 : 1);
}

await main().catch((error) => {
  console.error(error.stack ?? error);
  process.exit(2);
});
