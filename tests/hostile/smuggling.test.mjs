// Promise 19: no line end but CRLF leaves us, dots are stuffed, NUL is refused, and the listener
// ends DATA at CRLF.CRLF alone: each sequence that some server takes for the end of a mail, through
// each place that a body comes from. The sink is the victim: it takes any line feed for a line end.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { free_port } from "../interop/lib/files.mjs";
import { until } from "../interop/lib/until.mjs";
import { imap_server, Mailbox, mail_about } from "./lib/imap_peer.mjs";
import { smtp_server } from "./lib/smtp_peer.mjs";
import { submit } from "./lib/submit.mjs";
import { Peer } from "./lib/wire.mjs";
import { World } from "./lib/world.mjs";

const ends = {
  "CRLF . CRLF": "\r\n.\r\n",
  "LF . LF": "\n.\n",
  "LF . CRLF": "\n.\r\n",
  "CRLF . LF": "\r\n.\n",
  "CR . CR": "\r.\r",
  "CR . CRLF": "\r.\r\n",
  "CRLF . CR": "\r\n.\r",
  "LF . CR": "\n.\r",
  "CR CR LF . CR CR LF": "\r\r\n.\r\r\n",
  "CRLF . NUL CRLF": "\r\n.\0\r\n",
  "CRLF NUL . CRLF": "\r\n\0.\r\n",
  "NEL . NEL": "\u0085.\u0085",
  "LINE SEPARATOR . LINE SEPARATOR": "\u2028.\u2028",
  "CRLF .. CRLF": "\r\n..\r\n",
  "a dot at the very end": "\r\n.",
};
const smuggled = (end) =>
  `before${end}MAIL FROM:<evil@hostile.test>\r\nRCPT TO:<victim@hostile.test>\r\nDATA\r\n` +
  `Subject: smuggled\r\n\r\nsmuggled text${end}QUIT\r\nafter${end}`;

const to = "friend@hostile.test";
const base64 = (text) => Buffer.from(text).toString("base64");

let world;
let sink;
let submission;
let rule_number = 0;
let failed_before = 0;

/** Each way a body comes in: gives the answer's status; below 400 a mail is on its way. */
const ways = {
  "the text of a call": (body) => send({ text: body }),
  "the HTML of a call": (body) => send({ html: `<p>${body}</p>` }),
  "an attachment of a call": (body) =>
    send({
      text: "x",
      attachments: [
        { filename: "a.txt", content_type: "text/plain", content_base64: base64(body) },
      ],
    }),
  "an attached mail": (body) =>
    send({
      text: "x",
      attachments: [
        {
          filename: "a.eml",
          content_type: "message/rfc822",
          content_base64: base64(`Subject: a\r\n\r\n${body}`),
        },
      ],
    }),
  "a form": (body) => send_form((form) => form.set("text", body)),
  "a form's file": (body) =>
    send_form((form) => {
      form.set("text", "x");
      form.set("attachments", new Blob([body], { type: "text/plain" }), "a.txt");
    }),
  "a ready-made mail": (body) =>
    call(`/send?integration=Out&to=${to}`, mail_about("ready-made", body), "message/rfc822"),
  "the subject's neighbour, a header of a call": (body) =>
    send({ text: "x", headers: { "X-Long": body } }),
  "a notice": (body) =>
    call("/notify", { integration: "Out", outcome: "success", subject: "s", text: body }),
  "an event rule's mail": async (body) => {
    const made = await world.postern.call("POST", "/event-rules", {
      name: `rule ${rule_number++}`,
      when: { kinds: ["spool.low_space"] },
      then: [{ type: "email", integration: "Out", to: [to], subject: "s", text: body }],
    });
    if (made.status >= 400) return made.status;
    return (await world.postern.call("POST", `/event-rules/${made.body.id}/test`, { action: 0 }))
      .status;
  },
  "the listener": async (body) => {
    const reply = await submit({ ...submission, to, mail: mail_about("by listener", body) });
    return /^250/.test(reply) ? 202 : 400;
  },
};

async function call(where, body, type) {
  const headers = type ? { "content-type": type } : {};
  return (await world.postern.call("POST", where, body, { headers })).status;
}
const send = (fields) => call("/send", { integration: "Out", to, subject: "s", ...fields });
function send_form(fill) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ integration: "Out", to, subject: "s" })) {
    form.set(name, value);
  }
  fill(form);
  return call("/send", form);
}

async function start_sink() {
  const made = { taken: 0, bodies: [], recipients: {}, commands: [] };
  made.peer = await Peer.start(smtp_server({ extensions: ["8BITMIME", "SMTPUTF8"] }, made));
  return made;
}

