// Promise 20: what servers say, how people name things and what mails hold becomes no command, path,
// header, request, template or log line.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { Receiver } from "../interop/lib/receiver.mjs";
import { until } from "../interop/lib/until.mjs";
import { CanaryStage, forgery, incoming_from, integration_of, to } from "./lib/canary.mjs";
import { imap_server, Mailbox, refuse } from "./lib/imap_peer.mjs";
import { Peer } from "./lib/wire.mjs";

let stage;
let world;
let sink;
let page; // what event rules call
before(async () => {
  page = await Receiver.start();
  stage = await CanaryStage.start();
  ({ world, sink } = stage);
});
after(async () => {
  await page?.stop();
  await stage?.stop();
});

describe("a canary in an integration", () => {
  const words =
    'x"} {{integration.name}} \x1b[2J \xe2\x80\xae \xc2\x85 <img src=x onerror=1> %0d%0aX-Injected: 1 &a=b \\';
  let rule;
  let peer;
  after(() => peer?.stop());

  test("in a folder's name is a name, or refused", async (t) => {
    const names = [
      'INBOX"',
      'a" (',
      "a\\",
      "{5}",
      "{5+}",
      "(",
      "*",
      "%",
      "a\r\nA9 LOGOUT",
      "a\nb",
      "a\rb",
      "a\0b",
      "\u202eXOBNI",
      "../../etc/passwd",
      "&-",
      "~root",
      " ",
    ];
    const box = await Peer.start(
      imap_server({ on: { EXAMINE: refuse("NO none"), SELECT: refuse("NO none") } }, new Mailbox()),
    );
    t.after(() => box.stop());
    let refused = 0;
    for (const [n, folder] of names.entries()) {
      const name = `folder ${n}`;
      const made = await world.postern.call(
        "POST",
        "/integrations",
        integration_of(name, { incoming: incoming_from(box.port, { folder }) }),
      );
      if (made.status >= 400) {
        refused += 1;
        assert.ok(made.body.errors[0].pointer.includes("folder"), JSON.stringify(made.body));
        continue;
      }
      await world.postern.status(made.body.id, (status) => status.last_incoming_error, folder);
      await world.postern.api("POST", `/integrations/${made.body.id}/disable`);
    }
    assert.ok(refused >= 4, "CR, LF and NUL are refused");
    for (const { heard } of box.talks) {
      for (const line of heard.split("\r\n").filter(Boolean)) {
        assert.match(
          line,
          /^(A\d+ (CAPABILITY|ID|ENABLE|AUTHENTICATE|EXAMINE|LOGOUT|IDLE|NOOP)|DONE|[A-Za-z0-9+/=]+$|&|INBOX)/,
        );
        assert.doesNotMatch(line, /^A9 /);
      }
    }
  });

  test("in its name and in its server's words reaches requests, files and mails as text", async () => {
    rule = await world.postern.api("POST", "/event-rules", {
      name: "tell",
      when: { kinds: ["imap.login_failed"] },
      then: [
        {
          type: "web_page",
          method: "POST",
          url: `${page.url}/form?what={{event.message}}&who={{integration.name}}`,
          headers: {
            "X-Words": "{{event.message}}",
            "X-Name": "{{integration.name}}",
            "Content-Type": "application/json",
          },
          body: '{"said": "{{event.message}}", "by": "{{integration.name}}"}',
        },
        { type: "webhook", url: `${page.url}/slack`, format: "slack" },
        { type: "webhook", url: `${page.url}/ntfy`, format: "ntfy" },
        { type: "webhook", url: `${page.url}/teams`, format: "teams" },
        { type: "log_file", path: "told.log" },
        {
          type: "email",
          integration: "Out",
          to: [to],
          subject: "{{event.message}} {{integration.name}}",
          text: "{{event.message}}",
        },
      ],
    });
    const count = sink.bodies.length;
    const on = {
      AUTHENTICATE: refuse(`NO [AUTHENTICATIONFAILED] ${words}`),
      LOGIN: refuse(`NO ${words}`),
    };
    peer = await Peer.start(imap_server({ on }, new Mailbox()));
    const name = 'In"j{{event.kind}}\\ <b> \u202e %0d%0aX-Injected: 1';
    const made = await world.postern.call(
      "POST",
      "/integrations",
      integration_of(name, { incoming: incoming_from(peer.port) }),
    );
    assert.ok(made.status < 300, JSON.stringify(made.body));
    const called = (what) =>
      until(what, () => page.requests.find((request) => request.path.startsWith(`/hook/${what}`)));
    const form = await called("form");
    assert.deepEqual(Object.keys(form.json).sort(), ["by", "said"]);
    assert.equal(form.json.by, name);
    assert.match(
      form.json.said,
      /\{\{integration\.name\}\}/,
      "what comes from outside is no template",
    );
    const query = new URLSearchParams(form.path.split("?")[1]);
    assert.deepEqual([...query.keys()], ["what", "who"]);
    for (const request of [
      form,
      await called("slack"),
      await called("ntfy"),
      await called("teams"),
    ]) {
      assert.ok(!("x-injected" in request.headers), JSON.stringify(request.headers));
      for (const value of Object.values(request.headers))
        assert.doesNotMatch(value, /[\x00-\x1f\x7f]/); // eslint-disable-line no-control-regex
    }
    assert.ok((await called("slack")).json && (await called("teams")).json, "JSON as it should be");
    const file = path.join(world.postern.data, "logs/told.log");
    const lines = await until(
      "the log file",
      () => fs.existsSync(file) && fs.readFileSync(file, "utf8").split("\n").filter(Boolean),
    );
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.doesNotMatch(lines[0], forgery);
    const mail = await until("the mail", () => sink.bodies[count]);
    stage.check_mails(count);
    assert.equal(mail.match(/^Subject:/gm).length, 1);
  });

  test("leaves the log, the activity and the transcript without a forged line", async () => {
    const { items } = await world.postern.api("GET", "/integrations?limit=100");
    for (const { id } of items) {
      const shown = [
        ...(await world.postern.api("GET", `/integrations/${id}/activity`)).items.map(
          (item) => item.text,
        ),
        ...(
          (await world.postern.call("GET", `/integrations/${id}/transcript`)).body.lines ?? []
        ).map((line) => line.text),
        (await world.postern.integration(id)).status.last_incoming_error?.message ?? "",
      ];
      // The integration's own name is a person's; a server's words are nobody's.
      for (const text of shown) assert.doesNotMatch(text, /[\x00-\x1f\x7f\u0080-\u009f]/, text); // eslint-disable-line no-control-regex
    }
  });

  test("in a path of a log file leaves its folder", async () => {
    for (const where of [
      "../x.log",
      "/etc/x.log",
      "a/../../x.log",
      "a\0b",
      "a\nb",
      "~/x",
      "",
      ".",
      "a//../../x",
      "C:\\x",
    ]) {
      const made = await world.postern.call("POST", "/event-rules", {
        name: "path",
        when: { kinds: ["spool.low_space"] },
        then: [{ type: "log_file", path: where }],
      });
      if (made.status >= 400) continue;
      await world.postern.call("POST", `/event-rules/${made.body.id}/test`, { action: 0 });
    }
    const outside = fs.readdirSync(world.postern.folder).filter((name) => name !== "data");
    assert.deepEqual(outside, []);
    assert.ok(!fs.existsSync("/etc/x.log"));
  });
});

