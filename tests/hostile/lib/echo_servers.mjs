// Mail servers that say back what they were told to log in with, one place of the dialogue each:
// the password or token as it came, in base 64 and as the whole of the login's message; behind it
// what earlier connections logged in with, such as a token that was refreshed since.
import { imap_server, Mailbox, mail_about } from "./imap_peer.mjs";
import { Maildrop, pop3_server } from "./pop3_peer.mjs";
import { smtp_server } from "./smtp_peer.mjs";

const base64 = (text) => Buffer.from(text).toString("base64");

/** What one server was told: on a connection, or else on the latest. */
export class Echo {
  said = 0; // how often it gave it back
  all = new Set(); // the secrets of every login
  said_earlier = 0; // how often one of another login

  /** `message`: of the login, in base 64. */
  learn(talk, message) {
    const text = Buffer.from(message, "base64").toString();
    const secret = /auth=Bearer ([^\x01]+)/.exec(text)?.[1] ?? text.split("\0")[2]; // eslint-disable-line no-control-regex
    if (!secret) return;
    talk.login_heard = { secret, message };
    this.latest = talk.login_heard;
    this.all.add(secret);
  }

  words(talk) {
    const { secret, message } = talk.login_heard ?? this.latest;
    const earlier = [...this.all].filter((each) => each !== secret);
    this.said += 1;
    this.said_earlier += earlier.length;
    return `heard ${[secret, base64(secret), message, `"${secret}"`, ...earlier].join(" ")}`;
  }

  /** As one word. */
  word(talk) {
    if (!talk.login_heard) return "HEARD=nothing";
    this.said += 1;
    return `HEARD=${talk.login_heard.secret}`;
  }

  /** Like what Google and Microsoft put into a challenge. */
  challenge(talk) {
    return base64(JSON.stringify({ status: "401", schemes: "bearer", scope: this.words(talk) }));
  }
}

/** The row's own answer to the login, after the message of it was learned. */
const learning = (echo, badly) => (talk, command, well, own) => {
  const [, message] = command.rest.split(" ");
  const answer = () => (badly ? badly(talk, command, well, own) : well());
  if (message) {
    echo.learn(talk, message);
    answer();
    return;
  }
  talk.next_line = (line) => {
    echo.learn(talk, line);
    // Asked for in a line of its own: the good answer would ask again.
    if (badly) badly(talk, command, well, own);
    else own.in(talk, command);
  };
  talk.say(own.prompt);
};

/** The login is cut the first time, so that the next connection is greeted by what was heard. */
const then_cut = (talk) => talk.cut();

const imap_places = (echo) => {
  const no =
    (code = "") =>
    (talk, { tag }) =>
      talk.say(`${tag} NO ${code}${echo.words(talk)}\r\n`);
  return {
    greeting: {
      greeting: (talk) => talk.hang_up(`* BYE ${echo.words(talk)}\r\n`),
      login: then_cut,
    },
    "refused login": { login: no("[AUTHENTICATIONFAILED] ") },
    "challenge of a login": {
      login: (talk, { tag }) => {
        talk.next_line = () => talk.say(`${tag} NO ${echo.words(talk)}\r\n`);
        talk.say(`+ ${echo.challenge(talk)}\r\n`);
      },
    },
    "alert before the login's end": {
      login: (talk, { tag }) =>
        talk.say(`* OK [ALERT] ${echo.words(talk)}\r\n${tag} OK ${echo.words(talk)}\r\n`),
    },
    "BYE in the login": { login: (talk) => talk.hang_up(`* BYE ${echo.words(talk)}\r\n`) },
    "line that is no IMAP": { login: (talk) => talk.say(`${echo.words(talk)}\r\n`) },
    "greeting that lets in": {
      greeting: (talk) => talk.say(`* OK ${echo.words(talk)}\r\n`),
    },
    "list of capabilities": {
      capabilities: (talk) => `IMAP4rev1 SASL-IR ID AUTH=PLAIN AUTH=XOAUTH2 ${echo.word(talk)}`,
    },
    ID: {
      on: {
        ID: (talk, { tag }) =>
          talk.say(`* ID ("name" "${echo.word(talk)}")\r\n${tag} OK ${echo.words(talk)}\r\n`),
      },
    },
    "refused EXAMINE": { on: { EXAMINE: no() } },
    "answer to EXAMINE": {
      on: { EXAMINE: (talk, command, well) => [talk.say(`* NO ${echo.words(talk)}\r\n`), well()] },
    },
    "refused FETCH": { on: { "UID FETCH": no() } },
    "FETCH that is none": { on: { "UID FETCH": (talk) => talk.say(`${echo.words(talk)}\r\n`) } },
    "refused IDLE": { on: { IDLE: no() }, unseen: true },
    "BYE in IDLE": {
      on: { IDLE: (talk) => talk.hang_up(`+ idling\r\n* BYE ${echo.words(talk)}\r\n`) },
    },
    "refused STORE": { on: { "UID STORE": no() }, settings: { after_fetch: { action: "seen" } } },
  };
};

