// A small HTTP server that behaves as the public documents of osTicket, Redmine, Zammad and Rails'
// Action Mailbox relay say, with their refusals; and a plain one for raw targets. It keeps what it
// took. `fault` makes it sick: a function of a request giving {status, headers, body} or nothing.
import http from "node:http";

const body_of = async (request) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
};

const header_in = (mail, name) =>
  new RegExp(`^${name}: *(.*?)\\r?$`, "im").exec(mail.toString("latin1").split(/\r?\n\r?\n/)[0])?.[1];

const json = (status, object) => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(object),
});

const basic = (user, password) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

/** osTicket: the key first, then the mail; a Message-ID that is known gets its ticket again. */
function osticket(desk, request, body) {
  if (!/^\/api\/(http\.php\/)?tickets\.email$/.test(request.url)) return { status: 404 };
  if (request.headers["x-api-key"] !== desk.key) {
    return { status: 401, body: "Valid API key required" };
  }
  if (!header_in(body, "From")) return { status: 400, body: "Unable to parse request body" };
  if (/banned@/.test(header_in(body, "From"))) return { status: 403, body: "Ticket denied" };
  const id = header_in(body, "Message-ID");
  const known = desk.tickets.find((ticket) => ticket.message_id === id);
  if (known) return { status: 201, body: known.number };
  const number = String(100000 + desk.tickets.length);
  desk.tickets.push({ number, message_id: id, mail: body });
  return { status: 201, body: number };
}

/** Redmine's mail_handler: 403 for the key, 422 for what it will not take. */
function redmine(desk, request, body) {
  if (request.url !== "/mail_handler") return { status: 404 };
  const form = new Map(
    body
      .toString("latin1")
      .split("&")
      .map((pair) => {
        const [name, value = ""] = pair.split("=").map((text) => text.replace(/\+/g, " "));
        const bytes = value.replace(/%([0-9A-F]{2})/gi, (_, hex) =>
          String.fromCharCode(parseInt(hex, 16)),
        );
        return [decodeURIComponent(name), Buffer.from(bytes, "latin1")];
      }),
  );
  if (String(form.get("key")) !== desk.key) return { status: 403, body: "Access denied" };
  const mail = form.get("email");
  const anonymous = !header_in(mail, "From") || /stranger@/.test(header_in(mail, "From"));
  if (anonymous && String(form.get("unknown_user") ?? "") !== "accept") return { status: 422 };
  if (!header_in(mail, "From")) return { status: 422 };
  desk.tickets.push({ mail, project: String(form.get("issue[project]") ?? "") });
  return { status: 201 };
}

/** Zammad's REST interface: tickets, and articles of known ones. */
function zammad(desk, request, body) {
  if (request.headers.authorization !== `Token token=${desk.key}`) {
    return json(401, { error: "Invalid token!" });
  }
  if (request.method === "GET" && request.url === "/api/v1/users/me") return json(200, { id: 3 });
  if (request.method === "GET") return zammad_question(desk, new URL(request.url, desk.url));
  const given = JSON.parse(body);
  if (request.url === "/api/v1/tickets") {
    if (given.group !== "Users") {
      return json(422, { error: `No lookup value found for 'group': "${given.group}"` });
    }
    if (!/^guess:.+@/.test(given.customer)) return json(422, { error: "No customer" });
    const id = desk.tickets.length + 1;
    desk.tickets.push({ id, title: given.title, articles: [given.article], given });
    return json(201, { id, number: `3100${id}` });
  }
  if (request.url === "/api/v1/ticket_articles") {
    const ticket = desk.tickets.find((each) => String(each.id) === given.ticket_id && !each.gone);
    if (!ticket) return json(404, { error: "Couldn't find Ticket" });
    ticket.articles.push(given);
    return json(201, { id: 99, ticket_id: ticket.id });
  }
  return json(404, { error: "No route" });
}

/** Tickets by a condition on their articles; a ticket's articles. */
function zammad_question(desk, { pathname, searchParams }) {
  if (pathname === "/api/v1/tickets/search") {
    const wanted = searchParams.get("condition[article.message_id][value]");
    if (searchParams.get("condition[article.message_id][operator]") !== "contains" || !wanted) {
      return json(422, { error: "Invalid condition" });
    }
    const found = desk.tickets.filter(({ articles }) =>
      articles.some(({ message_id }) => String(message_id ?? "").includes(wanted)),
    );
    return json(200, { tickets: found.map(({ id }) => id), tickets_count: found.length, assets: {} });
  }
  const about = pathname.match(/^\/api\/v1\/ticket_articles\/by_ticket\/(\d+)$/);
  const ticket = about && desk.tickets.find(({ id, gone }) => String(id) === about[1] && !gone);
  return ticket ? json(200, ticket.articles) : json(404, { error: "Couldn't find Ticket" });
}

/** ActionMailbox::Ingresses::Relay: the password, the media type, then the mail. */
function rails_relay(desk, request, body) {
  if (request.url !== "/rails/action_mailbox/relay/inbound_emails") return { status: 404 };
  if (request.headers.authorization !== basic("actionmailbox", desk.key)) return { status: 401 };
  if (request.headers["content-type"] !== "message/rfc822") return { status: 415 };
  desk.tickets.push({ mail: body });
  return { status: 204 };
}

function raw(desk, request, body) {
  desk.tickets.push({ mail: body, headers: request.headers });
  return { status: 202 };
}

const products = { osticket, redmine, zammad, rails_relay, raw };

export class Helpdesk {
  tickets = [];
  requests = 0;
  answers_lost = 0; // of the next mails that are taken: the line breaks before the answer
  fault = () => undefined;

  /** @param type of the target that it is for */
  static async start(type, key = `key-of-${type}`) {
    const desk = new Helpdesk();
    desk.key = key;
    desk.server = http.createServer(async (request, response) => {
      let body;
      try {
        body = await body_of(request);
      } catch {
        return; // the sender went away
      }
      desk.requests += 1;
      const fault = await desk.fault(request, body);
      const { status, headers = {}, body: said } = fault ?? products[type](desk, request, body);
      if (status === 201 && desk.answers_lost > 0) {
        desk.answers_lost -= 1;
        request.socket.destroy();
        return;
      }
      response.writeHead(status, headers);
      response.end(said);
    });
    await new Promise((resolve) => desk.server.listen(0, "127.0.0.1", resolve));
    desk.url = `http://127.0.0.1:${desk.server.address().port}`;
    return desk;
  }

  async stop() {
    this.server.closeAllConnections?.();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
