// A million stored messages, each handed over: pages of their list, one by its Message-ID, and what
// a commit waits for while retention removes a tenth of them.
import path from "node:path";

import { measure, print_mark, read_arguments } from "./lib/bench.mjs";
import { kib_of, load, postern_class } from "./lib/serve.mjs";

const given = read_arguments({
  messages: [1000000, 1000], old: [100000, 500], calls: [500, 10], commits: [1000, 50],
});
const { programs, messages } = given;
const bench = path.join(programs, "bench_postern");

const Postern = await postern_class(programs);
// Nothing is removed before it is measured.
const postern = Postern.prepare({ env: { POSTERN_STORAGE_RETENTION_DAYS: "3650" } });
const filled = await measure(bench, ["history", postern.data, messages, given.old]);
const begun = process.hrtime.bigint();
await postern.start();
const ready_s = Number(process.hrtime.bigint() - begun) / 1e9;

const page = (where) => load(programs, postern, { connections: 1, calls: given.calls }, "GET", where);
/** The cursor `pages` pages of 500 further down. */
async function cursor_at(pages) {
  let cursor = "";
  for (let i = 0; i < pages; i++) {
    const more = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    cursor = (await postern.api("GET", `/messages?limit=500${more}`)).next_cursor ?? cursor;
  }
  return encodeURIComponent(cursor);
}
const [integration] = (await postern.api("GET", "/integrations?limit=1")).items;
const wanted = {
  "page of 50": "/messages?limit=50",
  "page of 50 further down": `/messages?limit=50&cursor=${await cursor_at(Math.min(20, messages / 500 - 1))}`,
  "page of 50 of an integration": `/messages?limit=50&integration=${integration.id}`,
  "page of 50 of a state": "/messages?limit=50&state=handed_over",
  "page of 50 of a rare state": "/messages?limit=50&state=quarantined",
  "by Message-ID": `/messages?message_id=%3C%N%@bench.test%3E`,
  "page of 50 of a subject": "/messages?limit=50&subject=mail%209",
  "a page that looks for what is not there": "/messages?limit=50&subject=nothing",
};
const pages = {};
for (const [name, where] of Object.entries(wanted)) pages[name] = await page(where);
const resident = kib_of(postern.program.pid, "status", "VmRSS") / 1024;
await postern.terminate();

const kept = await measure(bench, ["retention", postern.data, given.commits]);
await postern.stop();
if (kept.removed < given.old) throw new Error(`retention removed ${kept.removed}, not ${given.old}`);

console.log(`${messages} stored messages, made in ${filled.seconds.toFixed(0)} s`);
console.log(`  start to ready ${ready_s.toFixed(2)} s; ${resident.toFixed(0)} MiB resident`);
for (const [name, { p50_ms, p99_ms, max_ms }] of Object.entries(pages)) {
  print_mark(`${name}, p99`, p99_ms, "≤ 50", ` ms (p50 ${p50_ms}, max ${max_ms})`);
}
const commits = ({ p50_ms, p99_ms, max_ms, longest_commit_ms }) =>
  `p50 ${p50_ms} ms, p99 ${p99_ms} ms, max ${max_ms} ms; the longest commit took ${longest_commit_ms} ms`;
console.log(`  a mail stored alone: ${commits(kept.before)}`);
console.log(`  while ${kept.removed} are removed in ${kept.seconds.toFixed(0)} s: ${commits(kept.during)}`);
print_mark("longest wait while retention runs", kept.during.max_ms, "≤ 50", " ms");
