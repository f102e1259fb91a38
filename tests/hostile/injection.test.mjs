// Promise 20: no field of a call becomes a command or a header: canaries behind everything that some
// reader takes for the end of a line, through every field that reaches a mail.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { until } from "../interop/lib/until.mjs";
import { breaks, CanaryStage, header_names, injected, to } from "./lib/canary.mjs";

let stage;
let world;
let sink;
before(async () => {
  stage = await CanaryStage.start();
  ({ world, sink } = stage);
});
after(() => stage?.stop());

// Where a canary goes in a call, and the result codes of a refusal that fits.
const fields = {
  subject: [(canary) => ({ subject: canary }), [14]],
  from: [(canary) => ({ from: `"${canary}" <out@hostile.test>` }), [10, 11, 14, 23]],
  "from, its address": [(canary) => ({ from: `out@hostile.test${canary}` }), [10, 11, 14, 23]],
  to: [(canary) => ({ to: [`friend@hostile.test${canary}`] }), [10, 11, 14]],
  "to, its name": [(canary) => ({ to: [`"${canary}" <friend@hostile.test>`] }), [10, 11, 14]],
  cc: [(canary) => ({ cc: [`"${canary}" <friend@hostile.test>`] }), [10, 11, 14]],
  bcc: [(canary) => ({ bcc: [`"${canary}" <friend@hostile.test>`] }), [10, 11, 14]],
  "to, as one string": [
    (canary) => ({ to: `friend@hostile.test; "${canary}" <friend@hostile.test>` }),
    [10, 11, 14],
  ],
  reply_to: [(canary) => ({ reply_to: `"${canary}" <out@hostile.test>` }), [10, 11, 14]],
  "a header's value": [(canary) => ({ headers: { "X-Ticket": canary } }), [14]],
  "a header's name": [(canary) => ({ headers: { [`X-A${canary}`]: "1" } }), [10, 14]],
  in_reply_to: [(canary) => ({ in_reply_to: `<a${canary}@hostile.test>` }), [10, 14]],
  references: [(canary) => ({ references: [`<a${canary}@hostile.test>`] }), [10, 14]],
  encoding: [(canary) => ({ encoding: `utf-8${canary}` }), [10, 13, 14]],
  "an attachment's name": [(canary) => attached({ filename: `a${canary}.txt` }), [10, 12, 14]],
  "an attachment's type": [
    (canary) => attached({ content_type: `text/plain${canary}` }),
    [10, 12, 14],
  ],
  "an attachment's id": [(canary) => attached({ content_id: `<a${canary}@x>` }), [10, 12, 14]],
};
const attached = (others) => ({
  attachments: [
    { filename: "a.txt", content_type: "text/plain", content_base64: "YQ==", ...others },
  ],
});

async function send(body, type) {
  const sent = await world.postern.call("POST", "/send", body, type);
  if (sent.status < 400) await world.postern.settled(sent.body.id);
  return sent;
}

describe("a canary in a call", () => {
  for (const [field, [fill, codes]] of Object.entries(fields)) {
    test(`in ${field}`, async () => {
      const count = sink.bodies.length;
      let refused = 0;
      for (const [name, line_break] of Object.entries(breaks)) {
        const canary = `a${line_break}${injected}${line_break}Bcc: victim@hostile.test`;
        const call = { integration: "Out", to: [to], subject: "s", text: "t", ...fill(canary) };
        const sent = await send(call);
        if (sent.status >= 400) {
          refused += 1;
          assert.ok([400, 422].includes(sent.status), `${name}: ${sent.status}`);
          assert.ok(codes.includes(sent.body.result_code), `${name}: ${JSON.stringify(sent.body)}`);
        }
      }
      stage.check_mails(count);
      assert.ok(refused >= 3, `CR, LF and CRLF at least are refused: ${refused}`);
    });
  }

  test("in a form, and in a ready-made mail's address", async () => {
    const count = sink.bodies.length;
    for (const line_break of Object.values(breaks)) {
      const canary = `a${line_break}${injected}`;
      const form = new FormData();
      const values = { integration: "Out", to, subject: canary, text: "t" };
      for (const [name, value] of Object.entries(values)) form.set(name, value);
      form.set("attachments", new Blob(["a"], { type: "text/plain" }), `a${canary}.txt`);
      await send(form);
      const where = `/send?integration=Out&to=${encodeURIComponent(`${to}${canary}`)}`;
      const headers = { "content-type": "message/rfc822" };
      const sent = await world.postern.call("POST", where, "Subject: s\r\n\r\nt\r\n", { headers });
      if (sent.status < 400) await world.postern.settled(sent.body.id);
    }
    stage.check_mails(count);
  });

  test("in a ready-made mail's header: bare CR, LF and NUL end no line", async () => {
    const count = sink.bodies.length;
    for (const line_break of ["\r", "\0", "\v", "\f", "\u0085", "\u2028"]) {
      const mail = `Subject: a${line_break}${injected}\r\nBcc: victim@hostile.test\r\n\r\nt\r\n`;
      const headers = { "content-type": "message/rfc822" };
      const where = `/send?integration=Out&to=${to}`;
      const sent = await world.postern.call("POST", where, mail, { headers });
      if (sent.status < 400) await world.postern.settled(sent.body.id);
    }
    for (const { heard } of sink.peer.talks) assert.doesNotMatch(heard, /\r(?!\n)|(?<!\r)\n|\0/);
    for (const mail of sink.bodies.slice(count)) assert.ok(!header_names(mail).includes("bcc"));
  });

  test("in a notice's subject", async () => {
    const count = sink.bodies.length;
    for (const line_break of Object.values(breaks)) {
      await world.postern.call("POST", "/notify", {
        integration: "Out",
        outcome: "failure",
        subject: `a${line_break}${injected}`,
        text: "t",
      });
    }
    await world.postern.api("POST", "/notify", {
      integration: "Out",
      outcome: "failure",
      subject: "the last notice",
      text: "t",
    });
    await until("the last notice", () =>
      sink.bodies.some((mail) => mail.includes("the last notice")),
    );
    stage.check_mails(count);
  });
});
