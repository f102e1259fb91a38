// The body of POST /send: what is read, what is refused, with which result code and pointer.
#include "flows/submission.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace postern::flows {
namespace {

using boost::json::parse;

SendRequest accepted(std::string_view text) {
  auto read = parse_send_request(parse(text));
  if (auto* refusal = std::get_if<Refusal>(&read)) ADD_FAILURE() << refusal->message;
  return std::get<SendRequest>(std::move(read));
}

Refusal refused_value(const boost::json::value& json) {
  auto read = parse_send_request(json);
  if (std::holds_alternative<SendRequest>(read)) {
    ADD_FAILURE() << "was accepted: " << boost::json::serialize(json).substr(0, 200);
    return {};
  }
  return std::get<Refusal>(std::move(read));
}

Refusal refused(std::string_view text) {
  return refused_value(parse(text));
}

bool names(const Refusal& refusal, std::string_view pointer) {
  return std::any_of(refusal.problems.begin(), refusal.problems.end(),
                     [&](const auto& problem) { return problem.pointer == pointer; });
}

TEST(Send_request, Reads_what_is_asked_of_other_servers) {
  const auto request = accepted(
      R"({"to": "a@b.test", "require_tls": true,
          "dsn": {"notify": ["failure", "DELAY"], "ret": "headers", "envid": "a 1"}})");

  EXPECT_TRUE(request.wishes.require_tls);
  const auto& dsn = request.wishes.dsn;
  EXPECT_EQ(dsn.notify, (DsnNotify{.failure = true, .delay = true}));
  EXPECT_EQ(dsn.returned, DsnRequest::Return::headers);
  EXPECT_EQ(dsn.envelope_id, "a 1");
  EXPECT_TRUE(dsn.original_recipients);
  EXPECT_EQ(accepted(R"({"to": "a@b.test", "dsn": {}})").wishes, TransportWishes());
  EXPECT_EQ(accepted(R"({"to": "a@b.test", "dsn": null})").wishes, TransportWishes());
}

TEST(Send_request, Names_what_is_wrong_with_dsn) {
  EXPECT_TRUE(names(refused(R"({"to": "a@b.test", "dsn": {"notify": ["never", "delay"]}})"),
                    "/dsn/notify"));
  EXPECT_TRUE(names(refused(R"({"to": "a@b.test", "dsn": {"ret": "hdrs"}})"), "/dsn/ret"));
  EXPECT_TRUE(names(refused(R"({"to": "a@b.test", "dsn": {"envid": "j\u00f6rg"}})"), "/dsn/envid"));
  const auto long_id = fmt::format(R"({{"to": "a@b.test", "dsn": {{"envid": "{:x>101}"}}}})", "");
  EXPECT_TRUE(names(refused(long_id), "/dsn/envid"));
  EXPECT_TRUE(names(refused(R"({"to": "a@b.test", "dsn": {"orcpt": true}})"), "/dsn/orcpt"));
  EXPECT_TRUE(names(refused(R"({"to": "a@b.test", "require_tls": "yes"})"), "/require_tls"));
}

TEST(Send_request, Reads_every_field) {
  const auto request = accepted(R"({
    "integration": "Support", "mode": "sync", "timeout_ms": 5000, "from": "Desk <desk@example.com>",
    "reply_to": "reply@example.com", "to": ["a@example.com", "B <b@example.com>"],
    "cc": "c@example.com; d@example.com", "bcc": ["e@example.com"], "subject": "Hallo Jörg",
    "text": "one", "html": "<p>one</p>",
    "attachments": [{"filename": "a.txt", "content_type": "text/plain", "content_base64": "aGk="}],
    "headers": {"X-Ticket": "42"}, "in_reply_to": "<x@y>", "references": ["<x@y>"],
    "encoding": "iso-8859-1", "strict_encoding": true})");

  EXPECT_EQ(request.integration, "Support");
  EXPECT_TRUE(request.sync);
  EXPECT_EQ(request.timeout, Duration(5000));
  EXPECT_EQ(request.from->name, "Desk");
  ASSERT_EQ(request.to.size(), 2U);
  EXPECT_EQ(request.to[1].address, "b@example.com");
  ASSERT_EQ(request.cc.size(), 2U);
  EXPECT_EQ(request.bcc.size(), 1U);
  EXPECT_EQ(request.html, "<p>one</p>");
  ASSERT_EQ(request.attachments.size(), 1U);
  EXPECT_EQ(request.attachments[0].content, "hi");
  EXPECT_EQ(request.headers.front().second, "42");
  EXPECT_EQ(request.encoding, "iso-8859-1");
  EXPECT_TRUE(request.strict_encoding);
}

TEST(Send_request, Takes_body_and_format_for_text_or_html) {
  EXPECT_EQ(accepted(R"({"to": "a@b.example", "body": "x"})").text, "x");
  EXPECT_EQ(accepted(R"({"to": "a@b.example", "body": "x", "format": "html"})").html, "x");
  EXPECT_TRUE(names(refused(R"({"to": "a@b.example", "body": "x", "text": "y"})"), "/body"));
  EXPECT_TRUE(names(refused(R"({"to": "a@b.example", "format": "html"})"), "/format"));
}

