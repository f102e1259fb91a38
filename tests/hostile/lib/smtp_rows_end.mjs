// The body and its end: what is not known to be taken is never told as sent.
import { cut, drip, last_reply, reply, silence, times } from "./smtp_peer.mjs";

const sync = { sync: true };
const patient = { world: "patient" };
const lines = (count) => ({ text: "A line of a large mail, and another one.\r\n".repeat(count) });
const large = lines(100000);
// More than two kernels keep for a reader who is slow (tcp_wmem and tcp_rmem: 4 and 6 MB), so that
// the end of the mail is never said before the server's word is heard.
const larger = { ...lines(300000), extensions: ["SIZE 104857600", "8BITMIME", "AUTH PLAIN LOGIN"] };
const report = { outgoing: { on_unknown: "report" } };

export const rows = [
  {
    name: "body: cut in the middle",
    ...larger,
    on: {
      DATA: (talk) => {
        talk.say("354 go on\r\n");
        talk.on_bytes = () => talk.cut();
      },
    },
  },
  {
    name: "body: 552 in the middle",
    ...large,
    on: {
      DATA: (talk) => {
        talk.say("354 go on\r\n");
        talk.on_bytes = () => {
          talk.on_bytes = () => {};
          talk.hang_up("552 5.3.4 too much\r\n");
        };
      },
    },
  },
  {
    name: "body: 250 in the middle, then cut",
    ...larger,
    on: {
      DATA: (talk) => {
        talk.say("354 go on\r\n");
        talk.on_bytes = () => {
          talk.on_bytes = () => {};
          talk.hang_up("250 2.0.0 taken\r\n");
        };
      },
    },
  },
  {
    name: "body: not read",
    ...larger,
    ...sync,
    on: {
      DATA: (talk) => {
        talk.say("354 go on\r\n");
        talk.socket.pause();
      },
    },
  },
  { name: "end: silence, in a call", ...sync, on: { end: silence } },
  { name: "end: silence, in a call, to be reported", ...sync, ...report, on: { end: silence } },
  { name: "end: cut", on: { end: cut } },
  { name: "end: cut, to be reported", ...report, on: { end: cut } },
  { name: "end: reset", on: { end: (talk) => talk.reset() } },
  { name: "end: one byte every two seconds", ...sync, on: { end: drip("250-slowly ") } },
  { name: "end: half a 250, then cut", on: { end: (talk) => talk.hang_up("250 2.0.0 O") } },
  { name: "end: 25, then cut", on: { end: (talk) => talk.hang_up("25") } },
  {
    name: "end: 250- and no more, then cut",
    on: { end: (talk) => talk.hang_up("250-2.0.0 nearly\r\n") },
  },
  { name: "end: 451, then well", ...patient, on: { end: times(1, reply("451 4.3.0 later")) } },
  { name: "end: 451 for ever", on: { end: reply("451 4.3.0 later") } },
  { name: "end: 554", on: { end: reply("554 5.7.1 spam") } },
  { name: "end: 421", on: { end: last_reply("421 4.3.2 closing") } },
  { name: "end: 354", on: { end: reply("354 go on") } },
  { name: "end: words that are no reply", on: { end: reply("thank you very much") } },
  { name: "end: a line of a megabyte", on: { end: reply(`250 ${"x".repeat(1 << 20)}`) } },
  { name: "end: lines without end", on: { end: (talk) => talk.flood("250-more\r\n") } },
  {
    name: "end: codes that change from line to line",
    on: { end: reply("250-taken\r\n550 not taken") },
  },
  {
    name: "end: 250 and 550",
    on: {
      end: (talk, command, well) => {
        well();
        talk.say("550 5.7.1 not at all\r\n");
      },
    },
  },
  {
    name: "end: 250, then cut",
    on: {
      end: (talk, command, well) => {
        well();
        talk.hang_up();
      },
    },
  },
  {
    name: "end: 250 with words to forge a log",
    on: {
      end: (talk, command, well) => {
        talk.say("250-\x1b[2Jforged\x07\r\n");
        well();
      },
    },
  },
  { name: "QUIT: unanswered", on: { QUIT: silence } },
  {
    name: "BDAT: offered and unknown",
    ...large,
    extensions: ["CHUNKING", "8BITMIME", "AUTH PLAIN"],
  },
  { name: "well, beside them all" },
];
