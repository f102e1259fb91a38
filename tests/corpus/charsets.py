"""Texts and header words in the charsets that mail comes in, and in forms that are broken."""
from corpus import CRLF, attachment, b64, case, qp, who

LATIN = "Grüße, señor: çà et là, ÆØÅ."
TEXTS = [  # charset's name in the mail, Python's, text
    ("us-ascii", "ascii", "Plain words."), ("utf-8", "utf-8", "Grüße, Привет, 日本語, 😀"),
    ("UTF8", "utf-8", "Grüße: an alias that servers write"), ("iso-8859-1", "latin-1", LATIN),
    ("iso-8859-2", "iso8859-2", "Žluťoučký kůň, Łódź, Őr"),
    ("iso-8859-3", "iso8859-3", "Ĉiuĵaŭde, ĝis"), ("iso-8859-4", "iso8859-4", "Ķīmija, ēģ, ūž"),
    ("iso-8859-5", "iso8859-5", "Привет, мир"), ("iso-8859-6", "iso8859-6", "مرحبا"),
    ("iso-8859-7", "iso8859-7", "Καλημέρα κόσμε"), ("iso-8859-8", "iso8859-8", "שלום עולם"),
    ("iso-8859-9", "iso8859-9", "İstanbul'da çığ, şey"),
    ("iso-8859-10", "iso8859-10", "Áŋđđá, ŧ"), ("iso-8859-13", "iso8859-13", "Ąžuolas, šš"),
    ("iso-8859-14", "iso8859-14", "Ŵŷ, Ḃḃ"), ("iso-8859-15", "iso8859-15", "5 € für Œuvre"),
    ("windows-1250", "cp1250", "„Příliš“ žluťoučký"), ("windows-1251", "cp1251", "Привет — «мир»"),
    ("windows-1252", "cp1252", "“Smart” quotes – 5 €"), ("windows-1253", "cp1253", "Καλημέρα"),
    ("windows-1254", "cp1254", "Şişli, ığ"), ("windows-1255", "cp1255", "שלום"),
    ("windows-1256", "cp1256", "سلام، العربية"), ("windows-1257", "cp1257", "Ąžuolas"),
    ("windows-1258", "cp1258", "Tiêng Viêt"), ("koi8-r", "koi8-r", "Привет, мир"),
    ("koi8-u", "koi8-u", "Їжак і ґанок"), ("iso-2022-jp", "iso2022_jp", "こんにちは、世界"),
    ("shift_jis", "shift_jis", "こんにちは、世界"), ("euc-jp", "euc_jp", "こんにちは、世界"),
    ("gb2312", "gb2312", "你好，世界"), ("gbk", "gbk", "你好，朱镕基"),
    ("gb18030", "gb18030", "你好，㐀"), ("big5", "big5", "你好，世界"),
    ("euc-kr", "euc_kr", "안녕하세요"), ("iso-2022-kr", "iso2022_kr", "안녕하세요"),
    ("ks_c_5601-1987", "cp949", "안녕하세요"), ("tis-620", "tis_620", "สวัสดี"),
    ("utf-16", "utf-16", "Grüße, 日本語"), ("utf-16le", "utf-16-le", "Grüße, 日本語"),
    ("utf-16be", "utf-16-be", "Grüße, 日本語"), ("ibm850", "cp850", "Grüße, çà"),
    ("ibm437", "cp437", "Grüße, ñ"), ("macintosh", "mac_roman", "Grüße, œuvre"),
    ("utf-7", "utf-7", "Grüße, 日本語")]

for number, (label, codec, text) in enumerate(TEXTS):
    data = text.encode(codec)
    wide = label.startswith("utf-16")
    way = "base64" if wide else ["quoted-printable", "base64", "8bit"][number % 3]
    encoded = {"base64": b64, "quoted-printable": qp, "8bit": lambda each: each}[way](data)
    case(f"charset-{label.lower()}", f"RFC 2045 §5: the text of a {label} mail, {way}",
         [("MIME-Version", "1.0"), ("Content-Type", f"text/plain; charset={label}"),
          ("Content-Transfer-Encoding", way)], encoded + CRLF,
         text=text + ("" if way == "base64" else "\n"))

case("charset-quoted-name", "RFC 2045 §5.1: a parameter may be quoted",
     [("Content-Type", 'text/plain; charset="ISO-8859-1"')], b"gr\xfc\xdfe\r\n", text="grüße\n")
case("charset-none-utf8", "No charset and 8 bits: UTF-8 when it is valid as such",
     (), "Grüße\r\n".encode(), text="Grüße\n")
case("charset-none-latin1", "No charset, not UTF-8: windows-1252, and told",
     (), b"Gr\xfc\xdfe\r\n", text="Grüße\n", defects=["text.bad_charset"])
