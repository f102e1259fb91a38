#include "imap/framer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace postern::imap {
namespace {

// The frames of `input`, received in chunks of `chunk` bytes: "text: …", "begin 5: …", "bytes: …"
// (adjacent pieces joined), and the error's code at the end, if any.
std::vector<std::string> frames(std::string_view input, std::size_t chunk) {
  Framer framer;
  std::vector<std::string> result;
  bool in_bytes = false;
  for (;;) {
    const auto frame = framer.next();
    if (!frame) {
      result.push_back("error: " + frame.error().code.message());
      return result;
    }
    if (std::holds_alternative<NeedBytes>(frame.value())) {
      if (input.empty()) return result;
      framer.receive(input.substr(0, chunk));
      input.remove_prefix(std::min(chunk, input.size()));
    } else if (const auto* whole = std::get_if<WholeResponse>(&frame.value())) {
      result.push_back("text: " + std::string(whole->text));
    } else if (const auto* begin = std::get_if<LiteralBegin>(&frame.value())) {
      result.push_back("begin " + std::to_string(begin->size_bytes));
      in_bytes = false;
    } else if (const auto* piece = std::get_if<LiteralPiece>(&frame.value())) {
      if (!in_bytes) result.emplace_back("bytes: ");
      result.back() += piece->bytes;
      in_bytes = !piece->last;
    }
  }
}

std::vector<std::string> frames(std::string_view input) {
  const auto whole = frames(input, input.size());
  for (const std::size_t chunk : {1, 2, 3, 7, 64}) EXPECT_EQ(frames(input, chunk), whole) << chunk;
  return whole;
}

using Frames = std::vector<std::string>;

TEST(Framer, Gives_lines_with_CRLF_and_with_a_bare_line_feed) {
  EXPECT_EQ(frames("* OK a\r\n* OK b\n\r\n* OK c"),
            (Frames{"text: * OK a", "text: * OK b", "text: "}));
}

TEST(Framer, Streams_the_body_of_a_fetch) {
  EXPECT_EQ(frames(std::string("* 1 FETCH (BODY[] {5}\r\na\0\r\nb UID 7)\r\n* OK\r\n", 43)),
            (Frames{"begin 5", std::string("bytes: a\0\r\nb", 12),
                    std::string("text: * 1 FETCH (BODY[] {5}\0 UID 7)", 35), "text: * OK"}));
}

TEST(Framer, Streams_behind_every_spelling_of_a_body_item) {
  for (const std::string item : {"BODY[]", "body[]<0>", "BODY[HEADER.FIELDS (A B)]", "BINARY[1.2]",
                                 "RFC822", "RFC822.TEXT", "rfc822.header", "BODY[TEXT]"}) {
    const auto result = frames("* 12 FETCH (UID 1 " + item + " {1}\r\nx)\r\n");
    ASSERT_EQ(result.size(), 3U) << item;
    EXPECT_EQ(result[0], "begin 1") << item;
  }
}

TEST(Framer, Gathers_literals_in_other_places) {
  EXPECT_EQ(frames("* LIST () \"/\" {4}\r\na\r\nb\r\n"),
            (Frames{"text: * LIST () \"/\" {4}\r\na\r\nb"}));
  EXPECT_EQ(frames("* 1 FETCH (X-LABELS (a] {1}\r\nb {0}\r\n) Y {1}\r\n{)\r\n"),
            (Frames{"text: * 1 FETCH (X-LABELS (a] {1}\r\nb {0}\r\n) Y {1}\r\n{)"}));
}

TEST(Framer, Does_not_take_the_end_of_a_literal_for_another_literal) {
  EXPECT_EQ(frames("* LIST () \"/\" {3}\r\n{9}\r\n* OK\r\n"),
            (Frames{"text: * LIST () \"/\" {3}\r\n{9}", "text: * OK"}));
}

TEST(Framer, Does_not_take_the_words_of_a_status_for_a_literal) {
  EXPECT_EQ(
      frames("* OK set {5}\r\nA1 NO [X] {7}\r\n+ {3}\r\n* bye {1}\r\n"),
      (Frames{"text: * OK set {5}", "text: A1 NO [X] {7}", "text: + {3}", "text: * bye {1}"}));
}

TEST(Framer, Keeps_the_carriage_return_at_the_end_of_a_literal) {
  EXPECT_EQ(frames("* LIST () \"/\" {2}\r\na\r\r\n"), (Frames{"text: * LIST () \"/\" {2}\r\na\r"}));
}

TEST(Framer, Refuses_a_response_over_64_KiB) {
  const std::string full(Framer::response_bytes_max, 'x');

  EXPECT_EQ(frames(full + "\n", 4096), (Frames{"text: " + full}));
  EXPECT_EQ(frames(full + "x\n", 4096).back(),
            "error: " + make_error_code(errc::line_too_long).message());
}

TEST(Framer, Counts_gathered_literals_in_the_64_KiB) {
  const std::string head = "* LIST () \"/\" {";
  const auto fitting = Framer::response_bytes_max - head.size() - std::string("65515}").size();

  EXPECT_EQ(frames(head + std::to_string(fitting) + "}\r\n", 4096), Frames{});
  EXPECT_EQ(frames(head + std::to_string(fitting + 1) + "}\r\n", 4096).back(),
            "error: " + make_error_code(errc::literal_too_large).message());
}

TEST(Framer, Refuses_a_body_over_4_GiB) {
  EXPECT_EQ(frames("* 1 FETCH (BODY[] {4294967296}\r\n"), Frames{"begin 4294967296"});
  EXPECT_EQ(frames("* 1 FETCH (BODY[] {4294967297}\r\n").back(),
            "error: " + make_error_code(errc::literal_too_large).message());
}

TEST(Framer, Refuses_a_NUL_in_a_line) {
  const auto expected = Frames{"error: " + make_error_code(errc::malformed).message()};
  EXPECT_EQ(frames(std::string("* OK a\0b\r\n", 10)), expected);
}

TEST(Framer, Tells_what_it_has_not_used) {
  Framer framer;
  framer.receive("* OK\r\n* b");

  ASSERT_TRUE(framer.next());
  EXPECT_TRUE(framer.has_unread());
  ASSERT_TRUE(framer.next());
  EXPECT_FALSE(framer.has_unread());
  EXPECT_EQ(framer.partial(), "* b");
}

TEST(Framer, Loses_nothing_when_it_gives_its_memory_back) {
  Framer framer;
  framer.receive("* OK a\r\n* O");
  ASSERT_TRUE(framer.next());
  ASSERT_TRUE(framer.next());
  framer.release_memory();
  framer.receive("K b\r\n");

  const auto frame = framer.next();

  ASSERT_TRUE(frame);
  EXPECT_EQ(std::get<WholeResponse>(frame.value()).text, "* OK b");
}

}  // namespace
}  // namespace postern::imap
