"""Addresses, envelope recipients, dates, references: header fields as they really come."""
from corpus import case, who


def sender(name, why, raw, expected, **more):
    case("from-" + name, why, [("From", raw)], from_=expected, **more)


sender("bare", "RFC 5322 §3.4: addr-spec alone", "ann@example.com", [who("ann@example.com")])
sender("quoted-name", "RFC 5322 §3.2.4", '"Example, Ann" <ann@example.com>', [who("ann@example.com", "Example, Ann")])
sender("escaped-name", "RFC 5322 §3.2.4: quoted-pair", '"Ann \\"A\\" B" <ann@example.com>', [who("ann@example.com", 'Ann "A" B')])
sender("word-name", "RFC 2047 §5 (3)", "=?utf-8?Q?J=C3=B6rg?= <j@example.com>", [who("j@example.com", "Jörg")],
       shown={"From": "Jörg <j@example.com>"})
sender("word-in-quotes", "RFC 2047 in quotes (forbidden, and common)", '"=?utf-8?Q?J=C3=B6rg?=" <j@example.com>',
       [who("j@example.com", "Jörg")], shown={"From": '"Jörg" <j@example.com>'})
sender("raw-utf8-name", "RFC 6532", "Jörg <j@example.com>", [who("j@example.com", "Jörg")])
sender("two", "RFC 5322 §3.6.2: several authors", "a@example.com, B <b@example.com>",
       [who("a@example.com"), who("b@example.com", "B")])
sender("quoted-local", "RFC 5322 §3.4.1", '"a b"@example.com', [who('"a b"@example.com')])
sender("comment-name", "RFC 822's way: the name in a comment", "ann@example.com (Ann Example)",
       [who("ann@example.com", "Ann Example")])
sender("route", "RFC 5322 §4.4: an obsolete route is passed over", "<@relay.example:ann@example.com>", [who("ann@example.com")])
sender("utf8-address", "RFC 6531: a local part beyond ASCII", "Jörg <jörg@exämple.com>", [who("jörg@exämple.com", "Jörg")])
sender("no-domain", "cron's root", "root", [who("root")])
sender("empty-angle", "RFC 5322 §3.6.2: a path of nobody is no author", "<>", [], defects=["from.missing"])
case("from-twice", "RFC 5322 §3.6: a second From is told, and both are shown",
     [("From", "a@example.com"), ("From", "b@example.com")], from_=[who("a@example.com"), who("b@example.com")],
     defects=["header.duplicate_from"])
case("from-missing", "RFC 5322 §3.6: From is required", drop=["From"], defects=["from.missing"])
case("from-sender-reply-to", "RFC 5322 §3.6.2",
     [("Sender", "desk@example.com"), ("Reply-To", "R One <r1@example.com>, r2@example.com")],
     sender=[who("desk@example.com")], reply_to=[who("r1@example.com", "R One"), who("r2@example.com")])


def to(name, why, raw, expected, **more):
    case("to-" + name, why, [("To", raw)], to=expected, **more)


to("group", "RFC 5322 §3.4: a group's members", "Team: a@x.example, B <b@x.example>;", [who("a@x.example"), who("b@x.example", "B")])
to("empty-group", "RFC 5322 §3.4: a group of nobody", "undisclosed-recipients:;", [])
to("semicolons", "Outlook's list: a semicolon where a comma should be", "a@x.example; b@x.example",
   [who("a@x.example"), who("b@x.example")])
to("trailing-comma", "RFC 5322 §4.4: empty places", "a@x.example, , b@x.example,", [who("a@x.example"), who("b@x.example")])
to("folded", "RFC 5322 §2.2.3", "a@x.example,\r\n b@x.example,\r\n\tC\r\n <c@x.example>",
   [who("a@x.example"), who("b@x.example"), who("c@x.example", "C")])
to("none-cc-alone", "RFC 5322 §3.6.3: To may be missing", "a@x.example", [who("a@x.example")])
case("cc-and-to", "RFC 5322 §3.6.3", [("Cc", "One <c1@x.example>, c2@x.example")],
     cc=[who("c1@x.example", "One"), who("c2@x.example")])


def envelope(name, why, header, expected, **more):
    case("envelope-" + name, why, header, envelope_recipients=expected, **more)


envelope("delivered-to", "Postfix, Gmail", [("Delivered-To", "box@example.org")], ["box@example.org"])
envelope("original-to", "Postfix: the alias before it was expanded",
         [("X-Original-To", "alias@example.org"), ("Delivered-To", "box@example.org")], ["alias@example.org", "box@example.org"])
envelope("envelope-to", "Exim", [("Envelope-To", "box@example.org")], ["box@example.org"])
envelope("x-delivered-to", "Fastmail", [("X-Delivered-To", "box@example.org")], ["box@example.org"])
envelope("several", "One copy for several", [("Envelope-To", "a@example.org, b@example.org"), ("Delivered-To", "a@example.org")],
         ["a@example.org", "b@example.org"])
