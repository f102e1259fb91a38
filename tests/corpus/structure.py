"""How the parts of a mail lie in each other, and how that goes wrong."""
from corpus import CRLF, attachment, b64, case, multipart, part

PNG = b"\x89PNG\r\n\x1a\n0123456789"
TEXT = part("Content-Type: text/plain; charset=utf-8", b"the text")
HTML = part("Content-Type: text/html; charset=utf-8", b"<p>the html</p>")


def mixed(name, why, parts, type="multipart/mixed", boundary="b", make=None, header=(), **expected):
    expected.setdefault("text", "the text")
    body = make if make is not None else multipart(boundary, parts)
    case("structure-" + name, why, [("MIME-Version", "1.0"), ("Content-Type", f'{type}; boundary="{boundary}"')] + list(header),
         body, **expected)


mixed("alternative", "RFC 2046 §5.1.4", [TEXT, HTML], "multipart/alternative", html="<p>the html</p>")
case("structure-html-only", "RFC 2045: a mail that is HTML alone has no text",
     [("Content-Type", "text/html; charset=utf-8")], "<p>grüße</p>\r\n".encode(), text=None, html="<p>grüße</p>\n")
RELATED = multipart("r", [part("Content-Type: text/html", b'<img src="cid:logo@x">'),
                          part("Content-Type: image/png\nContent-ID: <logo@x>\nContent-Transfer-Encoding: base64", b64(PNG))])
mixed("related", "RFC 2387 and RFC 2392: a picture by its Content-ID",
      [TEXT, part("Content-Type: multipart/related; boundary=r", RELATED)], "multipart/alternative",
      html='<img src="cid:logo@x">', attachments=[attachment(0, PNG, "image/png", cid="logo@x", inline=True)])
mixed("inline-disposition", "RFC 2183 §2.1", [TEXT, part("Content-Type: image/png\nContent-Disposition: inline; filename=p.png\n"
      "Content-Transfer-Encoding: base64", b64(PNG))], attachments=[attachment(0, PNG, "image/png", "p.png", inline=True)])
mixed("two-texts", "RFC 2046 §5.1.3: the first text is the mail's, the second a part beside it",
      [TEXT, part("Content-Type: text/plain", b"a footer")],
      attachments=[attachment(0, b"a footer", "text/plain", inline=True)])
INNER = b"Subject: inner\r\nFrom: x@example.com\r\n\r\ninner text"
mixed("attached-mail", "RFC 2046 §5.2.1: an attached mail is one attachment", [TEXT, part("Content-Type: message/rfc822", INNER)],
      attachments=[attachment(0, INNER, "message/rfc822")])
ICS = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR"
mixed("calendar", "RFC 6047 §2.4: an invitation beside the text", [TEXT, part("Content-Type: text/calendar; method=REQUEST; charset=utf-8", ICS)],
      "multipart/alternative", attachments=[attachment(0, ICS, "text/calendar")])
mixed("calendar-attached", "RFC 6047 §2.4: an invitation as a file",
      [TEXT, part('Content-Type: application/ics; name="invite.ics"\nContent-Disposition: attachment; filename="invite.ics"', ICS)],
      attachments=[attachment(0, ICS, "application/ics", "invite.ics")])
mixed("digest-default", "RFC 2046 §5.1.5: in a digest a part without a type is a mail",
      [part("Content-Type: text/plain", b"the text"), CRLF + INNER], "multipart/digest", attachments=[attachment(0, INNER, "message/rfc822")])
mixed("preamble", "RFC 2046 §5.1.1: what stands before and behind the parts is nobody's", [TEXT],
      make=multipart("b", [TEXT], preamble=b"This is a multi-part message.\r\n", epilogue=b"the end\r\n"))
mixed("unclosed", "RFC 2046 §5.1.1: the last boundary is missing; only before one the line end is its own", [TEXT], make=multipart("b", [TEXT], close=False),
      defects=["mime.unclosed_multipart"], text="the text\n")
mixed("boundary-blanks", "RFC 2046 §5.1.1: blanks behind a boundary", [TEXT], make=multipart("b", [TEXT]).replace(b"--b\r\n", b"--b \t\r\n"))
mixed("boundary-in-text", "Only a whole line is a boundary", [TEXT],
      make=multipart("b", [part("Content-Type: text/plain", b"see --b here\r\n--bc\r\nend")]), text="see --b here\n--bc\nend")
