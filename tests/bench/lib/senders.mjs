// Those who send the same mails to one server by SMTP with STARTTLS, over at most eight connections:
// a raw pipelined sender, Postern's queue, nodemailer's pool. Each logs in as "a" with "b".
import path from "node:path";
import { fileURLToPath } from "node:url";

import { measure } from "./bench.mjs";

export const connections = 8;
const nodemailer = fileURLToPath(new URL("nodemailer_send.mjs", import.meta.url));

/** For in_turns; `ca`: the file of the authority that the server's certificate is by. */
export function senders({ programs, mails, bytes }, port, ca) {
  const program = (name) => path.join(programs, name);
  return {
    raw: () => measure(program("bench_smtp_raw"), [port, ca, connections, mails, bytes]),
    postern: (own) =>
      measure(program("bench_postern"), ["send", path.join(own, "data"), port, ca, mails, bytes]),
    nodemailer: () => measure(process.execPath, [nodemailer, port, ca, connections, mails, bytes]),
  };
}
