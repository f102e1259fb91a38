// The linear pass: structure, each limit, and that the work stays linear.
#include "message/scan.hpp"

#include "unit/message/mail_text.hpp"

#include <gtest/gtest.h>

namespace postern::message {
namespace {

std::string body_of(const std::string& raw, const PartTree& tree, std::size_t part) {
  return std::string(tree.parts.at(part).body.in(raw));
}

const std::string two_parts = crlf(
    "Subject: x\n"
    "Content-Type: multipart/mixed; boundary=\"b\"\n"
    "\n"
    "preamble\n"
    "--b\n"
    "\n"
    "one\n"
    "--b\n"
    "Content-Type: image/PNG\n"
    "Content-Transfer-Encoding: BASE64\n"
    "\n"
    "two\n"
    "--b--\n"
    "epilogue\n");

TEST(Scan, Finds_the_parts_of_a_multipart_with_their_bytes) {
  const PartTree tree = scan(two_parts);

  ASSERT_EQ(tree.parts.size(), 3u);
  EXPECT_TRUE(tree.parts[0].has_children);
  EXPECT_EQ(tree.parts[1].parent, 0);
  EXPECT_EQ(tree.parts[1].content_type, "text/plain");
  EXPECT_EQ(body_of(two_parts, tree, 1), "one");
  EXPECT_EQ(tree.parts[2].content_type, "image/png");
  EXPECT_EQ(tree.parts[2].encoding, TransferEncoding::base64);
  EXPECT_EQ(body_of(two_parts, tree, 2), "two");
  EXPECT_TRUE(tree.defects.empty());
}

TEST(Scan, Reads_bare_line_feeds_like_crlf) {
  std::string raw = two_parts;
  std::erase(raw, '\r');

  const PartTree tree = scan(raw);

  ASSERT_EQ(tree.parts.size(), 3u);
  EXPECT_EQ(body_of(raw, tree, 1), "one");
  EXPECT_EQ(body_of(raw, tree, 2), "two");
}

TEST(Scan, Accepts_blanks_after_a_boundary) {
  const std::string raw =
      crlf("Content-Type: multipart/mixed; boundary=b\n\n--b \t \n\none\n--b  \n\ntwo\n--b-- \n");

  const PartTree tree = scan(raw);

  ASSERT_EQ(tree.parts.size(), 3u);
  EXPECT_EQ(body_of(raw, tree, 2), "two");
  EXPECT_TRUE(tree.defects.empty());
}

TEST(Scan, Takes_the_parts_of_a_digest_for_mails) {
  const std::string raw =
      crlf("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n\nhello\n--b--\n");

  const PartTree tree = scan(raw);

  ASSERT_EQ(tree.parts.size(), 2u);
  EXPECT_EQ(tree.parts[1].content_type, "message/rfc822");
  EXPECT_EQ(body_of(raw, tree, 1), "Subject: in\r\n\r\nhello");
}

TEST(Scan, Ends_inner_parts_at_an_outer_boundary) {
  const std::string raw = crlf(
      "Content-Type: multipart/mixed; boundary=out\n\n"
      "--out\nContent-Type: multipart/alternative; boundary=in\n\n--in\n\nfirst\n"
      "--out\n\nsecond\n--out--\n");

  const PartTree tree = scan(raw);

  ASSERT_EQ(tree.parts.size(), 4u);
  EXPECT_EQ(body_of(raw, tree, 2), "first");
  EXPECT_EQ(tree.parts[3].parent, 0);
  EXPECT_EQ(body_of(raw, tree, 3), "second");
  EXPECT_TRUE(has(tree.defects, "mime.unclosed_multipart"));
}

TEST(Scan, Keeps_the_last_part_of_a_mail_that_ends_without_a_closing_boundary) {
  const std::string raw =
      crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n");

  const PartTree tree = scan(raw);

  ASSERT_EQ(tree.parts.size(), 3u);
  EXPECT_EQ(body_of(raw, tree, 2), "two\r\n");
  EXPECT_TRUE(has(tree.defects, "mime.unclosed_multipart"));
}

TEST(Scan, Guesses_a_boundary_that_was_not_declared) {
  const std::string raw = crlf("Content-Type: multipart/mixed\n\n--xyz\n\none\n--xyz--\n");

  const PartTree tree = scan(raw);

  ASSERT_EQ(tree.parts.size(), 2u);
  EXPECT_EQ(body_of(raw, tree, 1), "one");
  EXPECT_TRUE(has(tree.defects, "mime.missing_boundary"));
}

TEST(Scan, Leaves_a_multipart_without_parts_as_a_leaf) {
  const std::string raw = crlf("Content-Type: multipart/mixed; boundary=b\n\njust text\n");

  const PartTree tree = scan(raw);

  ASSERT_EQ(tree.parts.size(), 1u);
  EXPECT_FALSE(tree.parts[0].has_children);
  EXPECT_EQ(body_of(raw, tree, 0), "just text\r\n");
  EXPECT_TRUE(has(tree.defects, "mime.no_parts"));
}

TEST(Scan, Gives_a_boundary_used_twice_to_the_inner_multipart_until_it_is_closed) {
  const std::string raw = crlf(
      "Content-Type: multipart/mixed; boundary=b\n\n"
      "--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\ntext\n--b\n\nhtml\n--b--\n"
      "--b\n\nattachment\n--b--\n");

  const PartTree tree = scan(raw);

  ASSERT_EQ(tree.parts.size(), 5u);
  EXPECT_EQ(tree.parts[3].parent, 1);
  EXPECT_EQ(tree.parts[4].parent, 0);
  EXPECT_EQ(body_of(raw, tree, 4), "attachment");
  EXPECT_EQ(tree.defects, std::vector<std::string>{"mime.boundary_reused"});
}

TEST(Scan, Takes_a_text_whose_empty_line_is_missing_for_text) {
  const std::string raw = "From: a@x\r\nSubject: s\r\nhello world\r\n\r\nmore\r\n";

  const PartTree tree = scan(raw);

  EXPECT_EQ(tree.fields.size(), 2u);
  EXPECT_EQ(body_of(raw, tree, 0), "hello world\r\n\r\nmore\r\n");
}

TEST(Scan, Survives_an_empty_mail_and_one_without_a_header) {
  EXPECT_EQ(scan("").parts.size(), 1u);

  const std::string raw = "no header here\r\n\r\nsecond paragraph\r\n";
  const PartTree tree = scan(raw);
  EXPECT_EQ(body_of(raw, tree, 0), raw);
  EXPECT_TRUE(has(tree.defects, "header.malformed_line"));
}

TEST(Scan, Passes_over_an_mbox_line_and_a_malformed_line_between_fields) {
  const std::string raw = crlf("From a@b Mon Jan\nSubject: s\nbroken line\nTo: t@x\n\nbody\n");

  const PartTree tree = scan(raw);

  ASSERT_EQ(tree.fields.size(), 2u);
  EXPECT_EQ(tree.fields[1].value.in(raw), "t@x");
  EXPECT_EQ(body_of(raw, tree, 0), "body\r\n");
}

// --- limits -------------------------------------------------------------------------------------

TEST(Scan_limits, Descends_fifty_multiparts_and_no_deeper) {
  const std::string allowed = nested(mime_depth_max);
  const std::string deeper = nested(mime_depth_max + 1);

  EXPECT_FALSE(has(scan(allowed).defects, "mime.depth_limit"));
  const PartTree tree = scan(deeper);

  EXPECT_TRUE(has(tree.defects, "mime.depth_limit"));
  EXPECT_EQ(tree.parts.size(), static_cast<std::size_t>(mime_depth_max) + 1);
  EXPECT_EQ(tree.parts.back().depth, mime_depth_max);
}

TEST(Scan_limits, Lists_a_thousand_parts_and_stops) {
  const std::string head = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  const std::string part = "--b\r\n\r\nx\r\n";

  EXPECT_TRUE(scan(head + repeat(part, mime_parts_max - 1) + "--b--\r\n").defects.empty());
  const PartTree tree = scan(head + repeat(part, mime_parts_max));

  EXPECT_EQ(tree.parts.size(), mime_parts_max);
  EXPECT_TRUE(has(tree.defects, "mime.parts_limit"));
}

TEST(Scan_limits, Lists_two_thousand_fields) {
  const std::string raw = repeat("X: y\r\n", header_fields_max) + "\r\nbody";
  EXPECT_TRUE(scan(raw).defects.empty());

  const PartTree tree = scan("X: y\r\n" + raw);

  EXPECT_EQ(tree.fields.size(), header_fields_max);
  EXPECT_TRUE(has(tree.defects, "header.fields_limit"));
}

TEST(Scan_limits, Cuts_a_field_at_its_limit) {
  const std::string name = "Subject:";
  const std::string value(header_field_bytes_max - name.size(), 'x');
  EXPECT_TRUE(scan(name + value + "\r\n\r\n").defects.empty());

  const std::string raw = name + value + "y\r\n\r\n";
  const PartTree tree = scan(raw);

  EXPECT_EQ(tree.fields.at(0).value.size(), value.size());
  EXPECT_TRUE(has(tree.defects, "header.field_limit"));
}

TEST(Scan_limits, Ignores_fields_beyond_the_header_block_but_finds_the_body) {
  const std::string field = "X: " + std::string(995, 'x') + "\r\n";
  const std::string raw = repeat(field, header_block_bytes_max / field.size() + 2) + "\r\nbody";

  const PartTree tree = scan(raw);

  EXPECT_TRUE(has(tree.defects, "header.block_limit"));
  EXPECT_EQ(tree.parts[0].body.in(raw), "body");
}

TEST(Scan_limits, Does_not_open_a_multipart_whose_boundary_is_too_long) {
  const auto mail = [](std::size_t length) {
    const std::string b(length, 'b');
    return "Content-Type: multipart/mixed; boundary=" + b + "\r\n\r\n--" + b + "\r\n\r\nx";
  };

  EXPECT_EQ(scan(mail(boundary_bytes_max)).parts.size(), 2u);
  const PartTree tree = scan(mail(boundary_bytes_max + 1));

  EXPECT_EQ(tree.parts.size(), 1u);
  EXPECT_TRUE(has(tree.defects, "mime.boundary_limit"));
}

// --- linearity ----------------------------------------------------------------------------------

void expect_linear(const std::string& raw) {
  const PartTree tree = scan(raw);
  EXPECT_LE(tree.work_bytes, 4 * raw.size() + 1024);
  EXPECT_LE(tree.parts.size(), mime_parts_max);
  EXPECT_LE(tree.fields.size(), header_fields_max);
}

TEST(Scan_work, Stays_linear_on_deep_nests) {
  expect_linear(nested(1000));
  expect_linear(nested(5000));
}

TEST(Scan_work, Stays_linear_on_twenty_thousand_unclosed_parts) {
  expect_linear(nested(20000));
  expect_linear("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + repeat("--b\r\n", 20000));
}

TEST(Scan_work, Stays_linear_on_a_million_headers) {
  expect_linear(repeat("X-Header: y\r\n", 1'000'000));
}

TEST(Scan_work, Stays_linear_on_malformed_header_lines) {
  expect_linear("A: b\r\n" + repeat("no field here\r\nA: b\r\n", 100'000));
}

TEST(Scan_work, Stays_linear_on_lines_that_look_like_boundaries) {
  std::string raw = nested(mime_depth_max);
  const std::string line = "--" + std::string(boundary_bytes_max, 'b') + "\r\n";
  expect_linear(raw + repeat(line, 5000));
}

TEST(Scan_work, Stays_linear_on_one_endless_folded_field) {
  expect_linear("Subject: x\r\n" + repeat(" y\r\n", 300'000) + "\r\n");
}

// --- message ids --------------------------------------------------------------------------------

TEST(Find_message_id, Gives_the_first_id_of_the_header) {
  EXPECT_EQ(find_message_id("Subject: x\r\nMESSAGE-ID:\r\n <a@b> (c)\r\n\r\n"), "<a@b>");
  EXPECT_EQ(find_message_id("Message-ID : bare@id\n\n"), "<bare@id>");
  EXPECT_EQ(find_message_id("Message-ID: < a @b>\n\n"), "<a@b>");
}

TEST(Find_message_id, Looks_neither_into_the_body_nor_at_empty_ids) {
  EXPECT_EQ(find_message_id("Subject: x\r\n\r\nMessage-ID: <a@b>\r\n"), std::nullopt);
  EXPECT_EQ(find_message_id("Message-ID: <>\r\n\r\n"), std::nullopt);
  EXPECT_EQ(find_message_id("Message-ID:\r\n\r\n"), std::nullopt);
  EXPECT_EQ(find_message_id(""), std::nullopt);
}

TEST(Find_message_id, Is_bounded_and_valid_utf8) {
  const auto id = find_message_id("Message-ID: <" + std::string(3000, '\xE4') + ">\r\n\r\n");

  ASSERT_TRUE(id.has_value());
  EXPECT_LE(id->size(), message_id_bytes_max);
}

TEST(Find_field, Gives_the_folded_value_of_the_first_of_that_name) {
  const std::string raw = crlf("Subject: a\n b\nsubject: c\n\n");
  const PartTree tree = scan(raw);

  EXPECT_EQ(find_field(raw, tree, "SUBJECT"), "a\r\n b");
  EXPECT_EQ(find_field(raw, tree, "X-None"), std::nullopt);
}

}  // namespace
}  // namespace postern::message
