// What those who run Postern rely on: what it tells the service manager, its health by a command,
// the way back from a newer version, and a harness that sees what a sanitizer finds.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { free_port, remove_folder, temporary_folder } from "./lib/files.mjs";
import { Postern, postern_command, sanitizer_report } from "./lib/postern.mjs";
import { Program, run_now } from "./lib/processes.mjs";
import { until } from "./lib/until.mjs";

// Node has no datagrams over local sockets. A line for each, its own lines joined by blanks.
const listener_source = `
import socket, sys
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.bind(sys.argv[1])
print("listening", flush=True)
while True:
    print(heard.recv(4096).decode().replace("\\n", " "), flush=True)
`;

/** What a service manager would hear: `lines()` so far. */
async function service_manager(t) {
  const folder = temporary_folder("notify");
  const socket = path.join(folder, "socket");
  const program = new Program("python3", ["-c", listener_source, socket]);
  t.after(async () => {
    program.kill("SIGKILL");
    await program.ended;
    remove_folder(folder);
  });
  await until("it listens", () => program.output.includes("listening"));
  return { socket, lines: () => program.output.split("\n").slice(1).filter(Boolean) };
}

test("the service manager is told of the start, of life, of a reload and of the stop", async (t) => {
  const manager = await service_manager(t);
  const postern = Postern.prepare({
    env: { NOTIFY_SOCKET: manager.socket, WATCHDOG_USEC: "400000", JOURNAL_STREAM: "8:1" },
  });
  t.after(() => postern.stop());
  await postern.start();
  const count = (line) => manager.lines().filter((each) => each === line).length;
  const ready = `READY=1 STATUS=serves ${postern.url}/`;

  await until("ready was told", () => count(ready) === 1);
  await until("life is told again and again", () => count("WATCHDOG=1") >= 3);
  postern.program.kill("SIGHUP");
  await until("the reload's end was told", () => count(ready) === 2);
  assert.ok(manager.lines().indexOf("RELOADING=1") > manager.lines().indexOf(ready));
  const end = await postern.terminate();
  await until("the stop was told", () => count("STOPPING=1") === 1);

  assert.equal(end.code, 0);
  assert.equal(count("RELOADING=1"), 1);
  // Where standard output is the log, the first start's code is in its file alone.
  const code = fs.readFileSync(path.join(postern.data, "first-start-code"), "utf8").trim();
  assert.ok(code.length > 8 && !postern.log().includes(code));
});

test("postern health: exit 0 while it serves, else why not", async (t) => {
  const postern = await Postern.start();
  t.after(() => postern.stop());
  const health = () => postern_command(["health"], { env: { POSTERN_URL: postern.url } });

  const well = await health();
  assert.deepEqual([well.code, well.output], [0, "ready\n"]);
  await postern.terminate();
  const gone = await health();
  assert.equal(gone.code, 69);
  assert.match(gone.errors, /can't be reached/);
});

test("a database of a newer version is refused, with the way back, and is left alone", async (t) => {
  const postern = await Postern.start();
  t.after(() => postern.stop());
  await postern.terminate();
  const database = path.join(postern.data, "postern.db");
  const version = Number(run_now("sqlite3", [database, "PRAGMA user_version"]).toString());
  const copy = `${database}.before-${version + 1}`;
  fs.copyFileSync(database, copy);
  run_now("sqlite3", [database, `PRAGMA user_version = ${version + 2}`]);
  const before = fs.readFileSync(database);
  const port = await free_port();

  const refused = await postern_command(["serve", "--data", postern.data], {
    env: { POSTERN_HTTP_LISTEN: `127.0.0.1:${port}` },
  });

  assert.equal(refused.code, 78, refused.errors);
  const said = refused.output + refused.errors;
  assert.ok(said.includes(`schema ${version + 2}`) && said.includes(`up to ${version}`), said);
  assert.ok(said.includes(copy), said);
  assert.ok(fs.readFileSync(database).equals(before));
  // As it says: the newer files away, the copy in their place.
  for (const end of ["", "-wal", "-shm"]) fs.rmSync(database + end, { force: true });
  fs.renameSync(copy, database);
  await postern.start();
});

test("the harness sees a sanitizer's report, and nothing else as one", () => {
  for (const line of [
    "==17==ERROR: AddressSanitizer: heap-use-after-free on address 0x1",
    "==17==ERROR: LeakSanitizer: detected memory leaks",
    "/tree/gateway/core/hex.cpp:12:7: runtime error: signed integer overflow",
    "WARNING: ThreadSanitizer: data race (pid=17)",
  ]) {
    assert.ok(sanitizer_report(`before\n${line}\nafter\n`)?.startsWith(line), line);
  }
  assert.equal(sanitizer_report("warn a runtime error was told by the server\n"), undefined);
});
