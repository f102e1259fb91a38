"""What the cases of the corpus are written with: a mail by its bytes, and MESSAGE as it should be.

Nothing here asks the program. Charsets, hashes and dates are Python's; everything else is written out
in the case, from the RFC that it names.
"""
import base64
import hashlib
import json
import os
import quopri

CRLF = b"\r\n"
cases = {}


def b64(data):
    return base64.encodebytes(data).replace(b"\n", CRLF).rstrip(CRLF)


def qp(data):
    """Quoted-printable; line ends stay."""
    lines = data.split(CRLF)
    return CRLF.join(quopri.encodestring(line).rstrip(b"\n").replace(b"=\n", b"=" + CRLF)
                     for line in lines)


def who(address, name=""):
    return {"name": name, "address": address}


def part(header, body):
    """One MIME part: header lines as text or bytes, body as bytes."""
    lines = header if isinstance(header, bytes) else header.encode()
    return lines.replace(b"\n", CRLF) + CRLF + CRLF + body


def multipart(boundary, parts, preamble=b"", close=True, epilogue=b""):
    out = preamble
    for each in parts:
        out += b"--" + boundary.encode() + CRLF + each + CRLF
    if close:
        out += b"--" + boundary.encode() + b"--" + CRLF
    return out + epilogue


def attachment(index, content, type="application/octet-stream", filename=None, cid=None,
               inline=False, within=None):
    return {"index": index, "filename": filename, "content_type": type,
            "size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(),
            "content_id": cid, "inline": inline, "within": within}


def unfolded(raw):
    text = raw.replace(b"\r\n", b"").replace(b"\t", b" ").strip(b" ")
    return text.decode("utf-8")


BASE = [("From", "Ann Example <ann@example.com>"), ("To", "support@example.org"),
        ("Date", "Sat, 31 Jan 2026 09:30:00 +0100"), ("Message-ID", "<base@example.com>"),
        ("Subject", "Hello")]


def case(name, why, header=(), body=b"Hello.\r\n", drop=(), raw=None, shown=None, **expected):
    """A mail with BASE's header, without the fields in `drop`, and `header` (name, value) behind it;
    or the bytes `raw`. `shown`: decoded values by field name where they differ from what stands
    there. `expected`: what MESSAGE has other than below."""
    fields = [(n, v) for n, v in BASE if n not in drop and n not in [h[0] for h in header]]
    fields += list(header)
    message = {"message_id": "<base@example.com>", "subject": "Hello",
               "date": "2026-01-31T08:30:00.000Z",
               "from": [who("ann@example.com", "Ann Example")], "sender": [], "reply_to": [],
               "to": [who("support@example.org")], "cc": [], "envelope_recipients": [],
               "in_reply_to": None, "references": [], "class": "normal", "class_evidence": [],
               "bounce": None, "text": "Hello.\n", "html": None, "text_truncated": False,
               "attachments": [], "headers": [], "defects": [], "thread_index": None,
               "thread_id": None, "thread_known": False, "matched_reference": None,
               "matched_by": None, "also_in": []}
    gone = {"Message-ID": "message_id", "Subject": "subject", "Date": "date"}
    for field in drop:
        if field in gone:
            message[gone[field]] = None
        elif field in ("From", "To"):
            message[field.lower()] = []
    if raw is None:
        raw = b""
        for field, value in fields:
            bytes_ = value if isinstance(value, bytes) else value.encode()
            raw += field.encode() + b": " + bytes_ + CRLF
            text = (shown or {}).get(field)
            message["headers"].append([field, text if text is not None else unfolded(bytes_)])
        raw += CRLF + body
    message.update({key.rstrip("_").replace("class_name", "class"): value
                    for key, value in expected.items()})
    assert name not in cases, name
    assert len(raw) < 100_000, name
    cases[name] = (why, raw, message)


def write(folder):
    wanted = set()
    for name, (why, raw, message) in cases.items():
        wanted |= {name + ".eml", name + ".json"}
        with open(os.path.join(folder, name + ".eml"), "wb") as out:
            out.write(raw)
        with open(os.path.join(folder, name + ".json"), "w") as out:
            json.dump({"why": why, "message": message}, out, ensure_ascii=False, indent=1,
                      sort_keys=True)
            out.write("\n")
    for found in os.listdir(folder):
        if found not in wanted:
            os.remove(os.path.join(folder, found))
