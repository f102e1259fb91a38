#include "core/base64.hpp"
#include "core/hex.hpp"
#include "core/utf8.hpp"
#include "flows/tape.hpp"

#include <gtest/gtest.h>

#include <random>

namespace postern::flows {
namespace {

const Instant noon = from_milliseconds(1'700'000'000'000);

/// The lines as "C: …" and "S: …".
std::string played(Tape& tape) {
  std::string text;
  for (const auto& line : tape.lines()) {
    text += line.from == Side::client ? "C: " : "S: ";
    text += line.text + "\n";
  }
  return text;
}

void sent(Tape& tape, std::string_view bytes, Wire what = Wire::text) {
  tape.sent(bytes, what, noon);
}

void received(Tape& tape, std::string_view bytes) {
  tape.received(bytes, noon);
}

TEST(Tape, Shows_an_imap_login_without_its_password) {
  Tape tape;
  tape.hide(Secret("sesame-street"));
  received(tape, "* OK ready\r\n");
  sent(tape, "A1 LOGIN \"anna@example.com\" \"sesame-street\"\r\n", Wire::secret);
  received(tape, "A1 NO [AUTHENTICATIONFAILED] not sesame-street\r\n");
  sent(tape, "A2 LOGOUT\r\n");

  EXPECT_EQ(
      "S: * OK ready\n"
      "C: A1 LOGIN ***\n"
      "S: A1 NO [AUTHENTICATIONFAILED] not ***\n"
      "C: A2 LOGOUT\n",
      played(tape));
}

TEST(Tape, Hides_every_line_of_a_login_until_the_verdict_even_when_nobody_says_it_is_secret) {
  Tape tape;
  received(tape, "* OK ready\r\n");
  sent(tape, "A1 AUTHENTICATE PLAIN\r\n");
  received(tape, "+ \r\n");
  sent(tape, "AGFubmEAcGFzcw==\r\n");
  received(tape, "A1 OK in\r\n");
  sent(tape, "A2 LOGIN {4}\r\n");
  received(tape, "+ go on\r\n");
  sent(tape, "anna {4}\r\n");
  received(tape, "+ go on\r\n");
  sent(tape, "pass\r\n");
  received(tape, "A2 OK in\r\n");

  const auto text = played(tape);
  EXPECT_EQ(std::string::npos, text.find("AGFu")) << text;
  EXPECT_EQ(std::string::npos, text.find("anna")) << text;
  EXPECT_EQ(std::string::npos, text.find("pass")) << text;
  EXPECT_NE(std::string::npos, text.find("C: A1 AUTHENTICATE PLAIN\n")) << text;
}

TEST(Tape, Hides_the_logins_of_smtp_and_pop3) {
  Tape smtp;
  received(smtp, "220 mail.example.com\r\n");
  sent(smtp, "AUTH PLAIN AGFubmEAcGFzcw==\r\n");
  received(smtp, "535 5.7.8 no\r\n");
  sent(smtp, "AUTH LOGIN\r\n");
  received(smtp, "334 VXNlcm5hbWU6\r\n");
  sent(smtp, "YW5uYQ==\r\n");
  received(smtp, "334 UGFzc3dvcmQ6\r\n");
  sent(smtp, "cGFzcw==\r\n");
  received(smtp, "235 in\r\n");
  sent(smtp, "MAIL FROM:<a@example.com>\r\n");
  EXPECT_EQ(
      "S: 220 mail.example.com\nC: AUTH PLAIN ***\nS: 535 5.7.8 no\nC: AUTH LOGIN\n"
      "S: 334 VXNlcm5hbWU6\nC: ***\nS: 334 UGFzc3dvcmQ6\nC: ***\nS: 235 in\n"
      "C: MAIL FROM:<a@example.com>\n",
      played(smtp));

  Tape pop3;
  received(pop3, "+OK ready\r\n");
  sent(pop3, "USER anna\r\n");
  received(pop3, "+OK\r\n");
  sent(pop3, "PASS pass word\r\n");
  received(pop3, "-ERR no\r\n");
  EXPECT_EQ("S: +OK ready\nC: USER anna\nS: +OK\nC: PASS ***\nS: -ERR no\n", played(pop3));
}

TEST(Tape, Shows_mails_as_their_length) {
  Tape imap;
  received(imap, "* OK ready\r\n");
  sent(imap, "A1 UID FETCH 1 (UID BODY.PEEK[])\r\n");
  received(imap, "* 1 FETCH (UID 1 BODY[] {28}\r\nSubject: private\r\n");
  received(imap, "\r\nsecret\r\n)\r\nA1 OK done\r\n");
  EXPECT_EQ(
      "S: * OK ready\nC: A1 UID FETCH 1 (UID BODY.PEEK[])\nS: * 1 FETCH (UID 1 BODY[] {28}\n"
      "S: [28 bytes]\nS: )\nS: A1 OK done\n",
      played(imap));

  Tape smtp;
  received(smtp, "220 hi\r\n");
  sent(smtp, "DATA\r\n");
  received(smtp, "354 go on\r\n");
  sent(smtp, "Subject: private\r\n\r\n", Wire::body);
  sent(smtp, "private\r\n.\r\n", Wire::body);
  received(smtp, "250 ok\r\n");
  EXPECT_EQ("S: 220 hi\nC: DATA\nS: 354 go on\nC: [32 bytes]\nS: 250 ok\n", played(smtp));

  Tape pop3;
  received(pop3, "+OK ready\r\n");
  sent(pop3, "UIDL\r\nRETR 1\r\nQUIT\r\n");
  received(pop3, "+OK\r\n1 abc\r\n.\r\n+OK 10 octets\r\nprivate\r\n..\r\n");
  received(pop3, "private\r\n.\r\n+OK bye\r\n");
  EXPECT_EQ(
      "S: +OK ready\nC: UIDL\nC: RETR 1\nC: QUIT\nS: +OK\nS: 1 abc\nS: .\nS: +OK 10 octets\n"
      "S: [22 bytes]\nS: .\nS: +OK bye\n",
      played(pop3));
}

TEST(Tape, Finds_a_body_announced_at_the_end_of_a_line_too_long_to_be_shown) {
  Tape tape;
  received(tape, "* OK ready\r\n");
  for (int i = 0; i < 100; ++i) received(tape, i == 0 ? "* 1 FETCH (FLAGS (" : "keyword ");
  received(tape, ") BODY[] {9}\r\nprivate\r\n)\r\n");

  const auto text = played(tape);
  EXPECT_EQ(std::string::npos, text.find("private")) << text;
  EXPECT_NE(std::string::npos, text.find(" [cut]\nS: [9 bytes]\nS: )\n")) << text;
}

TEST(Tape, Keeps_the_first_and_the_last_lines_within_its_bounds) {
  Tape tape;
  received(tape, "* OK first\r\n");
  for (int i = 0; i < 1000; ++i) received(tape, "* " + std::to_string(i) + " EXISTS\r\n");
  auto lines = tape.lines();
  ASSERT_EQ(Tape::lines_max + 1, lines.size());
  EXPECT_EQ("* OK first", lines.front().text);
  EXPECT_EQ("[953 lines left out]", lines[Tape::first_lines].text);
  EXPECT_EQ("* 999 EXISTS", lines.back().text);

  for (int i = 0; i < 100; ++i) received(tape, std::string(2000, 'x') + "\r\n");
  std::size_t bytes = 0;
  for (const auto& line : tape.lines()) bytes += line.text.size();
  EXPECT_LE(bytes, Tape::bytes_max + Tape::lines_max * 10);
}

TEST(Tape, Keeps_almost_nothing_while_it_rests) {
  Tape tape;
  for (int i = 0; i < 40; ++i) received(tape, "* 1 EXISTS\r\n");
  tape.rest();
  EXPECT_TRUE(tape.lines().empty());
  for (int i = 0; i < 40; ++i) received(tape, "* OK still here\r\n");
  EXPECT_EQ(Tape::resting_lines_max + 1, tape.lines().size()) << "one tells what is left out";
}

TEST(Tape, Shows_any_bytes_of_a_server_safely) {
  Tape tape;
  std::string bytes = "* \x1b[31m\xff";
  bytes += '\0';
  received(tape, bytes + " \xc2\x9b caf\xc3\xa9\x7f\r\n* half");
  const auto lines = tape.lines();
  ASSERT_EQ(2U, lines.size());
  EXPECT_EQ("* \\x1b[31m\xEF\xBF\xBD\\x00 \\x9b caf\xC3\xA9\\x7f", lines[0].text);
  EXPECT_EQ("* half", lines[1].text);
}

/// A taker that wants everything.
class Everything final : public LineTaker {
 public:
  bool wants() override { return true; }
  int connection_opened() override { return 1; }
  void take(TranscriptLine line) override { text += line.text + "\n"; }
  std::string text;
};

/// Every dress in which a server might show a secret again.
std::vector<std::string> dresses(const std::string& secret, std::mt19937_64& chance) {
  std::string upper = secret;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const std::string before(chance() % 7, '\0');
  const std::string after(chance() % 7, 'z');
  const auto blob = before + secret + after;
  return {secret,
          upper,
          to_hex(secret),
          to_base64(secret),
          to_base64url(secret),
          to_base64(blob),
          to_base64url(blob)};
}

/// Whether `text` holds so long a part of `secret` that it says something of it.
bool tells(const std::string& text, const std::string& secret) {
  for (const auto& form : {secret, to_hex(secret), to_base64(secret)}) {
    for (std::size_t i = 0; i + Masking::part_bytes <= form.size(); ++i) {
      if (text.find(form.substr(i, Masking::part_bytes)) != std::string::npos) return true;
    }
  }
  return false;
}

TEST(Tape, Never_tells_a_secret_however_the_bytes_come) {
  std::mt19937_64 chance(7);
  const std::string letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!\"\\%{} ";
  for (int round = 0; round < 400; ++round) {
    std::string secret;
    const auto size = 8 + chance() % (round % 10 == 0 ? 1500 : 30);
    while (secret.size() < size) secret += letters[chance() % letters.size()];
    Tape tape;
    tape.hide(Secret(secret));
    Everything everything;
    tape.give_to(everything);
    std::string words;
    for (const auto& dress : dresses(secret, chance)) {
      words += "* NO " + std::string(chance() % 600, 'x') + " " + dress + "\r\n";
    }
    received(tape, "* OK ready\r\n");
    sent(tape, "A1 LOGIN anna \"" + secret + "\"\r\n", Wire::secret);
    for (std::string_view rest = words; !rest.empty();) {
      const auto part = std::min<std::size_t>(1 + chance() % 200, rest.size());
      received(tape, rest.substr(0, part));
      rest.remove_prefix(part);
    }
    sent(tape, "A2 AUTHENTICATE XOAUTH2 " + to_base64("user=a\1auth=Bearer " + secret) + "\r\n");

    const auto text = played(tape) + everything.text;

    EXPECT_FALSE(tells(text, secret)) << secret << "\n" << text;
    EXPECT_TRUE(valid_utf8(text));
    ASSERT_FALSE(HasFailure());
  }
}

TEST(Masking, Takes_a_short_secret_only_as_a_word) {
  const Masking masking({Secret("ab1")});
  EXPECT_EQ("password *** is wrong; cab12 is not",
            masking.mask("password ab1 is wrong; cab12 is not"));
}

TEST(Masking, Takes_the_beginning_of_a_secret_at_a_cut) {
  const Masking masking({Secret("open-sesame-now")});
  EXPECT_EQ("you said ***", masking.mask("you said open-", true));
}

}  // namespace
}  // namespace postern::flows
