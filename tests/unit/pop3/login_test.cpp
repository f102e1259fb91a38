#include "pop3/login.hpp"

#include "pop3/refusal.hpp"

#include <gtest/gtest.h>

namespace postern::pop3 {
namespace {

Capabilities offered(std::initializer_list<const char*> lines) {
  Capabilities capabilities;
  capabilities.set_known();
  for (const char* line : lines) capabilities.add(line);
  return capabilities;
}

Credentials password(std::string name, std::string word) {
  Credentials credentials;
  credentials.username = std::move(name);
  credentials.password = Secret(std::move(word));
  return credentials;
}

TEST(Capabilities, Know_names_and_parameters_in_any_case) {
  const auto capabilities = offered({"sasl plain XOAUTH2", "Uidl", "  "});

  EXPECT_TRUE(capabilities.has("UIDL"));
  EXPECT_TRUE(capabilities.has("SASL", "PLAIN"));
  EXPECT_FALSE(capabilities.has("SASL", "SASL"));
  EXPECT_FALSE(capabilities.has("TOP"));
  EXPECT_EQ(capabilities.words(), "SASL PLAIN XOAUTH2, UIDL");
}

TEST(Capabilities, Tell_a_login_delay_of_at_most_a_day) {
  using std::chrono::seconds;
  EXPECT_EQ(offered({"LOGIN-DELAY 300 USER"}).login_delay(), seconds(300));
  EXPECT_EQ(offered({"LOGIN-DELAY 86400"}).login_delay(), seconds(86400));
  for (const char* line : {"LOGIN-DELAY", "LOGIN-DELAY x", "LOGIN-DELAY -1", "LOGIN-DELAY 86401",
                           "LOGIN-DELAY 99999999999", "TOP"}) {
    EXPECT_FALSE(offered({line}).login_delay()) << line;
  }
}

TEST(Login, Chooses_the_best_way_offered) {
  EXPECT_EQ(choose_login(Mechanism::password, offered({"USER", "SASL PLAIN"})).value(),
            LoginWay::plain);
  EXPECT_EQ(choose_login(Mechanism::password, offered({"USER", "SASL CRAM-MD5"})).value(),
            LoginWay::user_pass);
  EXPECT_EQ(choose_login(Mechanism::password, Capabilities()).value(), LoginWay::user_pass);
  EXPECT_EQ(choose_login(Mechanism::password, offered({"UIDL"})).error().code,
            errc::login_disabled);
  EXPECT_EQ(choose_login(Mechanism::oauthbearer, offered({"SASL XOAUTH2"})).error().code,
            errc::no_mechanism);
  EXPECT_EQ(choose_login(Mechanism::none, offered({"USER"})).error().code, errc::no_mechanism);
}

TEST(Login, Gives_the_response_along_only_where_the_line_has_room) {
  const auto fits = plan_login(LoginWay::plain, password("bob", std::string(173, 'p')));
  const auto long_one = plan_login(LoginWay::plain, password("bob", std::string(176, 'p')));

  EXPECT_TRUE(fits.value().response_given);
  EXPECT_LE(fits.value().command.size() + 2, auth_command_bytes_max);
  EXPECT_FALSE(long_one.value().response_given);
  EXPECT_EQ(long_one.value().command, "AUTH PLAIN");
}

TEST(Login, Refuses_what_would_be_another_command) {
  for (const auto& bad : {password("bob\r\nDELE 1", "x"), password("bob", "x\nDELE 1"),
                          password(std::string("b\0b", 3), "x")}) {
    EXPECT_EQ(plan_login(LoginWay::user_pass, bad).error().code, errc::bad_argument);
  }
  EXPECT_EQ(plan_login(LoginWay::plain, password(std::string("b\0b", 3), "x")).error().code,
            errc::bad_argument);
}

errc refusal_of(const char* line) {
  return static_cast<errc>(login_refusal(*parse_status(line), "").code.value());
}

TEST(Refusal, Of_a_login_goes_by_its_code_and_only_then_by_its_words) {
  EXPECT_EQ(refusal_of("-ERR [AUTH] mailbox in use, try again later"), errc::login_refused);
  EXPECT_EQ(refusal_of("-ERR [SYS/TEMP] bad password"), errc::login_unavailable);
  EXPECT_EQ(refusal_of("-ERR authorization failed"), errc::login_refused);
  EXPECT_EQ(refusal_of("-ERR Unable to lock maildrop: lock busy"), errc::mailbox_in_use);
  EXPECT_EQ(refusal_of("-ERR login too frequent"), errc::login_too_soon);
  EXPECT_EQ(refusal_of("-ERR Too many simultaneous connections"), errc::login_unavailable);
  EXPECT_EQ(refusal_of("-ERR temporary failure"), errc::login_unavailable);
}

TEST(Refusal, Of_a_command_tells_the_servers_trouble_from_the_mails) {
  EXPECT_EQ(command_refusal(*parse_status("-ERR [SYS/PERM] x")).code, errc::server_trouble);
  EXPECT_EQ(command_refusal(*parse_status("-ERR no such message")).code, errc::command_refused);
}

}  // namespace
}  // namespace postern::pop3
