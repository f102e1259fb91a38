// Stories of grants: who may give one, how their tokens are fetched, and servers that fail.
#include "sim/oauth_story.hpp"

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

TEST_F(OAuthStory, Takes_a_state_once_from_whom_it_was_given_within_ten_minutes) {
  stage.start();
  auto used = answer_to(begin());
  EXPECT_TRUE(finish(used));
  EXPECT_EQ(finish(used).error().code, oauth::errc::refused);

  auto old = answer_to(begin());
  stage.run_for(11min);
  EXPECT_EQ(finish(old).error().code, oauth::errc::refused);

  auto asked = wish();
  asked.session_sha256 = "of ann's session";
  asked.browser_sha256 = "of ann's browser";
  const auto begun = stage.world.run(stage.gateway->hub().authoriser().begin(asked));
  ASSERT_TRUE(begun);
  EXPECT_EQ(finish(answer_to(*begun.value().url), "of eve's session").error().code,
            oauth::errc::refused);

  oauth::AuthorizationAnswer unknown;
  unknown.state = "never given";
  EXPECT_EQ(finish(unknown).error().code, oauth::errc::refused);
  stage.stop();
}

TEST_F(OAuthStory, Refuses_another_person_unless_the_mailbox_is_shared_on_purpose) {
  authority->manners.identity = "eve@example.test";
  stage.start();

  const auto refused = finish(answer_to(begin()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, oauth::errc::wrong_person);
  EXPECT_NE(refused.error().detail.find("eve@example.test"), std::string::npos);
  EXPECT_EQ(authority->revocations(), 1);
  EXPECT_TRUE(stage.gateway->ask(stage.gateway->store().oauth().grants()).empty());

  auto shared = wish();
  shared.shared_mailbox = true;
  const auto begun = stage.world.run(stage.gateway->hub().authoriser().begin(shared));
  ASSERT_TRUE(begun);
  EXPECT_TRUE(finish(answer_to(*begun.value().url)));
  EXPECT_TRUE(comes_to(DirectionState::ok));
  stage.stop();
}

TEST_F(OAuthStory, Asks_once_for_two_integrations_that_share_a_grant) {
  stage.start();
  authorise();
  ASSERT_TRUE(comes_to(DirectionState::ok));
  auto& bob = stage.add_account("bob", [&](Integration& value) { stage.log_in_by_token(value); });
  auto& table = stage.gateway->store().integrations();
  const auto ann = stage.gateway->ask(table.get(account->id));
  IntegrationDraft draft;
  draft.value = stage.gateway->ask(table.get(bob.id)).value;
  draft.value.incoming.auth.grant = ann.value.incoming.auth.grant;
  draft.value.outgoing.auth.grant = ann.value.incoming.auth.grant;
  stage.gateway->ask(table.replace(bob.id, draft, std::nullopt, "story", stage.world.now()));
  ASSERT_TRUE(stage.world.run(stage.gateway->hub().integration_changed(bob.id)));
  stage.run_for(1min);
  ASSERT_EQ(bob.imap->connected(), 1U);

  authority->expire_access();
  authority->manners.thinks = 3s;
  account->imap->kick();
  bob.imap->kick();
  stage.run_for(2min);

  EXPECT_EQ(authority->requests("refresh_token"), 1);
  EXPECT_EQ(account->imap->connected(), 1U);
  EXPECT_EQ(bob.imap->connected(), 1U);
  stage.stop();
}

TEST_F(OAuthStory, Keeps_the_grant_while_the_authorization_server_fails) {
  struct Trouble {
    int status;
    const char* headers;
    const char* body;
  };
  stage.start();
  authorise();
  ASSERT_TRUE(comes_to(DirectionState::ok));
  for (const auto& trouble :
       {Trouble{200, "", "<html>Sign in</html>"}, Trouble{503, "", ""},
        Trouble{429, "Retry-After: 60\r\n", ""}, Trouble{502, "", "<html>Bad gateway</html>"}}) {
    stage.run_for(1min);  // a connection that has lasted is opened again at once
    authority->manners.status = trouble.status;
    authority->manners.headers = trouble.headers;
    authority->manners.body = trouble.body;
    authority->expire_access();
    account->imap->kick();
    stage.run_for(30s);
    EXPECT_EQ(stage.status(*account).incoming_state, DirectionState::failing) << trouble.body;
    EXPECT_EQ(stage.status(*account).last_incoming_error->kind, "oauth.refresh_failed");
    authority->manners.status.reset();
    EXPECT_TRUE(comes_to(DirectionState::ok)) << trouble.body;
  }
  stage.world.refuse(authority->host());
  stage.run_for(1min);  // a connection that was kept for the next request ends
  authority->expire_access();
  account->imap->kick();
  stage.run_for(24h);
  EXPECT_EQ(stage.status(*account).incoming_state, DirectionState::failing);
  authority->serve();
  EXPECT_TRUE(stage.run_until(
      [&] { return stage.status(*account).incoming_state == DirectionState::ok; }, 20min));
  EXPECT_EQ(stage.events("oauth.consent_needed").size(), 1U);  // before anybody had authorised
  EXPECT_TRUE(stage.events("imap.login_failed").empty());
  EXPECT_TRUE(stage.events("integration.disabled").empty());
  stage.stop();
}

TEST_F(OAuthStory, Tells_an_apps_fault_once_and_not_for_each_integration) {
  stage.start();
  authorise();
  stage.add_account("bob", [&](Integration& value) { stage.log_in_by_token(value); });
  ASSERT_TRUE(stage.world.run(stage.gateway->hub().integration_changed(stage.accounts[1].id)));
  authorise("bob");
  ASSERT_TRUE(comes_to(DirectionState::ok));
  authority->manners.status = 401;
  authority->manners.body = R"({"error":"invalid_client","error_codes":[7000222]})";
  authority->expire_access();
  stage.accounts[0].imap->kick();
  stage.accounts[1].imap->kick();
  stage.run_for(2h);

  EXPECT_EQ(stage.events("oauth.refresh_failed").size(), 1U);
  EXPECT_EQ(stage.status(stage.accounts[0]).incoming_state, DirectionState::failing);
  EXPECT_EQ(stage.status(stage.accounts[1]).incoming_state, DirectionState::failing);
  authority->manners.status.reset();
  EXPECT_TRUE(comes_to(DirectionState::ok));
  stage.stop();
}

TEST_F(OAuthStory, Survives_a_death_between_the_token_answer_and_its_commit) {
  for (const bool detects_reuse : {false, true}) {
    authority->manners.detects_reuse = detects_reuse;
    stage.start();
    authorise();
    ASSERT_TRUE(comes_to(DirectionState::ok));
    authority->expire_access();
    authority->manners.cuts_after_taking = true;  // the answer is on its way when all ends
    account->imap->kick();
    stage.run_for(1s);
    stage.kill();
    authority->manners.cuts_after_taking = false;
    const auto given = authority->given().size();
    stage.start();
    stage.run_for(10min);

    // Nobody was let in by a token that is not on the disk; the old refresh token does, or the
    // server says that a person is needed.
    const auto state = stage.status(*account).incoming_state;
    EXPECT_EQ(state, detects_reuse ? DirectionState::needs_consent : DirectionState::ok);
    EXPECT_EQ(authority->given().size() > given, !detects_reuse);
    stage.kill();
  }
  stage.start();
  stage.stop();
}

TEST_F(OAuthStory, Keeps_the_former_refresh_token_where_none_comes_back) {
  authority->manners.rotates = false;
  authority->manners.lifetime = 600s;
  authority->manners.expires_in = "600";
  stage.start();
  authorise();
  for (int i = 0; i < 5; ++i) {
    stage.run_for(11min);
    account->imap->kick();
  }
  EXPECT_TRUE(comes_to(DirectionState::ok));
  EXPECT_GE(authority->requests("refresh_token"), 4);
  stage.stop();
}

TEST_F(OAuthStory, Uses_an_idle_grant_once_in_thirty_days) {
  stage.start();
  authorise();
  ASSERT_TRUE(comes_to(DirectionState::ok));
  const int before = authority->requests("refresh_token");
  stage.world.jump_wall_clock(24h * 30);
  stage.run_for(2h);

  EXPECT_EQ(authority->requests("refresh_token"), before + 1);
  stage.stop();
}

TEST_F(OAuthStory, Is_authorised_on_another_device) {
  stage.start();
  auto& oauth = stage.gateway->store().oauth();
  auto app = stage.gateway->ask(oauth.find_app("auth.localhost"));
  OAuthAppDraft draft;
  draft.value = app.value;
  draft.value.flow = OAuthFlow::device;
  stage.gateway->ask(
      oauth.replace_app(app.value.id, draft, std::nullopt, "story", stage.world.now()));
  auto& authoriser = stage.gateway->hub().authoriser();

  const auto begun = stage.world.run(authoriser.begin_device(wish()));
  ASSERT_TRUE(begun) << describe(begun.error());
  EXPECT_EQ(begun.value().user_code, "WDJB-MJHT");
  stage.run_for(1min);
  authority->approve_device();

  EXPECT_TRUE(comes_to(DirectionState::ok));
  const auto device = stage.world.run(authoriser.device(begun.value().id));
  EXPECT_EQ(device.value().state, flows::DeviceAuthorisation::State::authorised);
  stage.stop();
}

TEST_F(OAuthStory, Lets_an_app_authorise_itself) {
  stage.start();
  auto& oauth = stage.gateway->store().oauth();
  auto app = stage.gateway->ask(oauth.find_app("auth.localhost"));
  OAuthAppDraft draft;
  draft.value = app.value;
  draft.value.flow = OAuthFlow::client_credentials;
  stage.gateway->ask(
      oauth.replace_app(app.value.id, draft, std::nullopt, "story", stage.world.now()));

  const auto begun = stage.world.run(stage.gateway->hub().authoriser().begin(wish()));

  ASSERT_TRUE(begun) << describe(begun.error());
  EXPECT_FALSE(begun.value().url);
  EXPECT_TRUE(begun.value().grant);
  EXPECT_TRUE(comes_to(DirectionState::ok));
  authority->expire_access();
  account->imap->kick();
  stage.run_for(1min);
  EXPECT_EQ(authority->requests("client_credentials"), 2);
  EXPECT_EQ(account->imap->connected(), 1U);
  stage.stop();
}

TEST_F(OAuthStory, Forgets_a_grant_that_is_revoked_here) {
  stage.start();
  authorise();
  ASSERT_TRUE(comes_to(DirectionState::ok));
  const auto grants = stage.gateway->ask(stage.gateway->store().oauth().grants());
  ASSERT_EQ(grants.size(), 1U);

  ASSERT_TRUE(stage.world.run(stage.gateway->hub().authoriser().revoke(grants[0].id, "admin")));

  EXPECT_TRUE(comes_to(DirectionState::needs_consent));
  EXPECT_EQ(authority->revocations(), 1);
  EXPECT_TRUE(stage.gateway->ask(stage.gateway->store().oauth().grants()).empty());
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
