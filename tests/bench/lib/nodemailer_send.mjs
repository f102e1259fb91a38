// What many would send with: nodemailer's pool. Prints {mails, seconds, cpu}.
//   node nodemailer_send.mjs PORT CA_FILE CONNECTIONS MAILS SIZE_BYTES
import fs from "node:fs";
import { createRequire } from "node:module";

const nodemailer = createRequire(new URL("../../interop/package.json", import.meta.url))("nodemailer");

const [port, ca, connections, mails, bytes] = process.argv.slice(2);
const head = "From: a@bench.test\r\nTo: b@bench.test\r\nSubject: a mail of the benchmark\r\n\r\n";
const line = `${"x".repeat(74)}\r\n`;
const raw = Buffer.from(head + line.repeat(Math.ceil((Number(bytes) - head.length) / line.length)));
const transport = nodemailer.createTransport({
  host: "localhost", port: Number(port), requireTLS: true, pool: true,
  maxConnections: Number(connections), maxMessages: Infinity,
  auth: { user: "a", pass: "b" }, tls: { ca: fs.readFileSync(ca) },
});
const begun = process.hrtime.bigint();
await Promise.all(
  Array.from({ length: Number(mails) }, () =>
    transport.sendMail({ envelope: { from: "a@bench.test", to: ["b@bench.test"] }, raw }),
  ),
);
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
transport.close();
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ mails: Number(mails), seconds, cpu: (user + system) / 1e6 }));
