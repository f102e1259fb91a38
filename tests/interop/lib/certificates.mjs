// A certificate authority of the test's own, and the good and bad server certificates it makes.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";

import { run_now } from "./processes.mjs";

const openssl = (folder, ...args) => run_now("openssl", args, { cwd: folder });

function make_authority(folder, name) {
  const key = path.join(folder, `${name}.key`);
  const certificate = path.join(folder, `${name}.crt`);
  openssl(
    folder,
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "30",
    "-subj",
    `/CN=${name}`,
    "-keyout",
    key,
    "-out",
    certificate,
    "-addext",
    "basicConstraints=critical,CA:TRUE",
    "-addext",
    "keyUsage=critical,keyCertSign,cRLSign",
  );
  return { key, certificate };
}

function make_server(folder, name, authority, { hosts, expired = false, days = 30 }) {
  const key = path.join(folder, `${name}.key`);
  const request = path.join(folder, `${name}.csr`);
  const certificate = path.join(folder, `${name}.crt`);
  const extensions = path.join(folder, `${name}.ext`);
  fs.writeFileSync(extensions, `subjectAltName=${hosts}\nextendedKeyUsage=serverAuth\n`);
  openssl(
    folder,
    "req",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-subj",
    `/CN=${name}`,
    "-keyout",
    key,
    "-out",
    request,
  );
  if (expired) {
    sign_expired(folder, name, authority, request, certificate, extensions);
  } else {
    openssl(
      folder,
      "x509",
      "-req",
      "-days",
      `${days}`,
      "-in",
      request,
      "-CA",
      authority.certificate,
      "-CAkey",
      authority.key,
      "-CAcreateserial",
      "-extfile",
      extensions,
      "-out",
      certificate,
    );
  }
  return { key, certificate };
}

// `openssl x509` of OpenSSL 3.0 cannot set dates in the past; `openssl ca` can.
function sign_expired(folder, name, authority, request, certificate, extensions) {
  const settings = path.join(folder, `${name}.cnf`);
  fs.writeFileSync(path.join(folder, `${name}.index`), "");
  fs.writeFileSync(
    settings,
    `[ca]
default_ca = own
[own]
database = ${path.join(folder, `${name}.index`)}
new_certs_dir = ${folder}
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
`,
  );
  openssl(
    folder,
    "ca",
    "-batch",
    "-notext",
    "-config",
    settings,
    "-cert",
    authority.certificate,
    "-keyfile",
    authority.key,
    "-in",
    request,
    "-out",
    certificate,
    "-extfile",
    extensions,
    "-startdate",
    "20200101000000Z",
    "-enddate",
    "20200201000000Z",
  );
}

/**
 * Makes them under `folder`: `ca` (trusted), `server` (localhost, 127.0.0.1), `wrong_name`,
 * `expired`, and `foreign` (right name, signed by an authority nobody trusts).
 */
export function make_certificates(folder) {
  fs.mkdirSync(folder, { recursive: true });
  const here = "DNS:localhost,IP:127.0.0.1";
  const ca = make_authority(folder, "postern-test-ca");
  const stranger = make_authority(folder, "foreign-ca");
  return {
    ca,
    server: make_server(folder, "server", ca, { hosts: here }),
    wrong_name: make_server(folder, "wrong-name", ca, { hosts: "DNS:other.example.test" }),
    expired: make_server(folder, "expired", ca, { hosts: here, expired: true }),
    foreign: make_server(folder, "foreign", stranger, { hosts: here }),
  };
}

/** Another for this machine, that ends in so many days. */
export const make_short = (folder, name, authority, days) =>
  make_server(folder, name, authority, { hosts: "DNS:localhost,IP:127.0.0.1", days });

/** A self-signed certificate of a client's own, and its thumbprint (base64url of the SHA-256). */
export function make_identity(folder) {
  const [key, certificate] = ["client.key", "client.crt"].map((name) => `${folder}/${name}`);
  const subject = ["-subj", "/CN=postern-client", "-days", "30"];
  const files = ["-keyout", key, "-out", certificate];
  run_now("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, ...files], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const certificate_pem = fs.readFileSync(certificate, "utf8");
  const der = new crypto.X509Certificate(certificate_pem).raw;
  return {
    certificate_pem,
    private_key_pem: fs.readFileSync(key, "utf8"),
    thumbprint: crypto.createHash("sha256").update(der).digest("base64url"),
  };
}
