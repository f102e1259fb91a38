// Many integrations at once: `postern serve` with each of them in IDLE over TLS at a raw server of
// mailboxes. What its start takes, what each holds, what waiting costs, how long a page of their
// list takes, what a mail costs that comes to one of them.
import path from "node:path";
import net from "node:net";

import { free_ports, remove_folder, temporary_folder } from "../../interop/lib/files.mjs";
import { at_exit, Program } from "../../interop/lib/processes.mjs";
import { pause, until } from "../../interop/lib/until.mjs";
import { rsa_certificates, until_listens } from "./bench.mjs";
import { Hook } from "./hook.mjs";
import { ask_control, cpu_of, kib_of, load, postern_class, private_kib } from "./serve.mjs";

const up_limit_ms = 600000;
const settling_ms = 3000; // the last status rows are written
const house_kept_ms = 80000; // free memory is given back each minute; see housekeeping.cpp
const many_from = 1000;

const now_s = () => Number(process.hrtime.bigint()) / 1e9;

export class ManyIntegrations {
  /** A running Postern without integrations, and what it will connect to. */
  static async start(programs) {
    const many = new ManyIntegrations();
    many.programs = programs;
    many.folder = temporary_folder("bench");
    at_exit(() => remove_folder(many.folder));
    const { ca, certificate, key } = rsa_certificates(path.join(many.folder, "tls"));
    const [port, control, wishes] = await free_ports(3);
    Object.assign(many, { port, control, wishes });
    const words = [port, control, certificate, key, wishes].map(String);
    many.server = new Program(path.join(programs, "bench_idle_server"), words);
    await until_listens(wishes);
    many.hook = await Hook.start(programs);
    const Postern = await postern_class(programs);
    many.postern = await Postern.start({ authority: ca });
    return many;
  }

  get pid() {
    return this.postern.program.pid;
  }

  async stop() {
    await this.postern.stop();
    this.server.kill("SIGTERM");
    await this.server.ended;
    await this.hook.stop();
  }

  memory() {
    return { private_kib: private_kib(this.pid), resident_kib: kib_of(this.pid, "status", "VmRSS") };
  }

  /** Adds them by the API, each with a login of its own; and a webhook target for their mail. */
  async add(integrations) {
    await this.postern.add_target(this.hook, { parallel: 8 });
    const wish = { connections: Math.min(32, integrations), calls: integrations, status: 201 };
    return load(this.programs, this.postern, wish, "POST", "/integrations", {
      name: "bench-%N%", address: "bench-%N%@bench.test",
      incoming: {
        enabled: true, host: "localhost", port: this.port, security: "tls",
        auth: { method: "password", username: "bench-%N%@bench.test", password: "secret-of-%N%" },
      },
    });
  }

  async idle_count() {
    return (await ask_control(this.control))[0];
  }

  /** Ends Postern and starts it again; `meanwhile` runs as soon as it is ready. Seconds. */
  async restart(integrations, meanwhile) {
    await this.postern.terminate();
    await until("all are gone", async () => (await this.idle_count()) === 0, 60000);
    const begun = now_s();
    await this.postern.start();
    const ready = now_s() - begun;
    const answered = await meanwhile();
    const all = async () => (await this.idle_count()) === integrations;
    await until("all are in IDLE", all, up_limit_ms);
    const up = now_s() - begun;
    await pause(integrations < many_from ? settling_ms : house_kept_ms);
    return { ready, up, answered, cpu: cpu_of(this.pid) };
  }

  /** The share of a core that waiting takes. */
  async idle_share(seconds) {
    const cpu = cpu_of(this.pid);
    const begun = now_s();
    await pause(seconds * 1000);
    return (cpu_of(this.pid) - cpu) / (now_s() - begun);
  }

  page(calls, where = "/integrations?limit=50") {
    return load(this.programs, this.postern, { connections: 1, calls }, "GET", where);
  }

  /**
   * `mails`, each to the next integration in turn, the next one when at most `at_once` before it
   * are not fetched yet, up to the webhook's answer: {seconds, cpu}.
   */
  async mails(mails, at_once = 1) {
    const wanted = (await this.hook.count()) + mails;
    const cpu = cpu_of(this.pid);
    const begun = now_s();
    const wish = net.connect(this.wishes, "127.0.0.1");
    wish.end(`${mails} ${at_once}\n`);
    const all = async () => (await this.hook.count()) >= wanted;
    await until("every mail came to the webhook", all, up_limit_ms);
    return { seconds: now_s() - begun, cpu: cpu_of(this.pid) - cpu };
  }
}
