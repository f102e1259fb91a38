// Temporary folders and free ports: what every private server of a test needs first.
// A port is looked for below the range the kernel takes for outgoing connections, so that no
// client of a test can sit on it between the look and the bind.
import dgram from "node:dgram";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const lowest_port = 20000;
const highest_port = 31999;
// By UDP, and an address of the loopback that no server of a test has.
const reserving_address = "127.0.0.2";
// A Unix socket's path may have 107 bytes; what lies under the folder needs about 50 of them.
const longest_temporary_folder = 50;

/** A new empty folder that other users (postfix, mail) may pass through. */
export function temporary_folder(name) {
  const wanted = os.tmpdir();
  const base = wanted.length <= longest_temporary_folder ? wanted : "/tmp";
  const folder = fs.mkdtempSync(path.join(base, `postern-${name}-`));
  fs.chmodSync(folder, 0o755);
  return folder;
}

export function remove_folder(folder) {
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/** Keeps the port for this process, from all that look here: as long as it lives. */
function reserve(port) {
  return new Promise((resolve) => {
    const mark = dgram.createSocket("udp4");
    mark.once("error", () => mark.close(() => resolve(false)));
    mark.bind({ port, address: reserving_address, exclusive: true }, () => {
      mark.unref();
      resolve(true);
    });
  });
}

function is_free(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** A loopback port nobody listens on, never the same twice while those live who were given one. */
export async function free_port() {
  for (let tries = 0; tries < 1000; tries++) {
    const port = lowest_port + Math.floor(Math.random() * (highest_port - lowest_port + 1));
    if ((await reserve(port)) && (await is_free(port))) return port;
  }
  throw new Error(`no free port between ${lowest_port} and ${highest_port} on 127.0.0.1`);
}

export async function free_ports(count) {
  const ports = [];
  while (ports.length < count) ports.push(await free_port());
  return ports;
}
