// Composed mails: exact bytes where they matter, and read back by our own digest.
#include "message/compose.hpp"

#include "message/digest.hpp"
#include "message/errc.hpp"
#include "message/html_text.hpp"
#include "message/scan.hpp"
#include "unit/message/composing.hpp"

#include <gtest/gtest.h>

namespace postern::message {
namespace {

TEST(Compose, Writes_a_plain_mail_byte_for_byte) {
  EXPECT_EQ(bytes_of(draft()), crlf("Date: Sat, 31 Jan 2026 08:30:00 +0000\n"
                                    "From: Support <support@example.com>\n"
                                    "To: a@example.org\n"
                                    "Subject: Hello\n"
                                    "Message-ID: <00112233445566778899aabbccddeeff@example.com>\n"
                                    "MIME-Version: 1.0\n"
                                    "Content-Type: text/plain; charset=utf-8\n"
                                    "Content-Transfer-Encoding: 7bit\n"
                                    "\n"
                                    "One line\n"
                                    "and another\n"));
}

TEST(Compose, Gives_the_same_bytes_for_the_same_draft) {
  EXPECT_EQ(bytes_of(draft()), bytes_of(draft()));
}

TEST(Compose, Gives_back_names_subject_and_headers_in_any_script) {
  Draft mail = draft();
  mail.from = {{"Jörg \"J\" Müller", "joerg@example.com"}};
  mail.reply_to = {{"Doe, Jane", "jane@example.com"}, {"", "b@example.com"}};
  mail.cc = {{"日本語の名前" + repeat("長", 60), "jp@example.com"}};
  mail.subject = repeat("Größe und Länge ", 20) + "=?utf-8?q?no?=";
  mail.headers = {{"X-Ticket", "42"}, {"X-Name", "Ж"}, {"X-Long", repeat("word ", 300) + "end"}};
  mail.in_reply_to = "id-0@example.org";
  mail.references = {"<a@example.org>", "id-0@example.org"};

  const MessageSummary read = digest(bytes_of(mail));

  EXPECT_EQ(read.from, mail.from);
  EXPECT_EQ(read.reply_to, mail.reply_to);
  EXPECT_EQ(read.cc, mail.cc);
  EXPECT_EQ(read.subject, mail.subject);
  EXPECT_EQ(read.in_reply_to, "<id-0@example.org>");
  EXPECT_EQ(read.references, (std::vector<std::string>{"<a@example.org>", "<id-0@example.org>"}));
  for (const auto& header : mail.headers) {
    EXPECT_NE(std::find(read.headers.begin(), read.headers.end(), header), read.headers.end())
        << header.first;
  }
}

TEST(Compose, Keeps_blanks_and_look_alikes_of_a_subject) {
  for (const char* subject : {"two  blanks and  more", " leading", "trailing ", "tab\there",
                              "=?utf-8?q?x?=", "a", "\"quoted\" <x@y>; z: (c)"}) {
    Draft mail = draft();
    mail.subject = subject;
    const MessageSummary read = digest(bytes_of(mail));
    EXPECT_EQ(read.subject, subject == std::string("tab\there") ? "tab here" : subject);
  }
  Draft mail = draft();
  mail.subject = repeat("double  ", 40) + "x";
  EXPECT_EQ(digest(bytes_of(mail)).subject, mail.subject);
}

TEST(Compose, Breaks_up_a_token_that_is_longer_than_a_line) {
  Draft mail = draft();
  mail.subject = std::string(3000, 'x');

  EXPECT_EQ(digest(bytes_of(mail)).subject, mail.subject);
}

TEST(Compose, Encodes_text_so_that_nothing_on_the_way_changes_it) {
  for (const std::string& text :
       {std::string("plain"), std::string("grüß dich, and a long line of ASCII around it"),
        repeat("日本語", 500), std::string(3000, 'x'), std::string("a\n.\nFrom me\n..b\ntrail \n"),
        std::string("From the start"), repeat("ü", 2000), std::string("control \x01\x7F end")}) {
    Draft mail = draft();
    mail.text = text;
    const std::string bytes = bytes_of(mail);
    const std::string read = digest(bytes).text.value();
    EXPECT_EQ(read.ends_with('\n') ? read : read + "\n", text.ends_with('\n') ? text : text + "\n");
    EXPECT_EQ(bytes.find("\r\nFrom me"), bytes.npos);
  }
}

TEST(Compose, Makes_crlf_of_every_line_end) {
  Draft mail = draft();
  mail.text = "a\nb\rc\r\nd";
  EXPECT_TRUE(bytes_of(mail).ends_with("\r\n\r\na\r\nb\r\nc\r\nd\r\n"));

  mail.text = "ü a\nb\rc\r\nd";
  EXPECT_TRUE(bytes_of(mail).ends_with("=C3=BC a\r\nb\r\nc\r\nd\r\n"));
}

TEST(Compose, Nests_alternative_related_and_mixed) {
  Draft mail = draft();
  mail.html = "<img src=\"cid:logo@x\"><p>Grüße</p>";
  mail.attachments = {{"logo.png", "image/png", "PNG", "logo@x"},
                      {"Übersicht 2026.pdf", "application/pdf", std::string(5000, '\xFF'), ""},
                      {std::string(200, 'n') + ".txt", "text/plain; charset=utf-16", "a\0b", ""}};

  const std::string bytes = bytes_of(mail);
  const PartTree tree = scan(bytes);
  const MessageSummary read = digest(bytes);

  std::vector<std::string> types;
  for (const Part& part : tree.parts) types.push_back(part.content_type);
  EXPECT_EQ(types, (std::vector<std::string>{"multipart/mixed", "multipart/alternative",
                                             "text/plain", "multipart/related", "text/html",
                                             "image/png", "application/pdf", "text/plain"}));
  EXPECT_EQ(read.text, mail.text);
  EXPECT_EQ(read.html, mail.html);
  ASSERT_EQ(read.attachments.size(), 3u);
  EXPECT_TRUE(read.attachments[0].inline_disposition);
  EXPECT_EQ(read.attachments[0].content_id, "logo@x");
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(read.attachments[i].filename, mail.attachments[i].filename);
    EXPECT_EQ(decode_attachment(bytes, i).value(), mail.attachments[i].content);
  }
}

TEST(Compose, Writes_html_alone_and_an_empty_mail) {
  Draft mail = draft();
  mail.text.reset();
  mail.html = "<img src=\"cid:x\">";
  EXPECT_EQ(digest(bytes_of(mail)).html, "<img src=\"cid:x\">\n");
  EXPECT_EQ(digest(bytes_of(mail)).text, std::nullopt);

  mail.html.reset();
  EXPECT_EQ(digest(bytes_of(mail)).text, "\n");
}

TEST(Compose, Sends_an_attached_mail_as_one_or_as_bytes) {
  Draft mail = draft();
  mail.attachments = {{"ok.eml", "message/rfc822", "Subject: x\n\nbody\n", ""},
                      {"odd.eml", "message/rfc822", "Subject: \xFC\n\nbody", ""},
                      {"m", "multipart/mixed", "x", ""},
                      {"n", "not a type", "x", ""}};

  const auto composed = compose(mail, context());
  const MessageSummary read = digest(bytes_of(mail));

  EXPECT_EQ(read.attachments.at(0).content_type, "message/rfc822");
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(read.attachments.at(i).content_type, "application/octet-stream");
  }
  EXPECT_EQ(composed.value().notes.size(), 3u);
  EXPECT_EQ(decode_attachment(composed.value().bytes, 1).value(), mail.attachments[1].content);
}

