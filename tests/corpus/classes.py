"""Every class of mail with its evidence, in the shapes that servers and programs write."""
from corpus import case, multipart, part, who


def kind(name, why, mail_class, evidence, header=(), body=b"Hello.\r\n", **expected):
    case("class-" + name, why, header, body, class_name=mail_class, class_evidence=evidence, **expected)


RETURNED = b"Message-ID: <sent@example.org>\r\nFrom: support@example.org\r\nSubject: our mail"


def report(name, why, blocks, recipients, header=(), sender="MAILER-DAEMON@mx.example.com", returned=RETURNED,
           returned_type="message/rfc822", text="It failed.", original="<sent@example.org>", evidence=None, **expected):
    status = ("\n\n".join(["Reporting-MTA: dns; mx.example.com"] + blocks) + "\n").replace("\n", "\r\n").encode()
    parts = [part("Content-Type: text/plain", text.encode()), part("Content-Type: message/delivery-status", status)]
    if returned:
        parts.append(part("Content-Type: " + returned_type, returned))
    from corpus import attachment
    listed = [attachment(0, status, "message/delivery-status")]
    if returned:
        listed.append(attachment(1, returned, returned_type))
    fields = [("From", sender), ("Subject", "Undelivered Mail Returned to Sender"),
              ("Content-Type", "multipart/report; report-type=delivery-status; boundary=b")] + list(header)
    bounce = {"original_message_id": original, "delivery": None, "recipients": recipients}
    found = [f"it reports {len(recipients)} recipients that were not reached"] + (evidence or []) + ["report-type=delivery-status"]
    if sender.lower().startswith(("mailer-daemon@", "postmaster@")):
        found.append("From: " + sender.lower())
    kind(name, why, "bounce", found, fields, multipart("b", parts), text=text, attachments=listed, bounce=bounce,
         subject="Undelivered Mail Returned to Sender", from_=[who(sender)], **expected)


def failed(address, status="5.1.1", diagnostic=None, action="failed"):
    return {"address": address, "status": status, "action": action, "diagnostic": diagnostic}


report("bounce-postfix", "RFC 3464, as Postfix writes it",
       ["Final-Recipient: rfc822; nobody@example.com\nOriginal-Recipient: rfc822;nobody@example.com\nAction: failed\nStatus: 5.1.1\n"
        "Remote-MTA: dns; mx.example.com\nDiagnostic-Code: smtp; 550 5.1.1 <nobody@example.com>: User unknown"],
       [failed("nobody@example.com", diagnostic="550 5.1.1 <nobody@example.com>: User unknown")],
       [("Auto-Submitted", "auto-replied")])
report("bounce-two", "RFC 3464 §2.3: a block each",
       ["Final-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 full",
        "Final-Recipient: rfc822; b@example.com\nAction: failed\nStatus: 5.7.1"],
       [failed("a@example.com", "5.2.2", "552 full"), failed("b@example.com", "5.7.1")])
report("bounce-delayed", "RFC 3464 §2.3.3: delayed is no end",
       ["Final-Recipient: rfc822; a@example.com\nAction: delayed\nStatus: 4.4.1\nWill-Retry-Until: Sun, 1 Feb 2026 09:30:00 +0000"],
       [failed("a@example.com", "4.4.1", None, "delayed")])
report("bounce-no-action", "A block without its Action; 5.x.y says enough", ["Final-Recipient: rfc822; a@example.com\nStatus: 5.1.1"],
       [failed("a@example.com")])
report("bounce-original-recipient", "RFC 3464 §2.3.1: the address we wrote, in xtext",
       ["Original-Recipient: rfc822;a+2Btag@example.org\nFinal-Recipient: rfc822;a@backend.example\nAction: failed\nStatus: 5.1.1"],
       [failed("a+tag@example.org")])
report("bounce-headers-only", "RFC 3462 §2: the header alone comes back",
       ["Final-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.1.1"], [failed("a@example.com")], returned_type="text/rfc822-headers")
report("bounce-nothing-returned", "RFC 3462: the third part is optional",
       ["Final-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.1.1"], [failed("a@example.com")], returned=b"", original=None)
report("bounce-folded-diagnostic", "RFC 3464 §2.1: fields fold",
       ["Final-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 one\n  two"],
       [failed("a@example.com", "5.0.0", "550 one two")])
