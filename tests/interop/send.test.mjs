// POST /send whole, from forms and JSON through a real Postfix into real mailboxes, and read there
// by Python's email package: parts, charsets, addresses. And every refusal with its field and hint.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { fixture, new_account } from "./lib/fixture.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { run_now } from "./lib/processes.mjs";
import { until } from "./lib/until.mjs";

let host;
let bob;
before(async () => {
  host = await MailHost.start();
  bob = host.dovecot.add_account("bob");
  host.dovecot.add_account("idn");
});
after(() => host?.stop());

const sender = async (t, outgoing = {}, others = {}) => {
  const made = await fixture(t, host, { incoming: false, outgoing, ...others });
  made.integration = await made.add();
  made.call = (body, where = "/send", options = {}) =>
    made.postern.call("POST", where, { integration: "Support", ...body }, options);
  made.send = async (body) => {
    const { status, body: answer } = await made.call({ mode: "sync", to: bob.address, ...body });
    assert.equal(status, 200, JSON.stringify(answer));
    assert.equal(answer.state, "sent", JSON.stringify(answer));
    return answer;
  };
  made.form = async (fields, headers = {}) => {
    const form = new FormData();
    for (const [name, value, ...rest] of fields) form.append(name, value, ...rest);
    const response = await fetch(`${made.postern.url}/api/v1/send`, {
      method: "POST",
      headers: { authorization: `Bearer ${made.postern.token}`, ...headers },
      body: form,
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  return made;
};

/** The bytes of the mail with this Message-ID in the account's mailbox. */
const arrived = (account, message_id) =>
  until(`${message_id} in ${account.address}'s mailbox`, () =>
    host.dovecot
      .uids(account.address)
      .map((uid) => host.dovecot.mail(account.address, uid))
      .find((bytes) => bytes.toString("latin1").includes(message_id)),
  );

const reader = `
import email, email.policy, json, sys
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
parts = []
def text_of(part):  # its lines: one newline at the end of each
    lines = part.get_content().rstrip("\\r\\n").replace("\\r\\n", "\\n").split("\\n")
    return "".join(line + "\\n" for line in lines)
for part in mail.walk():
    leaf = not part.is_multipart()
    parts.append({
        "type": part.get_content_type(), "charset": part.get_content_charset(),
        "disposition": part.get_content_disposition(), "filename": part.get_filename(),
        "content_id": part["content-id"],
        "text": text_of(part) if leaf and part.get_content_maintype() == "text" else None,
        "bytes": part.get_payload(decode=True).hex() if leaf else None,
        "defects": [str(defect) for defect in part.defects]})
headers = [[name, str(value)] for name, value in mail.items()]
people = {name: [[a.display_name, a.addr_spec] for a in mail[name].addresses]
          for name in ("from", "to", "cc", "reply-to") if mail[name]}
print(json.dumps({"parts": parts, "headers": headers, "people": people}))
`;

/** The mail as Python's email package reads it. */
function read_by_python(bytes) {
  const mail = JSON.parse(run_now("python3", ["-c", reader], { input: bytes }).toString());
  mail.header = (name) =>
    mail.headers.find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
  assert.deepEqual(
    mail.parts.flatMap((part) => part.defects),
    [],
  );
  return mail;
}

describe("a form", () => {
  test("with two files and an inline image arrives with all its parts", async (t) => {
    const made = await sender(t);
    const pdf = Buffer.from(Array.from({ length: 3000 }, (_, n) => n % 256));
    const image = Buffer.from("89504e470d0a1a0a", "hex");
    const answer = await made.form([
      ["integration", "Support"],
      ["mode", "sync"],
      ["to", bob.address],
      ["subject", "Größe 📏 der Pläne"],
      [
        "html",
        '<h1>Grüße</h1><p>Siehe <a href="https://x.example/a">hier</a>.</p>' +
          '<img src="cid:logo.png">',
      ],
      ["headers", JSON.stringify({ "X-Ticket": "42" })],
      ["tags", "plan"],
      ["tags", "42"],
      ["attachments", new Blob([pdf], { type: "application/pdf" }), "Pläne; \"alt\" 計画.pdf"],
      ["attachments", new Blob(["a,b\r\n1,2\r\n"], { type: "text/csv" }), "zahlen.csv"],
      ["inline", new Blob([image], { type: "image/png" }), "logo.png"],
    ]);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal(answer.body.state, "sent");
    assert.deepEqual(answer.body.tags, ["plan", "42"]);

    const mail = read_by_python(await arrived(bob, answer.body.message_id));
    assert.equal(mail.header("subject"), "Größe 📏 der Pläne");
    assert.equal(mail.header("x-ticket"), "42");
    assert.deepEqual(
      mail.parts.map((part) => part.type),
      [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
        "text/csv",
      ],
    );
    const [, , plain, , html, png, first, second] = mail.parts;
    assert.equal(plain.text, "Grüße\n\nSiehe hier <https://x.example/a>.\n");
    assert.ok(html.text.includes("<h1>Grüße</h1>"));
    assert.equal(png.content_id, "<logo.png>");
    assert.equal(png.disposition, "inline");
    assert.equal(png.bytes, image.toString("hex"));
    assert.equal(first.filename, 'Pläne; "alt" 計画.pdf');
    assert.equal(first.disposition, "attachment");
    assert.equal(first.bytes, pdf.toString("hex"));
    assert.equal(second.filename, "zahlen.csv");
    const found = await made.postern.list("/deliveries?tag=plan");
    assert.deepEqual(
      found.map(({ id }) => id),
      [answer.body.id],
    );
    assert.deepEqual(await made.postern.list("/deliveries?tag=other"), []);
  });

  test("sent again under its Idempotency-Key is one mail, whatever its boundary", async (t) => {
    const made = await sender(t);
    const fields = [
      ["integration", "Support"],
      ["to", bob.address],
      ["subject", "form once"],
      ["text", "x"],
    ];
    const first = await made.form(fields, { "idempotency-key": "form-1" });
    const second = await made.form(fields, { "idempotency-key": "form-1" });
    fields.push(["tags", "more"]);
    const other = await made.form(fields, { "idempotency-key": "form-1" });
    assert.equal(first.status, 202);
    assert.equal(second.body.id, first.body.id);
    assert.equal(second.headers.get("idempotent-replayed"), "true");
    assert.equal(other.status, 422);
    await made.postern.settled(first.body.id);
  });

  test("that is malformed is refused with what is wrong", async (t) => {
    const made = await sender(t);
    const answer = await made.postern.call("POST", "/send", "--x\r\nno end", {
      headers: { "content-type": "multipart/form-data; boundary=x" },
    });
    assert.equal(answer.status, 400);
    assert.equal(answer.body.code, "malformed_form");
    assert.equal(answer.body.result_code, 10);
    const field = await made.form([["headers", "X: 1"]]);
    assert.equal(field.body.errors[0].pointer, "/headers");
  });
});

describe("a charset", () => {
  const cases = [
    ["iso-8859-15", "5 € für Žofie", "Preis: 5 €\nŒuvre\n"],
    ["shift_jis", "日本語の件名 ソ表", "本文です。\nソ表能\\~\n"],
    ["koi8-r", "Привет, мир", "Съешь ещё этих мягких булок\n"],
  ];
  for (const [encoding, subject, text] of cases) {
    test(`${encoding} is used in header fields and body`, async (t) => {
      const made = await sender(t);
      const answer = await made.send({ encoding, subject, text, html: `<p>${subject}</p>` });
      assert.deepEqual(answer.notes, []);
      const bytes = await arrived(bob, answer.message_id);
      assert.match(bytes.toString("latin1"), new RegExp(`^Subject: =\\?${encoding}\\?`, "im"));
      const mail = read_by_python(bytes);
      assert.equal(mail.header("subject"), subject);
      const [, plain, html] = mail.parts;
      assert.equal(plain.charset, encoding);
      assert.equal(plain.text, text);
      assert.equal(html.charset, encoding);
    });
  }

  test("that does not hold the text falls back to UTF-8 with a note, or: 13", async (t) => {
    const made = await sender(t);
    const body = { encoding: "iso-8859-1", subject: "Привет", text: "x" };
    const answer = await made.send(body);
    assert.equal(answer.notes.length, 1);
    assert.match(answer.notes[0], /utf-8 was used/);
    const mail = read_by_python(await arrived(bob, answer.message_id));
    assert.equal(mail.header("subject"), "Привет");
    assert.equal(mail.parts[0].charset, "utf-8");
    const strict = await made.call({ ...body, to: bob.address, strict_encoding: true });
    assert.equal(strict.status, 400);
    assert.equal(strict.body.result_code, 13);
    assert.equal(strict.body.errors[0].pointer, "/encoding");
  });
});

describe("addresses", () => {
  test("with names, comments, groups, international domains; Bcc unseen", async (t) => {
    const carl = new_account(host, "carl");
    const hidden = new_account(host, "hidden");
    const made = await sender(t);
    const answer = await made.send({
      to: `"Müller, Jörg" <fritz@bücher.test>; Team: ${bob.address} (Bob), ${carl.address};`,
      cc: [`Carl Again <${carl.address.toUpperCase()}>`],
      bcc: `Hidden <${hidden.address}>`,
      subject: "addresses",
      text: "x",
    });
    assert.deepEqual(
      answer.per_recipient.map(({ address }) => address),
      ["fritz@xn--bcher-kva.test", bob.address, carl.address, hidden.address],
    );
    for (const account of [bob, carl, hidden, { address: "idn@example.test" }]) {
      const bytes = await arrived(account, answer.message_id);
      const written = bytes
        .toString("latin1")
        .split("\r\n\r\n")[0]
        .replace(/^(Return-Path|Delivered-To|X-Original-To|Received):.*(\r\n[ \t].*)*/gim, "");
      assert.ok(!written.includes(hidden.address), written);
      assert.ok(!/^Bcc:/im.test(written));
      const mail = read_by_python(bytes);
      assert.deepEqual(mail.people.to, [
        ["Müller, Jörg", "fritz@xn--bcher-kva.test"],
        ["Bob", bob.address],
        ["", carl.address],
      ]);
    }
  });

  test("From is one of the list, with its name; Reply-To as the mode says", async (t) => {
    const made = await sender(t, {
      from_addresses: ["Sales Team <sales@example.test>", "billing@example.test"],
      reply_to_mode: "reply_to",
      default_reply_to: "answers@example.test",
    });
    const mail_of = (body) =>
      made
        .send({ text: "x", ...body })
        .then(({ message_id }) => arrived(bob, message_id))
        .then((bytes) => read_by_python(bytes).people);
    const sales = await mail_of({ from: "SALES@example.test" });
    assert.deepEqual(sales.from, [["Sales Team", "SALES@example.test"]]);
    assert.deepEqual(sales["reply-to"], [["", "answers@example.test"]]);
    const named = await mail_of({ from: "Bill <billing@example.test>", reply_to: "R <r@x.test>" });
    assert.deepEqual(named.from, [["Bill", "billing@example.test"]]);
    assert.deepEqual(named["reply-to"], [["R", "r@x.test"]]);
  });
});

describe("templates, preview, priority", () => {
  test("variables are put in, escaped in html; the preview sends nothing", async (t) => {
    const made = await sender(t);
    const body = {
      to: bob.address,
      subject: "Ticket {{ticket.id}}",
      text: "Dear {{name}}, \\{{name}}",
      html: "<p>Dear {{name}}</p>",
      headers: { "X-Ticket": "{{ticket.id}}" },
      variables: { name: "Ann & <Bob>", ticket: { id: 42 } },
      priority: "high",
    };
    const shown = await made.call(body, "/send/preview");
    assert.equal(shown.status, 200, JSON.stringify(shown.body));
    assert.equal(shown.body.text.trimEnd(), "Dear Ann & <Bob>, {{name}}");
    assert.equal(shown.body.html.trimEnd(), "<p>Dear Ann &amp; &lt;Bob&gt;</p>");
    assert.equal(Buffer.byteLength(shown.body.raw), shown.body.size_bytes);
    const header = (name) => shown.body.headers.find(([one]) => one === name)?.[1];
    assert.equal(header("Subject"), "Ticket 42");
    assert.equal(header("X-Ticket"), "42");
    assert.equal(header("X-Priority"), "1");
    assert.deepEqual(shown.body.envelope.recipients, [bob.address]);
    assert.deepEqual(await made.postern.list("/deliveries"), []);

    const answer = await made.send(body);
    assert.equal(answer.priority, "high");
    const mail = read_by_python(await arrived(bob, answer.message_id));
    assert.equal(mail.header("subject"), "Ticket 42");
    assert.equal(mail.header("importance"), "high");
    assert.equal(mail.parts[1].text, "Dear Ann & <Bob>, {{name}}\n");
  });

  test("a mail for later waits until its time", async (t) => {
    const made = await sender(t);
    const not_before = new Date(Date.now() + 3600_000).toISOString();
    const { status, body } = await made.call({ to: bob.address, text: "x", not_before });
    assert.equal(status, 202);
    assert.equal(body.state, "queued");
    assert.equal(Date.parse(body.next_attempt_at), Date.parse(not_before));
    const later = await made.postern.delivery(body.id);
    assert.equal(later.attempts, 0);
  });

  test("a local part beyond ASCII is marked as needing SMTPUTF8", async (t) => {
    const made = await sender(t);
    const shown = await made.call({ to: "a@b.test", bcc: "jörg@b.test" }, "/send/preview");
    assert.equal(shown.body.needs_smtputf8, true);
    assert.match(shown.body.notes[0], /SMTPUTF8/);
  });
});

describe("a refusal", () => {
  test("has its result code, the field and what to do", async (t) => {
    const made = await sender(t);
    const big = Buffer.alloc(49 * 1024 * 1024).toString("base64");
    const attachment = (content_base64) => [{ filename: "a", content_base64 }];
    const cases = [
      [10, "/subjct", { subjct: "x" }],
      [10, "/headers/Bcc", { headers: { Bcc: "x@example.test" } }],
      [10, "/headers/X A", { headers: { "X A": "1" } }],
      [10, "/encoding", { encoding: "no-such-charset" }],
      [10, "/text", { text: "{{nmae}}", variables: { name: "x" } }],
      [10, "/in_reply_to", { in_reply_to: "no id" }],
      [10, "/tags/0", { tags: ["x".repeat(65)] }],
      [10, "/subject", { subject: "x".repeat(4097) }],
      [11, "/to/1", { to: [bob.address, "not an address"] }],
      [11, "/cc", { cc: "a@example.test\r\nRCPT TO:<x@example.test>" }],
      [11, "/to", { to: [] }],
      [11, "/to", { to: Array.from({ length: 1001 }, (_, n) => `a${n}@example.test`) }],
      [12, "/attachments/0/content_base64", { attachments: attachment("%%%") }],
      [12, "/attachments/0/content_base64", { attachments: [{ filename: "a" }] }],
      [12, "/attachments/0", { attachments: attachment(big) }],
      [12, "/attachments", { attachments: Array(101).fill(attachment("")[0]) }],
      [13, "/encoding", { encoding: "koi8-r", strict_encoding: true, text: "日本" }],
      [14, "/subject", { subject: "x\r\nBcc: y@example.test" }],
      [14, "/headers/X-A", { headers: { "X-A": "1\n2" } }],
      [14, "/subject", { subject: "{{a}}", variables: { a: "x\ny" } }],
      [20, "/integration", { integration: "Nobody" }],
      [20, "/integration", { integration: null }],
      [23, "/from", { from: "someone@elsewhere.test" }],
    ];
    for (const [code, pointer, body] of cases) {
      const answer = await made.call({ to: bob.address, subject: "x", text: "x", ...body });
      const said = `${code} ${pointer}: ${JSON.stringify(answer.body)}`;
      assert.equal(answer.status, 400, said);
      assert.equal(answer.body.result_code, code, said);
      assert.equal(answer.body.errors[0].pointer, pointer, said);
      assert.ok(answer.body.hint, said);
    }
    const change = async (body) => {
      const where = `/integrations/${made.integration.id}`;
      const headers = { "content-type": "application/merge-patch+json" };
      await made.postern.api("PATCH", where, body, { headers });
    };
    await change({ enabled: false });
    const disabled = await made.call({ to: bob.address });
    assert.deepEqual([disabled.status, disabled.body.result_code], [409, 21]);
    assert.equal(disabled.body.errors[0].pointer, "/integration");
    assert.ok(disabled.body.hint);
    await change({ enabled: true, outgoing: { enabled: false } });
    const off = await made.call({ to: bob.address });
    assert.deepEqual([off.status, off.body.result_code], [409, 22]);
    assert.ok(off.body.hint);
    assert.deepEqual(await made.postern.list("/deliveries"), []);
  });

  test("of a body over the limit is 413 with result code 12", async (t) => {
    const env = { POSTERN_LIMITS_HTTP_BODY_BYTES: "65536" };
    const made = await sender(t, {}, { postern: { env } });
    const answer = await made.call({ to: bob.address, text: "x".repeat(70000) });
    assert.equal(answer.status, 413);
    assert.equal(answer.body.result_code, 12);
    assert.ok(answer.body.hint);
  });
});
