// A small, fast and honest IMAP server that keeps an exact account: each mail's bytes, when it was
// fetched, and when it was finalised (expunged). It outlives every death of Postern's.
import crypto from "node:crypto";
import net from "node:net";

const capabilities = "IMAP4rev1 IDLE UIDPLUS UNSELECT SASL-IR AUTH=PLAIN";

export const sha256 = (bytes) => crypto.createHash("sha256").update(bytes).digest("hex");

/** Whether `uid` is in a set like "3,7:9,12:*". */
function in_set(set, uid, highest) {
  return set.split(",").some((part) => {
    const [low, high = low] = part.split(":").map((end) => (end === "*" ? highest : Number(end)));
    return uid >= Math.min(low, high) && uid <= Math.max(low, high);
  });
}

class Mailbox {
  uid_validity = 1000;
  uid_next = 1;
  mails = []; // [{uid, bytes, sha256, name, flags: Set, finalised_at}]
}

export class ImapServer {
  /** Every mail ever put in: name → {user, name, uid, sha256, size, finalised_at}. */
  all = new Map();
  names = new Map(); // by sha256
  sessions = new Set();
  logins = 0;
  users_in = new Set(); // who has logged in
  fetches = 0;

  static async start(users) {
    const server = new ImapServer();
    server.mailboxes = new Map(users.map((user) => [user, new Mailbox()]));
    server.server = net.createServer((socket) => server.#serve(socket));
    await new Promise((resolve) => server.server.listen(0, "127.0.0.1", resolve));
    server.port = server.server.address().port;
    return server;
  }

  stop() {
    this.server.close();
    for (const session of this.sessions) session.socket.destroy();
  }

  /** Puts a mail in; who idles there is told. */
  put(user, name, bytes) {
    const box = this.mailboxes.get(user);
    const mail = { user, name, uid: box.uid_next++, bytes, flags: new Set(), size: bytes.length };
    mail.sha256 = sha256(bytes);
    box.mails.push(mail);
    this.all.set(name, mail);
    this.names.set(mail.sha256, name);
    for (const session of this.sessions) {
      if (session.idling && session.box === box) {
        session.told = box.mails.length;
        session.socket.write(`* ${box.mails.length} EXISTS\r\n`);
      }
    }
  }

  /** Mails that were not finalised yet. */
  waiting() {
    let count = 0;
    for (const box of this.mailboxes.values()) count += box.mails.length;
    return count;
  }

  #serve(socket) {
    const session = { socket, text: "", told: 0 };
    this.sessions.add(session);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => this.sessions.delete(session));
    socket.on("data", (bytes) => {
      session.text += bytes.toString("latin1");
      for (let end; (end = session.text.indexOf("\r\n")) >= 0;) {
        const line = session.text.slice(0, end);
        session.text = session.text.slice(end + 2);
        if (!socket.destroyed) this.#obey(session, line);
      }
    });
    socket.write(`* OK [CAPABILITY ${capabilities}] chaos\r\n`);
  }

  #obey(session, line) {
    const { socket } = session;
    if (session.idling) {
      const tag = session.idling;
      session.idling = undefined;
      socket.write(line === "DONE" ? `${tag} OK\r\n` : `${tag} BAD\r\n`);
      return;
    }
    const [, tag, rest] = /^(\S+) (.*)$/.exec(line) ?? [null, "*", ""];
    const word = /^(UID )?\S+/.exec(rest)?.[0].toUpperCase();
    const said = rest.slice(word?.length ?? 0).trim();
    const answer = commands[word];
    if (!answer) this.foul = line;
    if (answer) answer.call(this, session, tag, said);
    else socket.write(`${tag} BAD what?\r\n`);
  }

  news(session) {
    const count = session.box?.mails.length;
    if (session.box === undefined || count === session.told) return "";
    session.told = count;
    return `* ${count} EXISTS\r\n`;
  }

  expunge(session, set) {
    const { box } = session;
    let told = "";
    for (let at = 0; at < box.mails.length;) {
      const mail = box.mails[at];
      const chosen = set === undefined || in_set(set, mail.uid, box.uid_next - 1);
      if (!chosen || !mail.flags.has("\\Deleted")) {
        at++;
        continue;
      }
      box.mails.splice(at, 1);
      mail.finalised_at = Date.now();
      mail.bytes = undefined; // the account keeps its sha256
      told += `* ${at + 1} EXPUNGE\r\n`;
    }
    session.told = box.mails.length;
    return told;
  }
}

function open(read_only) {
  return function (session, tag) {
    const { box, socket } = session;
    session.told = box.mails.length;
    socket.write(
      `* ${box.mails.length} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen \\Deleted)\r\n` +
        `* OK [UIDVALIDITY ${box.uid_validity}] valid\r\n* OK [UIDNEXT ${box.uid_next}] next\r\n` +
        `${tag} OK [READ-${read_only ? "ONLY" : "WRITE"}] open\r\n`,
    );
  };
}

