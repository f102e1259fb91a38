// Sending by SMTP with STARTTLS to a server that only counts: a raw pipelined sender with eight
// connections, Postern's queue, nodemailer's pool.
import path from "node:path";

import { make_certificates } from "../interop/lib/certificates.mjs";
import { free_port, remove_folder, temporary_folder } from "../interop/lib/files.mjs";
import { at_exit, Program } from "../interop/lib/processes.mjs";
import { cpu_each, in_turns, print_mark, print_rates, ratio, read_arguments, until_listens }
  from "./lib/bench.mjs";
import { senders } from "./lib/senders.mjs";

const given = read_arguments({ mails: [5000, 50], rounds: [3, 1], bytes: [5000, 5000] });
const { mails } = given;

const folder = temporary_folder("bench");
at_exit(() => remove_folder(folder));
const { ca, server } = make_certificates(path.join(folder, "tls"));
const port = await free_port();
const sink = new Program(path.join(given.programs, "bench_smtp_sink"), [
  String(port), server.certificate, server.key,
]);
await until_listens(port);

const clients = senders(given, port, ca.certificate);
const figures = await in_turns(given.rounds, clients);
sink.kill("SIGTERM");
await sink.ended;
const taken = JSON.parse(sink.output).mails;
const expected = Object.keys(clients).length * given.rounds * mails;
if (taken !== expected) throw new Error(`the sink took ${taken} of ${expected} mails`);

print_rates(`send (${given.bytes} bytes each)`, mails, figures, "raw");
print_mark("postern : raw", ratio(figures, "postern", "raw"), "≥ 0.5");
print_mark("CPU a mail", cpu_each(figures.postern, mails), "≤ 0.3", " ms");