report("bounce-null-path", "RFC 5321 §4.5.5: a report comes from nobody",
       ["Final-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.1.1"], [failed("a@example.com")],
       [("Return-Path", "<>")], evidence=["Return-Path: <>"])

STATUS = b"Reporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; a@example.com\r\nAction: delivered\r\nStatus: 2.0.0\r\n"
MDN = b"Final-Recipient: rfc822; ann@example.com\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n"


def reported(name, why, mail_class, evidence, report_type, part_type, content, **expected):
    from corpus import attachment
    kind(name, why, mail_class, evidence,
         [("Content-Type", f"multipart/report; report-type={report_type}; boundary=b")],
         multipart("b", [part("Content-Type: text/plain", b"a report"), part("Content-Type: " + part_type, content)]),
         text="a report", attachments=[attachment(0, content, part_type)], **expected)


reported("dsn-delivered", "RFC 3464 §2.3.3: delivered is no bounce, yet a program's mail", "auto_reply",
         ["report-type=delivery-status"], "delivery-status", "message/delivery-status", STATUS)
reported("mdn", "RFC 8098 §3", "mdn", ["report-type=disposition-notification"], "disposition-notification",
         "message/disposition-notification", MDN)
reported("mdn-other-report-type", "RFC 8098 §3.1: the part alone says it", "mdn", ["report-type=disposition-notification"],
         "x-own", "message/disposition-notification", MDN)

kind("auto-replied", "RFC 3834 §5", "auto_reply", ["Auto-Submitted: auto-replied"], [("Auto-Submitted", "auto-replied")])
kind("auto-replied-comment", "RFC 3834 §5: a comment and parameters may follow", "auto_reply",
     ["Auto-Submitted: Auto-Replied (vacation); owner-email=\"a@b\""], [("Auto-Submitted", 'Auto-Replied (vacation); owner-email="a@b"')])
kind("auto-generated", "RFC 3834 §5", "auto_reply", ["Auto-Submitted: auto-generated"], [("Auto-Submitted", "auto-generated")])
kind("auto-notified", "RFC 5436 §2.7.1", "auto_reply", ["Auto-Submitted: auto-notified"], [("Auto-Submitted", "auto-notified")])
kind("auto-no", "RFC 3834 §5: no is a person's mail", "normal", [], [("Auto-Submitted", "no")])
kind("precedence-auto-reply", "OTRS, Zendesk and others", "auto_reply", ["Precedence: auto_reply"], [("Precedence", "auto_reply")])
kind("precedence-bulk", "RFC 3834 §3.1.8 on RFC 2076's Precedence", "auto_reply", ["Precedence: bulk"], [("Precedence", "bulk")])
kind("precedence-junk", "vacation(1)", "auto_reply", ["Precedence: junk"], [("Precedence", "junk")])
kind("precedence-normal", "Any other word says nothing", "normal", [], [("Precedence", "first-class")])
kind("suppress", "MS-OXCMAIL §2.1.3.2.20", "auto_reply", ["X-Auto-Response-Suppress: DR, OOF, AutoReply"],
     [("X-Auto-Response-Suppress", "DR, OOF, AutoReply")])
kind("suppress-none", "MS-OXCMAIL: None suppresses nothing", "normal", [], [("X-Auto-Response-Suppress", "None")])
for field, value in (("X-Autoreply", "yes"), ("X-Autorespond", "Re: Hello"), ("X-Auto-Reply-From", "a@example.com"),
                     ("X-Mail-Autoreply", "yes"), ("X-Vacation", "1")):
    kind("vendor-" + field.lower(), "A field that only answering programs write", "auto_reply", [f"{field}: {value}"], [(field, value)])
kind("vendor-cron", "cron's mail", "auto_reply", ["X-Cron-Env: <SHELL=/bin/sh>"], [("X-Cron-Env", "<SHELL=/bin/sh>")])
kind("subject-automatic", "Exchange's subject, with no other word", "auto_reply", ["Subject: Automatic reply: Hello"],
     [("Subject", "Automatic reply: Hello")], b"Thank you for your mail. We will answer soon.\r\n",
     subject="Automatic reply: Hello", text="Thank you for your mail. We will answer soon.\n")
kind("from-daemon", "A postmaster's words that are no bounce", "auto_reply", ["From: mailer-daemon@example.com"],
     [("From", "MAILER-DAEMON@example.com")], from_=[who("MAILER-DAEMON@example.com")])
