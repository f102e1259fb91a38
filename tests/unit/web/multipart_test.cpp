// Forms: what stands in the parts, where they end, and what is no form.
#include "web/multipart.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace postern::web {
namespace {

constexpr const char* type = "multipart/form-data; boundary=XX";

/// '\n' in a literal is CRLF on the wire.
std::string wire(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

std::string form(std::string_view inside) {
  return wire("--XX\n" + std::string(inside) + "\n--XX--\n");
}

std::string field(std::string_view name, std::string_view value) {
  return "Content-Disposition: form-data; name=\"" + std::string(name) + "\"\n\n" +
         std::string(value);
}

/// The parts; the body stays until the program ends, since they are views into it.
std::vector<FormPart> parts(const std::string& text, std::string_view content_type = type) {
  static std::deque<std::string> bodies;
  const auto& body = bodies.emplace_back(text);
  auto read = parse_form(content_type, body);
  EXPECT_TRUE(read) << read.error().detail;
  return read ? std::move(read).value() : std::vector<FormPart>();
}

std::string refusal(const std::string& body, std::string_view content_type = type) {
  const auto read = parse_form(content_type, body);
  EXPECT_FALSE(read);
  if (read) return {};
  EXPECT_EQ(read.error().status, 400);
  return read.error().detail;
}

bool says(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

TEST(Form, Gives_fields_and_files_in_their_order) {
  const auto body = form(field("to", "a@example.com") + "\n--XX\n" +
                         "content-disposition: form-data; name=attachments; filename=\"a b.pdf\"\n"
                         "Content-Type: application/pdf\nContent-ID: <x@y>\n"
                         "Content-Transfer-Encoding: binary\nX-Other: 1\n\n%PDF\n\nmore\n");
  const auto read = parts(body);

  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].name, "to");
  EXPECT_EQ(read[0].filename, std::nullopt);
  EXPECT_EQ(read[0].content, "a@example.com");
  EXPECT_EQ(read[1].name, "attachments");
  EXPECT_EQ(read[1].filename, "a b.pdf");
  EXPECT_EQ(read[1].content_type, "application/pdf");
  EXPECT_EQ(read[1].content_id, "<x@y>");
  EXPECT_EQ(read[1].content, "%PDF\r\n\r\nmore\r\n");
}

TEST(Form, Keeps_every_byte_of_a_file) {
  std::string bytes;
  for (int i = 0; i < 512; ++i) bytes.push_back(static_cast<char>(i));
  bytes += "\r\n--X\r\n--XXtra\r\n--XX-\r\n--XX x\r\n-- XX\r\n--\r";
  const auto body = wire("--XX\nContent-Disposition: form-data; name=\"f\"; filename=\"b\"\n\n") +
                    bytes + wire("\n--XX--");
  const auto read = parts(body);

  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].content, bytes);
}

TEST(Form, Knows_empty_contents_and_empty_forms) {
  EXPECT_EQ(parts(form(field("a", ""))).at(0).content, "");
  EXPECT_EQ(parts(form(field("a", "\n"))).at(0).content, "\r\n");
  EXPECT_TRUE(parts("--XX--\r\n").empty());
  EXPECT_TRUE(parts("preamble\r\n--XX--").empty());
}

TEST(Form, Passes_over_preamble_epilogue_and_blanks_behind_a_boundary) {
  const auto read = parts(
      wire("preamble\nof two lines\n--XX \t \n" + field("a", "1") + "\n--XX-- \nepilogue\n--XX\n"));

  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].content, "1");
}

