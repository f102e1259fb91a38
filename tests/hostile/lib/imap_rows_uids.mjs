// UIDs and bodies that are not what they were.
import { fetched, selected } from "./imap_peer.mjs";

const uid_max = 4294967295;
/** Ends each connection but the last behind the fetches, so that there is another look. */
const ended_after_fetch = (times) => ({
  IDLE: (talk, command, well) => (talk.number <= times ? talk.cut() : well()),
});

/** Each answer tells 5,000 UIDs that were never told before, none beside another. */
const ever_more_gaps = () => {
  let next = uid_max - 1;
  return (talk, { tag }) => {
    const uids = Array.from({ length: 5000 }, () => (next -= 4));
    talk.say(`* SEARCH ${uids.reverse().join(" ")}\r\n${tag} OK done\r\n`);
  };
};

export const rows = [
  { name: "UIDs: unordered", mailbox: { uids: [30, 10, 20] } },
  { name: "UIDs: the same for two mails", mailbox: { uids: [5, 5, 6] } },
  {
    name: "UIDs: the same mail told three times",
    tell_mail: (talk, mail, well) => {
      well();
      well();
      well();
    },
  },
  {
    name: "UIDs: the same UID with another body in one answer",
    tell_mail: (talk, mail, well, own) => {
      well();
      talk.say(fetched(own.mailbox, mail).replace("Hello.", "Hallo."));
    },
  },
  { name: "UIDs: 0", mailbox: { uids: [0, 1, 2] } },
  { name: "UIDs: 2^32-1", mailbox: { uids: [1, uid_max - 1, uid_max] } },
  { name: "UIDs: 2^32-1 alone", mail_count: 1, mailbox: { uids: [uid_max] } },
  {
    name: "UIDs: 2^32",
    tell_mail: (talk, mail, well) =>
      mail.uid === 2 ? talk.say("* 2 FETCH (UID 4294967296 BODY[] {2}\r\nhi)\r\n") : well(),
  },
  {
    name: "UIDs: negative",
    tell_mail: (talk, mail, well) =>
      mail.uid === 2 ? talk.say("* 2 FETCH (UID -2 BODY[] {2}\r\nhi)\r\n") : well(),
  },
  { name: "UIDs: above UIDNEXT", mailbox: { uids: [1, 2, 900], uid_next: 3 } },
  {
    name: "UIDs: none told",
    tell_mail: (talk, mail, well, own) =>
      talk.say(fetched(own.mailbox, mail).replace(/UID \d+ /, "")),
  },
  {
    name: "UIDs: others than those asked for",
    tell_mail: (talk, mail, well, own) =>
      talk.say(fetched(own.mailbox, mail).replace(/UID (\d+)/, "UID 77$1")),
  },
  {
    name: "UIDs: SEARCH tells others",
    on: {
      "UID SEARCH": (talk, { tag }) =>
        talk.say(`* SEARCH 1 2 3 70000 4294967295\r\n${tag} OK done\r\n`),
    },
  },
  {
    name: "UIDs: SEARCH tells words",
    on: {
      "UID SEARCH": (talk, { tag }) =>
        talk.say(`* SEARCH one two -3 99999999999\r\n${tag} OK done\r\n`),
    },
  },
  {
    name: "UIDs: SEARCH without end",
    on: {
      "UID SEARCH": (talk) => {
        talk.say("* SEARCH");
        talk.flood(" 1");
      },
    },
  },
  {
    name: "UIDs: SEARCH tells ever more gaps",
    on: {
      "UID SEARCH": ever_more_gaps(),
      EXAMINE: (talk, { tag }, well, own) =>
        talk.say(`${selected(own.mailbox, { exists: uid_max })}${tag} OK done\r\n`),
    },
  },
  {
    name: "UIDs: renumbered, the same UIDVALIDITY",
    on: {
      ...ended_after_fetch(1),
      EXAMINE: (talk, command, well, own) => {
        if (talk.number > 1) own.mailbox.mails.forEach((mail, n) => (mail.uid = 101 + n));
        well();
      },
    },
  },
  {
    name: "UIDs: another UIDVALIDITY each time",
    on: {
      ...ended_after_fetch(2),
      EXAMINE: (talk, command, well, own) => {
        own.mailbox.uid_validity = 1000 + talk.number;
        well();
      },
    },
  },
  {
    name: "UIDs: UIDVALIDITY smaller than it was",
    on: {
      ...ended_after_fetch(1),
      EXAMINE: (talk, command, well, own) => {
        if (talk.number > 1) own.mailbox.uid_validity = 5;
        well();
      },
    },
  },
  {
    name: "UIDs: UIDNEXT goes back",
    on: {
      ...ended_after_fetch(1),
      EXAMINE: (talk, command, well, own) => {
        if (talk.number > 1) own.mailbox.uid_next_told = 1;
        well();
      },
    },
  },
  {
    name: "UIDs: given to other mails",
    on: {
      ...ended_after_fetch(1),
      EXAMINE: (talk, command, well, own) => {
        if (talk.number > 1) own.mailbox.mails.reverse().forEach((mail, n) => (mail.uid = n + 1));
        well();
      },
    },
  },
  {
    name: "bodies: others at each fetch",
    on: ended_after_fetch(2),
    tell_mail: (talk, mail, well) => {
      mail.text = mail.text.replace(/Hello.*\r\n/, `Hello ${talk.number}, ${Math.random()}\r\n`);
      well();
    },
  },
  {
    name: "bodies: others at each UIDVALIDITY",
    copies: 2,
    on: {
      ...ended_after_fetch(1),
      EXAMINE: (talk, command, well, own) => {
        own.mailbox.uid_validity = 1000 + talk.number;
        own.mailbox.mails.forEach(
          (mail) => (mail.text = mail.text.replace(/Hello.*\r\n/, `Hello ${talk.number}\r\n`)),
        );
        well();
      },
    },
  },
  {
    name: "bodies: the folder is empty the second time",
    on: {
      ...ended_after_fetch(1),
      EXAMINE: (talk, command, well, own) => {
        if (talk.number > 1) own.mailbox.mails.length = 0;
        well();
      },
    },
  },
];
