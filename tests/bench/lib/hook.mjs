// The webhook endpoint of the benchmarks, bench_web_sink.
import path from "node:path";

import { free_ports } from "../../interop/lib/files.mjs";
import { Program } from "../../interop/lib/processes.mjs";
import { until_listens } from "./bench.mjs";
import { ask_control } from "./serve.mjs";

export class Hook {
  /** `mark`: the text right before the number by which a mail is known in what is posted. */
  static async start(programs, mark) {
    const hook = new Hook();
    [hook.port, hook.control] = await free_ports(2);
    hook.url = `http://127.0.0.1:${hook.port}/hook`;
    const words = [String(hook.port), String(hook.control), ...(mark ? [mark] : [])];
    hook.program = new Program(path.join(programs, "bench_web_sink"), words);
    await until_listens(hook.control);
    return hook;
  }

  /** How often it was called so far. */
  async count() {
    return (await ask_control(this.control))[0];
  }

  /** {requests, cpu, times: [[number, seconds of the monotonic clock]]} */
  async stop() {
    this.program.kill("SIGTERM");
    await this.program.ended;
    return JSON.parse(this.program.output);
  }
}
