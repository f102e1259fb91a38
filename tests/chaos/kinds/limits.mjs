// Too little memory (RLIMIT_AS; in the long form a control group too) and too few file descriptors under a flood of connections. Postern
// may refuse, and with too little memory it may end; it neither spins nor loses anything.
import fs from "node:fs";
import net from "node:net";

import { pause, until } from "../../interop/lib/until.mjs";
import { Cgroup } from "../lib/cgroup.mjs";
import { World } from "../lib/world.mjs";

export const about = "memory limits, file descriptors used up";
export const short = { rounds: 3, mails: 30, lives: 1 };
export const long = { rounds: 30, mails: 40, lives: 2, groups: true };

const flood_connections = 400;
const flood_ms = 2000;
const ticks_per_second = 100;
const spin_share = 0.75; // of one core, by a program that has nothing to do but wait
const large_bytes = 20_000_000;

const prlimit = (words) => ["prlimit", ...words];

/** The seconds of CPU that a process has had. */
function cpu_s(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticks_per_second;
}

const quiet = (world) => world.imap.waiting() === 0 && world.clients.waiting() === 0;

/** Connections to HTTP and the listener that say nothing, more than there are descriptors. */
async function flooded(world, mails, wrong) {
  await world.crash();
  world.postern.wrap = prlimit(["--nofile=120:120"]);
  await world.postern.start();
  const { program, port } = world.postern;
  const unread = world.hook.unread.size;
  const sockets = [];
  for (let n = 0; n < flood_connections; n++) {
    const socket = net.connect(n % 2 ? port : world.login.port, "127.0.0.1");
    socket.on("error", () => {});
    sockets.push(socket);
  }
  await world.traffic(mails, 200);
  await pause(flood_ms / 2); // what there was to do is done
  const before = cpu_s(program.pid);
  await pause(flood_ms);
  if (program.end) wrong.push(`it ended in a flood:\n${world.postern.log().slice(-1500)}`);
  else {
    const share = ((cpu_s(program.pid) - before) * 1000) / flood_ms;
    if (share > spin_share) wrong.push(`it spins without descriptors: ${share.toFixed(2)} cores`);
  }
  for (const socket of sockets) socket.destroy();
  await until("all goes on after the flood", () => program.end || quiet(world), 60000).catch(
    (error) => wrong.push(error.message),
  );
  // Found by seed 1: where no reader could be started, mails went on without subject and text.
  const more = world.hook.unread.size - unread;
  if (more > 0) wrong.push(`${more} mails came without a summary because of a flood`);
  await world.crash();
  world.postern.wrap = undefined;
  await world.postern.start();
}

/** With so little memory that large mails may not find room. */
async function short_of_memory(world, random, mails, group) {
  await world.crash();
  // Resident memory, with the pages of files, against addresses.
  const mib = group ? random.between(12, 120) : random.between(150, 1500);
  group?.limit(mib);
  world.postern.wrap = group ? group.wrap() : prlimit([`--as=${mib * 1024 * 1024}`]);
  await world.postern.spawn();
  const name = `large-${mib}-${world.mails()}`;
  world.imap.put("ann", name, large_mail(name));
  await world.traffic(mails, 300);
  const { program } = world.postern;
  await until("it ended or is quiet", () => program.end || quiet(world), 3000).catch(() => {});
  const ended = program.end !== undefined;
  await world.crash();
  world.postern.wrap = undefined;
  await world.postern.start();
  return { mib, ended };
}

function large_mail(name) {
  const head =
    `From: Dora <dora@client.test>\r\nTo: ann@example.test\r\nSubject: ${name}\r\n` +
    `Message-ID: <${name}@client.test>\r\n\r\n`;
  const line = `${"0123456789".repeat(7)}\r\n`;
  return Buffer.from(head + line.repeat(large_bytes / line.length));
}

export async function life({ random, rounds, mails, groups, say }) {
  // Each thread has descriptors of its own: as many on any machine.
  const env = { POSTERN_LIMITS_THREADS: "2" };
  const world = await World.make({ random: random.fork(), env });
  const wrong = [];
  let floods = 0;
  let ends = 0;
  const group = groups && Cgroup.make();
  if (groups) say(group ? `control groups: ${group.file}` : "no control group can be made here");
  await world.begin();
  for (let round = 0; round < rounds; round++) {
    if (round % 4 === 0) {
      await flooded(world, mails, wrong);
      floods++;
      continue;
    }
    const within = round % 2 ? group : undefined;
    const { mib, ended } = await short_of_memory(world, random, mails, within);
    if (ended) ends++;
    say(`${mib} MiB of ${within ? "memory" : "addresses"}: ${ended ? "ended" : "went on"}`);
  }
  wrong.push(...(await world.settle()));
  group?.remove();
  say(`${world.hook.unread.size} mails came without a summary`);
  const figures = { mails: world.mails(), floods, "memory limits": rounds - floods, ends };
  return { figures, wrong: [...wrong, ...(await world.end())] };
}
