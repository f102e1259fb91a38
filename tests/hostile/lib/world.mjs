// What every table of rows is judged in: one Postern, one integration and one server for each row,
// all at once, and one look at their status twice a second.
import fs from "node:fs";

import { make_certificates } from "../../interop/lib/certificates.mjs";
import { remove_folder, temporary_folder } from "../../interop/lib/files.mjs";
import { Postern } from "../../interop/lib/postern.mjs";
import { at_exit } from "../../interop/lib/processes.mjs";
import { Receiver } from "../../interop/lib/receiver.mjs";
import { Peer } from "./wire.mjs";
import { pause, until, within } from "../../interop/lib/until.mjs";

const look_ms = 500;
const look_limit_ms = 30000;
const slow_stop_ms = 5000;
const tick_ms = 100;

export const password_of = (row) => `pass-of-${row.id}-word`;

const late_s = 5; // promise 7
const loaded_late_s = 30;
const loaded_ms = 400;

/** Whether the server of a row pours as fast as it can: those are played one at a time. */
export const pours = ({ name }) => /without end|megabyte|never ends|huge|gaps/.test(name);

/** RSS of a process now, and the most it ever was, in bytes. */
export function memory_of(pid) {
  const text = fs.readFileSync(`/proc/${pid}/status`, "utf8");
  const value = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)[1]) * 1024;
  return { now: value("VmRSS"), most: value("VmHWM") };
}

/** Makes the kernel forget the most there ever was. */
export const forget_most = (pid) => fs.writeFileSync(`/proc/${pid}/clear_refs`, "5");

export class World {
  /** How late this machine was at its worst: nothing that Postern could do about. */
  late_ms = 0;
  integrations = new Map(); // by name
  deliveries = new Map(); // by id
  #hand_overs = new Map(); // by subject: their ids
  #hand_overs_read = 0;

  /** `env`: more environment, or a function of the certificates that gives it. */
  static async start({ env = {} } = {}) {
    const world = new World();
    world.folder = temporary_folder("hostile");
    world.forget = at_exit(() => remove_folder(world.folder));
    world.certificates = make_certificates(`${world.folder}/tls`);
    try {
      await world.#start_all(typeof env === "function" ? env(world.certificates) : env);
    } catch (error) {
      await world.stop(); // what is left listening would keep this process alive
      throw error;
    }
    world.#watch_lateness();
    return world;
  }

  async #start_all(env) {
    this.receiver = await Receiver.start();
    // Where referrals point: nobody may come there.
    this.trap = await Peer.start((talk) => talk.say("* PREAUTH come in\r\n"));
    this.postern = await Postern.start({
      authority: this.certificates.ca.certificate,
      env: { POSTERN_MONITORING_NOTIFY_AFTER: "1", ...env },
    });
    await this.postern.add_target(this.receiver);
  }

  #watch_lateness() {
    let last = Date.now();
    this.ticks = setInterval(() => {
      this.late_ms = Math.max(this.late_ms, Date.now() - last - tick_ms);
      last = Date.now();
    }, tick_ms);
  }

  /** Begins to look at everybody's status. */
  watch({ deliveries = false } = {}) {
    this.watching = true;
    this.watcher = (async () => {
      while (this.watching) {
        for (const one of await this.#look("integrations")) this.integrations.set(one.name, one);
        if (deliveries) {
          for (const one of await this.#look("deliveries")) this.deliveries.set(one.id, one);
        }
        await pause(look_ms);
      }
    })();
  }

  /** All there are, or none where the call fails or hangs: the next look sees them. */
  async #look(what) {
    this.looking = { what, since: Date.now() };
    try {
      return await within(what, this.postern.list(`/${what}?limit=200`), look_limit_ms);
    } catch (error) {
      this.look_failed = error.message;
      return [];
    } finally {
      this.looking = null;
    }
  }

  /** What the world knows of itself, for the message of a row whose outcome did not come. */
  state() {
    const { looking, look_failed, late_ms } = this;
    const now = looking
      ? `looks at ${looking.what} since ${Date.now() - looking.since} ms`
      : "rests";
    const failed = look_failed ? `; a look failed: ${look_failed}` : "";
    return `the watcher ${now}${failed}; this machine was at most ${late_ms} ms late`;
  }

  /** How many hand-overs of this subject there were, one for each id. */
  handed_over(subject) {
    const { requests } = this.receiver;
    for (; this.#hand_overs_read < requests.length; this.#hand_overs_read++) {
      const { id, json } = requests[this.#hand_overs_read];
      const about = json?.data?.subject;
      if (!this.#hand_overs.has(about)) this.#hand_overs.set(about, new Set());
      this.#hand_overs.get(about).add(id);
    }
    return this.#hand_overs.get(subject)?.size ?? 0;
  }

  /** How late Postern may be with what it does at a time. On a machine that others have their part of
   * no clock can tell whose fault it is: there it is enough that it comes at all. */
  allowed_late_s() {
    return this.late_ms < loaded_ms ? late_s : loaded_late_s + this.late_ms / 1000;
  }

  /** As until(); looks as often as there is something new to be seen. */
  until(what, condition, limit_ms) {
    return until(what, condition, limit_ms, look_ms / 2);
  }

  async stop() {
    this.watching = false;
    clearInterval(this.ticks);
    await this.watcher;
    const began = Date.now();
    try {
      await this.postern?.stop();
    } finally {
      const ms = Date.now() - began;
      if (ms > slow_stop_ms) console.log(`Postern took ${ms} ms to stop`);
      this.trap?.stop();
      await this.receiver?.stop();
      remove_folder(this.folder);
      this.forget();
    }
  }
}
