// Fetching mails of mixed sizes (76 KB on average, 3.5 MB the largest) over one TLS connection from
// a private Dovecot: a raw client that discards them, Postern until they are durable and until they
// are digested too, mbsync with its fsync; and the most memory Postern's process held.
import { in_turns, median, print_mark, print_rates, ratio, read_arguments } from "./lib/bench.mjs";
import { Mailbox, mixed_mail } from "./lib/mailbox.mjs";

const given = read_arguments({ mails: [10000, 100], rounds: [3, 1] });
const { mails } = given;

const box = await Mailbox.start(given.programs, mails, mixed_mail);
const figures = await in_turns(given.rounds, {
  raw: () => box.raw(),
  postern: (own) => box.postern(own, "stored"),
  "postern, digested": (own) => box.postern(own, "digested"),
  mbsync: (own) => box.mbsync(own, true),
});
await box.stop();

const mebibytes = (name, member) => median(figures[name].map((figure) => figure[member])) / 1024;
print_rates(`mixed sizes (${box.megabytes.toFixed(0)} MB)`, mails, figures, "raw");
print_mark("postern : raw", ratio(figures, "postern", "raw"), "≥ 0.85");
print_mark("most memory while storing", mebibytes("postern", "peak_kib"), "≤ 150", " MiB");
print_mark("while digesting too", mebibytes("postern, digested", "peak_kib"), "≤ 150", " MiB");
const workers = mebibytes("postern, digested", "workers_peak_kib");
console.log(`  its workers: ${workers.toFixed(0)} MiB at most, all together`);
