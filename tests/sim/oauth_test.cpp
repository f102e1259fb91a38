// Stories of logins by OAuth 2.0: authorised, refreshed, refused, revoked.
#include "sim/stage.hpp"

#include "oauth/errc.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

class OAuthStory : public ::testing::Test {
 protected:
  OAuthStory() : stage(7) {
    flows::FlowOptions options;
    options.public_url = "https://gate.test";
    stage.set_options(options);
    authority = &stage.add_authority("auth.localhost");
    account = &stage.add_account("ann", [&](Integration& value) { stage.log_in_by_token(value); });
    hook = &stage.add_target("desk");
  }

  oauth::AuthorizationAnswer answer_to(const std::string& url) {
    const auto query = "&" + authority->authorise(url);
    const auto value = [&](const std::string& name) {
      const auto at = query.find("&" + name + "=");
      if (at == std::string::npos) return std::string();
      const auto begin = at + name.size() + 2;
      return query.substr(begin, query.find('&', begin) - begin);
    };
    oauth::AuthorizationAnswer answer;
    answer.code = value("code");
    answer.state = value("state");
    answer.issuer = value("iss");
    return answer;
  }

  flows::AuthorisationWish wish(const std::string& integration = "ann") {
    flows::AuthorisationWish made;
    made.app = "auth.localhost";
    made.integration = integration;
    made.by = "admin";
    return made;
  }

  std::string begin(const std::string& integration = "ann") {
    auto begun = stage.world.run(stage.gateway->hub().authoriser().begin(wish(integration)));
    EXPECT_TRUE(begun) << describe(begun.error());
    return begun ? begun.value().url.value_or("") : "";
  }

  Result<flows::Authorised> finish(oauth::AuthorizationAnswer answer, std::string session = "") {
    return stage.world.run(
        stage.gateway->hub().authoriser().finish(std::move(answer), std::move(session), ""));
  }

  void authorise(const std::string& integration = "ann") {
    const auto done = finish(answer_to(begin(integration)));
    EXPECT_TRUE(done) << describe(done.error());
  }

  bool handed_over(const std::string& mail) {
    return stage.run_until([&] { return !hook->ids_of(mail).empty(); }, 5min);
  }

  bool comes_to(DirectionState state) {
    return stage.run_until([&] { return stage.status(*account).incoming_state == state; }, 10min);
  }

  Stage stage;
  PlayedAuthority* authority = nullptr;
  Account* account = nullptr;
  PlayedWebhook* hook = nullptr;
};

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
    account->imap->kick();
    stage.run_for(10s);
  }

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