TEST(Form, Reads_boundaries_in_quotes_and_up_to_seventy_characters) {
  const std::string longest(form_boundary_bytes_max, 'b');
  EXPECT_EQ(parts("--a b\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--a b--",
                  "Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"")
                .size(),
            1u);
  EXPECT_TRUE(parts("--" + longest + "--", "multipart/form-data; boundary=" + longest).empty());
  for (const std::string& bad :
       {std::string("multipart/form-data"), std::string("multipart/form-data; boundary="),
        "multipart/form-data; boundary=b" + longest,
        std::string("multipart/form-data; boundary=\"x"),
        std::string("multipart/form-data; boundary=\"x \"")}) {
    EXPECT_TRUE(says(refusal("--XX--", bad), "boundary")) << bad;
  }
}

TEST(Form, Wants_its_end) {
  EXPECT_TRUE(says(refusal(""), "does not occur"));
  EXPECT_TRUE(says(refusal("no form at all"), "does not occur"));
  EXPECT_TRUE(says(refusal(wire("--XX\n" + field("a", "cut off"))), "closing boundary"));
  EXPECT_TRUE(says(refusal(wire("--XX\n" + field("a", "1") + "\n--XX\n")), "part 2"));
  EXPECT_TRUE(says(refusal("--XX\nContent-Disposition: form-data; name=a\n\n1\n--XX--\n"),
                   "does not occur"));
}

TEST(Form, Wants_a_name_for_every_part) {
  EXPECT_TRUE(says(refusal(form("Content-Type: text/plain\n\n1")), "no Content-Disposition"));
  EXPECT_TRUE(says(refusal(form("\n1")), "has no header"));
  EXPECT_TRUE(says(refusal(form("Content-Disposition: form-data\n\n1")), "empty name"));
  EXPECT_TRUE(says(refusal(form("Content-Disposition: attachment; name=a\n\n1")), "form-data"));
  EXPECT_TRUE(says(refusal(form("Content-Disposition: form-data; name=a\n"
                                "Content-Disposition: form-data; name=b\n\n1")),
                   "one Content-Disposition"));
  EXPECT_TRUE(says(refusal(form(field("\xFF", "1"))), "not UTF-8"));
}

TEST(Form, Refuses_what_it_would_have_to_decode_or_open) {
  EXPECT_TRUE(says(refusal(form("Content-Disposition: form-data; name=a\n"
                                "Content-Type: multipart/mixed; boundary=YY\n\n--YY--")),
                   "itself a multipart"));
  EXPECT_TRUE(says(refusal(form("Content-Disposition: form-data; name=a\n"
                                "Content-Transfer-Encoding: base64\n\nAAAA")),
                   "Content-Transfer-Encoding"));
  EXPECT_TRUE(says(refusal(form("Content-Disposition: form-data; name=a\n folded\n\n1")),
                   "malformed header line"));
  EXPECT_TRUE(says(refusal(form("no colon\n\n1")), "malformed header line"));
  EXPECT_TRUE(
      says(refusal("--XX\r\nContent-Disposition: form-data; name=\"a\nb\"\r\n\r\n\r\n--XX--"),
           "malformed header line"));
  EXPECT_TRUE(says(refusal(form("Content-Disposition: form-data; name=\"a\n\n1")), "malformed"));
}

std::string file_name(std::string_view parameters) {
  const auto read =
      parts(form("Content-Disposition: form-data; name=f; " + std::string(parameters) + "\n\n1"));
  return read.empty() ? std::string() : read[0].filename.value_or("none");
}

TEST(Form, Reads_file_names_as_clients_write_them) {
  EXPECT_EQ(file_name("filename=\"a \\\"b\\\" \\\\ c; d.txt\""), " c; d.txt");
  EXPECT_EQ(file_name("filename=\"q\\\"uote.txt\""), "q\"uote.txt");
  EXPECT_EQ(file_name("filename=\"q%22uote 100%.txt\""), "q\"uote 100%.txt");
  EXPECT_EQ(file_name("filename=\"C:\\dir\\file.txt\""), "file.txt");
  EXPECT_EQ(file_name("filename=\"../../etc/passwd\""), "passwd");
  EXPECT_EQ(file_name("filename=\"Grüße 日本.pdf\""), "Grüße 日本.pdf");
  EXPECT_EQ(file_name("filename=\"\""), "");
  EXPECT_EQ(file_name("filename=plain.txt ; other=1"), "plain.txt");
  EXPECT_EQ(file_name("other=1"), "none");
}

TEST(Form, Reads_extended_file_names_and_prefers_them) {
  EXPECT_EQ(file_name("filename*=UTF-8''%e2%82%ac%20rates.txt"), "€ rates.txt");
  EXPECT_EQ(file_name("filename*=iso-8859-1'en'%A3%20rates"), "£ rates");
  EXPECT_EQ(file_name("filename=\"plain\"; filename*=utf-8''x%2Fext"), "ext");
  EXPECT_EQ(file_name("filename*=utf-8''ext; filename=\"plain\""), "ext");
  for (const char* bad : {"filename*=utf-8'x", "filename*=utf-8''%GG", "filename*=utf-8''%4",
                          "filename*=koi8-r''x", "filename*=utf-8''%FF"}) {
    EXPECT_TRUE(
        says(refusal(form("Content-Disposition: form-data; name=f; " + std::string(bad) + "\n\n1")),
             "filename*"))
        << bad;
  }
}

TEST(Form, Has_as_many_parts_as_its_limit) {
  std::string body;
  for (std::size_t i = 0; i < form_parts_max; ++i) body += wire("--XX\n" + field("a", "1") + "\n");
  EXPECT_EQ(parts(body + "--XX--").size(), form_parts_max);
  EXPECT_TRUE(says(refusal(body + wire("--XX\n" + field("a", "1") + "\n--XX--")), "parts"));
}

TEST(Form, Has_headers_names_and_fields_up_to_its_limits) {
  const auto with_header = [](std::size_t bytes) {
    const std::string start = wire(field("a", "")).substr(0, wire(field("a", "")).size() - 2);
    const std::size_t rest = bytes - start.size() - std::string("X: \r\n\r\n").size();
    return "--XX\r\n" + start + "X: " + std::string(rest, 'x') + "\r\n\r\n1\r\n--XX--";
  };
  EXPECT_EQ(parts(with_header(form_header_bytes_max)).size(), 1u);
  EXPECT_TRUE(says(refusal(with_header(form_header_bytes_max + 1)), "8 KiB"));

  EXPECT_EQ(parts(form(field(std::string(form_name_bytes_max, 'n'), "1"))).size(), 1u);
  EXPECT_TRUE(says(refusal(form(field(std::string(form_name_bytes_max + 1, 'n'), "1"))), "255"));

  const std::string start = wire("--XX\n" + field("a", ""));
  const std::string end = "\r\n--XX--";
  EXPECT_EQ(parts(start + std::string(form_field_bytes_max, 'x') + end).size(), 1u);
  EXPECT_TRUE(says(refusal(start + std::string(form_field_bytes_max + 1, 'x') + end), "32 MiB"));
}

TEST(Form, Has_one_hash_whatever_its_boundary) {
  const auto hash = [](const std::string& inside, const std::string& boundary) {
    const auto body = wire("--" + boundary + "\n" + inside + "\n--" + boundary + "--");
    const auto read = parse_form("multipart/form-data; boundary=" + boundary, body);
    return form_sha256(read.value());
  };
  EXPECT_EQ(hash(field("a", "1"), "XX"), hash(field("a", "1"), "other"));
  EXPECT_NE(hash(field("a", "1"), "XX"), hash(field("a", "2"), "XX"));
  EXPECT_NE(hash(field("a", "1"), "XX"), hash(field("b", "1"), "XX"));
}

}  // namespace
}  // namespace postern::web