/** What left us, as the strictest and the most lenient reader see it: the same. */
function check_sink({ peer, commands }) {
  for (const { heard } of peer.talks) {
    assert.doesNotMatch(heard, /\r(?!\n)/, "a bare CR left us");
    assert.doesNotMatch(heard, /(?<!\r)\n/, "a bare LF left us");
    assert.ok(!heard.includes("\0"), "a NUL left us");
  }
  const known = /^(EHLO|MAIL FROM:|RCPT TO:|DATA|RSET|NOOP|QUIT)/;
  for (const line of commands) {
    assert.match(line, known);
    assert.doesNotMatch(line, /evil|victim/);
  }
  const dialogue = commands.filter((line) => /^(MAIL|DATA)/.test(line)).length;
  assert.equal(dialogue % 2, 0, "a DATA for each MAIL");
}

before(async () => {
  const port = await free_port();
  world = await World.start({
    env: ({ server }) => ({
      POSTERN_SUBMISSION_TLS_LISTEN: `127.0.0.1:${port}`,
      POSTERN_SUBMISSION_CERTIFICATE: server.certificate,
      POSTERN_SUBMISSION_KEY: server.key,
    }),
  });
  sink = await start_sink();
  const { id } = await world.postern.api("POST", "/integrations", {
    name: "Out",
    address: "out@hostile.test",
    notifications: { on_success: [to] },
    outgoing: {
      enabled: true,
      protocol: "smtp",
      host: "localhost",
      port: sink.peer.port,
      security: "none",
      auth: { method: "none" },
    },
  });
  const secret = await world.postern.api("POST", `/integrations/${id}/submission-password`);
  submission = {
    port,
    authority: world.certificates.ca.certificate,
    from: "out@hostile.test",
    ...secret,
  };
});
after(async () => {
  sink?.peer.stop();
  await world?.stop();
});

describe("no body is the end of a mail", () => {
  for (const [way, put] of Object.entries(ways)) {
    test(`through ${way}`, async () => {
      const taken_before = sink.taken;
      let on_their_way = 0;
      for (const [name, end] of Object.entries(ends)) {
        // To the listener this is the end of the mail, and then others of the client's commands.
        if (way === "the listener" && name === "CRLF . CRLF") continue;
        const status = await put(smuggled(end));
        assert.ok(status < 500, `${name}: ${status}`);
        if (status < 400) on_their_way += 1;
      }
      const failures = async () =>
        (await world.postern.list("/deliveries?state=failed&limit=200")).length;
      await until("all are sent or refused", async () => {
        const failed = (await failures()) - failed_before;
        return sink.taken - taken_before + failed >= on_their_way;
      });
      const taken = sink.taken - taken_before;
      check_sink(sink);
      assert.ok(taken <= on_their_way, `${taken} of ${on_their_way}`);
      console.log(`${way}: ${Object.keys(ends).length} sequences, ${taken} mails, nothing more`);
      failed_before = await failures();
    });
  }
});

describe("a mail that was fetched", () => {
  test("ends as it is, relayed by SMTP and appended by IMAP", async (t) => {
    const texts = Object.entries(ends).map(([name, end]) => mail_about(name, smuggled(end)));
    const texts_to_come = texts.map((text) => Buffer.from(text).toString("latin1"));
    const from = await Peer.start(imap_server({}, new Mailbox({ mails: texts_to_come })));
    const relay = await start_sink();
    const appended = [];
    const box = await Peer.start(imap_server({ appended }, new Mailbox()));
    t.after(() => [from, relay.peer, box].forEach((peer) => peer.stop()));
    const server = { host: "localhost", security: "none", auth: { method: "none" } };
    await world.postern.api("POST", "/targets", {
      name: "relay",
      type: "smtp",
      ...server,
      port: relay.peer.port,
      recipients: [to],
    });
    await world.postern.api("POST", "/targets", {
      name: "box",
      type: "imap_append",
      ...server,
      auth: { username: "someone", password: "something" },
      port: box.port,
      folder: "INBOX",
    });
    await world.postern.api("POST", "/integrations", {
      name: "In",
      address: "in@hostile.test",
      incoming: {
        enabled: true,
        protocol: "imap",
        host: "localhost",
        port: from.port,
        security: "none",
        auth: { method: "password", username: "someone", password: "something" },
        start_from: "all",
      },
    });
    const without_nul = Object.values(ends).filter((end) => !end.includes("\0")).length;
    await until("all are relayed", () => relay.taken >= without_nul);
    await until("all are appended", () => appended.length >= without_nul);
    for (const name of Object.keys(ends)) await world.receiver.request_about(name);
    check_sink(relay);
    assert.equal(relay.taken, without_nul, "those with a NUL are refused");
    for (const talk of box.talks) {
      const lines = talk.heard.split("\r\n").filter((line) => /^A\d+ /.test(line));
      for (const line of lines) {
        assert.match(
          line,
          /^A\d+ (CAPABILITY|ID|ENABLE|AUTHENTICATE|LOGIN|SELECT|APPEND|UID|NOOP|LOGOUT|LIST|CREATE)/,
        );
      }
    }
    // Raw bytes are sacred: what is appended is what was fetched.
    for (const text of appended) assert.ok(texts_to_come.some((sent) => text.endsWith(sent)));
  });
});
