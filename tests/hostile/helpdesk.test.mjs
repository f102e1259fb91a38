// Promise 20: what a mail holds becomes no order to a helpdesk: canaries through every field of a mail
// that Zammad's tickets and articles are made of, and through the questions whether it has one.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Helpdesk } from "../interop/lib/helpdesk.mjs";
import { until } from "../interop/lib/until.mjs";
import { incoming_from, integration_of } from "./lib/canary.mjs";
import { imap_server, Mailbox } from "./lib/imap_peer.mjs";
import { Peer } from "./lib/wire.mjs";
import { World } from "./lib/world.mjs";

const key = "key-of-zammad";
const controls = /[\x00-\x1f\x7f\u0085\u2028\u2029]/; // eslint-disable-line no-control-regex
const script = "<script>alert(1)</script>";
const steering =
  "X-Zammad-Ticket-Owner: mallory\r\nX-Zammad-Article-Internal: true\r\nX-OTRS-Queue: secret\r\n";
const first_id = 'a&condition[x]=y&limit=100#{"x":1}%0d%0a/../users?@hostile.test';

/** A mail about `subject`, which is a canary in itself. */
const mail_of = ({ subject, id, from, head = "", type = "text/plain", body }) =>
  `From: ${from}\r\nTo: "a\\", \\"role\\": \\"admin" <support@example.test>\r\nSubject: ${subject}\r\n` +
  `Message-ID: <${id}>\r\n${head}${steering}MIME-Version: 1.0\r\n` +
  `Content-Type: ${type}\r\n\r\n${body}`;

const file = (name) =>
  `--b\r\nContent-Type: text/html; name="${name}"\r\n` +
  `Content-Disposition: attachment; filename="${name}"\r\n\r\n${script}\r\n`;

const mails = [
  mail_of({
    subject: `"}, "owner_id": 1, {"x": "=?utf-8?Q?a=0D=0AX-Injected:_1?= ${script}`,
    id: first_id,
    from: '"=?utf-8?Q?a=0D=0ABcc:_evil@evil.test?=" <mallory@hostile.test>',
    body: `","internal":true,"x":"\u0000${script}\r\n`,
  }),
  mail_of({
    subject: "#{user.password} <%= 1 %> {{ticket.id}}",
    id: "second@hostile.test",
    from: '"guess:admin@example.test" <mallory@hostile.test>',
    head: `References: <${first_id}>\r\nIn-Reply-To: <${first_id}>\r\n`,
    type: "multipart/mixed; boundary=b",
    body:
      `--b\r\nContent-Type: text/html\r\n\r\n<p onclick=alert(1)>${script}</p>\r\n` +
      file("../../../etc/passwd") +
      file("=?utf-8?Q?a=0D=0A.exe?=") +
      file('x\\", \\"data\\": \\"') +
      "--b--\r\n",
  }),
];

let world;
let desk;
let peer;
const asked = []; // what was asked of the desk, by method and URL
/** So many mails were taken, by the receiver and by the desk. */
const all_taken = (count) =>
  until(
    `${count} mails at the desk`,
    async () => {
      const all = await world.postern.list("/handovers?limit=100");
      const done = all.filter(({ state }) => state === "acknowledged");
      return done.length === 2 * count || assert.fail(JSON.stringify(all));
    },
    90000,
  );

before(async () => {
  world = await World.start();
  desk = await Helpdesk.start("zammad", key);
  desk.fault = ({ method, url, headers }) => {
    asked.push({ method, url, headers });
    return undefined;
  };
  desk.answers_lost = 1; // so that it is asked whether it has the first mail
  await world.postern.api("POST", "/targets", {
    name: "desk",
    type: "zammad",
    enabled: true,
    url: desk.url,
    api_key: key,
    group: "Users",
    fields: { priority: "2 normal" },
  });
  const mailbox = new Mailbox({ mails });
  peer = await Peer.start(imap_server({}, mailbox));
  const { id } = await world.postern.api(
    "POST",
    "/integrations",
    integration_of("In", { incoming: incoming_from(peer.port) }),
  );
  await all_taken(2);
});
after(async () => {
  peer?.stop();
  await desk?.stop();
  await world?.stop();
});

const articles = () => desk.tickets.flatMap((ticket) => ticket.articles);

describe("a canary in a mail for Zammad", () => {
  test("adds no field to a ticket or an article", () => {
    const of_article =
      "attachments body cc content_type from in_reply_to internal message_id sender subject to type";
    const known = new Set([...of_article.split(" "), "ticket_id"]);
    for (const { given } of desk.tickets) {
      assert.deepEqual(Object.keys(given).sort(), [
        "article",
        "customer",
        "group",
        "priority",
        "title",
      ]);
      assert.equal(given.group, "Users");
      assert.equal(given.priority, "2 normal");
      assert.equal(given.customer, "guess:mallory@hostile.test");
    }
    for (const article of articles()) {
      for (const name of Object.keys(article)) assert.ok(known.has(name), name);
      assert.equal(article.internal, false);
      assert.equal(article.sender, "Customer");
      assert.equal(article.type, "email");
    }
  });

  test("ends no line of a subject, a name or a file's name", () => {
    for (const { title } of desk.tickets) assert.doesNotMatch(title, controls);
    let files = 0;
    for (const article of articles()) {
      for (const name of ["subject", "from", "to", "message_id", "in_reply_to"]) {
        assert.doesNotMatch(article[name] ?? "", controls, name);
      }
      for (const { filename, data } of article.attachments ?? []) {
        files += 1;
        assert.doesNotMatch(filename, /[/\\]/, filename);
        assert.doesNotMatch(filename, controls);
        assert.match(
          Buffer.from(data, "base64").toString(),
          /<script>/,
          "the bytes are the mail's",
        );
      }
    }
    assert.equal(files, 3);
    assert.equal(articles().length, mails.length, "each mail once");
  });

  test("is markup only where the mail itself was HTML", () => {
    const [plain, html] = articles();
    assert.equal(plain.content_type, "text/plain");
    assert.equal(html.content_type, "text/html");
    assert.ok(html.body.includes(script), "what Zammad makes of HTML is Zammad's");
  });

  test("is one value of a question, and no path", () => {
    const questions = asked.filter(({ url }) => url.includes("/tickets/search"));
    assert.ok(questions.length > 0, "it was asked");
    for (const { url } of questions) {
      const { pathname, searchParams } = new URL(url, desk.url);
      assert.equal(pathname, "/api/v1/tickets/search");
      assert.deepEqual(
        [...searchParams.keys()],
        [
          "condition[article.message_id][operator]",
          "condition[article.message_id][value]",
          "limit",
        ],
      );
      assert.equal(searchParams.get("limit"), "5");
    }
    for (const { url } of asked) {
      assert.match(
        url,
        /^\/api\/v1\/(tickets|ticket_articles|tickets\/search\?.*|ticket_articles\/by_ticket\/\d+)$/,
      );
    }
  });

  test("is no header of a request", () => {
    for (const { headers } of asked) {
      assert.ok(!("x-injected" in headers) && !("bcc" in headers), JSON.stringify(headers));
      assert.ok(!Object.keys(headers).some((name) => /^x-(zammad|otrs)/.test(name)));
      for (const value of Object.values(headers)) assert.doesNotMatch(value, controls);
    }
  });
});
