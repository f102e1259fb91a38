// What an integration that reads by POP3 may be.
#include "core/integration_json.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace postern {
namespace {

boost::json::object pop3(std::string_view others) {
  return boost::json::parse(R"({"name": "Old", "incoming": {"enabled": true, "protocol": "pop3",
    "host": "pop.example.com", "auth": {"username": "a"})" +
                            std::string(others) + "}}")
      .as_object();
}

TEST(IntegrationPop3, Takes_pop3_with_its_own_port) {
  const auto result =
      parse_integration(pop3(R"(, "after_fetch": {"action": "delete", "days": 7})"));

  ASSERT_TRUE(std::holds_alternative<IntegrationDraft>(result));
  const auto& incoming = std::get<IntegrationDraft>(result).value.incoming;
  EXPECT_EQ(incoming.protocol, "pop3");
  EXPECT_EQ(incoming.server.port, 995);
  EXPECT_EQ(incoming.after_fetch.action, AfterFetch::remove);
}

TEST(IntegrationPop3, Names_what_pop3_cannot_do) {
  const std::pair<const char*, const char*> cases[] = {
      {R"(, "after_fetch": {"action": "seen"})", "/incoming/after_fetch/action"},
      {R"(, "after_fetch": {"action": "move", "folder": "Done"})", "/incoming/after_fetch/action"},
      {R"(, "folder": "Support")", "/incoming/folder"},
      {R"(, "more_folders": ["Support"])", "/incoming/more_folders"},
      {R"(, "compress": true)", "/incoming/compress"},
      {R"(, "auth": {"method": "none"})", "/incoming/auth/method"},
  };
  for (const auto& [others, pointer] : cases) {
    const auto result = parse_integration(pop3(others));
    ASSERT_TRUE(std::holds_alternative<FieldProblems>(result)) << others;
    EXPECT_EQ(std::get<FieldProblems>(result).front().pointer, pointer);
  }
}

}  // namespace
}  // namespace postern
