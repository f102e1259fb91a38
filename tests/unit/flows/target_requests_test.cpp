// The requests by which each kind is given a mail.
#include "flows/target_requests.hpp"
#include "unit/flows/target_kit.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

constexpr const char* raw = "Subject: hi\r\n\r\nbody\r\n";

TEST(TargetRequests, A_raw_target_gets_the_bytes_signed_and_named) {
  TargetKit kit("raw");
  kit.target.auth = {AuthMethod::password, "user", {}};

  const auto request = kit.request();

  EXPECT_EQ(request.body, raw);
  EXPECT_EQ(header_of(request, "Content-Type"), "message/rfc822");
  EXPECT_EQ(header_of(request, "X-Postern-Message"), "msg_1");
  EXPECT_EQ(header_of(request, "X-Postern-Handover"), "hnd_1");
  EXPECT_EQ(header_of(request, "X-Postern-Integration"), "int_1");
  EXPECT_EQ(header_of(request, "webhook-id"), "hnd_1");
  EXPECT_TRUE(header_of(request, "webhook-signature").starts_with("v1,"));
  EXPECT_EQ(header_of(request, "Authorization"), "Basic dXNlcjpnZWhlaW0=");
}

TEST(TargetRequests, OsTicket_gets_the_bytes_with_its_key) {
  const auto request = TargetKit("osticket").request();
  EXPECT_EQ(request.url, "https://desk.example/api/tickets.email");
  EXPECT_EQ(request.body, raw);
  EXPECT_EQ(header_of(request, "X-API-Key"), "geheim");
}

TEST(TargetRequests, Request_tracker_gets_a_form_with_the_mail_as_a_file) {
  TargetKit kit("rt");
  kit.target.queue = "Support";
  kit.target.action = "correspond";
  kit.target.fields = {{"ticket", "7"}};
  kit.mail.bytes = "A: postern-0000000000000000\r\n\r\n\xff";

  const auto request = kit.request();

  EXPECT_EQ(request.url, "https://desk.example/REST/1.0/NoAuth/mail-gateway");
  EXPECT_EQ(header_of(request, "Content-Type"),
            "multipart/form-data; boundary=postern-0000000000000001")
      << "no line of the mail is the boundary";
  EXPECT_EQ(request.body,
            "--postern-0000000000000001\r\n"
            "Content-Disposition: form-data; name=\"SessionType\"\r\n\r\nREST\r\n"
            "--postern-0000000000000001\r\n"
            "Content-Disposition: form-data; name=\"queue\"\r\n\r\nSupport\r\n"
            "--postern-0000000000000001\r\n"
            "Content-Disposition: form-data; name=\"action\"\r\n\r\ncorrespond\r\n"
            "--postern-0000000000000001\r\n"
            "Content-Disposition: form-data; name=\"ticket\"\r\n\r\n7\r\n"
            "--postern-0000000000000001\r\n"
            "Content-Disposition: form-data; name=\"message\"\r\n"
            "Content-Type: application/octet-stream\r\n\r\n"
            "A: postern-0000000000000000\r\n\r\n\xff\r\n"
            "--postern-0000000000000001--\r\n");
}

TEST(TargetRequests, Redmine_gets_a_form_with_key_project_and_mail) {
  TargetKit kit("redmine");
  kit.target.project = "desk";
  kit.target.fields = {{"issue[tracker]", "Bug"}};
  kit.mail.bytes = "A: b c\r\n\xc3";

  const auto request = kit.request();

  EXPECT_EQ(request.url, "https://desk.example/mail_handler");
  EXPECT_EQ(request.body,
            "key=geheim&issue%5Bproject%5D=desk&issue%5Btracker%5D=Bug&"
            "email=A%3A+b+c%0D%0A%C3");
}

TEST(TargetRequests, Zammad_gets_a_ticket_of_a_new_thread_and_an_article_of_a_known_one) {
  TargetKit kit("zammad");
  kit.target.group = "Users";
  kit.target.fields = {{"priority", "2 normal"}};

  auto request = kit.request();

  EXPECT_EQ(request.url, "https://desk.example/api/v1/tickets");
  EXPECT_EQ(header_of(request, "Authorization"), "Token token=geheim");
  auto body = boost::json::parse(request.body).as_object();
  EXPECT_EQ(body.at("title"), "hi");
  EXPECT_EQ(body.at("group"), "Users");
  EXPECT_EQ(body.at("customer"), "guess:anna@a.example");
  EXPECT_EQ(body.at("priority"), "2 normal");
  const auto& article = body.at("article").as_object();
  EXPECT_EQ(article.at("from"), "\"Anna \\\"A\\\" B\" <anna@a.example>");
  EXPECT_EQ(article.at("body"), "body");
  EXPECT_EQ(article.at("message_id"), "<1@a>");
  EXPECT_EQ(article.at("attachments").at(0).at("data"), "YWJj");
  EXPECT_FALSE(article.contains("in_reply_to"));

  kit.mail.ticket = "12";
  kit.target.url = "https://desk.example/api/v1/tickets";
  request = kit.request();

  EXPECT_EQ(request.url, "https://desk.example/api/v1/ticket_articles");
  body = boost::json::parse(request.body).as_object();
  EXPECT_EQ(body.at("ticket_id"), "12");
  EXPECT_EQ(body.at("body"), "body");
}

TEST(TargetRequests, Zammad_gets_the_notice_where_the_mail_is_too_large) {
  TargetKit kit("zammad");
  kit.mail.notice = "It is large.";
  kit.mail.data["html"] = "<p>x</p>";

  const auto body = boost::json::parse(kit.request().body).as_object();

  EXPECT_EQ(body.at("article").at("body"), "It is large.");
  EXPECT_EQ(body.at("article").at("content_type"), "text/plain");
}

TEST(TargetRequests, Rails_gets_the_bytes_behind_its_password) {
  TargetKit kit("rails_relay");
  kit.target.auth = {AuthMethod::password, "actionmailbox", {}};

  const auto request = kit.request();

  EXPECT_EQ(request.url, "https://desk.example/rails/action_mailbox/relay/inbound_emails");
  EXPECT_EQ(header_of(request, "Content-Type"), "message/rfc822");
  EXPECT_EQ(header_of(request, "Authorization"), "Basic YWN0aW9ubWFpbGJveDpnZWhlaW0=");
  EXPECT_EQ(request.body, raw);
}

TEST(TargetRequests, Of_a_webhook_are_the_same_but_for_time_and_signature) {
  TargetKit kit("webhook");
  kit.mail.told_at = "2026-01-31T11:00:00.000Z";
  kit.target.raw = true;

  const auto request = kit.request();

  const auto body = boost::json::parse(request.body).as_object();
  EXPECT_EQ(body.at("timestamp"), "2026-01-31T11:00:00.000Z");
  EXPECT_EQ(body.at("data").at("raw_base64"), "U3ViamVjdDogaGkNCg0KYm9keQ0K");
  EXPECT_EQ(header_of(request, "X-Postern-Message"), "") << "the body names it";
}

}  // namespace
}  // namespace postern::flows
