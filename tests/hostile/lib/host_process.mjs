// Hostile servers and sick targets in a process of their own, so that what they cost is not taken
// from the one that measures. Started by fork() with the number of accounts and targets; tells
// where they are: {accounts: [{name, port}], targets: [url]}. Asked for "talks", it tells how many of
// the accounts' servers were called.
import http from "node:http";

import { imap_server, Mailbox, mail_about } from "./imap_peer.mjs";
import { rows } from "./imap_rows.mjs";
import { Peer } from "./wire.mjs";

const [accounts_wanted, targets_wanted] = process.argv.slice(2).map(Number);

const sick = [
  () => {}, // never answers
  (request, response) => response.writeHead(500).end("x".repeat(1 << 20)),
  (request, response) => response.writeHead(429, { "retry-after": "1" }).end(),
  (request, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
  (request) => request.socket.destroy(),
  (request, response) => {
    response.writeHead(200, { "content-length": "1000000" });
    const timer = setInterval(() => response.write("x"), 1000);
    response.on("close", () => clearInterval(timer));
  },
];

const peers = [];

async function start_account(row, n) {
  const texts = [1, 2, 3].map((k) => mail_about(`hostile ${n} ${k}`, row.body?.(k)));
  const mailbox = new Mailbox({ mails: texts, ...row.mailbox });
  const peer = await Peer.start(row.serve ?? imap_server(row, mailbox, undefined, { port: 1 }));
  peers.push(peer);
  return { name: `${n}: ${row.name}`, port: peer.port };
}

async function start_target(n) {
  const server = http.createServer(sick[n % sick.length]);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${server.address().port}/sick`;
}

// Those without TLS: they do the most harm for the least of their own time.
const chosen = rows.filter((row) => !row.security && !row.incoming);
const accounts = [];
for (let n = 0; n < accounts_wanted; n++) {
  const at = Math.floor((n * chosen.length) / accounts_wanted);
  accounts.push(await start_account(chosen[at], n));
}
const targets = [];
for (let n = 0; n < targets_wanted; n++) targets.push(await start_target(n));
process.send({ accounts, targets });
process.on("message", () =>
  process.send({ talks: peers.filter((peer) => peer.talks.length > 0).length }),
);
process.on("disconnect", () => process.exit(0));