mixed("no-such-boundary", "A boundary that never comes: what is there is the text", [TEXT], make=b"just words\r\n",
      text="just words\n", defects=["mime.unclosed_multipart", "mime.no_parts"])
case("structure-no-boundary", "RFC 2046 §5.1.1: a multipart has to have one", [("Content-Type", "multipart/mixed")],
     b"just words\r\n", text="just words\n", defects=["mime.missing_boundary", "mime.unclosed_multipart", "mime.no_parts"])
mixed("nested", "RFC 2046 §5.1: three deep", [part("Content-Type: multipart/alternative; boundary=c",
      multipart("c", [TEXT, part("Content-Type: multipart/related; boundary=r", RELATED)])),
      part("Content-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf", b"%PDF")],
      html='<img src="cid:logo@x">', attachments=[attachment(0, PNG, "image/png", cid="logo@x", inline=True),
                                                  attachment(1, b"%PDF", "application/pdf", "a.pdf")])
mixed("empty-parts", "Boundaries with nothing between them are no parts", [TEXT],
      make=b"--b\r\n--b\r\n" + multipart("b", [TEXT]))
mixed("unnamed-part", "Every part is listed, also without a name or a type that is known",
      [TEXT, part("Content-Type: x-own/thing", b"??")], attachments=[attachment(0, b"??", "x-own/thing")])
mixed("signed", "RFC 1847 §2.1", [TEXT, part("Content-Type: application/pgp-signature; name=signature.asc", b"-----BEGIN")],
      "multipart/signed", attachments=[attachment(0, b"-----BEGIN", "application/pgp-signature", "signature.asc")])
case("structure-base64-text", "RFC 2045 §6.8", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", "BASE64")],
     b64("Grüße\r\nzwei".encode()) + CRLF, text="Grüße\nzwei")
case("structure-base64-garbage", "RFC 2045 §6.8: other characters are passed over, and told",
     [("Content-Transfer-Encoding", "base64")], b"SGVs*bG8u\r\n", text="Hello.", defects=["text.bad_encoding"])
case("structure-qp-soft-break", "RFC 2045 §6.7 (5)", [("Content-Transfer-Encoding", "quoted-printable")],
     b"one =\r\nline=20\r\nlast\r\n", text="one line \nlast\n")
case("structure-qp-broken", "RFC 2045 §6.7: =XY that is no hex stays, and is told",
     [("Content-Transfer-Encoding", "quoted-printable")], b"100=ZZ ok\r\n", text="100=ZZ ok\n", defects=["text.bad_encoding"])
case("structure-unknown-encoding", "RFC 2045 §6.4: an unknown encoding: the bytes as they are, and told",
     [("Content-Transfer-Encoding", "x-rot13")], b"Uryyb\r\n", text="Uryyb\n", defects=["mime.unknown_encoding", "text.bad_encoding"])
case("structure-whole-mail-is-a-file", "RFC 2045: a mail that is one file has no text",
     [("Content-Type", 'application/pdf; name="a.pdf"'), ("Content-Transfer-Encoding", "base64")], b64(b"%PDF") + CRLF,
     text=None, attachments=[attachment(0, b"%PDF", "application/pdf", "a.pdf")])
case("structure-old-type", "RFC 1049's Content-Type without a subtype is text", [("Content-Type", "text")])
case("structure-bad-type", "RFC 2045 §5.2: what is no type is read as text, and told", [("Content-Type", "no type at all; =;;")],
     defects=["mime.bad_content_type"])
case("structure-broken-type", "A broken type with a slash is some file, not words for people (RFC 2045 §5.2 lets it be text)",
     [("Content-Type", "application/x pdf/y")], b"%PDF", text=None, defects=["mime.bad_content_type"],
     attachments=[attachment(0, b"%PDF", "application/octet-stream")])
case("structure-no-body", "RFC 5322 §2.1: the body is optional", body=b"", text="")
BARE = b"From: Ann Example <ann@example.com>\nTo: support@example.org\nSubject: Hello\n\nHello.\n"
BARE_HEADERS = [["From", "Ann Example <ann@example.com>"], ["To", "support@example.org"], ["Subject", "Hello"]]
case("structure-bare-lf", "Lines that end with LF alone (broken, and common in stores)", raw=BARE, headers=BARE_HEADERS,
     message_id=None, date=None)
