// Routing as people use it: rules, ignore lists and threads between a real mailbox and two targets;
// and mails that are made to break readers among mails that are not.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";

import { fixture } from "./lib/fixture.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { Receiver } from "./lib/receiver.mjs";
import { until } from "./lib/until.mjs";

let host;
before(async () => (host = await MailHost.start()));
after(() => host?.stop());

const lines = (...all) => all.join("\r\n");
const mail = (id, subject, more = [], body = "words") =>
  lines(
    "From: Ann <ann@outside.test>",
    "To: support@example.test",
    "Date: Sat, 31 Jan 2026 09:30:00 +0000",
    `Message-ID: <${id}@outside.test>`,
    `Subject: ${subject}`,
    ...more,
    "",
    body,
    "",
  );

test("rules send mail where it is meant to go, and what is kept back waits for a word", async (t) => {
  const made = await fixture(t, host, {
    incoming: { ignore: { domains: ["spam.test"] }, reference_patterns: ["\\[#(\\d+)\\]"] },
  });
  const archive = await Receiver.start();
  t.after(() => archive.stop());
  await made.postern.add_target(archive, { name: "Archive", fallback: false });
  const { postern, receiver, account } = made;
  await postern.api("POST", "/rules", {
    name: "Invoices",
    condition: {
      all: [
        { field: "subject", op: "contains", value: "invoice\\" },
        { not: { field: "header:X-Spam", op: "equals", value: "yes" } },
      ],
    },
    actions: { targets: ["Archive"], attributes: { queue: "billing" }, tags: ["money"] },
  });
  await postern.api("POST", "/rules", {
    name: "News",
    condition: { field: "class", op: "equals", value: "list" },
    actions: { ignore: "a newsletter" },
  });
  await made.add();
  const save = (text) => host.dovecot.save(account.address, Buffer.from(text));
  const arrived = (where, subject) =>
    until(`"${subject}" is handed over`, () =>
      where.mails().find((data) => data.subject === subject),
    );
  // Only what comes after the first look is new.
  await until("the mailbox is watched", async () => {
    const [one] = await postern.list("/integrations");
    return one.status.last_successful_check;
  });

  await save(mail("1", "Your invoice\\2026"));
  await save(mail("2", "News of today", ["List-Id: <news.test>"]));
  await save(mail("3", "[#42] Hello"));
  await save(mail("4", "Re: [#42] Hello", ["In-Reply-To: <3@outside.test>"]));
  await save(mail("5", "Buy").replace("ann@outside.test", "ann@mx.spam.test"));

  const invoice = await arrived(archive, "Your invoice\\2026");
  assert.deepEqual(invoice.attributes, { queue: "billing" });
  assert.deepEqual(invoice.tags, ["money"]);
  assert.equal(invoice.rule_trace[0].matched, true);
  assert.match(invoice.rule_trace[0].reason, /subject contains "invoice\\"/);
  assert.equal(invoice.rule_trace[1].matched, false);
  const question = await arrived(receiver, "[#42] Hello");
  assert.equal(question.matched_reference, "42");
  const answer = await arrived(receiver, "Re: [#42] Hello");
  assert.equal(answer.thread_id, question.thread_id);

  const ignored = await until("two are ignored", async () => {
    const found = await postern.list("/messages?state=ignored");
    return found.length === 2 && found;
  });
  const reasons = Object.fromEntries(ignored.map((one) => [one.subject, one.state_reason]));
  assert.equal(reasons["News of today"], "a newsletter");
  assert.match(reasons.Buy, /domain spam\.test/);
  const news = ignored.find((one) => one.subject === "News of today");
  const tried = await postern.api("POST", "/rules/try", { message_id: news.id });
  assert.equal(tried.ignored, "a newsletter");
  assert.match(tried.rule_trace[0].reason, /subject does not contain/);
  await postern.api("POST", `/messages/${news.id}/handover`, { targets: ["Archive"] });
  await arrived(archive, "News of today");
  assert.equal(receiver.mails().length, 2);

  await until("the archive's word is kept", async () =>
    (await postern.api("GET", `/messages/${news.id}`)).handovers.every(
      ({ state }) => state === "acknowledged",
    ),
  );
  const late = await postern.call("POST", `/messages/${news.id}/reprocess`);
  assert.equal(late.status, 409, "rules do not touch what was handed over");
  const buy = ignored.find((one) => one.subject === "Buy");
  await postern.api("POST", "/rules", {
    name: "At any hour",
    condition: {
      all: [
        { field: "subject", op: "equals", value: "Buy" },
        {
          field: "time",
          op: "equals",
          value: {
            days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            time_of_day: { from: "00:00", to: "00:00" },
            time_zone: "Europe/Berlin",
          },
        },
      ],
    },
    actions: { targets: ["Archive"] },
  });
  await postern.api("PATCH", "/integrations/" + buy.integration.id, {
    incoming: { ignore: { domains: [] } },
  });
  const again = await postern.api("POST", `/messages/${buy.id}/reprocess`);
  assert.equal(again.state, "stored");
  await arrived(archive, "Buy");
});

