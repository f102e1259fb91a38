// Sending by SMTP with STARTTLS to a server that only counts: a raw pipelined sender with eight
// connections, and Postern's queue.
import path from "node:path";

import { make_certificates } from "../interop/lib/certificates.mjs";
import { free_port, remove_folder, temporary_folder } from "../interop/lib/files.mjs";
import { at_exit, Program } from "../interop/lib/processes.mjs";
import { greets } from "../interop/lib/smtp_client.mjs";
import { until } from "../interop/lib/until.mjs";
import { in_turns, measure, print_mark, print_rates, ratio, read_arguments } from "./lib/bench.mjs";

const given = read_arguments({ mails: [5000, 50], rounds: [3, 1], bytes: [5000, 5000] });
const connections = 8;

const folder = temporary_folder("bench");
at_exit(() => remove_folder(folder));
const { ca, server } = make_certificates(path.join(folder, "tls"));
const port = await free_port();
const sink = new Program(path.join(given.programs, "bench_smtp_sink"), [
  String(port), server.certificate, server.key,
]);
await until("the sink greets", () => greets(port), 10000);

const figures = await in_turns(given.rounds, {
  raw: () =>
    measure(path.join(given.programs, "bench_smtp_raw"), [
      port, ca.certificate, connections, given.mails, given.bytes,
    ]),
  postern: (own) =>
    measure(path.join(given.programs, "bench_postern"), [
      "send", path.join(own, "data"), port, ca.certificate, given.mails, given.bytes,
    ]),
});
sink.kill("SIGTERM");
await sink.ended;
const taken = JSON.parse(sink.output).mails;
const expected = 2 * given.rounds * given.mails;
if (taken !== expected) throw new Error(`the sink took ${taken} of ${expected} mails`);

print_rates(`send (${given.bytes} bytes each)`, given.mails, figures, "raw");
print_mark("postern : raw", ratio(figures, "postern", "raw"), "≥ 0.3");
