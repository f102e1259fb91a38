// Programs that only know SMTP → the submission listener → a real Postfix; and sendmail's stand-in.
import assert from "node:assert/strict";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import tls from "node:tls";
import { after, before, describe, test } from "node:test";

import { free_ports } from "./lib/files.mjs";
import { fixture } from "./lib/fixture.mjs";
import { MailHost, mail } from "./lib/mail_host.mjs";
import { binary, postern_command } from "./lib/postern.mjs";
import { run } from "./lib/processes.mjs";
import { programs } from "./lib/programs.mjs";
import { until } from "./lib/until.mjs";

let host;
let bob;
before(async () => {
  host = await MailHost.start();
  bob = host.dovecot.add_account("bob");
});
after(() => host?.stop());

/** Postern with its listener, an integration, and that integration's login. */
async function listening(t, { outgoing = {}, env = {} } = {}) {
  const [plain, tls] = await free_ports(2);
  const { certificate, key } = host.certificates.server;
  const made = await fixture(t, host, {
    incoming: false,
    outgoing,
    postern: {
      env: {
        POSTERN_SUBMISSION_LISTEN: `127.0.0.1:${plain}`,
        POSTERN_SUBMISSION_TLS_LISTEN: `127.0.0.1:${tls}`,
        POSTERN_SUBMISSION_CERTIFICATE: certificate,
        POSTERN_SUBMISSION_KEY: key,
        ...env,
      },
    },
  });
  made.integration = await made.add();
  made.secret = await made.postern.api(
    "POST",
    `/integrations/${made.integration.id}/submission-password`,
  );
  made.ports = { plain, tls };
  made.at = (others = {}) => ({
    port: others.tls ? tls : plain,
    tls: false,
    authority: host.certificates.ca.certificate,
    folder: made.postern.folder,
    ...made.secret,
    from: made.account.address,
    to: bob.address,
    ...others,
  });
  return made;
}

const arrived = (account, subject, limit_ms = 30000) =>
  until(
    `"${subject}" in ${account.address}'s mailbox`,
    () => host.dovecot.mails_about(subject, account.address)[0],
    limit_ms,
  );

/** A dialogue by hand: sends each line, gives the last line of each reply. */
async function dialogue(port, lines) {
  const socket = net.connect(port, "127.0.0.1");
  const replies = [];
  let text = "";
  let ended = false;
  socket.on("data", (bytes) => (text += bytes));
  socket.on("close", () => (ended = true));
  socket.on("error", () => {});
  const reply = () =>
    until("a reply", () => {
      const found = /^\d{3} .*\r\n/m.exec(text);
      if (!found) return ended && "closed";
      text = text.slice(found.index + found[0].length);
      return found[0].trimEnd();
    });
  replies.push(await reply());
  for (const line of lines) {
    socket.write(line);
    replies.push(await reply());
  }
  socket.destroy();
  return replies;
}

const plain_login = ({ login, password }) =>
  `AUTH PLAIN ${Buffer.from(`\0${login}\0${password}`).toString("base64")}\r\n`;

describe("a program's mail", () => {
  for (const name of Object.keys(programs)) {
    test(`from ${name} is delivered, by STARTTLS and by TLS at once`, async (t) => {
      const { at, account } = await listening(t);
      for (const tls of [false, true]) {
        const subject = `by ${name} ${tls ? "tls" : "starttls"}`;
        const body = "Hello.\n.\n..two dots\nBye.\n";
        const text = mail({ from: account.address, to: bob.address, subject, body });
        const end = await programs[name](at({ tls }), text);
        assert.equal(end.code, 0, `${end.output}\n${end.errors}`);
        const seen = await arrived(bob, subject);
        assert.match(seen, /Hello\.\r\n\.\r\n\.\.two dots\r\nBye\./);
        assert.match(seen, /\r\nMessage-ID: <[^>]*@client\.test>\r\n/);
      }
    });
  }

  test("over 1 MiB goes through a file, to the byte", async (t) => {
    const { at, account, postern } = await listening(t);
    const line = `${"0123456789".repeat(7)}\n`;
    const text = mail({
      from: account.address,
      to: bob.address,
      subject: "large",
      body: line.repeat(40000),
    });
    const end = await programs.smtplib(at(), text);
    assert.equal(end.code, 0, end.errors);
    const seen = await arrived(bob, "large");
    assert.equal(seen.split("\r\n\r\n").slice(1).join("\r\n\r\n").trimEnd().length,
      (line.length + 1) * 40000 - 2);
    const [delivery] = await postern.list("/deliveries");
    assert.ok(delivery.success);
  });

  test("loses its Bcc, and a foreign From becomes the integration's with a Reply-To", async (t) => {
    const { at, account } = await listening(t);
    const text = `Bcc: hidden@example.test\n${mail({
      from: "shop@else.test",
      to: bob.address,
      subject: "rewritten",
    })}`;
    assert.equal((await programs.curl(at(), text)).code, 0);
    const seen = await arrived(bob, "rewritten");
    assert.match(seen, new RegExp(`\\r\\nFrom: Carol <${account.address}>\\r\\n`));
    assert.match(seen, /\r\nReply-To: Carol <shop@else\.test>\r\n/);
    assert.ok(!/^Bcc:/im.test(seen));
  });
});

