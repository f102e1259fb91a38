// Promise 20: no words become markup, and none of a notice becomes a header or a line: canaries
// through names, servers' words, mails and the fields of calls, looked for wherever Postern makes
// HTML or XML out of words: the HTML part of mails, the bodies of calls, the pages for people without
// a login, /metrics. (The admin page: tests/browser.)
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Receiver } from "../interop/lib/receiver.mjs";
import { until } from "../interop/lib/until.mjs";
import { CanaryStage, forgery, incoming_from, integration_of, to } from "./lib/canary.mjs";
import { imap_server, Mailbox, refuse } from "./lib/imap_peer.mjs";
import { Peer } from "./lib/wire.mjs";

const public_url = "http://gateway.hostile.test";
const canaries = [
  "<img src=x onerror=alert(1)>",
  "</p></title><script>alert(2)</script>",
  `"' onmouseover="alert(3)" x='`,
  "<!-- ]]> &lt;svg onload=alert(4)&gt; &#60;b&#62;",
];
const all = canaries.join(" ");
// What would end, hide or turn a line, in Unicode; a server says it in UTF-8.
const turning = "\u202e \u2028 =?utf-8?Q?a=0D=0ABcc:_evil@evil.test?= %0d%0aX-Injected: 1";
const as_octets = (text) => Buffer.from(text).toString("latin1");
const raw = /<(img|script|svg|b>|!--)|"' onmouseover|]]>/i;
const escaped = /&lt;img src=x onerror=alert\(1\)&gt;/;

let stage;
let world;
let sink;
let page; // what event rules call
let peer; // refuses the login, in words that are markup
before(async () => {
  page = await Receiver.start();
  stage = await CanaryStage.start({ env: { POSTERN_HTTP_PUBLIC_URL: public_url } });
  ({ world, sink } = stage);
  const on = {
    AUTHENTICATE: refuse(`NO [AUTHENTICATIONFAILED] ${all} ${as_octets(turning)}\x1b[2J`),
    LOGIN: refuse(`NO ${all}`),
  };
  peer = await Peer.start(imap_server({ on }, new Mailbox()));
  const body = '<p title="{{integration.name}}">{{event.message}}</p><b>{{rule.name}}</b>';
  const call = (where, type) => ({
    type: "web_page",
    method: "POST",
    url: `${page.url}/${where}`,
    headers: { "Content-Type": type },
    body,
  });
  const mail = { type: "email", integration: "Out", to: [to], subject: "told by rule", text: "t" };
  await world.postern.api("POST", "/event-rules", {
    name: `rule ${canaries[0]}`,
    when: { kinds: ["imap.login_failed"] },
    then: [
      { ...mail, html: body },
      call("html", "text/html; charset=utf-8"),
      call("xml", "application/xml"),
    ],
  });
  await world.postern.api("PATCH", "/integrations/Out", { is_default: true });
  await world.postern.api("PATCH", "/settings", { monitoring: { recipients: [to] } });
  await world.postern.api(
    "POST",
    "/integrations",
    integration_of(`Sales ${canaries[0]} ${turning}`, { incoming: incoming_from(peer.port) }),
  );
});
after(async () => {
  peer?.stop();
  await page?.stop();
  await stage?.stop();
});

const get = (where, options) => fetch(world.postern.url + where, { redirect: "manual", ...options });

/** The parts of a mail by their type, decoded; one that is not multipart is one part. */
function parts_of(mail) {
  const parts = {};
  for (const text of mail.split(/^--[^\n]*\n/m)) {
    const end = text.indexOf("\n\n");
    const head = text.slice(0, end);
    const type = /^Content-Type:\s*([\w/]+)/im.exec(head)?.[1];
    if (!type || type.startsWith("multipart/")) continue;
    const body = text.slice(end + 2);
    const encoding = /^Content-Transfer-Encoding:\s*(\S+)/im.exec(head)?.[1] ?? "7bit";
    parts[type] = decoders[encoding.toLowerCase()](body);
  }
  return parts;
}
const decoders = {
  "7bit": (body) => body,
  "8bit": (body) => body,
  base64: (body) => Buffer.from(body, "base64").toString(),
  "quoted-printable": (body) =>
    Buffer.from(
      body
        .replace(/=\n/g, "")
        .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
      "latin1",
    ).toString(),
};

const mail_with = (words) =>
  until(`a mail with ${words}`, () => sink.bodies.find((mail) => mail.includes(words)));

/** The subject of a mail as its reader sees it. */
function subject_of(mail) {
  const [, folded] = /^Subject: (.*(?:\n[ \t].*)*)/m.exec(mail);
  const words = /=\?utf-8\?([bq])\?([^?]*)\?=(?:\s+(?==\?))?/gi;
  return folded.replace(/\n(?=[ \t])/g, "").replace(words, (_, kind, text) =>
    kind.toLowerCase() === "b"
      ? decoders.base64(text)
      : decoders["quoted-printable"](text.replaceAll("_", " ")),
  );
}