case("charset-unknown", "RFC 2045 §5.2: an unknown charset loses no text",
     [("Content-Type", "text/plain; charset=x-unknown-9")], b"caf\xe9 ok\r\n", text="café ok\n",
     defects=["text.bad_charset"])
case("charset-says-ascii-is-utf8", "us-ascii with UTF-8 in it: the bytes decide, and told",
     [("Content-Type", "text/plain; charset=us-ascii")], "Grüße\r\n".encode(), text="Grüße\n",
     defects=["text.bad_charset"])
case("charset-utf8-broken", "Unicode §3.9: a byte that is no UTF-8 becomes U+FFFD, and is told",
     [("Content-Type", "text/plain; charset=utf-8")], b"caf\xe9 ok\r\n", text="caf\ufffd ok\n",
     defects=["text.bad_charset"])
case("charset-utf8-bom", "A byte order mark is no text",
     [("Content-Type", "text/plain; charset=utf-8")], b"\xef\xbb\xbfHello\r\n", text="Hello\n")
case("charset-latin1-is-1252", "WHATWG: what says ISO-8859-1 and has 0x80–0x9F is windows-1252",
     [("Content-Type", "text/plain; charset=iso-8859-1")], b"\x93quoted\x94 \x80\r\n",
     text="“quoted” €\n")


def subject(name, why, raw, text, **more):
    case("subject-" + name, why, [("Subject", raw)], shown={"Subject": text}, subject=text, **more)


