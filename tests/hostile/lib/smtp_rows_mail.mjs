// MAIL, RCPT and DATA: refusals at each stage, and replies that do not fit.
import { cut, drip, last_reply, reply, silence, times } from "./smtp_peer.mjs";

const sync = { sync: true };
const patient = { world: "patient" };
const pipelining = { extensions: ["PIPELINING", "8BITMIME", "AUTH PLAIN"] };
/** Each recipient has its own reply, by the number in its name. */
const by_recipient =
  (replies) =>
  (talk, { rest }, well) => {
    const words = replies[Number(/to(\d)/.exec(rest)[1]) - 1];
    if (words.startsWith("250")) well();
    else talk.say(`${words}\r\n`);
  };
const three = { to: ["to1@example.test", "to2@example.test", "to3@example.test"] };

export const rows = [
  { name: "MAIL: unanswered", ...sync, on: { MAIL: silence } },
  { name: "MAIL: 451, then well", ...patient, on: { MAIL: times(1, reply("451 4.3.0 later")) } },
  { name: "MAIL: 451 for ever", on: { MAIL: reply("451 4.3.0 later") } },
  { name: "MAIL: 550", on: { MAIL: reply("550 5.7.1 not you") } },
  { name: "MAIL: 421", on: { MAIL: last_reply("421 4.3.2 closing") } },
  { name: "MAIL: 250 without a word", on: { MAIL: reply("250") } },
  { name: "MAIL: 354", on: { MAIL: reply("354 go on") } },
  { name: "MAIL: a code of two digits", on: { MAIL: reply("25 ok") } },
  { name: "MAIL: a code of four digits", on: { MAIL: reply("2500 ok") } },
  { name: "MAIL: 199", on: { MAIL: reply("199 what") } },
  { name: "MAIL: 699", on: { MAIL: reply("699 what") } },
  { name: "MAIL: no code", on: { MAIL: reply("fine with me") } },
  { name: "MAIL: cut", on: { MAIL: cut } },
  { name: "MAIL: two replies to one command", on: { MAIL: reply("250 Ok\r\n250 Ok") } },
  { name: "MAIL: a line of a megabyte", on: { MAIL: reply(`250 ${"x".repeat(1 << 20)}`) } },
  { name: "MAIL: one byte every two seconds", on: { MAIL: drip("250-slowly ") } },
  { name: "MAIL: lines without end", on: { MAIL: (talk) => talk.flood("250-more\r\n") } },
  { name: "RCPT: unanswered", ...sync, on: { RCPT: silence } },
  { name: "RCPT: 450, then well", ...patient, on: { RCPT: times(1, reply("450 4.2.0 greylisted")) } },
  { name: "RCPT: 550", on: { RCPT: reply("550 5.1.1 nobody") } },
  { name: "RCPT: 421", on: { RCPT: last_reply("421 4.3.2 closing") } },
  { name: "RCPT: cut", on: { RCPT: cut } },
  { name: "RCPT: 251", on: { RCPT: reply("251 forwarded") } },
  {
    name: "RCPT: mixed, 250 550 250",
    ...three,
    on: { RCPT: by_recipient(["250 Ok", "550 5.1.1 nobody", "250 Ok"]) },
  },
  {
    name: "RCPT: mixed, 250 450 550, the second well later",
    ...patient,
    ...three,
    on: {
      RCPT: (() => {
        const later = times(1, reply("450 4.2.0 later"));
        return (talk, command, well) => {
          if (/to3/.test(command.rest)) talk.say("550 5.1.1 nobody\r\n");
          else if (/to2/.test(command.rest)) later(talk, command, well);
          else well();
        };
      })(),
    },
  },
  {
    name: "RCPT: mixed and lined up, 250 550 450",
    ...three,
    ...pipelining,
    on: { RCPT: by_recipient(["250 Ok", "550 5.1.1 nobody", "450 4.2.0 later"]) },
  },
  {
    name: "RCPT: too few replies to what was lined up",
    ...three,
    ...pipelining,
    ...sync,
    on: { RCPT: times(1, () => {}) },
  },
  {
    name: "RCPT: too many replies to what was lined up",
    ...three,
    ...pipelining,
    on: { RCPT: reply("250 Ok\r\n250 Ok") },
  },
  {
    name: "RCPT: all replies at once, before they are due",
    ...three,
    on: { MAIL: reply("250 Ok\r\n250 Ok\r\n250 Ok\r\n250 Ok\r\n354 go on\r\n250 taken") },
  },
  { name: "DATA: unanswered", ...sync, on: { DATA: silence } },
  { name: "DATA: 451, then well", ...patient, on: { DATA: times(1, reply("451 4.3.0 later")) } },
  { name: "DATA: 554", on: { DATA: reply("554 5.6.0 no") } },
  { name: "DATA: 250 instead of 354", on: { DATA: reply("250 taken") } },
  { name: "DATA: 421", on: { DATA: last_reply("421 4.3.2 closing") } },
  { name: "DATA: cut", on: { DATA: cut } },
  {
    name: "DATA: 354 twice",
    on: {
      DATA: (talk, command, well, own) => {
        talk.say("354 go on\r\n354 go on\r\n");
        own.take_body(talk);
      },
    },
  },
  {
    name: "DATA: 354, and 250 before the mail",
    on: {
      DATA: (talk, command, well, own) => {
        talk.say("354 go on\r\n250 2.0.0 taken\r\n");
        own.take_body(talk);
      },
    },
  },
  { name: "DATA: one byte every two seconds", ...sync, on: { DATA: drip("354-slowly ") } },
];
