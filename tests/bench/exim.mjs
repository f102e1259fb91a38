// Sending by SMTP with STARTTLS to an Exim that fsyncs each mail before it takes it and delivers none
// meanwhile: a raw pipelined sender with eight connections, Postern's queue, nodemailer's pool.
import fs from "node:fs";
import path from "node:path";

import { make_certificates } from "../interop/lib/certificates.mjs";
import { Exim } from "../interop/lib/exim.mjs";
import { remove_folder, temporary_folder } from "../interop/lib/files.mjs";
import { at_exit } from "../interop/lib/processes.mjs";
import { in_turns, print_mark, print_rates, ratio, read_arguments } from "./lib/bench.mjs";
import { senders } from "./lib/senders.mjs";

const given = read_arguments({ mails: [2000, 24], rounds: [3, 1], bytes: [5000, 5000] });
const { mails } = given;

const folder = temporary_folder("bench");
at_exit(() => remove_folder(folder));
const { ca, server } = make_certificates(path.join(folder, "tls"));
const account = { address: "a", password: "b" };
const exim = await Exim.start(path.join(folder, "exim"), server, account, {
  more: `queue_only
split_spool_directory
smtp_accept_max = 100
smtp_accept_max_per_connection = 100000
`,
});
/** How many mails wait in its spool, which has a folder for each first letter. */
function spooled() {
  const input = exim.root.path("var/spool/exim4/input");
  const names = fs.readdirSync(input).flatMap((each) => fs.readdirSync(path.join(input, each)));
  return names.filter((name) => name.endsWith("-H")).length;
}

const clients = senders(given, exim.port, ca.certificate);
const figures = await in_turns(given.rounds, clients);
const taken = spooled();
await exim.stop();
const expected = Object.keys(clients).length * given.rounds * mails;
if (taken !== expected) throw new Error(`Exim took ${taken} of ${expected} mails`);

print_rates(`send to Exim (${given.bytes} bytes each)`, mails, figures, "raw");
print_mark("postern : raw", ratio(figures, "postern", "raw"), "≥ 0.95");