TEST(Send_request, Tells_every_mistake_at_once) {
  const auto refusal = refused(R"({"to": "a@b.example", "mode": "later", "timeout_ms": "5",
                                   "subjct": "x", "attachments": {}})");

  EXPECT_EQ(refusal.code, ResultCode::bad_request);
  EXPECT_TRUE(names(refusal, "/mode"));
  EXPECT_TRUE(names(refusal, "/timeout_ms"));
  EXPECT_TRUE(names(refusal, "/subjct"));
  EXPECT_TRUE(names(refusal, "/attachments"));
}

TEST(Send_request, Refuses_line_breaks_wherever_they_could_become_headers) {
  const auto subject = refused(R"({"to": "a@b.example", "subject": "x\r\nBcc: evil@b.example"})");
  const auto value =
      refused(R"({"to": "a@b.example", "headers": {"X-A": "1\nBcc: evil@b.example"}})");
  const auto reply = refused(R"({"to": "a@b.example", "in_reply_to": "<a>\r\nX: y"})");
  const auto address = refused(R"({"to": ["a@b.example\r\nRCPT TO:<evil@b.example>"]})");

  EXPECT_EQ(subject.code, ResultCode::injection);
  EXPECT_TRUE(names(subject, "/subject"));
  EXPECT_EQ(value.code, ResultCode::injection);
  EXPECT_TRUE(names(value, "/headers/X-A"));
  EXPECT_EQ(reply.code, ResultCode::injection);
  EXPECT_EQ(address.code, ResultCode::bad_address);
  EXPECT_TRUE(names(address, "/to/0"));
}

TEST(Send_request, Wants_a_recipient) {
  const auto refusal = refused(R"({"subject": "to nobody"})");

  EXPECT_EQ(refusal.code, ResultCode::bad_address);
  EXPECT_TRUE(names(refusal, "/to"));
}

TEST(Send_request, Wants_attachments_that_are_base64) {
  const auto bad = refused(
      R"({"to": "a@b.example", "attachments": [{"filename": "a", "content_base64": "%%%"}]})");
  const auto none = refused(R"({"to": "a@b.example", "attachments": [{"filename": "a"}]})");

  EXPECT_EQ(bad.code, ResultCode::attachment);
  EXPECT_TRUE(names(bad, "/attachments/0/content_base64"));
  EXPECT_EQ(none.code, ResultCode::attachment);
}

TEST(Send_request, Keeps_to_the_limits_of_one_mail) {
  boost::json::array to;
  for (std::size_t i = 0; i <= recipients_max; ++i) {
    to.emplace_back(fmt::format("user{}@b.example", i));
  }
  boost::json::array attachments;
  for (std::size_t i = 0; i <= attachments_max; ++i) {
    attachments.push_back({{"filename", "a"}, {"content_base64", ""}});
  }
  boost::json::object headers;
  for (std::size_t i = 0; i <= custom_headers_max; ++i) headers[fmt::format("X-{}", i)] = "1";

  EXPECT_EQ(refused_value({{"to", to}}).code, ResultCode::bad_address);
  EXPECT_EQ(refused_value({{"to", "a@b.example"}, {"attachments", attachments}}).code,
            ResultCode::attachment);
  EXPECT_TRUE(names(refused_value({{"to", "a@b.example"}, {"headers", headers}}), "/headers"));
  to.pop_back();
  EXPECT_TRUE(std::holds_alternative<SendRequest>(parse_send_request({{"to", to}})));
}

TEST(Send_request, Keeps_to_the_lengths_of_its_texts) {
  const auto with = [](std::string name, boost::json::value value) {
    return boost::json::object{{"to", "a@b.example"}, {std::move(name), std::move(value)}};
  };
  const auto taken = [](const boost::json::value& json) {
    return std::holds_alternative<SendRequest>(parse_send_request(json));
  };
  EXPECT_TRUE(taken(with("subject", boost::json::string(subject_bytes_max, 'x'))));
  EXPECT_TRUE(names(refused_value(with("subject", boost::json::string(subject_bytes_max + 1, 'x'))),
                    "/subject"));
  EXPECT_TRUE(taken(with("text", boost::json::string(text_bytes_max, 'x'))));
  EXPECT_TRUE(
      names(refused_value(with("text", boost::json::string(text_bytes_max + 1, 'x'))), "/text"));
  const auto header = [&](std::size_t bytes) {
    return with("headers", boost::json::object{{"X-A", boost::json::string(bytes, 'x')}});
  };
  EXPECT_TRUE(taken(header(header_value_bytes_max)));
  EXPECT_TRUE(names(refused_value(header(header_value_bytes_max + 1)), "/headers/X-A"));
  boost::json::array references(references_max, "<a@b>");
  EXPECT_TRUE(taken(with("references", references)));
  references.emplace_back("<a@b>");
  EXPECT_TRUE(names(refused_value(with("references", references)), "/references"));
  boost::json::array tags;
  for (std::size_t i = 0; i < tags_max; ++i) tags.emplace_back(fmt::format("t{}", i));
  EXPECT_TRUE(taken(with("tags", tags)));
  tags.emplace_back("more");
  EXPECT_TRUE(names(refused_value(with("tags", tags)), "/tags"));
  EXPECT_TRUE(taken(with("tags", boost::json::array{boost::json::string(tag_bytes_max, 'x')})));
  EXPECT_TRUE(names(
      refused_value(with("tags", boost::json::array{boost::json::string(tag_bytes_max + 1, 'x')})),
      "/tags/0"));
  EXPECT_TRUE(taken(with("timeout_ms", std::int64_t{timeout_max.count()})));
  EXPECT_TRUE(names(refused_value(with("timeout_ms", std::int64_t{timeout_max.count() + 1})),
                    "/timeout_ms"));
}

