// What most tests here start from: Postern with somebody who may sign in, and a browser.
import assert from "node:assert/strict";

import { Postern, postern_command } from "../../interop/lib/postern.mjs";

export const admin = { name: "admin", password: "correct-horse-battery-7" };

/** While the page is worked on: its files from a folder instead of those in the program. */
export const page_args = process.env.POSTERN_PAGES ? ["--pages", process.env.POSTERN_PAGES] : [];

/** Postern with the admin set up; ended with the test. */
export async function with_admin(t, options = {}) {
  const postern = Postern.prepare({ args: page_args, ...options });
  const made = await postern_command(
    ["user", "set-password", "--name", admin.name, "--data", postern.data],
    { input: `${admin.password}\n` },
  );
  assert.equal(made.code, 0, made.errors);
  await postern.start();
  t.after(() => postern.stop());
  return postern;
}

/** An integration that is not asked for anything: switched off. */
export const quiet = (name, others = {}) => ({
  name,
  address: `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}@example.test`,
  enabled: false,
  incoming: {
    enabled: true,
    protocol: "imap",
    host: "imap.example.test",
    port: 993,
    security: "tls",
    auth: { method: "password", username: "somebody", password: "not-used-anywhere" },
  },
  ...others,
});
