"""Seeds that need not be kept, since others' tests hold them: written dialogues (tests/transcripts)
and mails (tests/corpus), in the form that each target takes. seeds.py FOLDER writes FOLDER/TARGET/…

A target's first octets are its choices (mode, size of pieces): each seed is written with some.
"""
import email
import email.policy
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
OCTET = re.compile(r"\\(x[0-9a-fA-F]{2}|.)|\{(.*?)\*(\d+)\}", re.DOTALL)
NAMED = {"r": "\r", "n": "\n", "0": "\0"}
CHOICES = (0, 9, 42, 255)


def unescape(text):
    """As tests/transcripts/script.hpp tells; nothing larger than the fuzzer takes."""
    def octet(match):
        if match.group(3):
            return unescape(match.group(2)) * min(int(match.group(3)), 4000)
        word = match.group(1)
        return chr(int(word[1:], 16)) if len(word) == 3 else NAMED.get(word, word)
    return OCTET.sub(octet, text)


def said(file, peer):
    """All that `peer` says in a dialogue, as octets."""
    made = ""
    for line in file.read_text(encoding="latin-1").split("\n--\n", 1)[-1].splitlines():
        if not line.startswith(peer + ": ") or line.startswith(peer + ": ["):
            continue
        line = line[3:]
        cut = line.endswith("\\") and not line.endswith("\\\\")
        made += unescape(line[:-1] if cut else line) + ("" if cut else "\r\n")
    return made.encode("latin-1", "replace")


def dialogues():
    for kind, peer, targets in (
        ("imap", "S", {"imap_session_fuzz": 2, "imap_response_fuzz": 1}),
        ("smtp", "S", {"smtp_session_fuzz": 1, "smtp_reply_fuzz": 0}),
        ("pop3", "S", {"pop3_session_fuzz": 1, "pop3_framer_fuzz": 0}),
        ("smtp_server", "C", {"smtp_server_session_fuzz": 1}),
    ):
        for number, file in enumerate(sorted((ROOT / "tests/transcripts" / kind).glob("*.txt"))):
            octets = said(file, peer)
            for target, choices in targets.items():
                first = CHOICES[number % len(CHOICES)]
                yield target, file.stem, bytes([first] * choices) + octets


def mails():
    for file in sorted((ROOT / "tests/corpus/mails").glob("*.eml")):
        octets = file.read_bytes()
        if len(octets) > 60_000:
            continue
        yield "smtp_dot_stuff_fuzz", file.stem, octets
        yield "message_raw_header_fuzz", file.stem, b"\0" + octets
        head = re.split(rb"\r?\n\r?\n", octets, maxsplit=1)[0]
        for number, field in enumerate(re.split(rb"\r?\n(?![ \t])", head)):
            name, _, value = field.partition(b":")
            if name.strip().lower() in (b"from", b"to", b"cc", b"reply-to"):
                yield "address_list_fuzz", f"{file.stem}-{number}", value.strip()
            if b"=?" in value or b"*=" in value or b"name=" in value:
                yield "message_words_fuzz", f"{file.stem}-{number}", value.strip()
        for number, part in enumerate(email.message_from_bytes(octets).walk()):
            kind = part.get_content_type()
            if kind == "text/html":
                yield "message_html_text_fuzz", f"{file.stem}-{number}", part.get_payload(decode=True)
            if kind == "application/ms-tnef" or (part.get_filename() or "") == "winmail.dat":
                yield "message_tnef_fuzz", f"{file.stem}-{number}", part.get_payload(decode=True)


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    for target, name, octets in [*dialogues(), *mails()]:
        (folder / target).mkdir(parents=True, exist_ok=True)
        (folder / target / name).write_bytes(octets or b"")
