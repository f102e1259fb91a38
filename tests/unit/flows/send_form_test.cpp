// POST /send as a form: fields become what JSON would say, files become attachments.
#include "flows/send_form.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::flows {
namespace {

FormPart field(std::string name, std::string_view content, std::string content_type = {}) {
  FormPart part;
  part.name = std::move(name);
  part.content = content;
  part.content_type = std::move(content_type);
  return part;
}

FormPart file(std::string name, std::string filename, std::string_view content,
              std::string content_type = {}, std::string content_id = {}) {
  FormPart part = field(std::move(name), content, std::move(content_type));
  part.filename = std::move(filename);
  part.content_id = std::move(content_id);
  return part;
}

SendRequest accepted(const std::vector<FormPart>& parts) {
  auto read = parse_send_form(parts);
  if (auto* refusal = std::get_if<Refusal>(&read)) ADD_FAILURE() << refusal->message;
  return std::get<SendRequest>(std::move(read));
}

Refusal refused(const std::vector<FormPart>& parts) {
  auto read = parse_send_form(parts);
  if (std::holds_alternative<SendRequest>(read)) {
    ADD_FAILURE() << "was accepted";
    return {};
  }
  return std::get<Refusal>(std::move(read));
}

bool names(const Refusal& refusal, std::string_view pointer) {
  return std::ranges::any_of(refusal.problems,
                             [&](const auto& problem) { return problem.pointer == pointer; });
}

TEST(Send_form, Reads_what_is_asked_of_other_servers) {
  const auto request = accepted({field("to", "a@example.com"), field("require_tls", "true"),
                                 field("dsn", R"({"notify": ["never"]})")});

  EXPECT_TRUE(request.wishes.require_tls);
  EXPECT_TRUE(request.wishes.dsn.notify.never);
}

TEST(Send_form, Reads_every_kind_of_field) {
  const auto request = accepted(
      {field("integration", "Support"), field("mode", "sync"), field("timeout_ms", "5000"),
       field("to", "a@example.com"), field("to", "B <b@example.com>; c@example.com"),
       field("cc", R"(["d@example.com", "e@example.com"])"), field("subject", "Grüße"),
       field("text", "one\r\ntwo"), field("headers", R"({"X-Ticket": "42"})"),
       field("references", "<a@x>"), field("references", "<b@x>"), field("tags", R"(["a","b"])"),
       field("strict_encoding", "on"), field("priority", "high"), field("variables", "{}")});

  EXPECT_EQ(request.integration, "Support");
  EXPECT_TRUE(request.sync);
  EXPECT_EQ(request.timeout, Duration(5000));
  EXPECT_EQ(request.to.size(), 3u);
  EXPECT_EQ(request.cc.size(), 2u);
  EXPECT_EQ(request.subject, "Grüße");
  EXPECT_EQ(request.text, "one\r\ntwo");
  EXPECT_EQ(request.headers.at(0).second, "42");
  EXPECT_EQ(request.references.size(), 2u);
  EXPECT_EQ(request.tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(request.strict_encoding);
  EXPECT_EQ(request.priority, Priority::high);
}

TEST(Send_form, Takes_files_as_attachments) {
  const auto request = accepted(
      {field("to", "a@example.com"), file("attachments", "a.pdf", "PDF", "application/pdf"),
       field("attachments", R"([{"filename": "b.txt", "content_base64": "aGk="}])"),
       file("attachments", "caf\xE9.txt", "x"), file("inline", "logo.png", "PNG", "image/png"),
       file("inline", "Bild ä.png", "PNG", "image/png", "<pic@x>"), file("attachments", "", "")});

  ASSERT_EQ(request.attachments.size(), 5u);
  EXPECT_EQ(request.attachments[0].filename, "b.txt");
  EXPECT_EQ(request.attachments[1].content, "PDF");
  EXPECT_EQ(request.attachments[1].content_type, "application/pdf");
  EXPECT_EQ(request.attachments[2].filename, "café.txt");
  EXPECT_EQ(request.attachments[2].content_type, "application/octet-stream");
  EXPECT_EQ(request.attachments[3].content_id, "logo.png");
  EXPECT_EQ(request.attachments[4].content_id, "<pic@x>");
}

TEST(Send_form, Takes_an_empty_field_for_absent) {
  const auto request = accepted({field("to", "a@example.com"), field("to", ""), field("from", ""),
                                 field("mode", ""), field("timeout_ms", ""), field("subject", ""),
                                 field("not_before", ""), field("headers", ""), field("cc", "")});

  EXPECT_EQ(request.to.size(), 1u);
  EXPECT_FALSE(request.sync);
  EXPECT_EQ(request.subject, "");
}

TEST(Send_form, Reads_a_text_from_a_file_and_in_the_charset_it_declares) {
  EXPECT_EQ(
      accepted({field("to", "a@x.org"), file("html", "mail.html", "<p>x</p>", "text/html")}).html,
      "<p>x</p>");
  EXPECT_EQ(accepted({field("to", "a@x.org"),
                      field("text", "gr\xFC\xDF", "text/plain; charset=iso-8859-1")})
                .text,
            "grüß");
  EXPECT_EQ(
      accepted({field("text", "\xF0\xD2"), field("_charset_", "koi8-r"), field("to", "a@x.org")})
          .text,
      "Пр");
  EXPECT_TRUE(names(refused({field("to", "a@x.org"), field("text", "gr\xFC\xDF")}), "/text"));
  EXPECT_TRUE(
      names(refused({field("to", "a@x.org"), field("text", "x\xFF", "text/plain;charset=utf-8")}),
            "/text"));
}

TEST(Send_form, Tells_every_mistake_with_the_name_of_its_field) {
  const auto refusal = refused({field("to", "nonsense"), field("subject", "a"),
                                field("subject", "b"), field("headers", "X: 1"), field("cc", "[1"),
                                field("timeout_ms", "soon"), field("strict_encoding", "maybe"),
                                field("subjct", "x"), field("attachments", "a.pdf"),
                                file("inline", "a b.png", "x"), field("inline", "x")});

  for (const char* pointer : {"/to/0", "/subject", "/headers", "/cc", "/timeout_ms",
                              "/strict_encoding", "/subjct", "/attachments/0", "/inline"}) {
    EXPECT_TRUE(names(refusal, pointer)) << pointer;
  }
  EXPECT_FALSE(refusal.hint.empty());
}

TEST(Send_form, Refuses_line_ends_in_names_of_files) {
  EXPECT_EQ(refused({field("to", "a@x.org"), file("attachments", "a\r\nX: y", "x")}).code,
            ResultCode::injection);
  EXPECT_EQ(refused({field("to", "a@x.org"), file("attachments", "a", "x", "a/b\nX: y")}).code,
            ResultCode::injection);
  EXPECT_EQ(
      refused({field("to", "a@x.org"), file("attachments", "a", "x", "a/b", "<x>\r\nX: y")}).code,
      ResultCode::injection);
}

TEST(Send_form, Keeps_to_the_number_and_size_of_attachments) {
  std::vector<FormPart> many{field("to", "a@x.org")};
  for (std::size_t i = 0; i < attachments_max; ++i) many.push_back(file("attachments", "a", "x"));
  EXPECT_EQ(accepted(many).attachments.size(), attachments_max);
  many.push_back(file("attachments", "a", "x"));
  EXPECT_EQ(refused(many).code, ResultCode::attachment);

  const std::string large(attachment_bytes_max, 'x');
  const std::string larger(attachment_bytes_max + 1, 'x');
  const auto to = field("to", "a@x.org");
  EXPECT_EQ(accepted({to, file("attachments", "a", large), file("attachments", "b", large)})
                .attachments.size(),
            attachments_bytes_max / attachment_bytes_max);
  const auto too_large = refused({to, file("attachments", "a", larger)});
  EXPECT_EQ(too_large.code, ResultCode::attachment);
  EXPECT_TRUE(names(too_large, "/attachments/0"));
  const auto together = refused({to, file("attachments", "a", large),
                                 file("attachments", "b", large), file("attachments", "c", "x")});
  EXPECT_EQ(together.code, ResultCode::attachment);
  EXPECT_TRUE(names(together, "/attachments"));
}

}  // namespace
}  // namespace postern::flows
