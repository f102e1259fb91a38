// How an integration takes its mail in, each field under its name in the API.
import { certificate_of, on, server_of, with_usual_port } from "./mail_server.js";

const on_imap = (draft) => on("incoming")(draft) && draft.incoming.protocol !== "pop3";
const after = [
  ["none", "Leave it as it is"],
  ["seen", "Mark it as read"],
  ["keyword", "Set a keyword"],
  ["move", "Move it to a folder"],
  ["delete", "Delete it"],
];

function after_fetch_of(name, label, more) {
  const path = `incoming.${name}`;
  const action = (draft) => draft.incoming?.[name]?.action ?? "none";
  const when = (draft) => on("incoming")(draft) && draft.incoming?.[name] !== undefined;
  return [
    {
      path: `${path}.action`,
      label,
      kind: "select",
      options: (draft) =>
        draft.incoming.protocol === "pop3"
          ? after.filter(([key]) => ["none", "delete"].includes(key))
          : after,
      more,
      when,
      warn: (value) => value === "delete" && "The server's copy is gone once your targets have the mail.",
    },
    {
      path: `${path}.folder`,
      label: `${label}: folder`,
      none: null,
      more,
      when: (draft) => when(draft) && action(draft) === "move",
    },
    {
      path: `${path}.keyword`,
      label: `${label}: keyword`,
      none: null,
      more,
      when: (draft) => when(draft) && action(draft) === "keyword",
    },
    {
      path: `${path}.days`,
      label: `${label}: after days`,
      kind: "number",
      min: 0,
      none: 0,
      more,
      when: (draft) => when(draft) && action(draft) !== "none",
    },
  ];
}

export const incoming = [
  {
    path: "incoming.enabled",
    label: "Watch a mailbox",
    kind: "check",
    wide: true,
    hint: "New mail is kept here and handed to your targets.",
  },
  {
    path: "incoming.protocol",
    label: "Protocol",
    kind: "select",
    options: [
      ["imap", "IMAP"],
      ["pop3", "POP3"],
    ],
    change: with_usual_port,
    when: on("incoming"),
  },
  ...server_of("incoming"),
  {
    path: "incoming.start_from",
    label: "Start from",
    when: on("incoming"),
    hint: "now, all, or a date as 2026-01-31.",
    list: "start-from",
  },
  { path: "incoming.folder", label: "Folder", when: on_imap },
  {
    path: "incoming.more_folders",
    label: "More folders",
    kind: "lines",
    split: /\n/,
    when: on_imap,
    hint: "One a line.",
  },
  ...after_fetch_of("after_fetch", "After the hand-over", false),
  {
    path: "incoming.mode",
    label: "Notice new mail by",
    kind: "select",
    options: [
      ["idle", "IDLE (at once)"],
      ["poll", "Asking now and then"],
    ],
    more: true,
    when: on_imap,
  },
  {
    path: "incoming.poll_interval_s",
    label: "Check every (seconds)",
    kind: "number",
    min: 1,
    more: true,
    when: on("incoming"),
  },
  {
    path: "incoming.message_bytes_max",
    label: "Largest mail (bytes)",
    kind: "number",
    min: 1,
    bytes: true,
    more: true,
    when: on("incoming"),
  },
  ...after_fetch_of("after_ignored", "What a rule ignored", true),
  ...after_fetch_of("after_too_large", "What is too large", true),
  ...after_fetch_of("after_quarantined", "What is quarantined", true),
  {
    path: "incoming.compress",
    label: "Compress the line",
    kind: "check",
    more: true,
    when: on_imap,
    hint: "Where the server offers it; costs 80 KB of memory a connection.",
  },
  ...certificate_of("incoming"),
];
