// Mail servers that do not behave: the other side of the fault tests. Each gives {port, stop(),
// connections, said}: how many connections there were, and what clients said on them (under TLS:
// deciphered).
import fs from "node:fs";
import net from "node:net";
import tls from "node:tls";

import { free_port } from "./files.mjs";

async function listen(server, serve) {
  const port = await free_port();
  const peer = { port, connections: 0, said: "" };
  const sockets = new Set();
  server.on("connection", (socket) => {
    peer.connections++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", () => {});
  server.on(server instanceof tls.Server ? "secureConnection" : "connection", (socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => (peer.said += bytes.toString("latin1")));
    serve(socket);
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  peer.stop = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return peer;
}

const plain = (serve) => listen(net.createServer(), serve);

/** Accepts, and never says a word. */
export const silent_peer = () => plain(() => {});

/** Accepts, says `first` (or nothing), and closes the line. */
export const cutting_peer = (first = "") => plain((socket) => socket.end(first));

/** Says `first` without TLS: what a plain port does when TLS is spoken to it. */
export const plain_peer = (first) =>
  plain((socket) => {
    socket.write(first);
  });

/** Speaks TLS at once with the given certificate, then says `first`. */
export const tls_peer = (certificate, first) =>
  listen(
    tls.createServer({
      key: fs.readFileSync(certificate.key),
      cert: fs.readFileSync(certificate.certificate),
    }),
    (socket) => {
      socket.write(first);
    },
  );

/**
 * Speaks the lines of a script: a string is said, a RegExp is the next line it waits for. A peer
 * at its script's end stays silent; "CUT" closes the line.
 */
export const scripted_peer = (script) =>
  plain((socket) => {
    let at = 0;
    let text = "";
    const go_on = () => {
      while (at < script.length) {
        const step = script[at];
        if (step === "CUT") {
          socket.destroy();
          return;
        }
        if (typeof step === "string") {
          socket.write(step);
          at++;
          continue;
        }
        const end = text.indexOf("\r\n");
        if (end < 0) return;
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        if (step.test(line)) at++;
      }
    };
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      go_on();
    });
    go_on();
  });

/**
 * Says `greeting`, then what `answer(line, memory)` gives for each line it hears: text, nothing, or
 * "CUT" to close the line. `memory` is an object of the connection's own; `at` in the peer tells
 * when each connection came.
 */
export const talking_peer = async (greeting, answer) => {
  const at = [];
  const peer = await plain((socket) => {
    at.push(Date.now());
    const memory = {};
    let text = "";
    socket.write(greeting);
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      for (let end; (end = text.indexOf("\r\n")) >= 0;) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        const said = answer(line, memory);
        if (said === "CUT") socket.destroy();
        else if (said) socket.write(said);
      }
    });
  });
  peer.at = at;
  return peer;
};
