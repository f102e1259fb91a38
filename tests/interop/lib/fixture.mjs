// What most tests start from: Postern, a receiver with its target, an account with its
// integration. Ended when the test is; a secret in the log fails the test.
import assert from "node:assert/strict";

import { Postern } from "./postern.mjs";
import { Receiver } from "./receiver.mjs";

let accounts = 0;

/** A fresh account of the host's, never named before in this process. */
export function new_account(host, name = "support") {
  accounts += 1;
  return host.dovecot.add_account(`${name}${accounts}`, `secret-of-${name}-${accounts}`);
}

/** Postern alone; checks at the end that no secret given here is in its log. */
export async function with_postern(t, host, { secrets = [], ...options } = {}) {
  const postern = await Postern.start({ authority: host?.certificates.ca.certificate, ...options });
  t.after(async () => {
    await postern.stop();
    for (const secret of [postern.token, ...secrets]) {
      assert.ok(!postern.log().includes(secret), "a secret is in Postern's log");
    }
  });
  return postern;
}

/**
 * @param incoming others than host.incoming's fields, or false for none
 * @param outgoing the same for the outgoing side, off when absent
 */
export async function fixture(
  t,
  host,
  { incoming = {}, outgoing = false, target = {}, integration = {}, postern: options = {} } = {},
) {
  const account = new_account(host);
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  const postern = await with_postern(t, host, { secrets: [account.password], ...options });
  const made = { receiver, postern, account };
  made.target = await postern.add_target(receiver, target);
  made.add = () =>
    postern.api("POST", "/integrations", {
      name: "Support",
      address: account.address,
      ...(incoming ? { incoming: host.incoming(account, incoming) } : {}),
      ...(outgoing ? { outgoing: host.outgoing(account, outgoing) } : {}),
      ...integration,
    });
  return made;
}