test("SIGHUP: the certificate is read again; one that is no good changes nothing", async (t) => {
  const folder = path.join(host.folder, "reloaded");
  fs.mkdirSync(folder);
  const certificate = path.join(folder, "certificate");
  const key = path.join(folder, "key");
  const put = (made) => {
    fs.copyFileSync(made.certificate, certificate);
    fs.copyFileSync(made.key, key);
  };
  put(host.certificates.server);
  const { ports, postern, at, account } = await listening(t, {
    env: { POSTERN_SUBMISSION_CERTIFICATE: certificate, POSTERN_SUBMISSION_KEY: key },
  });
  const name_now = () =>
    new Promise((resolve, reject) => {
      const socket = tls.connect(ports.tls, "127.0.0.1", { rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().subject.CN);
        socket.destroy();
      });
      socket.on("error", reject);
    });
  const hang_up = () => postern.program.kill("SIGHUP");
  assert.equal(await name_now(), "server");

  put(host.certificates.wrong_name);
  hang_up();
  await until("the other certificate", async () => (await name_now()) === "wrong-name");

  fs.writeFileSync(certificate, "no certificate");
  hang_up();
  await until("the log tells of it", () => postern.log().includes("keeps its former certificate"));
  assert.equal(await name_now(), "wrong-name");

  put(host.certificates.server);
  hang_up();
  await until("the first one again", async () => (await name_now()) === "server");
  const text = mail({ from: account.address, to: bob.address, subject: "reloaded" });
  assert.equal((await programs.curl(at(), text)).code, 0);
});

describe("what the listener refuses", () => {
  test("a login without TLS from a program that has no TLS is only heard on this machine", async (t) => {
    const { ports, secret } = await listening(t);
    const replies = await dialogue(ports.plain, [
      "EHLO here\r\n",
      "MAIL FROM:<a@b.test>\r\n",
      plain_login({ ...secret, password: "wrong" }),
      plain_login(secret),
      "QUIT\r\n",
    ]);
    assert.match(replies[2], /^530 5\.7\.0/);
    assert.match(replies[3], /^535 5\.7\.8/);
    assert.match(replies[4], /^235/);
  });

  test("a foreign sender: 553; a replaced password; a disabled integration", async (t) => {
    const { ports, secret, postern, integration, account } = await listening(t);
    const from = `MAIL FROM:<${account.address}>\r\n`;
    const replies = await dialogue(ports.plain, [
      "EHLO here\r\n",
      plain_login(secret),
      "MAIL FROM:<someone@else.test>\r\n",
      from,
      "RCPT TO:<bob@example.test> FANCY=1\r\n",
    ]);
    assert.match(replies[3], /^553/);
    assert.match(replies[4], /^250/);
    assert.match(replies[5], /^555/);
    await postern.api("POST", `/integrations/${integration.id}/disable`);
    assert.match(
      (await dialogue(ports.plain, ["EHLO here\r\n", plain_login(secret), from])).at(-1),
      /^550 5\.7\.1 The integration is disabled/,
    );
    await postern.api("POST", `/integrations/${integration.id}/submission-password`);
    assert.match(
      (await dialogue(ports.plain, ["EHLO here\r\n", plain_login(secret)])).at(-1),
      /^535/,
    );
  });

  test("a foreign From where the policy is to refuse", async (t) => {
    const { at } = await listening(t, { outgoing: { from_policy: "refuse" } });
    const text = mail({ from: "shop@else.test", to: bob.address, subject: "refused" });
    const end = await programs.smtplib(at(), text);
    assert.notEqual(end.code, 0);
    assert.match(end.errors, /550/);
  });

  test("guesses: more than ten wrong passwords a minute", async (t) => {
    const { ports, secret } = await listening(t);
    const wrong = plain_login({ ...secret, password: "guess" });
    const guesser = () => dialogue(ports.plain, ["EHLO here\r\n", wrong, wrong, wrong]);
    await Promise.all(Array.from({ length: 4 }, guesser)); // each is let wait before its answer
    const replies = await dialogue(ports.plain, ["EHLO here\r\n", plain_login(secret)]);
    assert.match(replies.at(-1), /^454 4\.7\.0/);
  });
});

