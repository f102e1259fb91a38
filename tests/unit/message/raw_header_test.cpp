// The header of a mail that is sent as it is: what is added, what goes, and what must stay.
#include "message/raw_header.hpp"

#include "message/errc.hpp"
#include "message/scan.hpp"

#include <gtest/gtest.h>

namespace postern::message {
namespace {

RawHeaderPolicy policy() {
  RawHeaderPolicy made;
  made.own = {"Example Support", "support@example.com"};
  made.allowed = {"support@example.com", "sales@example.com"};
  made.now = Instant(Duration(1769850600000));
  made.random_hex = "00ff";
  return made;
}

std::string prepared(std::string_view mail, const RawHeaderPolicy& with = policy()) {
  auto header = prepare_header(mail, with);
  if (!header) return describe(header.error());
  return header.value().bytes + std::string(mail.substr(header.value().consumed));
}

constexpr std::string_view complete =
    "Date: Sat, 31 Jan 2026 09:10:00 +0000\r\n"
    "Message-ID: <a@b>\r\n";

std::string with(std::string_view more) {
  return std::string(complete) + std::string(more);
}

TEST(RawHeader, Leaves_a_complete_mail_as_it_is_to_the_last_octet) {
  const std::string mail = with(
      "from:  \"S\"\r\n <Support@example.COM>\r\nX-Odd : \xff y\r\nDKIM-Signature: "
      "v=1;\r\n\tb=x\r\n"
      "\r\nBody\n.\r\nBcc: not@a.header\r\n");

  EXPECT_EQ(prepared(mail), mail);
}

TEST(RawHeader, Adds_from_date_and_message_id_where_they_lack) {
  EXPECT_EQ(prepared("Subject: s\r\n\r\nx\r\n"),
            "From: Example Support <support@example.com>\r\n"
            "Date: Sat, 31 Jan 2026 09:10:00 +0000\r\n"
            "Message-ID: <00ff@example.com>\r\nSubject: s\r\n\r\nx\r\n");
}

TEST(RawHeader, Drops_bcc_with_its_folds_and_tells_all_recipients_once) {
  const auto header = prepare_header(
      with(
          "From: sales@example.com\r\nTo: A <a@x.test>, b@x.test\r\nBCC: c@x.test,\r\n d@x.test\r\n"
          "Cc: A@X.test; \r\nResent-Bcc: e@x.test\r\n\r\n"),
      policy());

  ASSERT_TRUE(header);
  EXPECT_EQ(
      header.value().bytes,
      with("From: sales@example.com\r\nTo: A <a@x.test>, b@x.test\r\nCc: A@X.test; \r\n\r\n"));
  EXPECT_EQ(header.value().recipients,
            (std::vector<std::string>{"a@x.test", "b@x.test", "c@x.test", "d@x.test"}));
}

TEST(RawHeader, Rewrites_a_foreign_from_and_keeps_it_as_reply_to) {
  const auto header = prepare_header(
      with("From: Shop <shop@else.test>\r\nSender: x@else.test\r\nSubject: s\r\n\r\n"), policy());

  ASSERT_TRUE(header);
  EXPECT_EQ(header.value().bytes,
            "From: Shop <support@example.com>\r\nReply-To: Shop <shop@else.test>\r\n" +
                with("Subject: s\r\n\r\n"));
  EXPECT_EQ(header.value().notes,
            std::vector<std::string>{"From was rewritten from shop@else.test"});
  EXPECT_EQ(
      prepared(with("From: a@else.test\r\nReply-To: r@else.test\r\n\r\n")),
      "From: Example Support <support@example.com>\r\n" + with("Reply-To: r@else.test\r\n\r\n"));
}

TEST(RawHeader, One_foreign_author_of_several_or_a_second_field_is_enough) {
  for (const std::string_view from : {"From: support@example.com, evil@else.test\r\n",
                                      "From: support@example.com\r\nFrom: evil@else.test\r\n",
                                      "From: support@example.com <evil@else.test>\r\n"}) {
    const auto text = prepared(with(std::string(from) + "\r\n"));

    EXPECT_EQ(text.find("From: "), text.rfind("From: ")) << text;
    EXPECT_NE(text.find("<support@example.com>\r\n"), std::string::npos) << text;
    EXPECT_EQ(text.substr(0, text.find("\r\n")).find("<evil@"), std::string::npos) << text;
  }
}

TEST(RawHeader, Refuses_a_foreign_from_where_the_policy_says_so_and_not_cron_s) {
  auto strict = policy();
  strict.refuse_foreign = true;

  const auto refused = prepare_header(with("From: a@else.test\r\n\r\n"), strict);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::from_not_allowed);
  EXPECT_TRUE(prepare_header(with("From: root\r\n\r\n"), strict));
  EXPECT_TRUE(prepare_header(with("From: sales@example.com\r\n\r\n"), strict));
}

TEST(RawHeader, A_name_without_a_domain_becomes_the_integration_under_that_name) {
  const std::pair<const char*, const char*> cases[] = {
      {"root", "From: root <support@example.com>\r\n"},
      {"root (Cron Daemon)", "From: \"root (Cron Daemon)\" <support@example.com>\r\n"},
      {"Backup <root>", "From: \"root (Backup)\" <support@example.com>\r\n"},
  };
  for (const auto& [from, expected] : cases) {
    const auto text = prepared(with("From: " + std::string(from) + "\r\n\r\n"));

    EXPECT_EQ(text, expected + with("\r\n"));
  }
}

TEST(RawHeader, A_mail_without_a_header_is_all_body) {
  const auto header = prepare_header("Hello Bob,\r\nsee you\r\n", policy());

  ASSERT_TRUE(header);
  EXPECT_EQ(header.value().consumed, 0u);
  EXPECT_TRUE(header.value().bytes.ends_with("<00ff@example.com>\r\n\r\n"));
  EXPECT_EQ(prepare_header("\r\nbody\r\n", policy()).value().consumed, 2u);
  EXPECT_EQ(prepare_header("", policy()).value().consumed, 0u);
  EXPECT_EQ(prepare_header(" folded: no\r\n", policy()).value().consumed, 0u);
  EXPECT_EQ(prepare_header("From bob Mon Jan 1\r\nSubject: s\r\n\r\nx", policy()).value().subject,
            "s");
}

TEST(RawHeader, A_header_that_ends_without_an_empty_line_gets_one) {
  const auto header =
      prepare_header(with("From: sales@example.com\r\nnot a field\r\nx: y\r\n"), policy());

  ASSERT_TRUE(header);
  EXPECT_EQ(header.value().bytes, with("From: sales@example.com\r\n\r\n"));
  EXPECT_EQ(prepare_header("Subject: all there is", policy()).value().consumed, 21u);
  EXPECT_TRUE(prepare_header("Subject: all there is", policy())
                  .value()
                  .bytes.ends_with("Subject: all there is\r\n\r\n"));
}

TEST(RawHeader, Tells_subject_and_message_id_as_the_api_shows_them) {
  const auto header = prepare_header(
      "Message-id:\r\n <x@y>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n", policy());

  ASSERT_TRUE(header);
  EXPECT_EQ(header.value().message_id, "<x@y>");
  EXPECT_EQ(header.value().subject, "Grüße");
}

TEST(RawHeader, Has_limits_in_bytes_and_fields) {
  const std::string many_bytes = "X: " + std::string(header_block_bytes_max, 'x') + "\r\n\r\n";
  std::string many_fields;
  for (std::size_t i = 0; i <= header_fields_max; ++i) many_fields += "X: y\r\n";

  for (const auto& mail : {many_bytes, many_fields + "\r\n"}) {
    const auto header = prepare_header(mail, policy());

    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().code, errc::header_too_big);
  }
}

}  // namespace
}  // namespace postern::message
