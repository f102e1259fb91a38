// strace's injection: Postern under strace, with the n-th call of a kind made to fail, or its last.
// strace counts in each thread for itself: the n-th call is that of the thread that comes to it
// first, and with "n+" each thread's calls fail from its own n-th on.
import fs from "node:fs";

import { until } from "../../interop/lib/until.mjs";

/** Words to start a program with. `rules`: as after strace's -e inject=. */
export function injecting(rules, { log = "/dev/null", paths = [] } = {}) {
  const calls = rules.map((rule) => rule.split(":")[0]).join(",");
  return [
    ...["strace", "-f", "-qqq", "-o", log],
    ...["-e", "signal=none", "-e", `trace=${calls}`],
    ...rules.flatMap((rule) => ["-e", `inject=${rule}`]),
    ...paths.flatMap((path) => ["-P", path]),
  ];
}

/** The pid of the traced program, or nothing when it has ended. */
export function traced_pid(strace_pid) {
  try {
    const children = fs.readFileSync(`/proc/${strace_pid}/task/${strace_pid}/children`, "utf8");
    return Number(children.split(" ")[0]) || undefined;
  } catch {
    return undefined;
  }
}

/** Kills what strace has started, and with it strace. */
export async function kill_traced(program) {
  const pid = traced_pid(program.pid);
  if (pid) process.kill(pid, "SIGKILL");
  await until("strace has ended", () => program.end);
}
