// A name server of our own at 127.0.0.77, given to Postern by a resolv.conf bound over the
// machine's (our mount namespace is our own). The first word of a name decides what is said of it.
import dgram from "node:dgram";
import fs from "node:fs";
import path from "node:path";

import { remove_folder, temporary_folder } from "../../interop/lib/files.mjs";
import { at_exit, run_now } from "../../interop/lib/processes.mjs";

const address = "127.0.0.77";
const port = 53;
const type_a = 1;
const type_cname = 5;

function question_of(query) {
  const labels = [];
  let at = 12;
  while (query[at] > 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + query[at]));
    at += 1 + query[at];
  }
  const bytes = query.subarray(12, at + 5);
  return { name: labels.join("."), type: query.readUInt16BE(at + 1), bytes };
}

function record(type, ttl, data, name = Buffer.from([0xc0, 0x0c])) {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([name, fixed, data]);
}

function answer({ id, question, code = 0, records = [] }) {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  return Buffer.concat([head, question.bytes, ...records]);
}

const a = (text, ttl = 60) => record(type_a, ttl, Buffer.from(text.split(".").map(Number)));

/** What is said of a name, by its first word: a function of the question giving an answer's parts. */
export const sayings = {
  silent: () => undefined,
  nx: () => ({ code: 3 }),
  servfail: () => ({ code: 2 }),
  refused: () => ({ code: 5 }),
  otherid: () => ({ other_id: true, records: [a("127.0.0.1")] }),
  // A name that is its own alias.
  loop: () => ({ records: [record(type_cname, 60, Buffer.from([0xc0, 0x0c]))] }),
  // A compressed name that points at itself, behind the question.
  pointer: (question) => {
    const at = 12 + question.bytes.length;
    const itself = Buffer.from([0xc0 | (at >> 8), at & 0xff]);
    return { records: [record(type_a, 60, Buffer.from([127, 0, 0, 1]), itself)] };
  },
  private: () => ({ records: [a("169.254.169.254")] }),
  short: () => ({ records: [Buffer.from([0xc0])] }),
  ttl: () => ({ records: [a("127.0.0.1", 0xffffffff)] }),
  good: () => ({ records: [a("127.0.0.1")] }),
};

export class DnsServer {
  asked = 0;
  /** Whether nobody is answered at all. */
  dead = false;

  static async start() {
    const server = new DnsServer();
    server.socket = dgram.createSocket("udp4");
    server.socket.on("message", (query, from) => server.#hear(query, from));
    await new Promise((resolve) => server.socket.bind(port, address, resolve));
    const folder = temporary_folder("chaos-dns");
    at_exit(() => remove_folder(folder));
    const file = path.join(folder, "resolv.conf");
    fs.writeFileSync(file, `nameserver ${address}\n`);
    run_now("mount", ["--bind", file, fs.realpathSync("/etc/resolv.conf")]);
    return server;
  }

  stop() {
    this.socket.close();
    run_now("umount", [fs.realpathSync("/etc/resolv.conf")]);
  }

  #hear(query, { port: to, address: host }) {
    this.asked++;
    const question = question_of(query);
    const said = sayings[question.name.split(/[-.]/)[0].toLowerCase()]?.(question);
    if (this.dead || !said) return;
    const id = query.readUInt16BE(0);
    const records = question.type === type_a ? said.records : [];
    const words = { id: said.other_id ? id ^ 1 : id, question, code: said.code, records };
    this.socket.send(answer(words), to, host);
  }
}