case("structure-mbox-line", "RFC 4155: an mbox separator before the header is no field",
     raw=b"From ann@example.com Sat Jan 31 09:30:00 2026\n" + BARE, headers=BARE_HEADERS, message_id=None, date=None)
case("structure-odd-line", "RFC 5322 §2.2: a line that is no field is passed over, and told",
     raw=BARE.replace(b"To:", b"this is no field\nTo:"), headers=BARE_HEADERS, message_id=None, date=None,
     defects=["header.malformed_line"])
case("structure-blank-before-colon", "RFC 5322 §4.5: blanks before the colon", raw=BARE.replace(b"Subject:", b"Subject :"),
     headers=BARE_HEADERS, message_id=None, date=None)
case("structure-nul", "A NUL in the text becomes U+FFFD", body=b"a\0b\r\n", text="a\ufffdb\n")
case("structure-bare-cr", "RFC 5322 §2.3: a lone CR (forbidden) ends a line of the text", body=b"one\rtwo\r\n", text="one\ntwo\n")
case("structure-empty", "Nothing at all is a mail of nothing", raw=b"", headers=[], message_id=None, subject=None, date=None,
     from_=[], to=[], text="", defects=["from.missing"])
case("structure-long-line", "RFC 5322 §2.1.1: a line over 998 octets", body=b"x" * 5000 + CRLF, text="x" * 5000 + "\n")


# --- MS-OXTNEF: winmail.dat, written here attribute by attribute -------------------------------------------------


def attribute(level, id, data):
    """MS-OXTNEF §2.1.3.1: level, id, length, data, checksum."""
    import struct
    return struct.pack("<BII", level, id, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def property_(id, data):
    """One string or binary property of MS-OXTNEF §2.1.3.4: type, id, one value, padded to four."""
    import struct
    return struct.pack("<II", id, 1) + struct.pack("<I", len(data)) + data + b"\0" * (-len(data) % 4)


def winmail(files):
    import struct
    out = struct.pack("<IH", 0x223E9F78, 1)  # signature, key
    out += attribute(1, 0x00089006, struct.pack("<I", 0x00010000))  # version
    out += attribute(1, 0x00069007, struct.pack("<II", 1252, 0))  # code page
    for title, content, long_name, tag in files:
        out += attribute(2, 0x00069002, struct.pack("<HIHHI", 1, 0xFFFFFFFF, 0, 0, 0))  # a file begins
        out += attribute(2, 0x00018010, title + b"\0")
        out += attribute(2, 0x0006800F, content)
        properties = []
        if long_name:
            properties.append(property_(0x3707001F, (long_name + "\0").encode("utf-16-le")))
        if tag:
            properties.append(property_(0x370E001E, tag.encode() + b"\0"))
        if properties:
            out += attribute(2, 0x00069005, struct.pack("<I", len(properties)) + b"".join(properties))
    return out


FILES = [(b"PLAN~1.PDF", b"%PDF-1.4 plan", "Plan für Köln.pdf", "application/pdf"), (b"caf\xe9.txt", b"words", None, None)]
DAT = winmail(FILES)
TNEF_PART = "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=winmail.dat"
LISTED = [attachment(0, DAT, "application/ms-tnef", "winmail.dat"),
          attachment(1, FILES[0][1], "application/pdf", "Plan für Köln.pdf", within=0),
          attachment(2, FILES[1][1], "application/octet-stream", "café.txt", within=0)]
mixed("tnef", "MS-OXTNEF: the files inside winmail.dat are listed behind it", [TEXT, part(TNEF_PART, b64(DAT))], attachments=LISTED)
mixed("tnef-cut", "A winmail.dat that ends within a file: what is whole is listed, and it is told",
      [TEXT, part(TNEF_PART, b64(DAT[:-20]))],
      attachments=[attachment(0, DAT[:-20], "application/ms-tnef", "winmail.dat"), LISTED[1]], defects=["tnef.broken"])
mixed("tnef-not", "What only calls itself winmail.dat is a file like others", [TEXT, part(TNEF_PART, b64(b"hello"))],
      attachments=[attachment(0, b"hello", "application/ms-tnef", "winmail.dat")], defects=["tnef.broken"])
