// One mail to the submission listener over TLS, byte for byte as given: the last reply.
import fs from "node:fs";
import tls from "node:tls";

import { until } from "../../interop/lib/until.mjs";

/** Says `mail` between DATA and CRLF.CRLF, without stuffing a dot. */
export async function submit({ port, authority, login, password, from, to, mail }) {
  const socket = tls.connect({ port, host: "localhost", ca: fs.readFileSync(authority) });
  let text = "";
  let ended = false;
  socket.on("data", (bytes) => (text += bytes.toString("latin1")));
  socket.on("close", () => (ended = true));
  socket.on("error", () => (ended = true));
  const reply = () =>
    until("a reply", () => {
      const found = /^\d{3}(?: .*)?\r\n/m.exec(text);
      if (!found) return ended && "closed";
      text = text.slice(found.index + found[0].length);
      return found[0].trimEnd();
    });
  const say = (line) => {
    socket.write(line);
    return reply();
  };
  await reply();
  await say("EHLO client.test\r\n");
  await say(`AUTH PLAIN ${Buffer.from(`\0${login}\0${password}`).toString("base64")}\r\n`);
  await say(`MAIL FROM:<${from}>\r\n`);
  await say(`RCPT TO:<${to}>\r\n`);
  const answer = await say("DATA\r\n");
  const last = answer.startsWith("354") ? await say(`${mail}\r\n.\r\n`) : answer;
  socket.destroy();
  return last;
}
