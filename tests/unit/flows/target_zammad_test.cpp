// What Zammad answers when it is asked whether it has a mail.
#include "flows/target_zammad.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

TEST(TargetZammad, Names_the_tickets_it_found_and_no_more_than_are_looked_at) {
  EXPECT_EQ(zammad_tickets(R"({"tickets": [7, 9], "tickets_count": 2, "assets": {}})"),
            (std::vector<std::string>{"7", "9"}));
  EXPECT_EQ(zammad_tickets(R"({"tickets": [1,2,3,4,5,6,7]})").size(), zammad_candidates_max);
  for (const auto* odd : {"", "[]", "<html>", R"({"error": "no"})", R"({"tickets": {}})",
                          R"({"tickets": ["7", null, -1, 0, 1.5]})"}) {
    EXPECT_TRUE(zammad_tickets(odd).empty()) << odd;
  }
}

TEST(TargetZammad, Has_a_mail_when_an_article_has_its_very_id) {
  const auto* articles = R"([{"id": 1, "message_id": "<a@x>"}, {"message_id": null}, 3,
    {"id": 2, "message_id": "b@x"}])";
  EXPECT_TRUE(zammad_has(articles, "<a@x>"));
  EXPECT_TRUE(zammad_has(articles, "<b@x>"));
  EXPECT_FALSE(zammad_has(articles, "<aa@x>"));
  EXPECT_FALSE(zammad_has(articles, "<a@>"));
  EXPECT_FALSE(zammad_has(R"({"error": "no"})", "<a@x>"));
  EXPECT_FALSE(zammad_has("", "<a@x>"));
}

}  // namespace
}  // namespace postern::flows