/** Of a page for people: no canary is markup, and nothing could run if one were. */
function check_page(text, headers) {
  assert.match(headers.get("content-type"), /^text\/html/);
  assert.match(headers.get("content-security-policy"), /default-src 'none'/);
  assert.doesNotMatch(headers.get("content-security-policy"), /unsafe/);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.doesNotMatch(text, raw);
}

describe("words that are markup", () => {
  test("are text in the HTML part of what event rules tell, and in what they call", async () => {
    const called = (what) =>
      until(what, () => page.requests.find((request) => request.path.startsWith(`/hook/${what}`)));
    for (const html of [
      parts_of(await mail_with("told by rule"))["text/html"],
      (await called("html")).body.toString(),
      (await called("xml")).body.toString(),
    ]) {
      // What the rule itself has of markup is left; its values bring none.
      const [, ...values] = /^\s*<p title="(.*)">(.*)<\/p><b>(.*)<\/b>\s*$/s.exec(html) ?? [];
      assert.equal(values.length, 3, html);
      for (const value of values) {
        assert.doesNotMatch(value, raw);
        assert.doesNotMatch(value, /[<>"]/);
        assert.match(value, escaped);
      }
    }
  });

  test("are text in a mail made of a template", async () => {
    const sent = await world.postern.api("POST", "/send", {
      integration: "Out",
      to: [to],
      subject: "made of a template",
      text: "{{a.b}}",
      html: "<p>{{a.b}}</p>",
      variables: { a: { b: all } },
    });
    await world.postern.settled(sent.id);
    const parts = parts_of(await mail_with("made of a template"));
    assert.doesNotMatch(parts["text/html"], raw);
    assert.match(parts["text/html"], escaped);
    assert.ok(parts["text/plain"].includes(all), "as text it is what it was");
  });

  test("are plain text in notices, and text on the page that a notice links to", async () => {
    const parts = await until("a notice with a link", () =>
      sink.bodies.map(parts_of).find((each) => each["text/plain"]?.includes("/acknowledge/")),
    );
    assert.deepEqual(Object.keys(parts), ["text/plain"], "a notice has no HTML");
    const link = new RegExp(`${public_url}(/acknowledge/\\S+)`).exec(parts["text/plain"])[1];
    for (const [method, words] of [
      ["GET", "Take it up"],
      ["POST", "Taken up"],
      ["GET", "It is taken up"],
    ]) {
      const answer = await get(link, { method });
      const text = await answer.text();
      assert.equal(answer.status, 200, text);
      assert.ok(text.includes(words), text);
      check_page(text, answer.headers);
      assert.match(text, escaped, "the server's words are shown");
    }
    const wrong = `/acknowledge/${encodeURIComponent(canaries[1])}?key=${encodeURIComponent(all)}`;
    for (const where of [wrong, link.replace(/key=.*/, `key=${encodeURIComponent(all)}`)]) {
      const answer = await get(where);
      assert.equal(answer.status, 410);
      check_page(await answer.text(), answer.headers);
    }
  });

  test("end, hide and turn no line of a notice, and are no header of it", async () => {
    const mail = await until("a notice", () =>
      sink.bodies.find((each) => subject_of(each).includes("FAILING: Sales")),
    );
    stage.check_mails(0);
    const subject = subject_of(mail);
    for (const line of [subject, ...parts_of(mail)["text/plain"].split("\n")]) {
      assert.doesNotMatch(line, forgery);
    }
    assert.match(subject, /FAILING: Sales .*\\u202e .*=\?utf-8\?Q\?a=0D=0ABcc/, "as it is written");
  });

  test("are text on the page where an authorisation ends", async () => {
    for (const query of [
      { error: canaries[1], error_description: all, state: all },
      { code: all, state: canaries[0] },
      { error: "access_denied", error_description: canaries[0] },
      { code: "a", state: "b", iss: `https://${canaries[0]}` },
    ]) {
      const answer = await get(`/api/v1/oauth/callback?${new URLSearchParams(query)}`);
      assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
      check_page(await answer.text(), answer.headers);
    }
  });

  test("are no page in an answer that repeats them", async () => {
    const path = encodeURIComponent(canaries[1]);
    for (const where of [`/${path}`, `/api/v1/integrations/${path}`, `/api/v1/messages?${path}=1`]) {
      const headers = { authorization: `Bearer ${world.postern.token}`, accept: "text/html" };
      const answer = await get(where, { headers });
      assert.ok(answer.status >= 400 && answer.status < 500, `${where}: ${answer.status}`);
      assert.match(answer.headers.get("content-type"), /^application\/problem\+json/);
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
      JSON.parse(await answer.text());
    }
  });

  test("end no label of /metrics", async () => {
    const headers = { authorization: `Bearer ${world.postern.token}` };
    const text = await (await get("/metrics", { headers })).text();
    const labels = '\\{([a-z_]+="(?:[^"\\\\\\n]|\\\\["\\\\n])*",?)*\\}';
    const line = new RegExp(`^(#.*|[a-z_:]+(${labels})? (-?[0-9.e+-]+|NaN|\\+Inf))$`);
    for (const each of text.split("\n").filter(Boolean)) assert.match(each, line);
    assert.ok(text.includes("<img src=x"), "the integration is there by its name");
  });
});
