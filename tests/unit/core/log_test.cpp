// The log's lines and what must never be in one.
#include "core/log.hpp"

#include "core/base64.hpp"
#include "core/redact.hpp"
#include "core/sasl.hpp"
#include "core/secret.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <vector>

namespace postern {
namespace {

class Log : public testing::Test {
 protected:
  void use(log::Format format, log::Level level = log::Level::info) {
    log::Options options;
    options.format = format;
    options.level = level;
    options.sink = [this](std::string_view line) { lines_.emplace_back(line); };
    log::configure(std::move(options));
  }
  void TearDown() override { log::configure({}); }

  /// The last line without its time stamp.
  std::string last() const {
    return lines_.empty() ? "" : lines_.back().substr(lines_.back().find(' ') + 1);
  }

  std::vector<std::string> lines_;
};

TEST_F(Log, Writes_a_line_with_fields) {
  use(log::Format::text);

  log::info("connected", {{"host", "a.example"}, {"port", 993}, {"note", "two words"}});

  EXPECT_EQ(last(), "info connected host=a.example port=993 note=\"two words\"");
  EXPECT_EQ(lines_.back().find('\n'), std::string::npos);
  EXPECT_EQ(lines_.back()[10], 'T');
}

TEST_F(Log, Formats_like_fmt) {
  use(log::Format::text);

  log::error("{} of {}", 3, "five");

  EXPECT_EQ(last(), "error 3 of five");
}

TEST_F(Log, Writes_json_that_parses) {
  use(log::Format::json);

  log::warn("a \"b\"\n\x1b[31m", {{"n", 5}, {"on", true}, {"text", "x\\\xFF\r\n"}});

  const auto json = boost::json::parse(lines_.at(0)).as_object();
  EXPECT_EQ(json.at("level"), "warning");
  EXPECT_EQ(json.at("message"), "a \"b\"\n\x1b[31m");
  EXPECT_EQ(json.at("n"), 5);
  EXPECT_EQ(json.at("on"), true);
  EXPECT_EQ(json.at("text"), "x\\\xEF\xBF\xBD\r\n");
}

TEST_F(Log, Escapes_control_characters_so_that_a_line_stays_one) {
  use(log::Format::text);

  log::info("a\r\nb", {{"c", std::string_view("\0\x1b\xC2\x85", 4)}});

  EXPECT_EQ(last(), "info a\\r\\nb c=\"\\u0000\\u001b\\u0085\"");
}

TEST_F(Log, Writes_nothing_below_its_level) {
  use(log::Format::text, log::Level::warn);

  log::info("quiet");
  log::debug("quiet {}", 1);
  log::warn("loud");

  EXPECT_EQ(lines_.size(), 1u);
  EXPECT_FALSE(log::enabled(log::Level::info));
}

TEST_F(Log, Holds_a_line_to_8_KiB_whatever_is_in_it) {
  const std::string fills[] = {std::string(100000, 'x'), std::string(100000, '\x01'),
                               std::string(100000, '"'), std::string(100000, '\xFF')};
  for (const auto format : {log::Format::text, log::Format::json}) {
    for (const auto& fill : fills) {
      lines_.clear();
      use(format);

      log::info(fill);
      log::info(fill, {{"a", fill}, {"b", fill}, {"c", fill}, {"d", fill}, {"e", fill}});

      ASSERT_EQ(lines_.size(), 2u);
      for (const auto& line : lines_) {
        EXPECT_LE(line.size(), log::line_bytes_max);
        EXPECT_GT(line.size(), 1000u);
        if (format == log::Format::json) {
          EXPECT_NO_THROW(boost::json::parse(line)) << line;
        }
      }
    }
  }
}

TEST_F(Log, Prints_a_Secret_as_stars) {
  use(log::Format::text);

  log::info("login {}", Secret("hunter2"));
  log::info("login", {{"password", Secret("hunter2")}});

  EXPECT_EQ(lines_.size(), 2u);
  for (const auto& line : lines_) EXPECT_EQ(line.find("hunter2"), std::string::npos);
}

TEST_F(Log, Redacts_what_is_logged) {
  use(log::Format::text);

  log::info("said AUTH PLAIN AGEAYg==", {{"header", "Authorization: Bearer abcdefghijk"}});

  EXPECT_EQ(lines_.back().find("AGEAYg"), std::string::npos);
  EXPECT_EQ(lines_.back().find("abcdefghijk"), std::string::npos);
}

TEST(Redact, Takes_out_what_looks_like_a_credential) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"Authorization: Basic YTpi", "Authorization: ***"},
      {"{\"authorization\": \"Bearer abc\"}", "{\"authorization\": \"***\"}"},
      {"a Bearer abcdefgh.ij", "a Bearer ***"},
      {"A1 AUTHENTICATE PLAIN AGEAYg==", "A1 AUTHENTICATE PLAIN ***"},
      {"AUTH PLAIN AGEAYg==\r\n", "AUTH PLAIN ***\r\n"},
      {"AUTH XOAUTH2 dXNlcj1h", "AUTH XOAUTH2 ***"},
      {"A1 LOGIN user pass", "A1 LOGIN user ***"},
      {"A1 LOGIN \"a b\" \"c \\\" d\"", "A1 LOGIN \"a b\" ***"},
      {"A1 LOGIN user \"cut", "A1 LOGIN user ***"},
      {"key whsec_AAAA+/== end", "key whsec_*** end"},
      {"token pst_abc-DEF_1 end", "token pst_*** end"},
      {"jwt eyJhbGciOiJIUzI1.eyJzdWIi.c2ln end", "jwt *** end"},
      {"password=hunter2&x=1", "password=***&x=1"},
      {"\"refresh_token\": \"abc\\\"def\", \"b\"", "\"refresh_token\": ***, \"b\""},
      {"smtp_password: hunter2", "smtp_password: ***"},
      {"https://user:pass@host/x", "https://***@host/x"},
  };
  for (const auto& [text, expected] : table) EXPECT_EQ(redact(text), expected) << text;
}

