// A line between Postern and a server that keeps what passes, as it passes.
import net from "node:net";

/**
 * A line in between that keeps all that passes, as it passes.
 *
 * @param told is given what the server says before it passes, and may cut() the line instead
 */
export async function tap(t, port, { told = () => {} } = {}) {
  const heard = { sent: [], told: [] };
  const server = net.createServer((near) => {
    const far = net.connect(port, "127.0.0.1");
    near.on("data", (bytes) => heard.sent.push(bytes));
    far.on("data", (bytes) => {
      heard.told.push(bytes);
      told(bytes, () => [near, far].forEach((each) => each.destroy()));
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return {
    port: server.address().port,
    sent: () => Buffer.concat(heard.sent).toString("latin1"),
    told: () => Buffer.concat(heard.told).toString("latin1"),
  };
}
