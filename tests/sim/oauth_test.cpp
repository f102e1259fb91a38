// Stories of logins by OAuth 2.0: authorised, refreshed, refused, revoked.
#include "sim/oauth_story.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

TEST_F(OAuthStory, Brings_an_authorised_mailbox_to_a_fetched_and_a_sent_mail) {
  stage.start();
  stage.run_for(1min);
  EXPECT_EQ(stage.status(*account).incoming_state, DirectionState::needs_consent);
  EXPECT_EQ(stage.events("oauth.consent_needed").size(), 1U);
  EXPECT_EQ(stage.world.connection_count(account->imap->host()), 0U);

  authorise();
  stage.offer(*account);  // before start_from's "now" is settled it may be old mail
  ASSERT_TRUE(comes_to(DirectionState::ok));
  const auto mail = stage.offer(*account);
  EXPECT_TRUE(handed_over(mail));
  auto& call = stage.send(*account, {"bob@example.test"});
  stage.run_for(1min);
  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::sent);
  EXPECT_TRUE(authority->mistakes().empty());
  stage.stop();
}

TEST_F(OAuthStory, Refreshes_before_the_token_ends_and_keeps_what_rotates) {
  authority->manners.lifetime = 8s;
  stage.start();
  authorise();
  ASSERT_TRUE(comes_to(DirectionState::ok));
  for (int i = 0; i < 30; ++i) {
    stage.run_for(40s);  // one that is cut sooner, again and again, is asked more rarely
    account->imap->kick();
  }
  stage.run_for(40s);

  EXPECT_GT(authority->requests("refresh_token"), 10);
  EXPECT_EQ(stage.status(*account).incoming_state, DirectionState::ok);
  EXPECT_EQ(stage.status(*account).consecutive_incoming_errors, 0);
  EXPECT_TRUE(stage.events("oauth.refresh_failed").empty());
  EXPECT_TRUE(stage.events("imap.login_failed").empty());
  stage.stop();
}

TEST_F(OAuthStory, Fetches_one_fresh_token_when_a_server_refuses_one_that_seemed_good) {
  stage.start();
  authorise();
  ASSERT_TRUE(comes_to(DirectionState::ok));

  authority->expire_access();
  account->imap->kick();
  const auto mail = stage.offer(*account);

  EXPECT_TRUE(handed_over(mail));
  EXPECT_EQ(authority->requests("refresh_token"), 1);
  EXPECT_TRUE(stage.events("imap.login_failed").empty());
  stage.stop();
}

TEST_F(OAuthStory, Needs_consent_once_when_the_grant_is_revoked_and_keeps_the_mail_that_waits) {
  stage.start();
  authorise();
  ASSERT_TRUE(comes_to(DirectionState::ok));

  authority->revoke_all();
  account->imap->kick();
  ASSERT_TRUE(comes_to(DirectionState::needs_consent));
  auto& call = stage.send(*account, {"bob@example.test"});
  const auto logins = account->imap->logins();
  stage.run_for(24h);

  EXPECT_EQ(stage.status(*account).outgoing_state, DirectionState::needs_consent);
  EXPECT_EQ(stage.events("oauth.consent_needed").size(), 2U);  // the first: nobody had authorised
  EXPECT_EQ(account->imap->logins(), logins);
  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::queued);
  authorise();
  stage.run_for(1min);
  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::sent);
  EXPECT_EQ(stage.status(*account).incoming_state, DirectionState::ok);
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