describe("a canary in a target", () => {
  test("in a header is refused", async () => {
    for (const [name, value] of [
      ["X-A", "a\r\nX-Injected: 1"],
      ["X-A", "a\nX-Injected: 1"],
      ["X-A", "a\0"],
      ["X-A\r\nX-Injected", "1"],
      ["X A", "1"],
      ["Host", "evil.test"],
      ["Content-Length", "0"],
      ["Transfer-Encoding", "chunked"],
    ]) {
      const made = await world.postern.call("POST", "/targets", {
        name: `target ${JSON.stringify([name, value])}`,
        type: "webhook",
        enabled: false,
        url: page.url,
        headers: { [name]: value },
      });
      assert.ok(
        made.status >= 400 && made.status < 500,
        `${JSON.stringify([name, value])}: ${made.status}`,
      );
    }
  });

  test("in a URL is refused", async () => {
    for (const url of [
      "http://127.0.0.1:1/a\r\nX-Injected: 1",
      "http://127.0.0.1:1/a b",
      "javascript:alert(1)",
      "file:///etc/passwd",
      "http://127.0.0.1:1\\@evil.test/",
      "gopher://127.0.0.1/",
    ]) {
      const made = await world.postern.call("POST", "/targets", {
        name: `url ${url}`,
        type: "webhook",
        enabled: false,
        url,
      });
      if (made.status < 400) assert.doesNotMatch(made.body.url, /[\r\n ]/);
      else assert.ok(made.status < 500, `${url}: ${made.status}`);
    }
  });
});