function log_in(user, session, tag, server) {
  if (!server.mailboxes.has(user)) server.mailboxes.set(user, new Mailbox());
  session.box = server.mailboxes.get(user);
  server.logins++;
  server.users_in.add(user);
  session.socket.write(`${tag} OK [CAPABILITY ${capabilities}] in\r\n`);
}

const done = (session, tag, server) =>
  session.socket.write(`${server.news(session)}${tag} OK done\r\n`);

const commands = {
  CAPABILITY(session, tag) {
    session.socket.write(`* CAPABILITY ${capabilities}\r\n${tag} OK\r\n`);
  },
  LOGIN(session, tag, said) {
    log_in(said.split(" ")[0].replaceAll('"', ""), session, tag, this);
  },
  AUTHENTICATE(session, tag, said) {
    const response = Buffer.from(said.split(" ")[1] ?? "", "base64").toString();
    log_in(response.split("\0")[1], session, tag, this);
  },
  LIST(session, tag) {
    session.socket.write(`* LIST () "/" INBOX\r\n${tag} OK\r\n`);
  },
  EXAMINE: open(true),
  SELECT: open(false),
  UNSELECT(session, tag) {
    session.socket.write(`${tag} OK\r\n`);
  },
  NOOP(session, tag) {
    done(session, tag, this);
  },
  STATUS(session, tag) {
    const { box, socket } = session;
    socket.write(
      `* STATUS INBOX (MESSAGES ${box.mails.length} UIDNEXT ${box.uid_next} ` +
        `UIDVALIDITY ${box.uid_validity} UNSEEN 0)\r\n${tag} OK\r\n`,
    );
  },
  IDLE(session, tag) {
    session.idling = tag;
    session.socket.write(`+ idling\r\n${this.news(session)}`);
  },
  LOGOUT(session, tag) {
    session.socket.end(`* BYE bye\r\n${tag} OK\r\n`);
  },
  "UID SEARCH"(session, tag, said) {
    const { box, socket } = session;
    const set = /UID (\S+)/.exec(said)?.[1];
    const found = box.mails
      .map((mail) => mail.uid)
      .filter((uid) => !set || in_set(set, uid, box.uid_next - 1));
    socket.write(`* SEARCH${found.map((uid) => ` ${uid}`).join("")}\r\n`);
    done(session, tag, this);
  },
  "UID FETCH"(session, tag, said) {
    const { box, socket } = session;
    const set = said.split(" ")[0];
    const whole = said.includes("BODY.PEEK[]");
    const pieces = [];
    const highest = box.mails.at(-1)?.uid ?? 0;
    box.mails.forEach((mail, at) => {
      if (!in_set(set, mail.uid, highest)) return;
      const flags = [...mail.flags].join(" ");
      let head = `* ${at + 1} FETCH (UID ${mail.uid} INTERNALDATE "02-Feb-2026 10:00:00 +0000"`;
      head += ` RFC822.SIZE ${mail.size} FLAGS (${flags})`;
      if (whole) {
        mail.fetched = (mail.fetched ?? 0) + 1;
        this.fetches++;
        head += ` BODY[] {${mail.size}}\r\n`;
        pieces.push(Buffer.from(head), mail.bytes);
      } else if (said.includes("HEADER.FIELDS")) {
        const fields = mail.bytes.subarray(0, mail.bytes.indexOf("\r\n\r\n") + 4);
        const names = /HEADER\.FIELDS \([^)]*\)/.exec(said)[0];
        pieces.push(Buffer.from(`${head} BODY[${names}] {${fields.length}}\r\n`), fields);
      } else {
        pieces.push(Buffer.from(head));
      }
      pieces.push(Buffer.from(")\r\n"));
    });
    socket.write(Buffer.concat(pieces));
    done(session, tag, this);
  },
  "UID STORE"(session, tag, said) {
    const [, set, act, words] = /^(\S+) ([+-]?)FLAGS(?:\.SILENT)? \(?([^)]*)/i.exec(said);
    let told = "";
    session.box.mails.forEach((mail, at) => {
      if (!in_set(set, mail.uid, session.box.uid_next - 1)) return;
      for (const flag of words.split(" ")) {
        if (act === "-") mail.flags.delete(flag);
        else mail.flags.add(flag);
      }
      told += `* ${at + 1} FETCH (UID ${mail.uid} FLAGS (${[...mail.flags].join(" ")}))\r\n`;
    });
    session.socket.write(`${told}${tag} OK\r\n`);
  },
  "UID EXPUNGE"(session, tag, said) {
    session.socket.write(`${this.expunge(session, said)}${tag} OK\r\n`);
  },
  EXPUNGE(session, tag) {
    session.socket.write(`${this.expunge(session)}${tag} OK\r\n`);
  },
};
