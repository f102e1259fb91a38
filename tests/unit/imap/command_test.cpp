#include "imap/command.hpp"

#include "imap/login.hpp"

#include <gtest/gtest.h>

namespace postern::imap {
namespace {

using Parts = std::vector<std::string>;

Parts rendered(std::string_view argument, Literals literals = Literals::synchronising) {
  Command command("LOGIN");
  EXPECT_TRUE(command.add_string(argument));
  command.add_words("x");
  return command.render("A1", {literals});
}

TEST(Command, Writes_a_string_as_what_it_needs) {
  EXPECT_EQ(rendered("joe@example.org"), Parts{"A1 LOGIN joe@example.org x\r\n"});
  EXPECT_EQ(rendered(""), Parts{"A1 LOGIN \"\" x\r\n"});
  EXPECT_EQ(rendered("a b"), Parts{"A1 LOGIN \"a b\" x\r\n"});
  EXPECT_EQ(rendered("a\"\\"), Parts{"A1 LOGIN \"a\\\"\\\\\" x\r\n"});
  EXPECT_EQ(rendered("*%]("), Parts{"A1 LOGIN \"*%](\" x\r\n"});
  EXPECT_EQ(rendered("\t"), (Parts{"A1 LOGIN {1}\r\n", "\t x\r\n"}));
  EXPECT_EQ(rendered("ü"), (Parts{"A1 LOGIN {2}\r\n", "ü x\r\n"}));
}

TEST(Command, Waits_for_the_server_only_where_it_must) {
  const std::string small(Command::quoted_bytes_max, 'x');
  const std::string medium(Command::literal_minus_bytes_max, ' ');
  const std::string large(Command::literal_minus_bytes_max + 1, ' ');

  EXPECT_EQ(rendered(small + " ").size(), 2U);
  EXPECT_EQ(rendered(medium, Literals::minus).size(), 1U);
  EXPECT_EQ(rendered(large, Literals::minus).size(), 2U);
  EXPECT_EQ(rendered(large, Literals::plus).size(), 1U);
  EXPECT_TRUE(rendered("ü", Literals::plus)[0].starts_with("A1 LOGIN {2+}\r\nü x\r\n"));
}

TEST(Command, Refuses_line_breaks_and_NUL) {
  Command command("X");

  EXPECT_EQ(command.add_string("a\nA2 LOGOUT").error().code, errc::bad_argument);
  EXPECT_EQ(command.add_string("a\r").error().code, errc::bad_argument);
  EXPECT_EQ(command.add_string(std::string_view("\0", 1)).error().code, errc::bad_argument);
  EXPECT_EQ(command.render("A1", {Literals::plus}), Parts{"A1 X\r\n"});
}

Capabilities capabilities(std::initializer_list<std::string_view> names) {
  Capabilities result;
  for (const auto name : names) result.add(name);
  return result;
}

TEST(Capabilities, Are_compared_in_upper_case_and_bounded) {
  auto many = capabilities({"imap4Rev1", "auth=plain"});

  EXPECT_TRUE(many.has("AUTH=PLAIN"));
  EXPECT_FALSE(many.has("AUTH=PLAI"));
  EXPECT_EQ(literals_of(capabilities({"LITERAL-"})), Literals::minus);
  EXPECT_EQ(literals_of(capabilities({"LITERAL-", "LITERAL+"})), Literals::plus);
  EXPECT_EQ(literals_of(many), Literals::synchronising);
  for (std::size_t i = 0; i < 2 * Capabilities::names_max; ++i) many.add("X");
  EXPECT_EQ(many.names().size(), Capabilities::names_max);
}

TEST(Login, Takes_the_best_way_offered) {
  const auto way = [](Mechanism mechanism, std::initializer_list<std::string_view> names) {
    return choose_login(mechanism, capabilities(names));
  };

  EXPECT_EQ(way(Mechanism::password, {"AUTH=PLAIN"}).value(), LoginWay::plain);
  EXPECT_EQ(way(Mechanism::password, {"AUTH=PLAIN", "LOGINDISABLED"}).value(), LoginWay::plain);
  EXPECT_EQ(way(Mechanism::password, {}).value(), LoginWay::login_command);
  EXPECT_EQ(way(Mechanism::password, {"LOGINDISABLED"}).error().code, errc::login_disabled);
  EXPECT_EQ(way(Mechanism::oauth2, {"AUTH=OAUTHBEARER", "AUTH=XOAUTH2"}).value(),
            LoginWay::xoauth2);
  EXPECT_EQ(way(Mechanism::oauth2, {"AUTH=OAUTHBEARER"}).value(), LoginWay::oauthbearer);
  EXPECT_EQ(way(Mechanism::oauth2, {"AUTH=PLAIN"}).error().code, errc::no_mechanism);
  EXPECT_EQ(way(Mechanism::none, {"AUTH=PLAIN"}).error().code, errc::no_mechanism);
}

TEST(Login, Refuses_credentials_that_cannot_be_sent) {
  const auto plan = [](LoginWay way, std::string user, std::string password) {
    return plan_login(
        way, {Mechanism::password, std::move(user), Secret(std::move(password)), {}, {}, 0}, {});
  };
  const std::string nul("a\0b", 3);

  EXPECT_TRUE(plan(LoginWay::plain, "a", "b"));
  EXPECT_FALSE(plan(LoginWay::plain, nul, "b"));
  EXPECT_FALSE(plan(LoginWay::plain, "a", nul));
  EXPECT_FALSE(plan(LoginWay::login_command, "a", "b\r\nA2 LOGOUT"));
  EXPECT_FALSE(plan(LoginWay::login_command, nul, "b"));
}

}  // namespace
}  // namespace postern::imap