RECEIVED = "from mx.example.com (mx.example.com [192.0.2.1])\r\n\tby mail.example.org (Postfix) with ESMTPS id 4F1A2B"
envelope("received-for", "RFC 5321 §4.4: For, in the last hop's field",
         [("Received", RECEIVED + "\r\n\tfor <bcc@example.org>; Sat, 31 Jan 2026 09:30:01 +0100 (CET)"),
          ("Received", "by other for <elsewhere@example.net>; Sat, 31 Jan 2026 09:30:00 +0100")], ["bcc@example.org"])
envelope("received-for-later-hop", "The last hop names none: the one before may",
         [("Received", RECEIVED + "; Sat, 31 Jan 2026 09:30:02 +0100"),
          ("Received", "by relay.example.org for team@example.org; Sat, 31 Jan 2026 09:30:00 +0100")], ["team@example.org"])
envelope("received-for-in-comment", "RFC 5322 §3.2.2: a comment says nothing",
         [("Received", "by mail.example.org (for <not@example.org>) id 1; Sat, 31 Jan 2026 09:30:00 +0100")], [])
envelope("received-after-others", "Received counts only where no other field tells",
         [("Delivered-To", "box@example.org"), ("Received", "by m for <x@example.org>; Sat, 31 Jan 2026 09:30:00 +0100")],
         ["box@example.org"])


def date(name, why, raw, expected, **more):
    case("date-" + name, why, [("Date", raw)], date=expected, **more)


date("no-weekday", "RFC 5322 §3.3: the weekday may be missing", "31 Jan 2026 09:30:00 +0000", "2026-01-31T09:30:00.000Z")
date("no-seconds", "RFC 5322 §3.3: seconds may be missing", "Sat, 31 Jan 2026 09:30 -0500", "2026-01-31T14:30:00.000Z")
date("two-digit-year", "RFC 5322 §4.3: 49 is 2049, 50 is 1950", "Sat, 31 Jan 26 09:30:00 GMT", "2026-01-31T09:30:00.000Z")
date("zone-name", "RFC 5322 §4.3: EST is -0500", "Sat, 31 Jan 2026 09:30:00 EST", "2026-01-31T14:30:00.000Z")
date("comment", "RFC 5322 §3.3 with CFWS", "Sat, 31 Jan 2026 09:30:00 +0100 (CET)", "2026-01-31T08:30:00.000Z")
date("minus-zero", "RFC 5322 §3.3: -0000 is UTC of an unknown place", "Sat, 31 Jan 2026 09:30:00 -0000", "2026-01-31T09:30:00.000Z")
date("nonsense", "No date at all", "yesterday", None, defects=["date.invalid"])
date("no-such-day", "A day that never was", "Sat, 31 Feb 2026 09:30:00 +0000", None, defects=["date.invalid"])
case("date-missing", "RFC 5322 §3.6: Date is required, and often missing", drop=["Date"])


def refs(name, why, header, **expected):
    case("references-" + name, why, header, **expected)


refs("reply", "RFC 5322 §3.6.4", [("In-Reply-To", "<b@x.example>"), ("References", "<a@x.example> <b@x.example>")],
     in_reply_to="<b@x.example>", references=["<a@x.example>", "<b@x.example>"])
refs("folded", "RFC 5322 §2.2.3", [("References", "<a@x.example>\r\n <b@x.example>\r\n\t<c@x.example>")],
     references=["<a@x.example>", "<b@x.example>", "<c@x.example>"])
refs("commas", "Commas between them (broken)", [("References", "<a@x.example>, <b@x.example>")],
     references=["<a@x.example>", "<b@x.example>"])
refs("phrase", "RFC 5322 §4.5.4: words beside the id", [("In-Reply-To", 'Your message of "Sat" <b@x.example>')],
     in_reply_to="<b@x.example>")
refs("words-only", "RFC 822's phrase is no id", [("In-Reply-To", "your mail of yesterday")])
refs("thread-index", "MS-OXOMSG §2.2.1.3: 22 octets that answers share",
     [("Thread-Index", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRob")],
     thread_index="0102030405060708090a0b0c0d0e0f10111213141516")
refs("thread-index-short", "Too short to be one", [("Thread-Index", "AQID")])
case("message-id-missing", "RFC 5322 §3.6.4: a Message-ID is a SHOULD", drop=["Message-ID"])
case("message-id-bare", "Without its angle brackets", [("Message-ID", "abc@example.com")], message_id="<abc@example.com>")
case("message-id-twice", "RFC 5322 §3.6: the first counts, and it is told",
     [("Message-ID", "<one@example.com>"), ("Message-Id", "<two@example.com>")], message_id="<one@example.com>",
     defects=["header.duplicate_message-id"])
case("subject-missing", "RFC 5322 §3.6.5: a Subject is a SHOULD", drop=["Subject"])
case("subject-empty", "A subject of nothing", [("Subject", "")], subject="")
case("subject-twice", "RFC 5322 §3.6: the first counts, and it is told",
     [("Subject", "one"), ("Subject", "two")], subject="one", defects=["header.duplicate_subject"])