subject("q-utf8", "RFC 2047 §4.2", "=?utf-8?Q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=", "Grüße aus Köln")
subject("b-utf8", "RFC 2047 §4.1", "=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße")
subject("latin1-q", "RFC 2047 §4.2", "=?iso-8859-1?q?Caf=E9?= open", "Café open")
subject("1252-q", "A windows charset", "=?windows-1252?Q?=93a=94_=96_b?=", "“a” – b")
subject("iso-2022-jp-b", "RFC 1468 in RFC 2047", "=?ISO-2022-JP?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "こんにちは")
subject("koi8-r-b", "RFC 1489", "=?koi8-r?B?8NLJ18XU?=", "Привет")
subject("gb2312-b", "GB 2312", "=?gb2312?B?xOO6ww==?=", "你好")
subject("big5-b", "Big5", "=?big5?B?p0GmbqFB?=", "你好，")
subject("euc-kr-b", "RFC 1557", "=?euc-kr?B?vsiz5w==?=", "안녕")
subject("two-words", "RFC 2047 §6.2: blanks between two words go",
        "=?utf-8?Q?Gr=C3=BC?= =?utf-8?Q?=C3=9Fe?= end", "Grüße end")
subject("folded-words", "RFC 2047 §6.2: a fold between two words goes",
        "=?utf-8?Q?Gr=C3=BC?=\r\n =?utf-8?Q?=C3=9Fe?=", "Grüße")
subject("split-character", "A character cut in two between words (forbidden, and common)",
        "=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=", "Grüße")
subject("split-character-b", "The same in base64", "=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", "Grüße")
subject("mixed-charsets", "RFC 2047 §6.2: words of two charsets",
        "=?iso-8859-1?Q?=FC?= =?utf-8?Q?=C3=9F?=", "üß")
subject("blank-in-q", "A blank inside a Q word (forbidden, and common)", "=?utf-8?Q?Gr=C3=BC=C3=9Fe an alle?=",
        "Grüße an alle")
subject("no-padding", "Base64 without its padding", "=?utf-8?B?R3LDvMOfZQ?=", "Grüße")
subject("lower-case-b", "Names in any case", "=?Utf-8?b?R3LDvMOfZQ==?=", "Grüße")
subject("language", "RFC 2231 §5: a language behind the charset", "=?us-ascii*en?Q?Hello_you?=", "Hello you")
subject("unknown-charset", "RFC 2047 §6.3: an unknown charset", "=?x-none?Q?caf=E9?=", "café",
        defects=["header.bad_charset"])
subject("raw-utf8", "RFC 6532: UTF-8 as it is", "Grüße aus Köln", "Grüße aus Köln")
subject("raw-latin1", "8 bits that no charset is told of", b"Caf\xe9", "Café", defects=["header.bad_charset"])
subject("glued", "Words without blanks around them", "Re:=?utf-8?Q?Gr=C3=BC=C3=9Fe?=!", "Re:Grüße!")
subject("empty-word", "RFC 2047: a word of nothing", "=?utf-8?Q??=", "")
subject("bad-escape", "RFC 2045 §6.7: =ZZ stays as it stands", "=?utf-8?Q?100=ZZ?=", "100=ZZ")
subject("not-a-word", "What only looks like a word", "=?utf-8?X?abc?= =? ok", "=?utf-8?X?abc?= =? ok")
subject("unfinished-word", "A word without its end", "=?utf-8?Q?Gr=C3=BC", "=?utf-8?Q?Gr=C3=BC")
subject("control", "Controls become blanks: no header of their own", "=?utf-8?Q?a=0D=0ABcc:_x?=", "a  Bcc: x")
subject("tab-fold", "RFC 5322 §2.2.3: a fold with a tab", "one\r\n\ttwo", "one two")
subject("emoji-b", "Beyond the BMP", "=?utf-8?B?8J+YgCBoaQ==?=", "😀 hi")
subject("underscores", "RFC 2047 §4.2 (2): _ is a blank in words, and itself outside",
        "a_b =?utf-8?Q?c_d?=", "a_b c d")


def filename(name, why, disposition, text, type="application/pdf", more="", **expected):
    content = b"%PDF-1.4"
    value = disposition if isinstance(disposition, bytes) else disposition.encode()
    body = (b"--b\r\nContent-Type: text/plain\r\n\r\nsee file\r\n--b\r\nContent-Type: " + type.encode()
            + more.encode() + CRLF + (b"Content-Disposition: " + value + CRLF if value else b"")
            + CRLF + content + b"\r\n--b--\r\n")
    case("filename-" + name, why, [("Content-Type", "multipart/mixed; boundary=b")], body,
         text="see file", attachments=[attachment(0, content, type, text)], **expected)


filename("plain", "RFC 2183 §2.3", 'attachment; filename="plan.pdf"', "plan.pdf")
filename("2231", "RFC 2231 §4", "attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf", "Grüße.pdf")
filename("2231-latin1", "RFC 2231 §4", "attachment; filename*=iso-8859-1'de'Gr%FC%DFe.pdf", "Grüße.pdf")
filename("2231-continued", "RFC 2231 §3", 'attachment; filename*0="very-"; filename*1="long.pdf"', "very-long.pdf")
filename("2231-continued-coded", "RFC 2231 §4.1",
         "attachment;\r\n filename*0*=utf-8''Gr%C3%BC;\r\n filename*1*=%C3%9Fe;\r\n filename*2=\".pdf\"",
         "Grüße.pdf")
filename("2231-disordered", "RFC 2231 §3: sections in any order",
         'attachment; filename*1="b.pdf"; filename*0="a-"', "a-b.pdf")
filename("2231-wins", "RFC 6266 §4.3's rule: the extended form is the better",
         "attachment; filename=\"Gr__e.pdf\"; filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf", "Grüße.pdf")
filename("2231-no-charset", "RFC 2231 without the two quotes (broken)",
         "attachment; filename*=Gr%C3%BC%C3%9Fe.pdf", "Grüße.pdf")
filename("2231-quoted", "RFC 2231 in quotes (broken, Outlook once)",
         "attachment; filename*=\"utf-8''Gr%C3%BC%C3%9Fe.pdf\"", "Grüße.pdf")
filename("2231-bad-percent", "A percent sign that codes nothing",
         "attachment; filename*=utf-8''100%25%zz.pdf", "100%%zz.pdf")
filename("2047", "RFC 2047 inside quotes (forbidden there, and common)",
         'attachment; filename="=?utf-8?B?R3LDvMOfZS5wZGY=?="', "Grüße.pdf")
filename("2047-two-words", "The same in two words",
         'attachment; filename="=?utf-8?Q?Gr=C3=BC?= =?utf-8?Q?=C3=9Fe.pdf?="', "Grüße.pdf")
filename("raw-utf8", "8 bits in quotes", 'attachment; filename="Grüße.pdf"', "Grüße.pdf")
filename("raw-latin1", "8 bits that are not UTF-8", b'attachment; filename="Caf\xe9.pdf"', "Café.pdf")
filename("unquoted-blanks", "A name with blanks and no quotes (broken)",
         "attachment; filename=my big plan.pdf", "my big plan.pdf")
filename("in-type-only", "RFC 2046's old name parameter", "attachment", "old.pdf", more='; name="old.pdf"')
filename("no-disposition", "A part with a name is an attachment", "", "old.pdf", more='; name="old.pdf"')
filename("path", "A path is no name", 'attachment; filename="C:\\Users\\ann\\plan.pdf"', "plan.pdf")
filename("dots", "A name that is a way up is none", 'attachment; filename="../.."', None)
filename("semicolon", "RFC 2045 §5.1: a semicolon in quotes", 'attachment; filename="a;b.pdf"', "a;b.pdf")
filename("escaped-quote", "RFC 5322 §3.2.4", 'attachment; filename="a\\"b.pdf"', 'a"b.pdf')
filename("comment", "RFC 5322 §3.2.2: comments", 'attachment (yes); filename=plan.pdf (mine)', "plan.pdf (mine)")
filename("none", "A part without any name is listed too", "attachment", None)
