// What a digest says of whole mails, good and broken.
#include "message/digest.hpp"

#include "core/utf8.hpp"
#include "message/errc.hpp"
#include "message/mime_protocol.hpp"
#include "unit/message/mail_text.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include <random>

namespace postern::message {
namespace {

const std::string ordinary = crlf(
    "Delivered-To: box@example.com\n"
    "X-Original-To: alias@example.com\n"
    "Date: Sat, 31 Jan 2026 09:30:00 +0100\n"
    "From: =?utf-8?Q?J=C3=B6rg?= <joerg@example.com>, Second <two@example.com>\n"
    "Sender: desk@example.com\n"
    "Reply-To: r1@example.com, r2@example.com\n"
    "To: Support <support@example.org>\n"
    "Cc: Team: a@x.org, b@x.org;\n"
    "Subject: =?iso-8859-1?Q?Gr=FC=DFe?=\n"
    "Message-ID: <id-1@example.com>\n"
    "In-Reply-To: <id-0@example.com>\n"
    "References: <id-a@example.com>\n <id-0@example.com>\n"
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/mixed; boundary=m\n"
    "\n"
    "--m\n"
    "Content-Type: multipart/alternative; boundary=a\n"
    "\n"
    "--a\n"
    "Content-Type: text/plain; charset=iso-8859-1\n"
    "Content-Transfer-Encoding: quoted-printable\n"
    "\n"
    "gr=FC=DF\n"
    "dich\n"
    "--a\n"
    "Content-Type: multipart/related; boundary=r\n"
    "\n"
    "--r\n"
    "Content-Type: text/html; charset=utf-8\n"
    "\n"
    "<p>grüß</p>\n"
    "--r\n"
    "Content-Type: image/png\n"
    "Content-ID: <logo@x>\n"
    "Content-Transfer-Encoding: base64\n"
    "\n"
    "aGVsbG8=\n"
    "--r--\n"
    "--a--\n"
    "--m\n"
    "Content-Type: application/pdf; name=other.pdf\n"
    "Content-Disposition: attachment; filename*=utf-8''%E2%82%AC.pdf\n"
    "Content-Transfer-Encoding: base64\n"
    "\n"
    "UERG\n"
    "--m\n"
    "Content-Type: message/rfc822\n"
    "\n"
    "Subject: inner\n"
    "\n"
    "inner text\n"
    "--m--\n");

TEST(Digest, Tells_the_header_of_an_ordinary_mail) {
  const MessageSummary mail = digest(ordinary);

  EXPECT_EQ(mail.message_id, "<id-1@example.com>");
  EXPECT_EQ(mail.subject, "Grüße");
  EXPECT_EQ(mail.date, parse_rfc3339("2026-01-31T08:30:00Z"));
  ASSERT_EQ(mail.from.size(), 2u);
  EXPECT_EQ(mail.from[0], (MailAddress{"Jörg", "joerg@example.com"}));
  EXPECT_EQ(mail.from[1], (MailAddress{"Second", "two@example.com"}));
  EXPECT_EQ(mail.sender.at(0).address, "desk@example.com");
  EXPECT_EQ(mail.reply_to.size(), 2u);
  EXPECT_EQ(mail.to.at(0), (MailAddress{"Support", "support@example.org"}));
  EXPECT_EQ(mail.cc.size(), 2u);
  EXPECT_EQ(mail.envelope_recipients,
            (std::vector<std::string>{"box@example.com", "alias@example.com"}));
  EXPECT_EQ(mail.in_reply_to, "<id-0@example.com>");
  EXPECT_EQ(mail.references,
            (std::vector<std::string>{"<id-a@example.com>", "<id-0@example.com>"}));
  EXPECT_EQ(mail.mail_class, "normal");
  EXPECT_EQ(mail.headers.size(), 14u);
  EXPECT_EQ(mail.headers[8], (std::pair<std::string, std::string>{"Subject", "Grüße"}));
  EXPECT_TRUE(mail.defects.empty()) << mail.defects.at(0);
}

TEST(Digest, Tells_the_text_and_the_attachments_of_an_ordinary_mail) {
  const MessageSummary mail = digest(ordinary);

  EXPECT_EQ(mail.text, "grüß\ndich");
  EXPECT_EQ(mail.html, "<p>grüß</p>");
  EXPECT_FALSE(mail.text_truncated);
  ASSERT_EQ(mail.attachments.size(), 3u);
  EXPECT_EQ(mail.attachments[0].content_id, "logo@x");
  EXPECT_TRUE(mail.attachments[0].inline_disposition);
  EXPECT_EQ(mail.attachments[0].size_bytes, 5u);
  EXPECT_EQ(mail.attachments[0].sha256,
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  EXPECT_EQ(mail.attachments[1].filename, "€.pdf");
  EXPECT_EQ(mail.attachments[1].content_type, "application/pdf");
  EXPECT_FALSE(mail.attachments[1].inline_disposition);
  EXPECT_EQ(mail.attachments[2].content_type, "message/rfc822");
}

TEST(Digest, Gives_the_same_attachment_under_the_same_index) {
  EXPECT_EQ(decode_attachment(ordinary, 0).value(), "hello");
  EXPECT_EQ(decode_attachment(ordinary, 1).value(), "PDF");
  EXPECT_EQ(decode_attachment(ordinary, 2).value(), "Subject: inner\r\n\r\ninner text");
  EXPECT_EQ(decode_attachment(ordinary, 3).error().code, errc::no_such_part);
  EXPECT_EQ(decode_text(ordinary, TextKind::plain).value(), "grüß\ndich");
  EXPECT_EQ(decode_text(ordinary, TextKind::html).value(), "<p>grüß</p>");
  EXPECT_EQ(
      decode_text("Subject: x\r\nContent-Type: text/html\r\n\r\nx", TextKind::plain).error().code,
      errc::no_such_part);
}

TEST(Digest, Has_null_for_what_is_not_there) {
  const MessageSummary mail = digest("Content-Type: image/png\r\n\r\nx");

  EXPECT_FALSE(mail.subject || mail.message_id || mail.date || mail.text || mail.html);
  EXPECT_EQ(mail.attachments.size(), 1u);
  EXPECT_TRUE(has(mail.defects, "from.missing"));
}

TEST(Digest, Counts_a_text_with_a_file_name_as_an_attachment) {
  const MessageSummary mail =
      digest(crlf("From: a@x\nContent-Type: multipart/mixed; boundary=b\n\n"
                  "--b\nContent-Type: text/plain; name=log.txt\n\nlog\n"
                  "--b\nContent-Disposition: attachment\n\nattached\n"
                  "--b\n\nbody\n--b\n\nfooter\n--b--\n"));

  EXPECT_EQ(mail.text, "body");
  ASSERT_EQ(mail.attachments.size(), 3u);
  EXPECT_EQ(mail.attachments[0].filename, "log.txt");
  EXPECT_TRUE(mail.attachments[2].inline_disposition);
}

TEST(Digest, Passes_over_parts_with_nothing_in_them) {
  const MessageSummary mail = digest(
      crlf("From: a@x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n--b\n--b\n\nx\n--b--\n"));

  EXPECT_EQ(mail.text, "x");
  EXPECT_TRUE(mail.attachments.empty());
}

TEST(Digest, Cuts_a_text_without_splitting_a_character) {
  DigestLimits limits;
  limits.text_bytes_max = 100;
  const std::string head = "From: a@x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";

  EXPECT_FALSE(digest(head + std::string(100, 'x'), limits).text_truncated);
  const MessageSummary mail = digest(head + "x" + repeat("€", 50), limits);

  EXPECT_EQ(mail.text, "x" + repeat("€", 33));
  EXPECT_TRUE(mail.text_truncated);
  EXPECT_TRUE(mail.defects.empty());
}

TEST(Digest, Cuts_a_long_text_of_two_byte_characters_without_a_defect) {
  const MessageSummary mail = digest(
      "From: a@x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nx" + repeat("ü", 800'000));

  EXPECT_EQ(mail.text->size(), 256 * 1024 - 1u);
  EXPECT_TRUE(mail.text_truncated);
  EXPECT_TRUE(mail.defects.empty());
}

TEST(Digest, Falls_back_with_a_defect_on_unknown_charsets_and_encodings) {
  const MessageSummary mail = digest(
      "From: a@x\r\nContent-Type: text/plain; charset=x-none\r\n"
      "Content-Transfer-Encoding: x-own\r\n\r\ngr\xFC\xDF");

  EXPECT_EQ(mail.text, "grüß");
  EXPECT_TRUE(has(mail.defects, "mime.unknown_encoding"));
  EXPECT_TRUE(has(mail.defects, "text.bad_charset"));
}

TEST(Digest, Says_so_when_base64_is_broken) {
  const MessageSummary mail = digest(crlf(
      "From: a@x\nContent-Type: multipart/mixed; boundary=b\n\n"
      "--b\nContent-Transfer-Encoding: base64\n\n*aGVsbG8=\n"
      "--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n*aGVsbG8=\n--b--\n"));

  EXPECT_EQ(mail.text, "hello");
  EXPECT_TRUE(has(mail.defects, "text.bad_encoding"));
  EXPECT_TRUE(has(mail.defects, "attachment.bad_encoding"));
}

TEST(Digest, Makes_no_path_and_no_header_of_foreign_words) {
  const MessageSummary mail =
      digest(crlf("From: a@x\nSubject: =?utf-8?q?x=0D=0ABcc:_evil@x?=\nContent-Type: "
                  "multipart/mixed; boundary=b\n\n"
                  "--b\nContent-Type: a/b; name=\"../../etc/passwd\"\n\n1\n"
                  "--b\nContent-Disposition: attachment; filename=\"C:\\dir\\x.txt\"\n\n2\n"
                  "--b\nContent-Disposition: attachment; filename=\"..\"\n\n3\n--b--\n"));

  EXPECT_EQ(mail.subject, "x  Bcc: evil@x");
  ASSERT_EQ(mail.attachments.size(), 3u);
  EXPECT_EQ(mail.attachments[0].filename, "passwd");
  EXPECT_EQ(mail.attachments[1].filename, "x.txt");
  EXPECT_EQ(mail.attachments[2].filename, "");
}

TEST(Digest, Bounds_a_file_name_and_keeps_its_ending) {
  const MessageSummary mail =
      digest("From: a@x\r\nContent-Type: a/b; name=\"" + std::string(400, 'n') + ".pdf\"\r\n\r\nx");

  EXPECT_EQ(mail.attachments.at(0).filename.size(), 255u);
  EXPECT_TRUE(mail.attachments.at(0).filename.ends_with("n.pdf"));
}

TEST(Digest, Marks_duplicates_and_bad_dates) {
  const MessageSummary mail =
      digest("From: a@x\r\nFrom: b@x\r\nSubject: one\r\nSubject: two\r\nDate: never\r\n\r\n");

  EXPECT_EQ(mail.from.size(), 2u);
  EXPECT_EQ(mail.subject, "one");
  EXPECT_TRUE(has(mail.defects, "header.duplicate_from"));
  EXPECT_TRUE(has(mail.defects, "header.duplicate_subject"));
  EXPECT_TRUE(has(mail.defects, "date.invalid"));
  EXPECT_EQ(mail.date, std::nullopt);
}

TEST(Digest, Bounds_the_listed_headers) {
  const DigestLimits limits;
  const MessageSummary many = digest(repeat("X: y\r\n", limits.headers_max + 1) + "\r\n");
  EXPECT_EQ(many.headers.size(), limits.headers_max);
  EXPECT_TRUE(has(many.defects, "header.list_cut"));

  const MessageSummary longer =
      digest("X: " + std::string(limits.header_value_bytes_max + 1, 'x') + "\r\n\r\n");
  EXPECT_EQ(longer.headers.at(0).second.size(), limits.header_value_bytes_max);
  EXPECT_TRUE(has(longer.defects, "header.value_cut"));

  const MessageSummary big =
      digest(repeat("X: " + std::string(limits.header_value_bytes_max, 'x') + "\r\n", 20) + "\r\n");
  EXPECT_LE(big.headers.size(), limits.headers_bytes_max / limits.header_value_bytes_max);
  EXPECT_TRUE(has(big.defects, "header.list_cut"));
}

TEST(Digest, Keeps_the_first_and_the_last_references) {
  std::string references;
  for (int i = 0; i < 150; ++i) references += "\r\n <" + std::to_string(i) + "@x>";
  const MessageSummary mail = digest("From: a@x\r\nReferences:" + references + "\r\n\r\n");

  ASSERT_EQ(mail.references.size(), 100u);
  EXPECT_EQ(mail.references.front(), "<0@x>");
  EXPECT_EQ(mail.references[1], "<51@x>");
  EXPECT_EQ(mail.references.back(), "<149@x>");
}

// --- bombs --------------------------------------------------------------------------------------

TEST(Digest_bombs, Tell_the_header_and_a_defect) {
  const std::string head = "Subject: bomb\r\nMessage-ID: <b@x>\r\n";
  struct Bomb {
    std::string raw;
    const char* defect;
  };
  const std::vector<Bomb> bombs{
      {head + nested(5000), "mime.depth_limit"},
      {head + "From: a@x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
           repeat("--b\r\n", 20'000),
       "mime.parts_limit"},
      {head + "From: a@x\r\nTo: " + repeat("g:", 20'000) + "\r\n\r\n", "address.nesting_limit"},
      {head + "From: a@x\r\nTo: " + repeat("a@x,", 15'000) + "\r\n\r\n", "address.count_limit"},
      {head + "From: a@x\r\n" + repeat("Received: x\r\n", 100'000) + "\r\n", "header.fields_limit"},
      {head + "From: a@x\r\nX: " + std::string(1'000'000, 'x') + "\r\n\r\n", "header.field_limit"},
      {head + "From: a@x\r\nX: " + repeat("=?x?q?=E4?= ", 20'000) + "\r\n\r\n",
       "header.bad_charset"},
      {head + "From: a@x\r\nX: " + repeat("=?", 500'000) + "\r\n\r\n", "header.field_limit"},
      {head + "From: a@x\r\nContent-Type: multipart/mixed; boundary=" +
           std::string(1'000'000, 'b') + "\r\n\r\n",
       "header.field_limit"},
  };
  for (const Bomb& bomb : bombs) {
    const MessageSummary mail = digest(bomb.raw);
    EXPECT_EQ(mail.subject, "bomb") << bomb.defect;
    EXPECT_EQ(mail.message_id, "<b@x>") << bomb.defect;
    EXPECT_TRUE(has(mail.defects, bomb.defect)) << bomb.defect;
  }
}

void expect_valid_utf8(const MessageSummary& mail) {
  const auto check = [](const std::string& text) { ASSERT_TRUE(valid_utf8(text)) << text; };
  for (const auto& text : {mail.message_id, mail.subject, mail.in_reply_to, mail.text, mail.html}) {
    check(text.value_or(""));
  }
  for (const auto* list : {&mail.from, &mail.sender, &mail.reply_to, &mail.to, &mail.cc}) {
    for (const auto& entry : *list) {
      check(entry.name);
      check(entry.address);
    }
  }
  for (const auto& text : mail.references) check(text);
  for (const auto& text : mail.envelope_recipients) check(text);
  for (const auto& [name, value] : mail.headers) {
    check(name);
    check(value);
  }
  for (const auto& attachment : mail.attachments) {
    check(attachment.filename);
    check(attachment.content_type);
    check(attachment.content_id);
  }
}

TEST(Digest_of_mutated_mail, Is_valid_utf8_and_survives_the_worker_protocol) {
  std::mt19937 random(20260131);
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  for (int round = 0; round < 1000; ++round) {
    std::string raw = ordinary;
    for (std::size_t change = 0; change <= below(12); ++change) {
      const std::size_t at = below(raw.size());
      switch (below(4)) {
        case 0:
          raw[at] = static_cast<char>(below(256));
          break;
        case 1:
          raw.erase(at, below(60));
          break;
        case 2:
          raw.insert(at, raw.substr(below(raw.size()), below(80)));
          break;
        default:
          raw.insert(at, 1, "\r\n\0\"<>()=?;:,-"[below(14)]);
          break;
      }
    }
    const auto mail = decode_digest_reply(answer(mime_digest_kind, encode_digest_request(raw)));
    ASSERT_TRUE(mail);
    const MessageSummary direct = digest(raw);
    expect_valid_utf8(direct);
    ASSERT_EQ(to_json(mail.value()), to_json(direct));
    for (std::size_t i = 0; i < mail.value().attachments.size(); ++i) {
      ASSERT_EQ(decode_attachment(raw, i).value().size(), mail.value().attachments[i].size_bytes);
    }
  }
}

}  // namespace
}  // namespace postern::message
