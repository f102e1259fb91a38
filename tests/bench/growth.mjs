// How the cost grows with the number of integrations: `postern serve` with 1, 10, 100, 1,000 and
// 10,000 of them in IDLE over TLS. A mail comes to the next one in turn, alone, and counts up to the
// webhook's answer.
import { print_mark, read_arguments } from "./lib/bench.mjs";
import { ManyIntegrations } from "./lib/many.mjs";

const given = read_arguments({ most: [10000, 10], mails: [2000, 10], pages: [200, 10], idle_s: [10, 1] });

const rows = [];
for (let integrations = 1; integrations <= given.most; integrations *= 10) {
  const many = await ManyIntegrations.start(given.programs);
  const empty = many.memory();
  const added = await many.add(integrations);
  const started = await many.restart(integrations, () => many.page(given.pages));
  const memory = many.memory();
  const idle = await many.idle_share(given.idle_s);
  // An integration's first mail costs more than those after it.
  const firsts = await many.mails(integrations, 16);
  const mails = await many.mails(given.mails);
  const page = await many.page(given.pages);
  await many.stop();
  rows.push({
    integrations,
    "added/s": integrations / added.seconds,
    "ready s": started.ready,
    "all up s": started.up,
    "start CPU ms each": (started.cpu * 1000) / integrations,
    "private MiB": memory.private_kib / 1024,
    "KiB each": (memory.private_kib - empty.private_kib) / integrations,
    "idle CPU %": idle * 100,
    "CPU ms first mail": (firsts.cpu * 1000) / integrations,
    "ms a mail": (mails.seconds * 1000) / given.mails,
    "CPU ms a mail": (mails.cpu * 1000) / given.mails,
    "page p99 ms": page.p99_ms,
  });
  process.stderr.write(`  ${integrations} done\n`);
}

console.log(`growth with the integrations, ${given.mails} mails each time`);
const names = Object.keys(rows[0]);
console.log(`  ${names.join("  ")}`);
for (const row of rows) {
  const cells = names.map((name) => String(Number(row[name].toFixed(2))).padStart(name.length));
  console.log(`  ${cells.join("  ")}`);
}
const cost = (row) => row["CPU ms a mail"];
const most = rows.find((row) => row.integrations === 1000) ?? rows.at(-1);
print_mark(`CPU a mail at ${most.integrations} : at 1`, cost(most) / cost(rows[0]), "≤ 1.2");
