// Fetching small mails over one TLS connection from a private Dovecot: a raw client that discards
// them, Postern until they are durable, until they are digested too, and until a webhook target has
// acknowledged each as well, mbsync with and without fsync.
import { cpu_each, in_turns, print_mark, print_rates, rate, ratio, read_arguments }
  from "./lib/bench.mjs";
import { Hook } from "./lib/hook.mjs";
import { Mailbox, small_mail } from "./lib/mailbox.mjs";

const given = read_arguments({ mails: [10000, 50], rounds: [3, 1], parallel: [8, 4] });
const { mails } = given;

const box = await Mailbox.start(given.programs, mails, small_mail);
const hook = await Hook.start(given.programs);
const figures = await in_turns(given.rounds, {
  raw: () => box.raw(),
  postern: (own) => box.postern(own, "stored"),
  "postern, digested": (own) => box.postern(own, "digested"),
  "postern, handed over": (own) => box.postern(own, "handed", hook.port, given.parallel),
  mbsync: (own) => box.mbsync(own, true),
  "mbsync without fsync": (own) => box.mbsync(own, false),
});
await box.stop();
const { requests } = await hook.stop();
const expected = mails * given.rounds;
if (requests !== expected) throw new Error(`the webhook was called ${requests} times, not ${expected}`);

print_rates(`fetch (${box.megabytes.toFixed(0)} MB)`, mails, figures, "raw");
print_mark("postern : raw", ratio(figures, "postern", "raw"), "≥ 0.7");
print_mark("postern : mbsync", ratio(figures, "postern", "mbsync"), "≥ 8");
print_mark("CPU a mail stored", cpu_each(figures.postern, mails), "≤ 0.15", " ms");
const handed = figures["postern, handed over"];
print_mark("handed over a second", rate(handed, mails), "≥ 3000");
print_mark("CPU a mail handed over, in all", cpu_each(handed, mails), "≤ 0.5", " ms");