const many = (count, text) => Array.from({ length: count }, (_, i) => text(i)).join("");
const typed = (id, type, body) => mail(id, id, [`Content-Type: ${type}`], body);

/** Seventeen mails on which readers of mail have hung, grown or died. */
const bombs = [
  (id) => typed(id, "multipart/mixed; boundary=b0", `--b0\r\n${many(3000, (i) => `Content-Type: multipart/mixed; boundary=b${i + 1}\r\n\r\n--b${i + 1}\r\n`)}`),
  (id) => typed(id, "multipart/mixed; boundary=b", many(40000, () => "--b\r\n\r\nx\r\n")),
  (id) => mail(id, id, [many(60000, (i) => `X-${i}: y\r\n`).trimEnd()]),
  (id) => mail(id, id, [`Cc: ${"a:".repeat(16000)}b@c.test${";".repeat(16000)}`]),
  (id) => mail(id, id, [`X-Long: ${"y".repeat(1 << 20)}`]),
  (id) => mail(id, id, [`Sender: ${"(".repeat(200000)}a@b.test`]),
  (id) => mail(id, id, [`References: ${many(50000, (i) => `<${i}@x.test> `)}`]),
  (id) => mail(id, id, [`X-Words: ${many(20000, (i) => `=?x-${i}?Q?=FF?= `)}`]),
  (id) => typed(id, `text/plain; ${many(20000, (i) => `name*${i}*=%41; `)}`, "x"),
  (id) => typed(id, `multipart/mixed; boundary="${"b".repeat(100000)}"`, "x"),
  (id) => typed(id, "message/rfc822", many(3000, () => "Content-Type: message/rfc822\r\n\r\n")),
  (id) => mail(id, id, [`To: ${many(100000, (i) => `a${i}@x.test,`)}`]),
  (id) => typed(id, "text/html", "<div><b>".repeat(200000)),
  (id) => typed(id, "application/ms-tnef; name=winmail.dat", `x\x9f\x3e\x22\x01\x00${"\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00".repeat(100000)}`),
  (id) => mail(id, id, ["Content-Transfer-Encoding: quoted-printable"], "=\r\n".repeat(1000000)),
  (id) => mail(id, id, [], "\0".repeat(4 << 20)),
  (id) => typed(id, "multipart/mixed; boundary=b", many(2000, (i) => `--b\r\nContent-Type: text/plain; charset=x-${i}\r\nContent-Disposition: attachment; filename="=?x-${i}?B?/////w==?="\r\n\r\n\xff\r\n`)),
];

test("17 bombs among 18 normal mails: the 18 are there within 120 s, and so is each bomb", async (t) => {
  const made = await fixture(t, host, { incoming: { start_from: "all" } });
  const { postern, receiver, account } = made;
  const save = async (text) => {
    host.dovecot.save(account.address, Buffer.from(text, "latin1"));
    // It blocks the loop, which has to notice the idle connection that Postern closes meanwhile.
    await new Promise(setImmediate);
  };
  for (let i = 0; i < 18; i += 1) {
    await save(mail(`normal-${i}`, `normal ${i}`));
    if (i < bombs.length) await save(bombs[i](`bomb-${i}`));
  }

  await made.add();
  const begun = Date.now();
  const normal = () => new Set(receiver.mails().map(({ subject }) => subject).filter((s) => s?.startsWith("normal ")));
  await until("18 normal mails", () => normal().size === 18, 120000);
  t.diagnostic(`18 normal mails after ${Date.now() - begun} ms`);

  const all = await until(
    "every bomb has its end",
    async () => {
      const found = await postern.list("/messages?limit=100");
      const ended = found.filter(({ state }) => state === "handed_over" || state === "quarantined");
      return ended.length === 35 && found;
    },
    120000,
  );
  for (const one of all.filter(({ subject }) => !subject?.startsWith("normal "))) {
    if (one.state === "quarantined") assert.ok(one.trouble.reason, `${one.subject} has no reason`);
  }
  const peak = /VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${postern.program.pid}/status`, "utf8"));
  assert.ok(Number(peak[1]) < 512 * 1024, `${peak[1]} kB were resident`);
});
