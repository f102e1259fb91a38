// Starting programs and ending them again by their pid. What is still running when the test
// process ends, for whatever reason, is ended with it.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";

import { until } from "./until.mjs";

const last_acts = new Set();

/** Runs `act` (synchronous) when this process ends, unless the returned function was called. */
export function at_exit(act) {
  last_acts.add(act);
  return () => last_acts.delete(act);
}

process.on("exit", () => {
  for (const act of [...last_acts].reverse()) {
    try {
      act();
    } catch {
      // The process it was to end is gone.
    }
  }
});
for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
  ["SIGHUP", 1],
]) {
  process.once(signal, () => process.exit(128 + number));
}

/** A zombie that nobody waits for (in a container without an init) counts as gone. */
export function is_alive(pid) {
  try {
    return !/^State:\s*[ZX]/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Ends a process that is not our child: SIGTERM, then SIGKILL after `limit_ms`. */
export async function end_pid(pid, limit_ms = 10000) {
  if (!is_alive(pid)) return;
  process.kill(pid, "SIGTERM");
  try {
    await until(`pid ${pid} gone`, () => !is_alive(pid), limit_ms);
  } catch {
    if (is_alive(pid)) process.kill(pid, "SIGKILL");
  }
}

/** A running program: its output so far, its end. Killed when this process ends. */
export class Program {
  constructor(command, args, { env = {}, cwd, input } = {}) {
    this.output = "";
    this.errors = "";
    this.child = spawn(command, args, {
      env: { ...process.env, ...env },
      cwd,
      detached: true, // Ctrl-C at the terminal is for us, who then end it in order
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    this.pid = this.child.pid;
    const forget = at_exit(() => this.child.kill("SIGKILL"));
    this.child.stdout.on("data", (bytes) => (this.output += bytes));
    this.child.stderr.on("data", (bytes) => (this.errors += bytes));
    if (input !== undefined) {
      this.child.stdin.on("error", () => {});
      this.child.stdin.end(input);
    }
    this.ended = new Promise((resolve) => {
      this.child.once("error", (error) => {
        forget();
        this.end = { code: null, signal: null, error };
        resolve(this.end);
      });
      this.child.once("close", (code, signal) => {
        forget();
        this.end ??= { code, signal };
        resolve(this.end);
      });
    });
  }

  kill(signal) {
    this.child.kill(signal);
  }
}

/** Runs a program to its end: {code, output, errors}. */
export async function run(command, args, options = {}) {
  const program = new Program(command, args, options);
  const limit = setTimeout(() => program.kill("SIGKILL"), options.limit_ms ?? 60000);
  const end = await program.ended;
  clearTimeout(limit);
  if (end.error) throw new Error(`${command} could not be started: ${end.error.message}`);
  return { code: end.code, signal: end.signal, output: program.output, errors: program.errors };
}

/** Like run, for what must go well. */
export function run_now(command, args, options = {}) {
  const result = spawnSync(command, args, { maxBuffer: 256 * 1024 * 1024, ...options });
  if (result.error) throw new Error(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${result.status}: ${result.stderr}`);
  }
  return result.stdout;
}
