// HTTPS by Postern itself: TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers, nothing
// older or weaker, no plain HTTP, no renegotiation.
import assert from "node:assert/strict";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import tls from "node:tls";
import { after, before, describe, test } from "node:test";

import { make_certificates } from "./lib/certificates.mjs";
import { free_port, remove_folder, temporary_folder } from "./lib/files.mjs";
import { binary } from "./lib/postern.mjs";
import { Program, run_now } from "./lib/processes.mjs";
import { until, within } from "./lib/until.mjs";

let folder, ca, port, program;

/** An RSA certificate, with which also the old key exchange would be possible. */
function make_rsa(authority) {
  const [key, request, certificate] = ["rsa.key", "rsa.csr", "rsa.crt"].map((name) =>
    path.join(folder, name),
  );
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const quiet = { stdio: ["ignore", "pipe", "pipe"] };
  run_now("openssl", ["req", "-newkey", "rsa:2048", "-nodes", ...subject, "-keyout", key, "-out", request], quiet);
  const signed = ["-CA", authority.certificate, "-CAkey", authority.key, "-CAcreateserial"];
  run_now("openssl", ["x509", "-req", "-days", "30", "-copy_extensions", "copy", "-in", request, ...signed, "-out", certificate], quiet);
  return { key, certificate };
}

before(async () => {
  folder = temporary_folder("tls");
  const certificates = make_certificates(folder);
  ca = fs.readFileSync(certificates.ca.certificate);
  const { key, certificate } = make_rsa(certificates.ca);
  port = await free_port();
  program = new Program(binary, ["serve", "--data", path.join(folder, "data")], {
    env: {
      POSTERN_HTTP_LISTEN: `127.0.0.1:${port}`,
      POSTERN_HTTP_TLS_CERTIFICATE: certificate,
      POSTERN_HTTP_TLS_KEY: key,
    },
  });
  await until("Postern is ready", async () => {
    if (program.end) throw new Error(program.errors);
    return (await ask()).startsWith("HTTP/1.1 200");
  });
});
after(async () => {
  program?.kill("SIGTERM");
  const end = await program?.ended;
  remove_folder(folder);
  assert.equal(end?.code, 0, program?.errors);
});

/** A connection, or the reason why there is none. */
function shake(options = {}) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: "127.0.0.1", servername: "localhost", ca, ...options });
    socket.once("secureConnect", () => resolve(socket));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed")));
  });
}

async function ask(options) {
  const socket = await shake(options);
  let text = "";
  socket.on("data", (bytes) => (text += bytes));
  socket.on("error", () => {});
  const ended = new Promise((resolve) => socket.once("close", resolve));
  socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  await within("the answer's end", ended, 10000);
  return text;
}

describe("https", () => {
  for (const version of ["TLSv1.2", "TLSv1.3"]) {
    test(`answers by ${version}`, async () => {
      const only = { minVersion: version, maxVersion: version };
      const socket = await shake(only);
      assert.equal(socket.getProtocol(), version);
      assert.match(socket.getCipher().name, /GCM|CHACHA20|POLY1305/);
      socket.destroy();
      assert.match(await ask(only), /^HTTP\/1\.1 200/);
    });
  }

  for (const version of ["TLSv1", "TLSv1.1"]) {
    test(`refuses ${version}`, async () => {
      const old = { minVersion: version, maxVersion: version, ciphers: "ALL:@SECLEVEL=0" };
      await assert.rejects(shake(old));
    });
  }

  test("takes of TLS 1.2 only ciphers with forward secrecy and authenticated data", async () => {
    const taken = [];
    for (const cipher of tls.getCiphers()) {
      if (cipher.startsWith("tls_")) continue; // those of TLS 1.3, all good
      const name = cipher.toUpperCase();
      const options = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2", ciphers: `${name}:@SECLEVEL=0` };
      try {
        const socket = await shake(options);
        taken.push(socket.getCipher().name);
        socket.destroy();
      } catch {
        // Refused, or not to be had here.
      }
    }
    assert.ok(taken.length >= 2, taken.join(" "));
    const weak = taken.filter((name) => !/^ECDHE-.*(GCM|CHACHA20)/.test(name));
    assert.deepEqual(weak, []);
  });

  test("does not renegotiate", async () => {
    const socket = await shake({ minVersion: "TLSv1.2", maxVersion: "TLSv1.2" });
    const refused = await new Promise((resolve) => {
      socket.on("error", resolve);
      socket.on("close", () => resolve(new Error("closed")));
      socket.renegotiate({}, (error) => resolve(error));
    });
    assert.ok(refused instanceof Error);
    socket.destroy();
  });

  test("is not spoken plainly", async () => {
    const socket = net.connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (bytes) => (text += bytes.toString("latin1")));
    socket.on("error", () => {});
    socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    await until("the end", () => socket.destroyed, 20000);
    assert.ok(!text.includes("HTTP/1.1 200"), text);
  });
});
