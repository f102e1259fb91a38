// POST /send over HTTP to `postern serve`: how fast mails are taken durably, and how fast they are
// then with a server that only counts, over at most eight connections; beside a raw pipelined
// sender. What is taken only is to be sent a day later (not_before).
import path from "node:path";

import { make_certificates } from "../interop/lib/certificates.mjs";
import { free_ports, remove_folder, temporary_folder } from "../interop/lib/files.mjs";
import { at_exit, Program } from "../interop/lib/processes.mjs";
import { until } from "../interop/lib/until.mjs";
import { cpu_each, in_turns, measure, median, print_mark, print_rates, ratio, read_arguments,
  until_listens } from "./lib/bench.mjs";
import { ask_control, cpu_of, load, postern_class } from "./lib/serve.mjs";

const given = read_arguments({
  mails: [5000, 50], rounds: [3, 1], bytes: [5000, 5000], clients: [64, 8],
});
const { programs, mails } = given;
const connections_max = 8;
const Postern = await postern_class(programs);

const folder = temporary_folder("bench");
at_exit(() => remove_folder(folder));
const { ca, server } = make_certificates(path.join(folder, "tls"));
const [port, control] = await free_ports(2);
const words = [port, server.certificate, server.key, control].map(String);
const sink = new Program(path.join(programs, "bench_smtp_sink"), words);
await until_listens(control);

const integration = {
  name: "bench", address: "a@bench.test", is_default: true,
  outgoing: {
    enabled: true, host: "localhost", port, security: "starttls", connections_max,
    auth: { method: "password", username: "a", password: "b" },
  },
};
const mail = {
  to: ["b@bench.test"], subject: "mail %N% of the benchmark",
  text: `${"x".repeat(74)}\n`.repeat(Math.max(1, Math.round((given.bytes - 300) / 75))),
};
const a_day_later = new Date(Date.now() + 86400000).toISOString();

async function serve(more, delivered) {
  const postern = await Postern.start({ authority: ca.certificate });
  try {
    await postern.api("POST", "/integrations", integration);
    const [count_before] = await ask_control(control);
    const cpu_before = cpu_of(postern.program.pid);
    const wish = { connections: given.clients, calls: mails, status: 202 };
    const figure = await load(programs, postern, wish, "POST", "/send", { ...mail, ...more });
    figure.accepted = mails / figure.seconds;
    if (delivered) {
      const last = await until("all are delivered", async () => {
        const [count, at] = await ask_control(control);
        return count === count_before + mails && at;
      }, 600000);
      figure.seconds = last - figure.begun;
    }
    figure.cpu = cpu_of(postern.program.pid) - cpu_before;
    return figure;
  } finally {
    await postern.stop();
  }
}

const figures = await in_turns(given.rounds, {
  raw: () =>
    measure(path.join(programs, "bench_smtp_raw"), [
      port, ca.certificate, connections_max, mails, given.bytes,
    ]),
  "taken only": () => serve({ not_before: a_day_later }, false),
  "taken and delivered": () => serve({}, true),
});
sink.kill("SIGTERM");
await sink.ended;

const each = (name, member) => median(figures[name].map((figure) => figure[member]));
print_rates(`POST /send (${given.bytes} bytes each, ${given.clients} clients)`, mails, figures, "raw");
print_mark("taken a second, nothing delivered meanwhile", each("taken only", "accepted"), "≥ 3000");
const both = "taken and delivered";
print_mark("taken a second while delivering", each(both, "accepted"), "≥ 3000");
console.log(`  an answer took ${each(both, "p50_ms")} ms, 99 of 100 ${each(both, "p99_ms")} ms at most`);
print_mark("delivered : raw", ratio(figures, both, "raw"), "≥ 0.5");
print_mark("CPU a mail, taken and delivered", cpu_each(figures[both], mails), "≤ 0.3", " ms");
