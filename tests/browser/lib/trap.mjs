// What hostile words point at: a web server that notes every request, and a mail server whose
// every line is markup.
import http from "node:http";
import net from "node:net";

const listening = (server) =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));

export class Trap {
  requests = [];

  static async start() {
    const trap = new Trap();
    trap.web = http.createServer((request, response) => {
      trap.requests.push(request.url);
      response.end("");
    });
    trap.url = `http://127.0.0.1:${await listening(trap.web)}`;
    trap.sockets = new Set();
    trap.lines = net.createServer((socket) => {
      trap.sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => trap.sockets.delete(socket));
      socket.write(`* BYE <img src="${trap.url}/greeting" onerror=alert(1)> \u001b[31m\u0007\r\n`);
      socket.end();
    });
    trap.line_port = await listening(trap.lines);
    return trap;
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    this.web.closeAllConnections();
    await Promise.all([this.web, this.lines].map((each) => new Promise((done) => each.close(done))));
  }
}
