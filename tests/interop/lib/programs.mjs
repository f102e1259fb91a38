// Programs that know nothing but host, port, user and password, each sending one mail the way it
// does by itself. All give {code, output, errors}; code 0: the server took it.
import fs from "node:fs";
import path from "node:path";

import nodemailer from "nodemailer";

import { run } from "./processes.mjs";

const python = `
import smtplib, ssl, sys, json
at = json.loads(sys.argv[1])
context = ssl.create_default_context(cafile=at["authority"])
if at["tls"]:
    server = smtplib.SMTP_SSL("localhost", at["port"], context=context)
else:
    server = smtplib.SMTP("localhost", at["port"])
    server.starttls(context=context)
server.login(at["login"], at["password"])
server.sendmail(at["from"], at["to"], sys.stdin.buffer.read())
server.quit()
`;

export const programs = {
  swaks: (at, mail) =>
    run(
      "swaks",
      [
        ...["--server", "localhost", "--port", String(at.port)],
        ...["--tls-verify", "--tls-ca-path", at.authority],
        at.tls ? "--tls-on-connect" : "--tls",
        ...["--auth", "LOGIN", "--auth-user", at.login, "--auth-password", at.password],
        ...["--from", at.from, "--to", at.to, "--data", "-"],
      ],
      { input: mail },
    ),

  msmtp(at, mail) {
    const file = path.join(at.folder, `msmtprc-${at.port}`);
    fs.writeFileSync(
      file,
      `account a\nhost localhost\nport ${at.port}\ntls on\ntls_starttls ${at.tls ? "off" : "on"}\n` +
        `tls_trust_file ${at.authority}\nauth plain\nuser ${at.login}\npassword ${at.password}\n` +
        `from ${at.from}\naccount default : a\n`,
      { mode: 0o600 },
    );
    return run("msmtp", ["-C", file, at.to], { input: mail });
  },

  curl: (at, mail) =>
    run(
      "curl",
      [
        ...["--silent", "--show-error", "--ssl-reqd", "--cacert", at.authority],
        ...["--url", `${at.tls ? "smtps" : "smtp"}://localhost:${at.port}`],
        ...["--user", `${at.login}:${at.password}`, "--mail-from", at.from, "--mail-rcpt", at.to],
        ...["--upload-file", "-"],
      ],
      // curl sends a file's line ends as they are.
      { input: mail.replace(/\r?\n/g, "\r\n") },
    ),

  async nodemailer(at, mail) {
    const transport = nodemailer.createTransport({
      host: "localhost",
      port: at.port,
      secure: at.tls,
      requireTLS: true,
      auth: { user: at.login, pass: at.password },
      tls: { ca: fs.readFileSync(at.authority) },
    });
    try {
      const answer = await transport.sendMail({
        envelope: { from: at.from, to: at.to },
        raw: mail,
      });
      return { code: 0, output: answer.response, errors: "" };
    } catch (error) {
      return { code: 1, output: "", errors: String(error) };
    } finally {
      transport.close();
    }
  },

  smtplib: (at, mail) =>
    run("python3", ["-c", python, JSON.stringify({ ...at, folder: undefined })], {
      input: mail.replace(/\r?\n/g, "\r\n"),
    }),
};