test("what was given 250 survives kill -9 under load", async (t) => {
  const { ports, secret, postern, account } = await listening(t);
  const accepted = [];
  let crashed = false;
  const client = async (name) => {
    const socket = net.connect(ports.plain, "127.0.0.1");
    let text = "";
    let closed = false;
    socket.on("data", (bytes) => (text += bytes));
    socket.on("error", () => {});
    socket.on("close", () => (closed = true));
    const said = async (code) => {
      await until(`${code}`, () => closed || new RegExp(`^${code} .*\r\n`, "m").test(text));
      const there = new RegExp(`^${code} .*\r\n`, "m").exec(text);
      if (!there) return false;
      text = text.slice(there.index + there[0].length);
      return true;
    };
    if (!(await said(220))) return;
    socket.write("EHLO here\r\n");
    await said(250);
    socket.write(plain_login(secret));
    await said(235);
    for (let n = 0; !crashed; n++) {
      const subject = `load ${name} ${n}`;
      socket.write(
        `MAIL FROM:<${account.address}>\r\nRCPT TO:<${bob.address}>\r\nDATA\r\n`,
      );
      if (!(await said(354))) return;
      socket.write(`From: ${account.address}\r\nSubject: ${subject}\r\n\r\nx\r\n.\r\n`);
      if (!(await said("250 2.0.0 Ok: queued"))) return;
      accepted.push(subject);
    }
  };
  const clients = Array.from({ length: 4 }, (_, name) => client(name));
  await until("a hundred mails taken", () => accepted.length >= 100, 60000);
  crashed = true;
  await postern.crash();
  await Promise.all(clients);
  await postern.start();
  const kept = new Set();
  for (const { id } of await postern.list("/deliveries?limit=500")) kept.add(id);
  assert.ok(kept.size >= accepted.length, `${kept.size} kept of ${accepted.length}`);
  await until(
    "all are delivered",
    () => {
      const there = new Set(host.dovecot.subjects(bob.address));
      return accepted.every((subject) => there.has(subject));
    },
    90000,
  );
});

describe("postern sendmail", () => {
  const sendmail = (made, args, input, { command = binary, first = ["sendmail"] } = {}) =>
    run(command, [...first, ...args], {
      input,
      env: { POSTERN_URL: made.postern.url, POSTERN_TOKEN: made.postern.token },
    });
  const with_default = (t) =>
    fixture(t, host, { incoming: false, outgoing: {}, integration: { is_default: true } });

  test("sends what cron pipes into it, silently", async (t) => {
    const made = await with_default(t);
    await made.add();
    const end = await sendmail(
      made,
      ["-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f", "root", "-B8BITMIME"],
      `From: root (Cron Daemon)\nTo: ${bob.address}\nSubject: cron\n\nDone.\n`,
    );
    assert.deepEqual([end.code, end.output, end.errors], [0, "", ""]);
    const seen = await arrived(bob, "cron");
    assert.match(seen, new RegExp(`From: "root \\(Cron Daemon\\)" <${made.account.address}>`));
  });

  test("by the name of sendmail; a lone dot ends the mail without -i; -t adds to arguments", async (t) => {
    const made = await with_default(t);
    await made.add();
    const link = path.join(made.postern.folder, "sendmail");
    fs.symlinkSync(binary, link);
    const carl = host.dovecot.add_account("carl-of-sendmail");
    const end = await sendmail(
      made,
      ["-t", carl.address],
      `Subject: linked\nBcc: ${bob.address}\n\nOne.\n.\nTwo.\n`,
      { command: link, first: [] },
    );
    assert.equal(end.code, 0, end.errors);
    for (const account of [bob, carl]) {
      const seen = await arrived(account, "linked");
      assert.ok(seen.includes("One.") && !seen.includes("Two.") && !/^Bcc:/m.test(seen));
    }
  });

  test("tells what is wrong by sysexits' codes", async (t) => {
    const made = await with_default(t);
    const text = "Subject: x\n\nx\n";
    const code = async (args, input = text) => (await sendmail(made, args, input)).code;
    assert.equal(await code(["-bs"]), 64);
    assert.equal(await code([]), 64);
    assert.equal(await code(["-Z", bob.address]), 64);
    assert.equal(await code([bob.address]), 67);
    await made.add();
    assert.equal(await code([bob.address]), 0);
    assert.equal(await code(["nobody"]), 65);
    assert.equal(await code(["-t"]), 65);
    assert.equal(await code(["-f", "a@else.test", bob.address]), 65);
    const away = await postern_command(["sendmail", bob.address], {
      input: text,
      env: { POSTERN_URL: "http://127.0.0.1:1", POSTERN_TOKEN: "x" },
    });
    assert.equal(away.code, 69);
    const nobody = await postern_command(["sendmail", bob.address], {
      input: text,
      env: { POSTERN_URL: made.postern.url, POSTERN_TOKEN: "wrong" },
    });
    assert.equal(nobody.code, 77);
  });
});