const smtp_places = (echo) => {
  const says = (code) => (talk) => talk.say(`${code} ${echo.words(talk)}\r\n`);
  return {
    greeting: { greeting: (talk) => talk.hang_up(`554 ${echo.words(talk)}\r\n`), login: then_cut },
    "list of extensions": {
      extensions: (talk) => ["AUTH PLAIN XOAUTH2", echo.word(talk), "SIZE 9999"],
      login: says("454 4.7.0"),
    },
    "refused login": { login: says("535 5.7.8") },
    "login for later": { login: says("454 4.7.0") },
    "challenge of a login": {
      login: (talk) => {
        talk.next_line = () => talk.say(`535 5.7.8 ${echo.words(talk)}\r\n`);
        talk.say(`334 ${echo.challenge(talk)}\r\n`);
      },
    },
    "login in many lines": {
      login: (talk) =>
        talk.say(
          `535-5.7.8 no\r\n535-5.7.8 ${echo.words(talk)}\r\n535 5.7.8 ${echo.words(talk)}\r\n`,
        ),
    },
    "refused sender": { on: { MAIL: says("550 5.7.1") } },
    "sender for later": { on: { MAIL: says("451 4.3.0") } },
    "refused recipient": { on: { RCPT: says("550 5.1.1") } },
    "recipient for later": {
      on: {
        RCPT: (talk, { rest }, well) => (/to2/.test(rest) ? says("450 4.2.0")(talk) : well()),
      },
    },
    "refused DATA": { on: { DATA: says("554 5.6.0") } },
    "refused mail": { on: { end: says("554 5.7.1") } },
    "mail for later": { on: { end: says("451 4.3.0") } },
    "taken mail": { on: { end: says("250 2.0.0") } },
    "421 after the mail": {
      on: { end: (talk) => talk.hang_up(`421 4.3.2 ${echo.words(talk)}\r\n`) },
    },
    "line that is no SMTP": { on: { MAIL: (talk) => talk.say(`${echo.words(talk)}\r\n`) } },
  };
};

const pop3_places = (echo) => {
  const err =
    (code = "") =>
    (talk) =>
      talk.say(`-ERR ${code}${echo.words(talk)}\r\n`);
  return {
    greeting: { greeting: (talk) => talk.hang_up(`-ERR ${echo.words(talk)}\r\n`), login: then_cut },
    "greeting that lets in": { greeting: (talk) => talk.say(`+OK ${echo.words(talk)}\r\n`) },
    "refused login": { login: err("[AUTH] ") },
    "login for later": { login: err("[SYS/TEMP] ") },
    "challenge of a login": {
      login: (talk) => {
        talk.next_line = () => talk.say(`-ERR ${echo.words(talk)}\r\n`);
        talk.say(`+ ${echo.challenge(talk)}\r\n`);
      },
    },
    "list of capabilities": {
      capabilities: (talk) => ["SASL PLAIN XOAUTH2", "UIDL", echo.word(talk)],
      on: { STAT: err() },
    },
    "refused STAT": { on: { STAT: err() } },
    "STAT that is none": { on: { STAT: (talk) => talk.say(`+OK ${echo.words(talk)}\r\n`) } },
    "UIDL in trouble": { on: { UIDL: err("[SYS/TEMP] ") } },
    "list that is none": {
      on: { LIST: (talk) => talk.say(`+OK\r\n${echo.words(talk)}\r\n.\r\n`) },
    },
    "refused RETR": { on: { RETR: err() } },
    "refused DELE": { on: { DELE: err() }, settings: { after_fetch: { action: "delete" } } },
    "refused QUIT": {
      on: { QUIT: (talk) => talk.hang_up(`-ERR ${echo.words(talk)}\r\n`) },
      settings: { after_fetch: { action: "delete" } },
    },
  };
};

const protocols = {
  imap: {
    places: imap_places,
    verb: "AUTHENTICATE",
    login_line: { prompt: "+ \r\n", in: (talk, { tag }) => talk.say(`${tag} OK in\r\n`) },
    greeting: "* OK ready\r\n",
    defaults: { capabilities: "IMAP4rev1 SASL-IR IDLE ID UIDPLUS AUTH=PLAIN AUTH=XOAUTH2" },
    server: (row) => imap_server(row, new Mailbox({ mails: [mail_about(`echo ${row.id}`)] })),
  },
  pop3: {
    places: pop3_places,
    verb: "AUTH",
    login_line: { prompt: "+ \r\n", in: (talk) => talk.say("+OK in\r\n") },
    greeting: "+OK ready\r\n",
    defaults: { capabilities: ["TOP", "UIDL", "SASL PLAIN XOAUTH2"] },
    server: (row) => pop3_server(row, new Maildrop({ mails: [mail_about(`echo ${row.id}`)] })),
  },
  smtp: {
    places: smtp_places,
    verb: "AUTH",
    login_line: { prompt: "334 \r\n", in: (talk) => talk.say("235 2.7.0 in\r\n") },
    greeting: "220 hostile.test ESMTP\r\n",
    defaults: { extensions: ["AUTH PLAIN XOAUTH2", "8BITMIME"] },
    server: (row) => smtp_server(row, { taken: 0, bodies: [], recipients: {} }),
  },
};

/** Every place of `protocol`: [{name, echo, settings, serve, unseen}]; `unseen`: in nothing that is kept. */
export function echo_rows(protocol, what) {
  const { places, verb, login_line, greeting, defaults, server } = protocols[protocol];
  return Object.keys(places(new Echo())).map((place, n) => {
    const echo = new Echo();
    const { login, greeting: greets, settings, unseen, ...row } = places(echo)[place];
    const learned = learning(echo, login);
    const on = {
      ...row.on,
      [verb]: (talk, command, well, own) => {
        learned(talk, command, well, { ...own, ...login_line });
      },
    };
    const serve = server({
      ...defaults,
      ...row,
      on,
      id: `${protocol}-${what}-${n + 1}`,
      greeting: (talk) => (greets && echo.latest ? greets(talk) : talk.say(greeting)),
    });
    return { name: `${protocol}'s ${place}, ${what}`, echo, settings, unseen, serve, protocol };
  });
}
