// What the benchmarks share: their arguments, rounds with the clients in turn, medians, the table.
import fs from "node:fs";
import path from "node:path";

import { remove_folder, temporary_folder } from "../../interop/lib/files.mjs";
import { run, run_now } from "../../interop/lib/processes.mjs";
import { until } from "../../interop/lib/until.mjs";

const client_limit_ms = 600000;

/** `--name value` and `--flag`, over the defaults; `--smoke` takes the second of two numbers. */
export function read_arguments(defaults) {
  const words = process.argv.slice(2);
  const smoke = words.includes("--smoke");
  const given = { smoke, programs: "build/tests/bench" };
  for (const [name, values] of Object.entries(defaults)) given[name] = values[smoke ? 1 : 0];
  for (let i = 0; i < words.length; i++) {
    const name = words[i].replace(/^--/, "");
    if (name === "smoke") continue;
    if (!(name in given) || words[i + 1] === undefined) throw new Error(`what is ${words[i]}?`);
    given[name] = name === "programs" ? words[++i] : Number(words[++i]);
  }
  return given;
}

// What Postern is run under, as "perf record -o FILE --", while it is profiled.
const profiler = (process.env.POSTERN_PROFILER ?? "").split(" ").filter(Boolean);

/** Runs one of our programs; gives the JSON it prints. */
export async function measure(program, args) {
  const ours = program.endsWith("bench_postern") ? profiler : [];
  const [first, ...words] = [...ours, program, ...args.map(String)];
  const result = await run(first, words, { limit_ms: client_limit_ms });
  if (result.code !== 0) {
    throw new Error(`${path.basename(program)} ${args[0]}: ${result.code} ${result.errors}`);
  }
  return JSON.parse(result.output.split("\n").findLast((line) => line.startsWith("{")));
}

/** Runs any program; gives {seconds, cpu}. */
export async function measure_foreign(program, args) {
  const shell = ["-c", 'TIMEFORMAT="%R %U %S"; time "$@"', "bash", program, ...args];
  const result = await run("bash", shell, { limit_ms: client_limit_ms });
  if (result.code !== 0) throw new Error(`${program}: ${result.code} ${result.errors}`);
  const [seconds, user, system] = result.errors.trim().split("\n").at(-1).split(" ").map(Number);
  return { seconds, cpu: user + system };
}

/** Of all processes of a client, in milliseconds a mail. */
export function cpu_each(list, mails) {
  return median(list.map((figure) => ((figure.cpu + (figure.workers_cpu ?? 0)) * 1000) / mails));
}

/** Mails a second. */
export function rate(list, mails) {
  return median(list.map((figure) => mails / figure.seconds));
}

/** Waits until somebody listens on the loopback port, without a connection to it. */
export function until_listens(port) {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`;
  const listens = () => fs.readFileSync("/proc/net/tcp", "utf8").includes(local);
  return until(`somebody listens on port ${port}`, listens, 10000);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Every client once a round, each round beginning with another one, so that what else runs on the
 * machine meets all alike. A client is given an empty folder. Gives name → list of figures.
 */
export async function in_turns(rounds, clients) {
  const names = Object.keys(clients);
  const figures = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length];
      const folder = temporary_folder("bench");
      run_now("sync", ["-f", folder]);
      try {
        figures[name].push(await clients[name](folder));
      } finally {
        remove_folder(folder);
      }
      process.stderr.write(`  round ${round + 1}: ${name} ${figures[name].at(-1).seconds} s\n`);
    }
  }
  return figures;
}

/** The ratios of each round's own figures, then their median: rounds differ more than clients. */
export function ratio(figures, name, base) {
  return median(figures[name].map((figure, i) => figures[base][i].seconds / figure.seconds));
}

/** Median and spread of the rates, the CPU of all of the client's processes, the share of `base`. */
export function print_rates(title, mails, figures, base) {
  console.log(`${title}, ${mails} mails, ${figures[base].length} rounds`);
  for (const [name, list] of Object.entries(figures)) {
    const rates = list.map((figure) => mails / figure.seconds);
    const spread = `${Math.min(...rates).toFixed(0)} to ${Math.max(...rates).toFixed(0)}`;
    const middle = rate(list, mails).toFixed(0).padStart(7);
    const cpu = cpu_each(list, mails).toFixed(3);
    const share = ratio(figures, name, base).toFixed(2);
    const workers = list.some((figure) => figure.workers_cpu > 0)
      ? ` (workers ${median(list.map((each) => (each.workers_cpu * 1000) / mails)).toFixed(3)})`
      : "";
    console.log(
      `  ${name.padEnd(22)}${middle}/s (${spread})  CPU ${cpu} ms a mail${workers}` +
        `  ${share} of ${base}`,
    );
  }
}

export function print_mark(what, value, wanted, unit = "") {
  console.log(`  ${what}: ${value.toFixed(2)}${unit}, the mark is ${wanted}`);
}

/** A certificate authority and an RSA server certificate, as most providers have. */
export function rsa_certificates(folder) {
  fs.mkdirSync(folder, { recursive: true });
  const file = (name) => path.join(folder, name);
  const openssl = (...args) => run_now("openssl", args, { cwd: folder });
  const key = ["-newkey", "rsa:2048", "-nodes"];
  openssl("req", "-x509", ...key, "-days", "30", "-subj", "/CN=bench-ca", "-keyout", "ca.key",
    "-out", "ca.crt", "-addext", "keyUsage=critical,keyCertSign,cRLSign");
  openssl("req", ...key, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr");
  fs.writeFileSync(file("server.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  openssl("x509", "-req", "-days", "30", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
    "-CAcreateserial", "-extfile", "server.ext", "-out", "server.crt");
  return { ca: file("ca.crt"), certificate: file("server.crt"), key: file("server.key") };
}