TEST(Send_request, Puts_variables_into_subject_texts_and_headers) {
  const auto request = accepted(R"({"to": "a@b.example", "subject": "#{{ticket.id}}",
    "text": "{{who}} \\{{who}}", "html": "<b>{{who}}</b>", "headers": {"X-T": "{{ticket.id}}"},
    "variables": {"who": "A & B", "ticket": {"id": 42}}})");
  EXPECT_EQ(request.subject, "#42");
  EXPECT_EQ(request.text, "A & B {{who}}");
  EXPECT_EQ(request.html, "<b>A &amp; B</b>");
  EXPECT_EQ(request.headers.front().second, "42");
  EXPECT_EQ(accepted(R"({"to": "a@b.example", "text": "{{who}}"})").text, "{{who}}");

  const auto unknown =
      refused(R"({"to": "a@b.example", "text": "{{a}}", "html": "{{b}}", "variables": {"c": 1}})");
  EXPECT_EQ(unknown.code, ResultCode::bad_request);
  EXPECT_TRUE(names(unknown, "/text"));
  EXPECT_TRUE(names(unknown, "/html"));
  const auto injected = refused(
      R"({"to": "a@b.example", "headers": {"X-T": "{{a}}"}, "variables": {"a": "1\nBcc: x@y"}})");
  EXPECT_EQ(injected.code, ResultCode::injection);
  EXPECT_TRUE(names(injected, "/headers/X-T"));
  EXPECT_TRUE(names(refused(R"({"to": "a@b.example", "variables": {"a": []}})"), "/variables/a"));
}

TEST(Send_request, Reads_priority_and_tags) {
  const auto request =
      accepted(R"({"to": "a@b.example", "priority": "low", "tags": ["b", "a", "b"]})");
  EXPECT_EQ(request.priority, Priority::low);
  EXPECT_EQ(request.tags, (std::vector<std::string>{"b", "a"}));
  EXPECT_TRUE(names(refused(R"({"to": "a@b.example", "priority": "urgent"})"), "/priority"));
  EXPECT_TRUE(names(refused(R"({"to": "a@b.example", "tags": [""]})"), "/tags/0"));
  EXPECT_TRUE(names(refused(R"({"to": "a@b.example", "tags": "a"})"), "/tags"));
  EXPECT_TRUE(names(
      refused(R"({"to": "a@b.example", "priority": "high", "headers": {"importance": "low"}})"),
      "/headers/importance"));
}

TEST(Send_request, Names_the_field_of_ids_domains_and_names_of_headers) {
  EXPECT_TRUE(names(refused(R"({"to": "a@b.example", "in_reply_to": "a b"})"), "/in_reply_to"));
  EXPECT_TRUE(
      names(refused(R"({"to": "a@b.example", "references": ["<a@b>", ""]})"), "/references/1"));
  EXPECT_TRUE(names(refused(R"({"to": "a@b.example", "bcc": ["x@１.２.３.４"]})"), "/bcc/0"));
  EXPECT_TRUE(names(refused(R"({"to": "a@b.example", "headers": {"MIME-Version": "1"}})"),
                    "/headers/MIME-Version"));
  EXPECT_TRUE(names(refused(R"({"to": "a@b.example", "attachments": [{"filename": "a",
                                "content_base64": "", "content_id": "a b"}]})"),
                    "/attachments/0/content_id"));
  EXPECT_EQ(refused(R"({"to": "a@b.example",
                        "attachments": [{"filename": "a\r\nX: y", "content_base64": ""}]})")
                .code,
            ResultCode::injection);
}

TEST(Send_request, Cannot_put_off_what_it_waits_for) {
  const auto refusal =
      refused(R"({"to": "a@b.example", "mode": "sync", "not_before": "2026-01-31T09:00:00Z"})");

  EXPECT_TRUE(names(refusal, "/not_before"));
  EXPECT_TRUE(names(refused(R"({"to": "a@b.example", "not_before": "tomorrow"})"), "/not_before"));
}

TEST(Send_request, Is_an_object) {
  EXPECT_EQ(refused("[]").code, ResultCode::bad_request);
  EXPECT_EQ(refused("\"hello\"").code, ResultCode::bad_request);
}

}  // namespace
}  // namespace postern::flows
