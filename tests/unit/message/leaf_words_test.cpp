// The leaves: transfer encodings, charsets, encoded words, parameters, dates.
#include "core/utf8.hpp"
#include "message/charset.hpp"
#include "message/domain.hpp"
#include "message/mail_date.hpp"
#include "message/parameters.hpp"
#include "message/transfer.hpp"
#include "message/words.hpp"
#include "unit/message/mail_text.hpp"

#include <gtest/gtest.h>

namespace postern::message {
namespace {

std::string decoded(std::string_view text, TransferEncoding encoding) {
  return decode_transfer(text, encoding, std::size_t{1} << 24).bytes;
}

TEST(Transfer, Decodes_base64_over_lines_and_with_missing_padding) {
  EXPECT_EQ(decoded("aGVs\r\nbG8=\r\n", TransferEncoding::base64), "hello");
  EXPECT_EQ(decoded("aGVsbG8", TransferEncoding::base64), "hello");
  EXPECT_EQ(decoded("aG Vs bG8=aGVsbG8=", TransferEncoding::base64), "hellohello");
}

TEST(Transfer, Passes_over_foreign_characters_in_base64_and_says_so) {
  const Decoded result = decode_transfer("aG*Vs#bG8=", TransferEncoding::base64, 100);

  EXPECT_EQ(result.bytes, "hello");
  EXPECT_FALSE(result.clean);
}

TEST(Transfer, Decodes_quoted_printable_with_soft_breaks_and_trailing_blanks) {
  EXPECT_EQ(decoded("a=3Db=\r\nc \t\r\nd=20\r\n", TransferEncoding::quoted_printable),
            "a=bc\r\nd \r\n");
}

TEST(Transfer, Keeps_malformed_quoted_printable_as_it_stands) {
  const Decoded result =
      decode_transfer("<a href=\"x\">=", TransferEncoding::quoted_printable, 100);

  EXPECT_EQ(result.bytes, "<a href=\"x\">");
  EXPECT_FALSE(result.clean);
}

TEST(Transfer, Decodes_uuencode) {
  EXPECT_EQ(decoded("begin 644 x\r\n%:&5L;&\\\r\n`\r\nend\r\n", TransferEncoding::uuencode),
            "hello");
}

TEST(Transfer, Stops_at_the_size_asked_for) {
  const Decoded result =
      decode_transfer(repeat("aGVsbG8h", 50'000), TransferEncoding::base64, 1000);

  EXPECT_EQ(result.bytes.size(), 1000u);
  EXPECT_TRUE(result.cut);
}

TEST(Transfer, Gives_back_every_byte_it_encoded) {
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes.push_back(static_cast<char>(i * 7 + i / 256));
  for (const std::size_t size : {0u, 1u, 2u, 56u, 57u, 58u, 1000u, 3000u}) {
    std::string base64, quoted;
    append_base64_lines(bytes.substr(0, size), base64);
    append_quoted_printable(bytes.substr(0, size), quoted);

    EXPECT_EQ(decoded(base64, TransferEncoding::base64), bytes.substr(0, size));
    EXPECT_EQ(decoded(quoted, TransferEncoding::quoted_printable), bytes.substr(0, size));
  }
}

TEST(Transfer, Writes_quoted_printable_lines_of_seventy_six_that_no_server_mangles) {
  std::string out;
  append_quoted_printable(std::string(200, 'x') + "\r\nFrom me\r\n.\r\nblank \r\nbare\nfeed", out);

  std::size_t begin = 0;
  for (std::size_t end; (end = out.find("\r\n", begin)) != out.npos; begin = end + 2) {
    EXPECT_LE(end - begin, encoded_line_octets_max);
  }
  EXPECT_NE(out.find("\r\n=46rom me\r\n=2E\r\nblank=20\r\nbare=0Afeed"), out.npos) << out;
}

TEST(Charset, Reads_the_common_ones_without_a_guess) {
  CharsetDecoder charsets;
  EXPECT_EQ(charsets.to_utf8("gr\xFC\xDF", "ISO-8859-1").utf8, "grüß");
  EXPECT_EQ(charsets.to_utf8("\x80", "windows-1252").utf8, "€");
  EXPECT_EQ(charsets.to_utf8("grüß", "UTF-8").utf8, "grüß");
  EXPECT_EQ(charsets.to_utf8("\x1b$B%F%9%H\x1b(B", "iso-2022-jp").utf8, "テスト");
  EXPECT_EQ(charsets.to_utf8("\xd0\xd2\xc9", "koi8-r").utf8, "при");
  EXPECT_EQ(charsets.to_utf8({"a\0b\0", 4}, "utf-16le").utf8, "ab");
}

TEST(Charset, Guesses_when_it_is_unknown_missing_or_wrong) {
  CharsetDecoder charsets;
  const auto unknown = charsets.to_utf8("gr\xFC\xDF", "x-no-such");
  EXPECT_EQ(unknown.utf8, "grüß");
  EXPECT_FALSE(unknown.clean);
  EXPECT_EQ(charsets.to_utf8("grüß", "").utf8, "grüß");
  EXPECT_TRUE(charsets.to_utf8("grüß", "").clean);
  EXPECT_EQ(charsets.to_utf8("gr\xFC\xDF", "us-ascii").utf8, "grüß");
  const auto broken = charsets.to_utf8("a\xFF", "utf-8");
  EXPECT_EQ(broken.utf8, "a\xEF\xBF\xBD");
  EXPECT_FALSE(broken.clean);
}

TEST(Charset, Lets_no_strange_name_reach_the_converter) {
  CharsetDecoder charsets;
  EXPECT_FALSE(charsets.to_utf8("\xE4", "../../etc/passwd").clean);
  EXPECT_FALSE(charsets.to_utf8("\xE4", "utf-16,version=1").clean);
  EXPECT_FALSE(charsets.to_utf8("\xE4", std::string(charset_name_bytes_max + 1, 'x')).clean);
}

TEST(Charset, Stops_converting_when_the_budget_is_spent) {
  CharsetDecoder charsets;
  for (std::size_t i = 0; i < charset_conversions_max; ++i) {
    ASSERT_TRUE(charsets.to_utf8("\xd0", "koi8-r").clean);
  }
  EXPECT_FALSE(charsets.to_utf8("\xd0", "koi8-r").clean);
}

TEST(Charset, Replaces_nul) {
  CharsetDecoder charsets;
  EXPECT_EQ(charsets.to_utf8(std::string_view("a\0b", 3), "").utf8,
            "a\xEF\xBF\xBD"
            "b");
}

TEST(Charset, Converts_back_only_what_fits) {
  EXPECT_EQ(from_utf8("grüß", "iso-8859-1"), "gr\xFC\xDF");
  EXPECT_EQ(from_utf8("Жук", "iso-8859-1"), std::nullopt);
  EXPECT_EQ(from_utf8("x", "no-such"), std::nullopt);
  EXPECT_EQ(from_utf8("x", "utf-16"), std::nullopt);
  EXPECT_EQ(from_utf8("", "iso-8859-1"), "");
}

TEST(Charset, Makes_a_labels_of_international_domains) {
  EXPECT_EQ(to_ascii_domain("bücher.example"), "xn--bcher-kva.example");
  EXPECT_EQ(to_ascii_domain("BÜCHER.example"), "xn--bcher-kva.example");
  EXPECT_EQ(to_ascii_domain("plain.example"), "plain.example");
  EXPECT_EQ(to_ascii_domain("straße.example"), "xn--strae-oqa.example");
  EXPECT_EQ(to_ascii_domain("ＭＡＩＬ.例え.jp"), "mail.xn--r8jz45g.jp");
}

TEST(Charset, Makes_no_a_labels_of_what_is_no_domain) {
  for (const std::string& domain :
       {std::string("ü..example"), std::string("ü b.example"), std::string("\xFFx.example"),
        std::string("ü\0.example", 10), std::string("１.２.３.４"), std::string("ü＠x.example"),
        std::string("\xE2\x80\x8B.example"), std::string(70, 'a') + "ü.example"}) {
    EXPECT_EQ(to_ascii_domain(domain), std::nullopt) << domain;
  }
}

TEST(Charset, Turns_the_domain_of_an_address_and_leaves_its_local_part) {
  EXPECT_EQ(with_ascii_domain("jörg@bücher.example"), "jörg@xn--bcher-kva.example");
  EXPECT_EQ(with_ascii_domain("\"a@b\"@bücher.example"), "\"a@b\"@xn--bcher-kva.example");
  EXPECT_EQ(with_ascii_domain("plain"), "plain");
  EXPECT_TRUE(needs_smtputf8("jörg@example.org"));
  EXPECT_FALSE(needs_smtputf8("joerg@bücher.example"));
}

std::string words(std::string_view value) {
  CharsetDecoder charsets;
  bool clean = true;
  return decode_words(value, charsets, clean);
}

TEST(Words, Decodes_both_encodings_and_joins_neighbours) {
  EXPECT_EQ(words("=?utf-8?Q?gr=C3=BC=C3=9F_dich?="), "grüß dich");
  EXPECT_EQ(words("=?UTF-8?b?Z3LDvMOf?= you"), "grüß you");
  EXPECT_EQ(words("=?utf-8?Q?=C3?= =?utf-8?Q?=BC?="), "ü");
  EXPECT_EQ(words("=?utf-8?q?a?= b =?utf-8*en?q?c?="), "a b c");
  EXPECT_EQ(words("=?iso-8859-1?q?=E4?= =?utf-8?q?=C3=A4?="), "ää");
}

TEST(Words, Leaves_what_is_no_word) {
  for (const char* text : {"=?", "=?utf-8", "=?utf-8?x?a?=", "=?utf-8?q?open", "a =? b ?= c"}) {
    EXPECT_EQ(words(text), text);
  }
}

TEST(Words, Lets_no_decoded_line_end_through) {
  EXPECT_EQ(words("=?utf-8?q?a=0D=0ABcc:_x@y?="), "a  Bcc: x@y");
}

TEST(Words, Reads_raw_eight_bit_headers) {
  EXPECT_EQ(words("grüß"), "grüß");
  EXPECT_EQ(words("gr\xFC\xDF"), "grüß");
}

TEST(Words, Gives_back_what_it_encoded_in_words_of_seventy_five) {
  const std::string text = repeat("Grüße, Ж 日本 ", 20);
  std::string joined;
  for (const std::string& word : encode_words(text, "utf-8", 40)) {
    EXPECT_LE(word.size(), joined.empty() ? 40u : encoded_word_octets_max);
    joined += (joined.empty() ? "" : "\r\n ") + word;
  }

  EXPECT_EQ(words(joined), text);
}

TEST(Words, Encodes_in_a_charset_with_shifts) {
  std::string joined;
  for (const std::string& word : encode_words(repeat("テスト", 30), "iso-2022-jp")) {
    EXPECT_LE(word.size(), encoded_word_octets_max);
    joined += word + " ";
  }

  EXPECT_EQ(words(joined), repeat("テスト", 30));
}

TEST(Parameters, Reads_quoted_bare_and_folded_values) {
  const auto value = parse_parameterized(
      "Text/Plain (comment; x=y); charset=us-ascii (Plain);\r\n name=\"a;\\\"b\\\\c\"; "
      "Format=flowed");

  EXPECT_EQ(value.value, "text/plain");
  EXPECT_EQ(value.find("charset")->value, "us-ascii");
  EXPECT_EQ(value.find("name")->value, "a;\"b\\c");
  EXPECT_EQ(value.find("format")->value, "flowed");
}

TEST(Parameters, Reads_what_mailers_get_wrong) {
  EXPECT_EQ(parse_parameterized("a/b; name=my file (1).pdf").find("name")->value,
            "my file (1).pdf");
  EXPECT_EQ(parse_parameterized("a/b; name=\"C:\\temp\\x.txt\"").find("name")->value,
            "C:\\temp\\x.txt");
  EXPECT_EQ(parse_parameterized("a/b; name=\"open").find("name")->value, "open");
  EXPECT_EQ(parse_parameterized("a/b;;; ; x").parameters.size(), 0u);
}

TEST(Parameters, Joins_rfc_2231_continuations_in_their_order) {
  const auto value = parse_parameterized(
      "attachment; filename*1=%20plain; filename*0*=utf-8''%E2%82%AC; filename=other; "
      "filename*2*=%41");

  const Parameter* name = value.find("filename");
  EXPECT_EQ(name->value, "€%20plainA");
  EXPECT_EQ(name->charset, "utf-8");
  EXPECT_TRUE(name->extended);
}

TEST(Parameters, Reads_a_hundred_and_no_more) {
  std::string text = "a/b";
  for (std::size_t i = 0; i <= parameters_max; ++i) text += "; p" + std::to_string(i) + "=x";

  EXPECT_EQ(parse_parameterized(text).parameters.size(), parameters_max);
}

TEST(Parameters, Reads_sixteen_kilobytes_of_a_field_and_no_more) {
  const std::string filler = "a/b; x=";
  const std::string name = "; n=1";
  const std::string padding(parameters_bytes_max - filler.size() - name.size(), 'y');

  EXPECT_NE(parse_parameterized(filler + padding + name).find("n"), nullptr);
  EXPECT_EQ(parse_parameterized(filler + padding + "yyyyy" + name).find("n"), nullptr);
}

TEST(Mail_date, Reads_the_forms_found_in_mail) {
  const auto at = parse_rfc3339("2026-01-31T08:30:00Z");
  EXPECT_EQ(parse_mail_date("Sat, 31 Jan 2026 09:30:00 +0100"), at);
  EXPECT_EQ(parse_mail_date("31 Jan 2026 08:30 GMT (comment)"), at);
  EXPECT_EQ(parse_mail_date("Sat, 31 January 26 03:30:00 EST"), at);
  EXPECT_EQ(parse_mail_date("Sat Jan 31 08:30:00 2026"), at);
}

TEST(Mail_date, Refuses_what_is_no_date) {
  for (const char* text : {"", "yesterday", "32 Jan 2026 08:30:00 +0000", "31 Foo 2026 08:30:00",
                           "31 Jan 2026 25:00:00 +0000", "31 Jan 99999999999999999999 08:30",
                           "31 Jan 1 08:30:00", "29 Feb 2026 08:30:00 +0000", "Sat, 31 Jan"}) {
    EXPECT_EQ(parse_mail_date(text), std::nullopt) << text;
  }
}

TEST(Mail_date, Gives_back_what_it_wrote) {
  for (const std::int64_t seconds : {0LL, 951782400LL, 1769848200LL, 4102444799LL}) {
    const Instant at = from_milliseconds(seconds * 1000);
    EXPECT_EQ(parse_mail_date(to_mail_date(at)), at) << to_mail_date(at);
  }
  EXPECT_EQ(to_mail_date(from_milliseconds(1769848200000)), "Sat, 31 Jan 2026 08:30:00 +0000");
}

}  // namespace
}  // namespace postern::message