describe("a canary in a mail that was fetched", () => {
  const names = {
    "quotes and a second name": 'a"; filename="evil.exe',
    "an encoded line break": "=?utf-8?Q?a=0D=0AX-Injected:_1.txt?=",
    "a path": "../../../../etc/passwd",
    "a path of Windows": "..\\..\\autoexec.bat",
    "turned around": "=?utf-8?Q?invoice=E2=80=AEfdp.exe?=",
    "a NUL": "=?utf-8?Q?a=00.txt?=",
    markup: "<img src=x onerror=alert(1)>.html",
    nothing: "",
    "very long": "x".repeat(5000),
  };

  test("is no header of ours when an attachment is read", async (t) => {
    const parts = Object.values(names).map(
      (name) =>
        `--b\r\nContent-Type: text/html; name="${name.replaceAll('"', '\\"')}"\r\nContent-Disposition: attachment;\r\n filename="${name.replaceAll('"', '\\"')}"\r\n\r\n<script>alert(1)</script>\r\n`,
    );
    const mail = `From: "=?utf-8?Q?a=0D=0AX-Injected:_1?=" <a@hostile.test>\r\nSubject: =?utf-8?Q?s=0D=0AX-Injected:_1?=\r\nMIME-Version: 1.0\r\nMessage-ID: <names@hostile.test>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${parts.join("")}--b--\r\n`;
    const from = await Peer.start(imap_server({}, new Mailbox({ mails: [mail] })));
    t.after(() => from.stop());
    await world.postern.api(
      "POST",
      "/integrations",
      integration_of("In", { incoming: incoming_from(from.port) }),
    );
    const request = await until("it is handed over", () =>
      world.receiver.requests.find(({ json }) => json?.data?.message_id?.includes("names@")),
    );
    const { data } = request.json;
    assert.equal(data.attachments.length, parts.length);
    for (const value of Object.values(request.headers)) assert.doesNotMatch(value, /X-Injected/);
    for (const attachment of data.attachments) {
      const answer = await world.postern.call(
        "GET",
        `/messages/${data.id}/attachments/${attachment.index}`,
      );
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("x-injected"), null);
      const disposition = answer.headers.get("content-disposition");
      assert.match(disposition, /^attachment/);
      const plain = /filename="((?:[^"\\]|\\.)*)"/.exec(disposition)?.[1] ?? "";
      assert.doesNotMatch(plain, /[/\\\x00-\x1f]/, disposition); // eslint-disable-line no-control-regex
      const unquoted = disposition.replace(/"(?:[^"\\]|\\.)*"/g, "");
      assert.ok((unquoted.match(/filename=/g) ?? []).length <= 1, disposition);
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
      assert.match(
        answer.headers.get("content-security-policy") ?? "",
        /sandbox|default-src 'none'/,
      );
    }
    for (const what of ["raw", "text", "html"]) {
      const answer = await world.postern.call("GET", `/messages/${data.id}/${what}`);
      assert.equal(answer.headers.get("x-injected"), null);
      if (answer.status === 200)
        assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    }
  });
});

test("no line of the log is forged", async () => {
  for (const line_break of ["%0d%0a", "%0a", "%e2%80%ae", "%1b%5b2J", "%00"]) {
    const forged = `${line_break}2026-01-01T00:00:00.000Z error FORGED`;
    await world.postern.call("GET", `/messages/${encodeURI(forged).replaceAll("%25", "%")}`);
    await world.postern.call("GET", `/integrations?cursor=${forged.replaceAll(" ", "+")}`);
  }
  const log = world.postern.log();
  for (const line of log.split("\n").filter(Boolean)) {
    assert.doesNotMatch(line, forgery);
    assert.match(
      line,
      /^(\d{4}-\d\d-\d\dT[\d:.]+Z (debug|info|warn|warning|error|critical) |First start)/,
    );
    assert.doesNotMatch(line, /^2026-01-01/);
  }
});
