#include "smtp/auth.hpp"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

Extensions offering(std::vector<std::string> mechanisms) {
  Extensions extensions;
  extensions.mechanisms = std::move(mechanisms);
  return extensions;
}

Reply reply_of(int code) {
  Reply reply;
  reply.code = code;
  reply.lines.push_back("");
  return reply;
}

std::string first_line(Login login, const Extensions& extensions) {
  AuthDialogue dialogue(std::move(login));
  auto line = dialogue.start(extensions);
  return line ? line.value() : line.error().code.message();
}

error_code refusal_of(Login login, const Extensions& extensions) {
  AuthDialogue dialogue(std::move(login));
  auto line = dialogue.start(extensions);
  return line ? error_code() : line.error().code;
}

PasswordLogin bob(std::string password = "secret") {
  return PasswordLogin{"bob", Secret(std::move(password))};
}

TEST(Auth, Prefers_plain_over_login_whatever_the_order) {
  EXPECT_EQ(first_line(bob(), offering({"LOGIN", "PLAIN"})), "AUTH PLAIN AGJvYgBzZWNyZXQ=\r\n");
  EXPECT_EQ(first_line(bob(), offering({"LOGIN", "XOAUTH2"})), "AUTH LOGIN\r\n");
}

TEST(Auth, Takes_the_first_prepared_mechanism_that_is_offered) {
  const TokenLogin login{{{"OAUTHBEARER", Secret("AA"), "\x01"}, {"XOAUTH2", Secret("BB"), ""}}};

  EXPECT_EQ(first_line(login, offering({"XOAUTH2", "OAUTHBEARER"})), "AUTH OAUTHBEARER QUE=\r\n");
  EXPECT_EQ(first_line(login, offering({"XOAUTH2", "PLAIN"})), "AUTH XOAUTH2 QkI=\r\n");
  EXPECT_EQ(refusal_of(login, offering({"PLAIN"})), errc::no_mechanism);
}

TEST(Auth, Sends_an_initial_response_only_within_512_octets) {
  const std::size_t fits = 372;  // 496 in base 64, 511 with the command and the line's end
  const auto line_with = [](std::size_t octets) {
    return first_line(TokenLogin{{{"XOAUTH2", Secret(std::string(octets, 'A')), ""}}},
                      offering({"XOAUTH2"}));
  };

  EXPECT_EQ(line_with(fits).size(), command_bytes_max - 1);
  EXPECT_EQ(line_with(fits + 1), "AUTH XOAUTH2\r\n");
}

TEST(Auth, Sends_a_long_password_after_the_prompt) {
  AuthDialogue dialogue{Login(bob(std::string(600, 'x')))};
  ASSERT_EQ(dialogue.start(offering({"PLAIN"})).value(), "AUTH PLAIN\r\n");

  const auto answer = dialogue.take(reply_of(334));

  ASSERT_TRUE(answer && answer.value());
  EXPECT_TRUE(answer.value()->starts_with("AGJvYgB4eHh4"));
  EXPECT_TRUE(answer.value()->ends_with("\r\n"));
}

TEST(Auth, Refuses_what_does_not_fit_an_auth_line) {
  const auto refusal = [](std::size_t octets) {
    return refusal_of(TokenLogin{{{"XOAUTH2", Secret(std::string(octets, 'A')), ""}}},
                      offering({"XOAUTH2"}));
  };

  const std::size_t fits = 9213;  // 12284 in base 64
  EXPECT_FALSE(refusal(fits));
  EXPECT_EQ(refusal(fits + 1), errc::no_mechanism);
}

TEST(Auth, Refuses_credentials_that_would_be_something_else) {
  const auto plain = offering({"PLAIN", "LOGIN", "XOAUTH2"});

  EXPECT_EQ(refusal_of(PasswordLogin{"", Secret("x")}, plain), errc::no_mechanism);
  EXPECT_EQ(refusal_of(PasswordLogin{"bob", Secret("")}, plain), errc::no_mechanism);
  EXPECT_EQ(refusal_of(PasswordLogin{std::string("bob\0eve", 7), Secret("x")}, plain),
            errc::no_mechanism);
  EXPECT_EQ(refusal_of(TokenLogin{{{"XOAUTH2", Secret(""), ""}}}, plain), errc::no_mechanism);
}

TEST(Auth, Tells_a_refusal_from_a_deferral) {
  const struct {
    int code;
    errc expected;
  } cases[] = {{535, errc::auth_refused},     {534, errc::auth_refused},
               {530, errc::auth_refused},     {538, errc::auth_refused},
               {504, errc::auth_refused},     {454, errc::auth_deferred},
               {432, errc::auth_deferred},    {421, errc::service_closing},
               {334, errc::unexpected_reply}, {354, errc::unexpected_reply}};
  for (const auto& [code, expected] : cases) {
    AuthDialogue dialogue{Login(bob())};
    ASSERT_TRUE(dialogue.start(offering({"PLAIN"})));

    const auto taken = dialogue.take(reply_of(code));

    ASSERT_FALSE(taken) << code;
    EXPECT_EQ(taken.error().code, expected) << code;
  }
}

TEST(Auth, Shows_a_challenge_decoded_and_escaped) {
  const struct {
    const char *said, *shown;
  } cases[] = {{"eyJzdGF0dXMiOiI0MDEifQ==", "{\"status\":\"401\"}"},
               {"not base 64", "not base 64"},
               {"G1tK", "\\x1b[J"},
               {"", ""}};
  for (const auto& [said, shown] : cases) {
    AuthDialogue dialogue{Login(TokenLogin{{{"OAUTHBEARER", Secret("x"), "\x01"}}})};
    ASSERT_TRUE(dialogue.start(offering({"OAUTHBEARER"})));
    Reply reply = reply_of(334);
    reply.lines[0] = said;

    EXPECT_EQ(dialogue.take(reply).value(), "AQ==\r\n");

    EXPECT_EQ(dialogue.challenge(), shown);
  }
}

TEST(Auth, Is_done_after_235) {
  AuthDialogue dialogue{Login(bob())};
  ASSERT_TRUE(dialogue.start(offering({"PLAIN"})));

  const auto taken = dialogue.take(reply_of(235));

  ASSERT_TRUE(taken);
  EXPECT_FALSE(taken.value());
}

}  // namespace
}  // namespace postern::smtp