kind("null-path", "RFC 3834 §3.3: answers of programs come from nobody", "auto_reply", ["Return-Path: <>"], [("Return-Path", "<>")])

AWAY = [("exchange", "Automatic reply: Hello", "I am out of the office until Monday."),
        ("german", "Abwesenheitsnotiz", "Ich bin bis Montag nicht erreichbar."),
        ("german-text", "Automatische Antwort: Hello", "Ich bin im Urlaub."),
        ("french", "Réponse automatique : Hello", "Je suis absent jusqu'à lundi."),
        ("spanish", "Respuesta automática: Hello", "Estoy fuera de la oficina."),
        ("italian", "Risposta automatica: Hello", "Sono assente fino a lunedì."),
        ("portuguese", "Resposta automática: Hello", "Estou ausente até segunda."),
        ("dutch", "Automatisch antwoord: Hello", "Ik ben afwezig tot maandag."),
        ("swedish", "Autosvar: Hello", "Jag är på semester."),
        ("polish", "Odpowiedź automatyczna: Hello".replace("O", "o", 1), "Jestem na urlopie."),
        ("russian", "Автоматический ответ: Hello", "Я в отпуске до понедельника."),
        ("chinese", "自动答复: Hello", "我正在休假。"), ("japanese", "自動応答: Hello", "休暇をいただいております。")]
for language, subject, text in AWAY:
    where = "subject" if subject.startswith("Abwesen") else "text"
    kind("away-" + language, "An absence notice that says so", "out_of_office",
         ["Auto-Submitted: auto-replied", "Subject: " + subject, f"its {where} tells of an absence"],
         [("Auto-Submitted", "auto-replied"), ("Subject", subject), ("Content-Type", "text/plain; charset=utf-8")],
         text.encode() + b"\r\n", subject=subject, text=text + "\n")
kind("away-subject-alone", "Outlook's old subject, with no header that says so", "out_of_office",
     ["Subject: Out of Office: Hello", "its subject tells of an absence"], [("Subject", "Out of Office: Hello")], subject="Out of Office: Hello")
kind("away-html", "An absence told in HTML alone", "out_of_office", ["Auto-Submitted: auto-replied", "its text tells of an absence"],
     [("Auto-Submitted", "auto-replied"), ("Content-Type", "text/html")], b"<p>I am <b>out of</b> the office.</p>\r\n",
     text=None, html="<p>I am <b>out of</b> the office.</p>\n")
kind("person-away", "A person who writes of a holiday is no program", "normal", [], body=b"I am on vacation next week, can we talk before?\r\n",
     text="I am on vacation next week, can we talk before?\n")

kind("list", "RFC 2919", "list", ["List-Id: Users <users.example.com>", "Precedence: list"],
     [("List-Id", "Users <users.example.com>"), ("Precedence", "list")])
kind("list-unsubscribe", "RFC 2369, RFC 8058", "list", ["List-Unsubscribe: <mailto:u@example.com>"], [("List-Unsubscribe", "<mailto:u@example.com>")])
kind("list-bulk", "A newsletter: bulk beside a list's field", "list", ["List-Id: <news.example.com>"],
     [("Precedence", "bulk"), ("List-Id", "<news.example.com>")])
kind("list-ezmlm", "ezmlm's field", "list", ["Mailing-List: contact users-help@example.com; run by ezmlm"],
     [("Mailing-List", "contact users-help@example.com; run by ezmlm")])
kind("list-automatic", "RFC 3834: an answer by itself through a list is one still", "auto_reply", ["Auto-Submitted: auto-replied"],
     [("List-Id", "<users.example.com>"), ("Auto-Submitted", "auto-replied")])

HOP = [("Received", "from a.example by b.example; Sat, 31 Jan 2026 09:30:00 +0000")]
kind("loop-hops", "RFC 5321 §6.3: counting Received fields", "loop", ["50 Received fields"], HOP * 50)
kind("loop-hops-one-less", "49 are not yet a loop", "normal", [], HOP * 49)
kind("loop-mark", "A field of ours came back", "loop", ["X-Postern-Loop: hnd_1"], [("X-Postern-Loop", "hnd_1")])
kind("loop-before-all", "A loop is one whatever else it is", "loop", ["X-Postern-Loop: x"],
     [("X-Postern-Loop", "x"), ("Auto-Submitted", "auto-replied"), ("List-Id", "<l.example>")])