TEST(Compose, Writes_international_domains_as_a_labels) {
  Draft mail = draft();
  mail.to = {{"", "a@bücher.example"}, {"", "jörg@example.org"}};

  const auto composed = compose(mail, context());

  EXPECT_NE(composed.value().bytes.find("To: a@xn--bcher-kva.example, jörg@example.org\r\n"),
            std::string::npos);
  ASSERT_EQ(composed.value().notes.size(), 1u);
  EXPECT_NE(composed.value().notes[0].find("SMTPUTF8"), std::string::npos);
}

TEST(Compose, Names_a_sender_when_there_is_more_than_one_author) {
  Draft mail = draft();
  mail.from.push_back({"", "b@example.com"});

  EXPECT_EQ(digest(bytes_of(mail)).sender.at(0).address, "support@example.com");
}

TEST(Compose, Says_undisclosed_when_all_recipients_are_hidden) {
  Draft mail = draft();
  mail.to.clear();

  EXPECT_NE(bytes_of(mail).find("To: undisclosed-recipients:;\r\n"), std::string::npos);
}

TEST(Compose, Adds_the_text_that_html_alone_says) {
  Draft mail = draft();
  mail.text.reset();
  mail.charset = "iso-8859-1";
  mail.html = "<p>Grüße</p><p>5 &euro;</p>";

  const auto composed = compose(mail, context());
  const std::string bytes = bytes_of(mail);

  EXPECT_TRUE(composed.value().notes.empty());
  EXPECT_NE(bytes.find("Content-Type: multipart/alternative;"), bytes.npos);
  EXPECT_EQ(digest(bytes).text, "Grüße\n\n5 €\n");
  EXPECT_NE(bytes.find("text/html; charset=iso-8859-1"), bytes.npos);
  mail.html = std::string(html_text_source_bytes_max, ' ') + "x";
  EXPECT_EQ(compose(mail, context()).value().notes.size(), 1u);
}

// --- refusals -----------------------------------------------------------------------------------

