// Ten thousand integrations: the memory of the empty process and what each integration adds, how
// long until the first answer and until all are in IDLE, what waiting costs, and how long a page of
// the list takes, while they come up and when all wait.
import { print_mark, read_arguments } from "./lib/bench.mjs";
import { ManyIntegrations } from "./lib/many.mjs";

const given = read_arguments({ integrations: [10000, 20], idle_s: [60, 1], pages: [500, 20] });
const { integrations } = given;

const many = await ManyIntegrations.start(given.programs);
const empty = many.memory();
const added = await many.add(integrations);
const started = await many.restart(integrations, () => many.page(given.pages));
const full = many.memory();
const idle_share = await many.idle_share(given.idle_s);
const page = await many.page(given.pages);
const sorted = await many.page(given.pages, "/integrations?limit=50&sort=trouble");
const found = await many.page(given.pages, "/integrations?limit=50&q=bench-77");
await many.stop();

const ms = (figure) => `p50 ${figure.p50_ms} ms, p99 ${figure.p99_ms} ms, max ${figure.max_ms} ms`;
console.log(`${integrations} integrations in IDLE over TLS, postern serve`);
console.log(`  added by the API: ${(integrations / added.seconds).toFixed(0)}/s, ${ms(added)}`);
print_mark("empty process, private", empty.private_kib / 1024, "≤ 25", " MiB");
print_mark("empty process, resident", empty.resident_kib / 1024, "≤ 25", " MiB");
const each = (member) => (full[member] - empty[member]) / integrations;
print_mark("each beyond it, private", each("private_kib"), "≤ 36", " KiB");
print_mark("each beyond it, resident", each("resident_kib"), "≤ 36", " KiB");
print_mark("start to ready", started.ready, "≤ 3", " s");
print_mark("start until all are in IDLE", started.up, "≤ 60", " s");
console.log(`  CPU until then: ${((started.cpu * 1000) / integrations).toFixed(2)} ms each`);
print_mark(`waiting for ${given.idle_s} s, of a core`, idle_share * 100, "≤ 1", " %");
print_mark("page of 50 while they come up, p99", started.answered.p99_ms, "≤ 20", " ms");
print_mark("page of 50, p99", page.p99_ms, "≤ 20", " ms");
console.log(`    ${ms(page)}`);
print_mark("page of 50 by trouble, p99", sorted.p99_ms, "≤ 20", " ms");
print_mark("page of 50 searched for, p99", found.p99_ms, "≤ 20", " ms");
