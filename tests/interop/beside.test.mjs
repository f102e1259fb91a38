// The command line's tools beside a server that runs, again and again: what the server has said to be
// kept is there after a crash, and so is what the tools did.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { Postern, postern_command } from "./lib/postern.mjs";

/** The files of the server that somebody has removed under it. */
const removed = (pid) =>
  fs
    .readdirSync(`/proc/${pid}/fd`)
    .map((name) => fs.readlinkSync(`/proc/${pid}/fd/${name}`))
    .filter((name) => /postern\.db.*deleted/.test(name));

test("tools beside a server take nothing from it, and nothing is lost in a crash", async (t) => {
  const postern = await Postern.start();
  t.after(() => postern.stop());
  const tool = async (...args) => {
    const ended = await postern_command([...args, "--data", postern.data]);
    assert.equal(ended.code, 0, ended.errors);
    assert.deepEqual(removed(postern.program.pid), [], args.join(" "));
    return ended.output.trim();
  };
  const made = [];
  const tokens = [];
  const silence = async () => {
    const name = `made ${made.length}`;
    const token = await postern.api("POST", "/tokens", { name, scopes: ["read"] });
    made.push(name);
    tokens.push(token.token);
  };
  await silence();
  for (let round = 0; round < 2; round++) {
    tokens.push(await tool("token", "create", "--name", `by tool ${round}`, "--scope", "read"));
    await silence();
    await tool("verify");
    await silence();
    await tool("secrets", "rotate");
    await silence();
    await tool("backup", path.join(postern.folder, `backup-${round}.tar`));
    await silence();
    const download = await postern.call("POST", "/backup");
    assert.equal(download.status, 200, postern.log().slice(-1000));
  }
  await postern.crash();
  await postern.start();
  const names = (await postern.list("/tokens")).map(({ name }) => name);
  for (const name of made) assert.ok(names.includes(name), `${name} is lost`);
  for (const token of tokens) {
    assert.equal((await postern.call("GET", "/events", undefined, { token })).status, 200);
  }
  await tool("verify");
});