TEST(Compose_refuses, Line_ends_and_controls_in_header_values) {
  for (const std::string& evil :
       {std::string("x\r\nBcc: e@x.org"), std::string("x\ny"), std::string("x\ry"),
        std::string("x\0y", 3), std::string("\x1B")}) {
    Draft mail = draft();
    mail.subject = evil;
    EXPECT_EQ(refusal_of(mail), errc::header_injection);
    mail = draft();
    mail.headers = {{"X-A", evil}};
    EXPECT_EQ(refusal_of(mail), errc::header_injection);
    mail = draft();
    mail.in_reply_to = evil;
    EXPECT_EQ(refusal_of(mail), errc::header_injection);
    mail = draft();
    mail.references = {evil};
    EXPECT_EQ(refusal_of(mail), errc::header_injection);
    mail = draft();
    mail.attachments = {{evil, "a/b", "x", ""}};
    EXPECT_EQ(refusal_of(mail), errc::header_injection);
    mail.attachments = {{"f", evil, "x", ""}};
    EXPECT_EQ(refusal_of(mail), errc::header_injection);
    mail.attachments = {{"f", "a/b", "x", evil}};
    EXPECT_EQ(refusal_of(mail), errc::header_injection);
  }
}

TEST(Compose_refuses, Header_names_that_are_malformed_or_ours) {
  for (const char* name : {"",
                           "X A",
                           "X:",
                           "X\r\nBcc",
                           "Ümlaut",
                           "From",
                           "to",
                           "CC",
                           "bcc",
                           "Subject",
                           "Date",
                           "Message-ID",
                           "MIME-Version",
                           "Content-Type",
                           "content-x",
                           "Received",
                           "Return-Path",
                           "DKIM-Signature",
                           "dkim-anything",
                           "MIME-x",
                           "Received-SPF",
                           "Delivered-To",
                           "ARC-Seal",
                           "Sender",
                           "Reply-To",
                           "Resent-Bcc",
                           "In-Reply-To",
                           "References"}) {
    Draft mail = draft();
    mail.headers = {{name, "x"}};
    EXPECT_EQ(refusal_of(mail), errc::bad_header_name) << name;
  }
  Draft mail = draft();
  mail.headers = {{std::string(76, 'X'), "x"},
                  {"Auto-Submitted", "auto-replied"},
                  {"List-Unsubscribe", "<mailto:u@x.org>"},
                  {"Precedence", "bulk"},
                  {"Importance", "low"}};
  EXPECT_EQ(refusal_of(mail), error_code());
  mail.headers = {{std::string(77, 'X'), "x"}};
  EXPECT_EQ(refusal_of(mail), errc::bad_header_name);
}

TEST(Compose_refuses, Malformed_addresses_wherever_they_are) {
  for (const std::string& evil :
       {std::string("a@x.org\r\nBcc: b@x.org"), std::string("plain"), std::string(),
        std::string("a@x.org> b"), std::string("a@x..org"), std::string("a b@x.org")}) {
    for (auto list : {&Draft::from, &Draft::reply_to, &Draft::to, &Draft::cc}) {
      Draft mail = draft();
      mail.*list = {{"", evil}};
      EXPECT_EQ(refusal_of(mail), errc::bad_address) << evil;
    }
  }
  Draft mail = draft();
  mail.to = {{"A\r\nB", "a@x.org"}};
  EXPECT_EQ(refusal_of(mail), errc::bad_address);
}

TEST(Compose_refuses, A_draft_without_an_author) {
  Draft mail = draft();
  mail.from.clear();
  EXPECT_EQ(refusal_of(mail), errc::bad_request);
}

TEST(Compose_refuses, More_than_its_limits) {
  Draft mail = draft();
  mail.to.assign(draft_recipients_max, {"", "a@x.org"});
  EXPECT_EQ(refusal_of(mail), error_code());
  mail.cc = {{"", "a@x.org"}};
  EXPECT_EQ(refusal_of(mail), errc::bad_request);

  mail = draft();
  mail.headers.assign(draft_headers_max, {"X-A", "b"});
  EXPECT_EQ(refusal_of(mail), error_code());
  mail.headers.emplace_back("X-A", "b");
  EXPECT_EQ(refusal_of(mail), errc::bad_request);

  mail = draft();
  mail.subject = std::string(draft_header_bytes_max, 'x');
  EXPECT_EQ(refusal_of(mail), error_code());
  mail.subject += 'x';
  EXPECT_EQ(refusal_of(mail), errc::bad_request);

  mail = draft();
  mail.attachments.assign(draft_attachments_max, {"f", "a/b", "x", ""});
  EXPECT_EQ(refusal_of(mail), error_code());
  mail.attachments.push_back({"f", "a/b", "x", ""});
  EXPECT_EQ(refusal_of(mail), errc::message_too_big);
  mail.attachments = {{"f", "a/b", std::string(composed_bytes_max / 4 * 3 + 8, 'x'), ""}};
  EXPECT_EQ(refusal_of(mail), errc::message_too_big);
}

TEST(Compose, Takes_a_foreign_message_id_domain_for_none) {
  for (const char* domain : {"", "a b", "x>\r\nBcc: y", "ex\xFF"}) {
    ComposeContext with = context();
    with.message_id_domain = domain;
    EXPECT_TRUE(compose(draft(), with).value().message_id.ends_with("@postern.invalid>"));
  }
}

}  // namespace
}  // namespace postern::message