TEST(Redact, Leaves_sentences_alone) {
  for (const char* text :
       {"NO [AUTHENTICATIONFAILED] login failed for x", "250-AUTH PLAIN LOGIN\r\n250 OK",
        "\"password_set\":true", "mail a@b.example", "https://host/x", "the bearer of news", ""}) {
    EXPECT_EQ(redact(text), text);
  }
}

TEST(Redact, Keeps_foreign_bytes) {
  EXPECT_EQ(redact("a\xFF\xC3"), "a\xFF\xC3");
  EXPECT_EQ(redact(std::string_view("a\0b", 3)), std::string("a\0b", 3));
}

TEST(Sasl, Gives_the_messages_of_the_RFCs) {
  const auto plain = sasl::plain("tim", Secret("tanstaaftanstaaf"));  // RFC 4616 §4
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain.value().reveal(), std::string_view("\0tim\0tanstaaftanstaaf", 21));

  const auto xoauth2 =
      sasl::xoauth2("someuser@example.com", Secret("ya29.vF9dft4qmTc2Nvb3RlckBhd"));
  ASSERT_TRUE(xoauth2);
  EXPECT_EQ(xoauth2.value().reveal(),
            "user=someuser@example.com\x01"
            "auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhd\x01\x01");

  // RFC 7628 §4.1
  const auto bearer = sasl::oauthbearer("user@example.com", "server.example.com", 143,
                                        Secret("vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg=="));
  ASSERT_TRUE(bearer);
  EXPECT_EQ(
      to_base64(bearer.value().reveal()),
      "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVy"
      "IHZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2c9PQEB");
}

TEST(Sasl, Escapes_the_name_in_OAUTHBEARER) {
  const auto bearer = sasl::oauthbearer("a,b=c", "h", 1, Secret("t"));

  ASSERT_TRUE(bearer);
  EXPECT_TRUE(bearer.value().reveal().starts_with("n,a=a=2Cb=3Dc,\x01"));
}

TEST(Sasl, Refuses_what_would_break_out_of_the_message) {
  EXPECT_EQ(sasl::plain(std::string_view("a\0b", 3), Secret("x")).error().code,
            sasl::errc::forbidden_character);
  EXPECT_EQ(sasl::plain("a", Secret(std::string("x\0y", 3))).error().code,
            sasl::errc::forbidden_character);
  EXPECT_FALSE(sasl::xoauth2("a\x01", Secret("x")));
  EXPECT_FALSE(sasl::xoauth2("a", Secret("x\r\n")));
  EXPECT_FALSE(sasl::oauthbearer("a", "h\x01", 1, Secret("x")));
  EXPECT_FALSE(sasl::oauthbearer("a\x01", "h", 1, Secret("x")));
  EXPECT_FALSE(sasl::oauthbearer("a", "h", 1, Secret("x\x01")));
  EXPECT_NE(describe(sasl::xoauth2("a\x01", Secret("x")).error()).find("user name"),
            std::string::npos);
}

}  // namespace
}  // namespace postern
