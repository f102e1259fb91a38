// Bounces in the shapes in which servers write them; and mails that only look like one.
#include "message/bounce.hpp"
#include "message/digest.hpp"

#include <gtest/gtest.h>

namespace postern::message {
namespace {

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

/// A multipart/report with this text, report and returned part.
std::string report(std::string_view text, std::string_view status, std::string_view returned_type,
                   std::string_view returned) {
  std::string mail =
      "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.test>\n"
      "To: support@example.test\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
      "Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\n\n"
      "--B\nContent-Type: text/plain\n\n";
  mail += text;
  mail += "\n--B\nContent-Type: message/delivery-status\n\n";
  mail += status;
  if (!returned_type.empty()) {
    mail += "\n--B\nContent-Type: " + std::string(returned_type) + "\n\n" + std::string(returned);
  }
  return with_crlf(mail + "\n--B--\n");
}

std::string plain(std::string_view fields, std::string_view text) {
  return with_crlf(std::string(fields) + "\n" + std::string(text));
}

constexpr const char* daemon =
    "Return-Path: <>\nFrom: MAILER-DAEMON@mx.test\nTo: support@example.test\n"
    "Subject: failure notice\n";
constexpr const char* returned = "From: support@example.test\nMessage-ID: <m1@example.test>\n";

struct Shape {
  const char* name;
  std::string mail;
  const char *address, *status, *action, *words;  // the first recipient's; words within diagnostic
  const char* message_id = "<m1@example.test>";
};

const std::vector<Shape> reports = {
    {"Postfix, unknown user",
     report("<nobody@x.test>: host mx.x.test said: 550 5.1.1 unknown",
            "Reporting-MTA: dns; mail.test\nX-Postfix-Queue-ID: 4F1\nArrival-Date: Mon, 1 Jan\n\n"
            "Final-Recipient: rfc822; nobody@x.test\n"
            "Original-Recipient: rfc822;nobody@x.test\nAction: failed\nStatus: 5.1.1\n"
            "Remote-MTA: dns; mx.x.test\n"
            "Diagnostic-Code: smtp; 550 5.1.1 <nobody@x.test>: Recipient\n    address rejected\n",
            "message/rfc822", std::string(returned) + "\nbody"),
     "nobody@x.test", "5.1.1", "failed", "550 5.1.1 <nobody@x.test>: Recipient address rejected"},
    {"Postfix, header alone",
     report("x",
            "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@x.test\nAction: failed\n"
            "Status: 5.0.0\nDiagnostic-Code: X-Postfix; unknown user: \"a\"\n",
            "text/rfc822-headers", returned),
     "a@x.test", "5.0.0", "failed", "unknown user: \"a\""},
    {"a delay",
     report("delayed",
            "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@x.test\n"
            "Action: delayed\nStatus: 4.4.1\nDiagnostic-Code: X-Postfix; timed out\n"
            "Will-Retry-Until: Fri, 5 Jan\n",
            "text/rfc822-headers", returned),
     "a@x.test", "4.4.1", "delayed", "timed out"},
    {"an alias: the recipient as we wrote it",
     report("x",
            "Reporting-MTA: dns; a\n\nOriginal-Recipient: rfc822;a+2Btag@x.test\n"
            "Final-Recipient: rfc822; other@y.test\nAction: failed\nStatus: 5.2.2\n",
            "message/rfc822", returned),
     "a+tag@x.test", "5.2.2", "failed", ""},
    {"Exchange Online, words without a space",
     report("Your message couldn't be delivered",
            "Reporting-MTA: dns;DB7.prod.outlook.com\nReceived-From-MTA: dns;DB7\n\n"
            "Final-Recipient: rfc822;gone@x.test\nAction: failed\nStatus: 5.1.10\n"
            "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found\n",
            "message/rfc822", returned),
     "gone@x.test", "5.1.10", "failed", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found"},
    {"Gmail",
     report("** Address not found **",
            "Reporting-MTA: dns; googlemail.com\nArrival-Date: x\n"
            "X-Original-Message-ID: <m1@example.test>\n\n"
            "Final-Recipient: rfc822; gone@gmail.test\nAction: failed\nStatus: 5.1.1\n"
            "Remote-MTA: dns; gmail-smtp-in.l.google.com.\n"
            "Diagnostic-Code: smtp; 550-5.1.1 The email account does not exist.\n",
            "message/rfc822", returned),
     "gone@gmail.test", "5.1.1", "failed", "550-5.1.1 The email account"},
    {"sendmail, angle brackets and capitals",
     report("The following addresses had permanent fatal errors",
            "Reporting-MTA: DNS; s.test\n\nFINAL-RECIPIENT: RFC822; <Gone@X.test>\n"
            "ACTION: FAILED\nSTATUS: 5.1.1\nDIAGNOSTIC-CODE: SMTP; 550 User unknown\n",
            "text/rfc822-headers", returned),
     "Gone@X.test", "5.1.1", "failed", "550 User unknown"},
    {"no action, but a permanent status",
     report("x", "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@x.test\nStatus: 5.7.1\n",
            "message/rfc822", returned),
     "a@x.test", "5.7.1", "failed", ""},
    {"no status, but a code in the words",
     report("x",
            "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@x.test\nAction: failed\n"
            "Diagnostic-Code: smtp; 552 5.2.2 mailbox full\n",
            "message/rfc822", returned),
     "a@x.test", "5.2.2", "failed", "mailbox full"},
    {"Domino: no first block, the returned mail alone",
     report("x", "Final-Recipient: rfc822;a@x.test\nAction: failed\nStatus: 5.1.1\n",
            "message/rfc822", returned),
     "a@x.test", "5.1.1", "failed", ""},
    {"an address beyond ASCII",
     report("x",
            "Reporting-MTA: dns; a\n\nFinal-Recipient: utf-8; jörg@x.test\nAction: failed\n"
            "Status: 5.6.7\n",
            "message/global-headers", returned),
     "jörg@x.test", "5.6.7", "failed", ""},
    {"Exchange: Message-ID in the text alone",
     report("Original message headers:\nReceived: from a\nMessage-ID: <m1@example.test>\n",
            "Reporting-MTA: dns;e\n\nFinal-recipient: RFC822; a@x.test\nAction: failed\n"
            "Status: 5.1.1\nX-Display-Name: A\n",
            "", ""),
     "a@x.test", "5.1.1", "failed", ""},
    {"the report in base64",
     with_crlf("From: <>\nTo: s@example.test\nContent-Type: multipart/report; boundary=B\n\n"
               "--B\nContent-Type: text/plain\n\nx\n--B\nContent-Type: message/delivery-status\n"
               "Content-Transfer-Encoding: base64\n\n"
               "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAeC50ZXN0DQpBY3Rpb246IGZhaWxlZA0KU3RhdHVz\n"
               "OiA1LjEuMQ0K\n--B\nContent-Type: message/rfc822\n\nMessage-ID: "
               "<m1@example.test>\n\nx\n--B--\n"),
     "a@x.test", "5.1.1", "failed", ""},
};

const std::vector<Shape> texts = {
    {"qmail",
     plain(daemon,
           "Hi. This is the qmail-send program at mx.test.\nI'm afraid I wasn't able to "
           "deliver your message to the following addresses.\nThis is a permanent error; "
           "I've given up. Sorry it didn't work out.\n\n<gone@x.test>:\n10.0.0.1 does not "
           "like recipient.\nRemote host said: 550 5.1.1 unknown user\nGiving up on "
           "10.0.0.1.\n\n--- Below this line is a copy of the message.\n\nReturn-Path: "
           "<support@example.test>\nMessage-ID: <m1@example.test>\nTo: gone@x.test\n\nx\n"),
     "gone@x.test", "5.1.1", "failed", "Remote host said: 550 5.1.1 unknown user"},
    {"Exim",
     plain("Return-Path: <>\nFrom: Mail Delivery System <Mailer-Daemon@mx.test>\n"
           "To: support@example.test\nX-Failed-Recipients: gone@x.test\n"
           "Subject: Mail delivery failed: returning message to sender\n",
           "This message was created automatically by mail delivery software.\n\nA message that "
           "you sent could not be delivered to one or more of its\nrecipients. This is a "
           "permanent error. The following address(es) failed:\n\n  gone@x.test\n    host mx "
           "[10.0.0.1]\n    SMTP error from remote mail server after RCPT TO:<gone@x.test>:\n"
           "    550 No such user\n\n------ This is a copy of the message, including all the "
           "headers. ------\n\nReturn-path: <support@example.test>\nMessage-ID: "
           "<m1@example.test>\n\nx\n"),
     "gone@x.test", "", "failed", "550 No such user"},
    {"Exim, a warning",
     plain("Return-Path: <>\nFrom: Mailer-Daemon@mx.test\nTo: support@example.test\n"
           "Subject: Warning: message 1abc delayed 24 hours\n",
           "A message that you sent has not yet been delivered to one or more of its\nrecipients "
           "after more than 24 hours on the queue.\n\nThe message identifier is: 1abc\n\nThe "
           "address to which the message has not yet been delivered is:\n\n  late@x.test\n    "
           "Delay reason: Connection timed out\n\nNo action is required on your part.\n"),
     "late@x.test", "", "delayed", "Connection timed out", nullptr},
    {"sendmail before reports",
     plain("From: Mail Delivery Subsystem <MAILER-DAEMON@s.test>\nTo: support@example.test\n"
           "Subject: Returned mail: User unknown\n",
           "   ----- The following addresses had permanent fatal errors -----\n<gone@x.test>\n"
           "\n   ----- Transcript of session follows -----\n... while talking to mx.x.test.:\n>>> "
           "RCPT To:<gone@x.test>\n<<< 550 5.1.1 User unknown\n\n   ----- Original message "
           "follows -----\n\nMessage-Id: <m1@example.test>\n"),
     "gone@x.test", "5.1.1", "failed", "550 5.1.1 User unknown"},
    {"Postfix, text alone",
     plain(daemon,
           "This is the mail system at host mx.test.\n\nI'm sorry to have to inform you "
           "that your message could not\nbe delivered to one or more recipients. "
           "\n\n<gone@x.test>: host mx.x.test[10.0.0.1] said: 550 5.1.1 <gone@x.test>\n"
           "    User unknown (in reply to RCPT TO command)\n\n> Message-ID: "
           "<m1@example.test>\n"),
     "gone@x.test", "5.1.1", "failed", "User unknown (in reply to RCPT TO command)"},
    {"Exchange for people",
     plain("From: postmaster@x.test\nTo: support@example.test\nSubject: Undeliverable: Hello\n",
           "Delivery has failed to these recipients or groups:\n\ngone@x.test\nThe email address "
           "you entered couldn't be found.\n\nDiagnostic information for administrators:\n\n"
           "Generating server: EX01.x.test\n\ngone@x.test\n#550 5.1.1 RESOLVER.ADR.RecipNotFound "
           "##\n\nOriginal message headers:\n\nReceived: from a\nMessage-ID: <m1@example.test>\n"),
     "gone@x.test", "5.1.1", "failed", "#550 5.1.1 RESOLVER.ADR.RecipNotFound"},
    {"Gmail without a report",
     plain("Return-Path: <>\nFrom: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\n"
           "To: support@example.test\nX-Failed-Recipients: gone@x.test\n"
           "Subject: Delivery Status Notification (Failure)\n",
           "Delivery to the following recipient failed permanently:\n\n     gone@x.test\n\n"
           "Technical details of permanent failure:\nThe error that the other server returned "
           "was:\n550 5.1.1 no such user\n\n----- Original message -----\n\nMessage-ID: "
           "<m1@example.test>\n"),
     "gone@x.test", "5.1.1", "failed", "550 5.1.1 no such user"},
    {"Yahoo",
     plain(daemon,
           "Sorry, we were unable to deliver your message to the following address.\n\n"
           "<gone@x.test>:\n554: delivery error: dd This user doesn't have an account\n\n"
           "--- Below this line is a copy of the message.\n\nMessage-ID: "
           "<m1@example.test>\n"),
     "gone@x.test", "", "failed", "554: delivery error"},
    {"GMX",
     plain(daemon,
           "This message was created automatically by mail delivery software.\n\nA "
           "message that you sent could not be delivered to one or more of\nits "
           "recipients. This is a permanent error. The following address\nfailed:\n\n"
           "gone@x.test:\nSMTP error from remote server for RCPT TO command, host: mx\n"
           "reason: 550 unknown\n\n--- The header of the original message is following. "
           "---\n\nMessage-ID: <m1@example.test>\n"),
     "gone@x.test", "", "failed", "reason: 550 unknown"},
    {"IIS and MailEnable",
     plain("From: postmaster@x.test\nTo: support@example.test\nSubject: Message Delivery "
           "Failure\n",
           "The message could not be delivered.\n\nRecipient: [SMTP:gone@x.test]\nReason: 550 "
           "unknown\n\nMessage headers follow:\nMessage-ID: <m1@example.test>\n"),
     "gone@x.test", "", "failed", "550 unknown"},
    {"HTML alone",
     plain("Return-Path: <>\nFrom: MicrosoftExchange329e71ec@x.test\nTo: support@example.test\n"
           "Subject: Undeliverable: Hello\nContent-Type: text/html; charset=utf-8\n",
           "<html><p>Your message to <a href=\"mailto:gone@x.test\">gone@x.test</a> couldn\u2019t "
           "be delivered.</p><p>550 5.4.1 Recipient address rejected</p><p>Original message "
           "headers:</p><pre>Message-ID: &lt;m1@example.test&gt;</pre></html>"),
     "gone@x.test", "5.4.1", "failed", "550 5.4.1 Recipient address rejected"},
};

void expect_shape(const Shape& shape) {
  SCOPED_TRACE(shape.name);
  const auto seen = digest(shape.mail);
  ASSERT_TRUE(seen.bounce);
  EXPECT_EQ(seen.mail_class, "bounce");
  const auto& recipients = seen.bounce->recipients;
  ASSERT_EQ(recipients.size(), 1U);
  EXPECT_EQ(recipients[0].address, shape.address);
  EXPECT_EQ(recipients[0].status, shape.status);
  EXPECT_EQ(recipients[0].action, shape.action);
  EXPECT_NE(recipients[0].diagnostic.find(shape.words), std::string::npos)
      << recipients[0].diagnostic;
  EXPECT_EQ(seen.bounce->original_message_id.value_or(""),
            shape.message_id == nullptr ? "" : shape.message_id);
}

TEST(Bounce, Is_read_in_each_shape_of_a_report) {
  for (const auto& shape : reports) expect_shape(shape);
}

TEST(Bounce, Is_read_in_the_words_of_servers_that_write_no_report) {
  for (const auto& shape : texts) expect_shape(shape);
}

TEST(Bounce, Tells_of_each_recipient_that_failed_and_of_none_that_got_it) {
  const auto seen = digest(report(
      "x",
      "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@x.test\nAction: failed\nStatus: 5.1.1\n"
      "\nFinal-Recipient: rfc822; b@x.test\nAction: delivered\nStatus: 2.0.0\n"
      "\nFinal-Recipient: rfc822; c@x.test\nAction: delayed\nStatus: 4.4.1\n",
      "message/rfc822", returned));

  ASSERT_TRUE(seen.bounce);
  ASSERT_EQ(seen.bounce->recipients.size(), 2U);
  EXPECT_EQ(seen.bounce->recipients[0].address, "a@x.test");
  EXPECT_EQ(seen.bounce->recipients[1].action, "delayed");
}

TEST(Bounce, Is_no_report_of_success) {
  const auto seen = digest(report("x",
                                  "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@x.test\n"
                                  "Action: relayed\nStatus: 2.1.9\n",
                                  "message/rfc822", returned));
  EXPECT_FALSE(seen.bounce);
  EXPECT_EQ(seen.mail_class, "auto_reply");
}

TEST(Bounce, Is_no_mail_of_a_person_who_writes_about_one) {
  const std::string words = "My mail to a@x.test could not be delivered: 550 5.1.1 unknown.\n";
  EXPECT_FALSE(digest(plain("From: anna@x.test\nSubject: failure notice\n", words)).bounce);
  EXPECT_FALSE(digest(plain("From: postmaster@x.test\nSubject: Lunch\n", "At noon?\n")).bounce);
}

TEST(Bounce, Is_no_forwarded_report) {
  const auto inner = report("x",
                            "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@x.test\n"
                            "Action: failed\nStatus: 5.1.1\n",
                            "message/rfc822", returned);
  const auto seen = digest(
      with_crlf("From: anna@x.test\nSubject: Fwd\nContent-Type: multipart/mixed; boundary=O\n\n"
                "--O\nContent-Type: text/plain\n\nsee\n--O\nContent-Type: message/rfc822\n\n") +
      inner + "\r\n--O--\r\n");
  EXPECT_FALSE(seen.bounce);
}

TEST(Bounce, Of_very_many_recipients_is_read_up_to_its_limit) {
  std::string blocks = "Reporting-MTA: dns; a\n";
  for (std::size_t i = 0; i < bounce_recipients_max + 50; ++i) {
    blocks += "\nFinal-Recipient: rfc822; a" + std::to_string(i) +
              "@x.test\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 " +
              std::string(2000, 'x') + "\n";
  }
  const auto seen = digest(report("x", blocks, "message/rfc822", returned));
  ASSERT_TRUE(seen.bounce);
  EXPECT_LE(seen.bounce->recipients.size(), bounce_recipients_max);
  EXPECT_GT(seen.bounce->recipients.size(), 50U);
  EXPECT_LE(seen.bounce->recipients[0].diagnostic.size(), bounce_diagnostic_bytes_max);
}

TEST(Bounce, Codes_are_words_of_their_own) {
  EXPECT_EQ(status_in("host said: 550 5.1.10 gone"), "5.1.10");
  EXPECT_EQ(status_in("from 10.5.1.1 at 5.1"), "");
  EXPECT_EQ(status_in("550-5.7.26 x"), "5.7.26");
  EXPECT_EQ(status_in("5.1.1.9"), "");
  EXPECT_EQ(reply_code_in("said: 550-5.1.1"), 550);
  EXPECT_EQ(reply_code_in("id 15500 x451y 5.5.1"), 0);
  EXPECT_EQ(reply_code_in("#421 4.4.1"), 421);
}

}  // namespace
}  // namespace postern::message
