// JSON of a MessageSummary: the contract's names, nulls, and back again.
#include "core/mail.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace postern {
namespace {

MessageSummary full_summary() {
  MessageSummary mail;
  mail.message_id = "<a@b>";
  mail.subject = "Grüße";
  mail.date = from_milliseconds(1769848200000);
  mail.from = {{"Jörg", "j@example.com"}};
  mail.sender = {{"", "s@example.com"}};
  mail.reply_to = {{"", "r@example.com"}};
  mail.to = {{"", "t@example.com"}};
  mail.cc = {{"", "c@example.com"}};
  mail.envelope_recipients = {"e@example.com"};
  mail.in_reply_to = "<i@b>";
  mail.references = {"<i@b>"};
  mail.mail_class = "bounce";
  mail.text = "text";
  mail.html = "<p>";
  mail.text_truncated = true;
  mail.attachments = {{"a.pdf", "application/pdf", "cid", "00ff", 3'000'000'000u, true, {}},
                      {"", "image/png", "", "", 0, false, 0}};
  mail.class_evidence = {"Auto-Submitted: auto-replied"};
  mail.thread_index = "0102";
  mail.thread_id = "<root@b>";
  mail.thread_known = true;
  mail.matched_reference = "42";
  mail.matched_by = "subject";
  mail.also_in = {"int_0000000000007"};
  mail.headers = {{"Subject", "Grüße"}, {"X", ""}};
  mail.defects = {"date.invalid"};
  return mail;
}

TEST(Mail_json, Gives_back_every_field) {
  const auto json = to_json(full_summary());

  const MessageSummary back =
      message_summary_from_json(boost::json::parse(boost::json::serialize(json)).as_object());

  EXPECT_EQ(to_json(back), json);
  EXPECT_EQ(back.date, full_summary().date);
  EXPECT_EQ(back.attachments.at(0).size_bytes, 3'000'000'000u);
  EXPECT_EQ(back.headers, full_summary().headers);
  EXPECT_EQ(back.mail_class, "bounce");
}

TEST(Mail_json, Has_the_names_of_the_contract) {
  const auto json = to_json(full_summary());

  for (const char* name : {"message_id", "subject", "date", "from", "sender", "reply_to", "to",
                           "cc", "envelope_recipients", "in_reply_to", "references", "class",
                           "text", "html", "text_truncated", "attachments", "headers", "defects"}) {
    EXPECT_TRUE(json.contains(name)) << name;
  }
  EXPECT_EQ(json.at("date"), "2026-01-31T08:30:00.000Z");
  const auto& attachment = json.at("attachments").at(0).as_object();
  for (const char* name :
       {"index", "filename", "content_type", "size_bytes", "sha256", "content_id", "inline"}) {
    EXPECT_TRUE(attachment.contains(name)) << name;
  }
  EXPECT_EQ(boost::json::serialize(json.at("headers").at(0)), "[\"Subject\",\"Grüße\"]");
}

TEST(Mail_json, Says_null_for_what_is_not_there) {
  const auto json = to_json(MessageSummary{});

  for (const char* name : {"message_id", "subject", "date", "in_reply_to", "text", "html"}) {
    EXPECT_TRUE(json.at(name).is_null()) << name;
  }
  EXPECT_TRUE(to_json(full_summary()).at("attachments").at(1).at("content_id").is_null());
}

TEST(Mail_json, Writes_valid_utf8_whatever_it_is_given) {
  MessageSummary mail = full_summary();
  mail.subject = "\xFF\xFE";
  mail.headers = {{"X", "\xC3"}};

  const std::string text = boost::json::serialize(to_json(mail));

  EXPECT_NO_THROW(boost::json::parse(text));
  EXPECT_EQ(to_json(mail).at("subject"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Mail_json, Reads_foreign_shapes_as_empty) {
  const auto json = boost::json::parse(R"({"subject": 1, "from": [1, {"name": 2}], "date": "x",
    "attachments": [3, {"size_bytes": -1, "inline": 1}], "headers": [["a"], 4], "class": null})");

  const MessageSummary mail = message_summary_from_json(json.as_object());

  EXPECT_FALSE(mail.subject || mail.date);
  EXPECT_EQ(mail.from.size(), 1u);
  EXPECT_EQ(mail.attachments.at(0).size_bytes, 0u);
  EXPECT_TRUE(mail.headers.empty());
  EXPECT_EQ(mail.mail_class, "normal");
}

}  // namespace
}  // namespace postern
