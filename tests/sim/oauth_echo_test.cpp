// Stories of servers that say back the token they were given: it is shown to nobody.
#include "sim/oauth_story.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

TEST_F(OAuthStory, Shows_no_token_that_an_imap_server_says_back_when_it_refuses_it) {
  std::string told;
  auto& imap = *account->imap;
  imap.takes_token = [&](const std::string& token) {
    told = token;
    imap.manners.login_refusal = "NO [AUTHENTICATIONFAILED] not with " + token;
    return false;
  };
  stage.start();
  authorise();
  ASSERT_TRUE(comes_to(DirectionState::failing));

  ASSERT_FALSE(told.empty());
  const auto status = stage.status(*account);
  ASSERT_TRUE(status.last_incoming_error);
  EXPECT_NE(status.last_incoming_error->message.find("not with ***"), std::string::npos);
  const auto events = stage.events("imap.login_failed");
  ASSERT_FALSE(events.empty());
  for (const auto& event : events) EXPECT_EQ(event.message.find(told), std::string::npos);
  stage.stop();
}

TEST_F(OAuthStory, Shows_no_token_that_a_server_says_back_after_it_was_refreshed) {
  std::vector<std::string> told;
  auto& imap = *account->imap;
  imap.takes_token = [&](const std::string& token) {
    told.push_back(token);
    imap.manners.login_refusal = "NO [AUTHENTICATIONFAILED] not with " + told.front();
    return false;
  };
  stage.start();
  authorise();
  ASSERT_TRUE(comes_to(DirectionState::failing));

  ASSERT_NE(told.front(), told.back());
  const auto status = stage.status(*account);
  ASSERT_TRUE(status.last_incoming_error);
  EXPECT_EQ(status.last_incoming_error->message.find(told.front()), std::string::npos);
  const auto events = stage.events("imap.login_failed");
  ASSERT_FALSE(events.empty());
  for (const auto& event : events) EXPECT_EQ(event.message.find(told.front()), std::string::npos);
  stage.stop();
}

TEST_F(OAuthStory, Shows_no_token_that_an_imap_server_says_back_when_it_refuses_a_mail) {
  std::string told;
  auto& imap = *account->imap;
  imap.takes_token = [&imap, &told, takes = imap.takes_token](const std::string& token) {
    told = token;
    imap.manners.refusal = "[SERVERBUG] never with " + token;
    return takes(token);
  };
  stage.start();
  authorise();
  ASSERT_TRUE(comes_to(DirectionState::ok));
  imap.manners.refuses = "UID FETCH";
  stage.offer(*account);
  stage.run_for(5min);

  ASSERT_FALSE(told.empty());
  const auto events = stage.events("imap.download_failed");
  ASSERT_FALSE(events.empty());
  for (const auto& event : events) {
    EXPECT_EQ(event.message.find(told), std::string::npos);
    EXPECT_NE(event.message.find("never with ***"), std::string::npos) << event.message;
  }
  stage.stop();
}

TEST_F(OAuthStory, Shows_no_token_that_an_smtp_server_says_back_when_it_refuses_a_mail) {
  std::string told;
  auto& smtp = *account->smtp;
  smtp.takes_token = [&smtp, &told, takes = smtp.takes_token](const std::string& token) {
    told = token;
    smtp.manners.refuses_content = "554 5.7.1 sent with " + token;
    return takes(token);
  };
  stage.start();
  authorise();
  ASSERT_TRUE(comes_to(DirectionState::ok));
  auto& call = stage.send(*account, {"bob@example.test"});
  stage.run_for(1min);

  ASSERT_FALSE(told.empty());
  const auto outcome = stage.delivery(call).outcome;
  EXPECT_EQ(outcome.state, DeliveryState::failed);
  EXPECT_NE(outcome.result_message.find("sent with ***"), std::string::npos)
      << outcome.result_message;
  ASSERT_FALSE(outcome.recipients.empty());
  EXPECT_EQ(outcome.recipients.front().message.find(told), std::string::npos);
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
