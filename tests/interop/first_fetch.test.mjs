// What it costs when the line is cut in the middle of the first fetch of a large mailbox: next to
// nothing is fetched again, and nothing is handed over twice. (tests/sim: the same by a death.)
// POSTERN_MANY=10000 plays it in full.
import assert from "node:assert/strict";
import fs from "node:fs";
import { writeFile as write } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { fixture } from "./lib/fixture.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import { run_now } from "./lib/processes.mjs";
import { tap } from "./lib/tap.mjs";
import { until } from "./lib/until.mjs";

const many = Number(process.env.POSTERN_MANY ?? 1500);
const told_a_mail = /FETCH \(UID \d+/g;
const on_the_line_max = 256; // in the buffers of sockets when the line ends

let host;
before(async () => (host = await MailHost.start({ smtp: false })));
after(() => host?.stop());

/** An account with `many` mails, and a line to its server that calls `middle` once, half way. */
async function half_way(t, middle) {
  let count = 0;
  let waits = true;
  let rest = "";
  const line = await tap(t, host.dovecot.ports.starttls, {
    told: (bytes, cut) => {
      const text = rest + bytes.toString("latin1");
      const at = text.lastIndexOf("\n") + 1;
      rest = text.slice(at);
      count += (text.slice(0, at).match(told_a_mail) ?? []).length;
      if (!waits || count < many / 2) return;
      waits = false;
      rest = "";
      middle(cut);
    },
  });
  const made = await fixture(t, host, { incoming: { security: "none", port: line.port } });
  const { account, receiver } = made;
  receiver.answer = (request) => {
    request.body = request.headers = undefined;
    return 204;
  };
  await host.deliver(account.address, mail({ to: account.address, subject: "0" }));
  const inbox = path.join(host.dovecot.folder, "mail", account.address, "cur");
  fs.mkdirSync(inbox, { recursive: true });
  for (let n = 1; n < many; ++n) {
    const bytes = mail({ to: account.address, subject: String(n), body: "Hello.\n".repeat(200) });
    await write(path.join(inbox, `${1700000000 + n}.M${n}P1.host`), bytes);
  }
  run_now("chown", ["-R", "mail:mail", inbox]);
  return { ...made, told: () => count, cut: () => !waits };
}

function assert_each_once(receiver) {
  const seen = new Map();
  for (const { json } of receiver.requests) {
    seen.set(json.data.subject, (seen.get(json.data.subject) ?? new Set()).add(json.data.id));
  }
  assert.equal(seen.size, many);
  for (const [subject, ids] of seen) assert.equal(ids.size, 1, `${subject} has two ids`);
}

describe("a first fetch", () => {
  test("that is cut half way goes on where it was", async (t) => {
    const { receiver, add, told, cut } = await half_way(t, (end) => end());
    await add();
    await until("all mails", () => receiver.mails().length >= many, 120000);
    assert.ok(cut());
    t.diagnostic(`${told() - many} of ${many} mails were fetched twice after a cut line`);
    assert.ok(told() - many <= on_the_line_max, `${told() - many} mails were fetched twice`);
    assert_each_once(receiver);
  });
});
