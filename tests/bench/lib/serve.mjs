// `postern serve` as users run it, beside the benchmarks' programs, and what its processes use.
import fs from "node:fs";
import net from "node:net";
import path from "node:path";

import { run_now } from "../../interop/lib/processes.mjs";
import { measure } from "./bench.mjs";

const ticks_a_second = Number(run_now("getconf", ["CLK_TCK"]));

/** As Postern.start or .prepare of the interop tests, with the program of the same build. */
export async function postern_class(programs) {
  process.env.POSTERN_BINARY ??= path.resolve(programs, "../../postern");
  return (await import("../../interop/lib/postern.mjs")).Postern;
}

function stat_fields(pid) {
  const text = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
}

export function children_of(pid) {
  const threads = fs.readdirSync(`/proc/${pid}/task`);
  const lists = threads.map((id) => fs.readFileSync(`/proc/${pid}/task/${id}/children`, "utf8"));
  return lists.join(" ").split(/\s+/).filter(Boolean).map(Number);
}

/** Seconds of the processor, of the process and its children, those that have ended included. */
export function cpu_of(pid) {
  const own = stat_fields(pid);
  const ticks = own[11] + own[12] + own[13] + own[14];
  return children_of(pid).reduce((sum, child) => {
    const each = stat_fields(child);
    return sum + (each[11] + each[12]) / ticks_a_second;
  }, ticks / ticks_a_second);
}

/** A line of /proc/PID/status or smaps_rollup, in KiB. */
export function kib_of(pid, file, name) {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(
    fs.readFileSync(`/proc/${pid}/${file}`, "utf8"),
  );
  return Number(found[1]);
}

/** What the process holds for itself alone, in KiB, as it stands: nothing is given back before. */
export function private_kib(pid) {
  return kib_of(pid, "smaps_rollup", "Private_Clean") + kib_of(pid, "smaps_rollup", "Private_Dirty");
}

/** bench_http_load against a running Postern; every answer must have `status`. */
export async function load(programs, postern, { connections, calls, status = 200 }, method, where,
  body) {
  const words = [postern.port, connections, calls, postern.token, method, `/api/v1${where}`];
  if (body) {
    const file = path.join(postern.folder, "body.json");
    fs.writeFileSync(file, JSON.stringify(body));
    words.push(file);
  }
  const figure = await measure(path.join(programs, "bench_http_load"), words);
  if (figure.statuses[status] !== calls) {
    throw new Error(`${method} ${where} was answered with ${JSON.stringify(figure.statuses)}`);
  }
  return figure;
}

/** What a raw peer says on its control port. */
export function ask_control(port) {
  return new Promise((resolve, reject) => {
    let text = "";
    const line = net.connect(port, "127.0.0.1");
    line.on("data", (bytes) => (text += bytes));
    line.on("error", reject);
    line.on("close", () => resolve(text.trim().split(" ").map(Number)));
  });
}
