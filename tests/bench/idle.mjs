// The memory of an integration that waits in IDLE over TLS.
import path from "node:path";

import { free_ports, remove_folder, temporary_folder } from "../interop/lib/files.mjs";
import { at_exit, Program } from "../interop/lib/processes.mjs";
import { measure, print_mark, read_arguments, rsa_certificates, until_listens } from "./lib/bench.mjs";

const given = read_arguments({ integrations: [2000, 20] });

const folder = temporary_folder("bench");
at_exit(() => remove_folder(folder));
const { ca, certificate, key } = rsa_certificates(path.join(folder, "tls"));
const [port, control] = await free_ports(2);
const server = new Program(path.join(given.programs, "bench_idle_server"), [
  String(port), String(control), certificate, key,
]);
await until_listens(control);
const figure = await measure(path.join(given.programs, "bench_postern"), [
  "idle", path.join(folder, "data"), port, ca, control, given.integrations,
]);
server.kill("SIGTERM");
await server.ended;

console.log(`idle, ${given.integrations} integrations over TLS`);
console.log(`  private memory ${figure.before_kib} KiB before, ${figure.after_kib} KiB in IDLE`);
console.log(`  set-up ${figure.seconds} s, CPU ${figure.cpu} s`);
print_mark("an integration in IDLE", figure.kib_each, "≤ 36", " KiB");
