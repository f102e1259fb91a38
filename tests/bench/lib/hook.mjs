// The webhook endpoint of the benchmarks, bench_web_sink.
import path from "node:path";

import { free_port } from "../../interop/lib/files.mjs";
import { Program } from "../../interop/lib/processes.mjs";
import { until_listens } from "./bench.mjs";

export class Hook {
  /** `mark`: the text right before the number by which a mail is known in what is posted. */
  static async start(programs, mark) {
    const hook = new Hook();
    hook.port = await free_port();
    hook.url = `http://127.0.0.1:${hook.port}/hook`;
    const words = [String(hook.port), ...(mark ? [mark] : [])];
    hook.program = new Program(path.join(programs, "bench_web_sink"), words);
    await until_listens(hook.port);
    return hook;
  }

  /** {requests, cpu, times: [[number, seconds of the monotonic clock]]} */
  async stop() {
    this.program.kill("SIGTERM");
    await this.program.ended;
    return JSON.parse(this.program.output);
  }
}
