// Integrations: names, versions, the default mark, secrets, status, removal.
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

using IntegrationsTest = StoreTest;

TEST_F(IntegrationsTest, Gives_back_what_was_stored_also_after_a_new_start) {
  auto draft = integration_draft("Support");
  draft.value.description = "line 1";
  draft.value.incoming.folder = "Sales";
  draft.value.incoming.poll_interval = std::chrono::seconds(90);
  draft.value.outgoing.enabled = true;
  draft.value.outgoing.server.host = "smtp.example.com";
  draft.value.outgoing.auth.username = "support@example.com";

  const auto made = good(store_->integrations().create(draft, "admin", at(5)));
  reopen();
  const auto row = good(store_->integrations().get(made.value.id));

  EXPECT_EQ(row.value.name, "Support");
  EXPECT_EQ(row.value.description, "line 1");
  EXPECT_EQ(row.value.incoming.folder, "Sales");
  EXPECT_EQ(row.value.incoming.poll_interval, std::chrono::seconds(90));
  EXPECT_EQ(row.value.outgoing.server.host, "smtp.example.com");
  EXPECT_EQ(row.version, 1u);
  EXPECT_EQ(row.created_at, at(5));
  EXPECT_EQ(row.modified_by, "admin");
  EXPECT_FALSE(row.incoming_password_set);
  EXPECT_EQ(row.status.incoming_state, DirectionState::waiting);
  EXPECT_EQ(good(store_->integrations().ids()).size(), 1u);
}

TEST_F(IntegrationsTest, Shows_a_direction_that_is_not_switched_on_as_off) {
  const auto row = good(store_->integrations().create(integration_draft("in"), "admin", at(5)));

  EXPECT_EQ(row.status.outgoing_state, DirectionState::off);
}

TEST_F(IntegrationsTest, Finds_by_id_and_by_name) {
  const auto id = make_integration("Support");

  EXPECT_EQ(good(store_->integrations().find(id.str())).value.id, id);
  EXPECT_EQ(good(store_->integrations().find("Support")).value.id, id);
  EXPECT_EQ(failure(store_->integrations().find("support desk")), errc::not_found);
}

TEST_F(IntegrationsTest, Gives_those_first_that_were_not_looked_at_for_the_longest_time) {
  const auto late = make_integration("late"), never = make_integration("never");
  const auto early = make_integration("early"), gone = make_integration("gone");
  IntegrationStatus status;
  status.last_check = at(60);
  good(store_->integrations().record_status(late, status, {}));
  status.last_check = at(59);
  good(store_->integrations().record_status(early, status, {}));
  good(store_->integrations().remove(gone, std::nullopt, "admin", at(70)));

  const auto ids = good(store_->integrations().ids());

  EXPECT_EQ(ids, (std::vector{never, early, late}));
}

TEST_F(IntegrationsTest, Gives_what_integrations_are_run_with_but_for_those_that_are_gone) {
  auto draft = integration_draft("Support");
  draft.incoming_password = Secret("in");
  const auto support = good(store_->integrations().create(draft, "admin", at(1))).value.id;
  const auto other = make_integration("other"), gone = make_integration("gone");
  good(store_->integrations().remove(gone, std::nullopt, "admin", at(2)));

  const auto accounts = good(store_->integrations().accounts({other, gone, support}));

  ASSERT_EQ(accounts.size(), 2u);
  EXPECT_EQ(accounts[0].stored.value.id, other);
  EXPECT_TRUE(accounts[0].secrets.incoming_password.empty());
  EXPECT_EQ(accounts[1].stored.value.name, "Support");
  EXPECT_EQ(accounts[1].secrets.incoming_password.reveal(), "in");
}

TEST_F(IntegrationsTest, Refuses_a_name_that_is_taken) {
  make_integration("Support");
  const auto other = make_integration("Sales");

  EXPECT_EQ(failure(store_->integrations().create(integration_draft("Support"), "a", at(2))),
            errc::name_taken);
  EXPECT_EQ(
      failure(store_->integrations().replace(other, integration_draft("Support"), {}, "a", at(2))),
      errc::name_taken);
}

TEST_F(IntegrationsTest, Counts_versions_and_refuses_a_stale_one) {
  const auto id = make_integration();
  auto& integrations = store_->integrations();

  const auto second = good(integrations.replace(id, integration_draft("New"), 1, "eve", at(9)));

  EXPECT_EQ(second.version, 2u);
  EXPECT_EQ(second.value.name, "New");
  EXPECT_EQ(second.modified_by, "eve");
  EXPECT_EQ(second.modified_at, at(9));
  EXPECT_EQ(second.created_at, at(1));
  EXPECT_EQ(failure(integrations.replace(id, integration_draft("X"), 1, "eve", at(9))),
            errc::version_mismatch);
  EXPECT_EQ(failure(integrations.remove(id, 1, "eve", at(9))), errc::version_mismatch);
  EXPECT_EQ(good(integrations.get(id)).value.name, "New");
}

TEST_F(IntegrationsTest, Has_one_default_at_most) {
  auto draft = integration_draft("first");
  draft.value.is_default = true;
  auto& integrations = store_->integrations();
  EXPECT_FALSE(good(integrations.find_default()));

  const auto first = good(integrations.create(draft, "admin", at(1))).value.id;
  draft.value.name = "second";
  const auto second = good(integrations.create(draft, "admin", at(2))).value.id;

  EXPECT_EQ(good(integrations.find_default())->value.id, second);
  EXPECT_FALSE(good(integrations.get(first)).value.is_default);
  EXPECT_EQ(good(integrations.get(first)).version, 2u);
  EXPECT_EQ(good(integrations.make_default(first, "admin", at(3))).value.is_default, true);
  EXPECT_EQ(good(integrations.find_default())->value.id, first);
  EXPECT_EQ(failure(integrations.make_default(IntegrationId{4}, "admin", at(3))), errc::not_found);
  EXPECT_EQ(good(integrations.find_default())->value.id, first);
}

TEST_F(IntegrationsTest, Keeps_a_password_left_out_and_clears_an_empty_one) {
  auto draft = integration_draft("Support");
  draft.incoming_password = Secret("in 1");
  draft.outgoing_password = Secret("out 1");
  auto& integrations = store_->integrations();
  const auto id = good(integrations.create(draft, "admin", at(1))).value.id;

  draft.incoming_password = Secret("in 2");
  draft.outgoing_password.reset();
  good(integrations.replace(id, draft, {}, "admin", at(2)));
  reopen();

  const auto secrets = good(store_->integrations().secrets(id));
  EXPECT_EQ(secrets.incoming_password.reveal(), "in 2");
  EXPECT_EQ(secrets.outgoing_password.reveal(), "out 1");
  EXPECT_TRUE(good(store_->integrations().get(id)).incoming_password_set);

  draft.incoming_password = Secret();
  const auto cleared = good(store_->integrations().replace(id, draft, {}, "admin", at(3)));

  EXPECT_FALSE(cleared.incoming_password_set);
  EXPECT_TRUE(cleared.outgoing_password_set);
  EXPECT_TRUE(good(store_->integrations().secrets(id)).incoming_password.empty());
}

TEST_F(IntegrationsTest, Keeps_the_status_with_its_events_and_apart_from_the_version) {
  const auto id = make_integration();
  IntegrationStatus status;
  status.incoming_state = DirectionState::failing;
  status.last_check = at(77);
  status.consecutive_incoming_errors = 3;
  LastError error;
  error.at = at(76);
  error.kind = "imap.login_failed";
  error.message = "NO [AUTHENTICATIONFAILED]";
  status.last_incoming_error = error;
  NewEvent event;
  event.kind = "imap.login_failed";
  event.integration = id;
  event.at = at(76);

  good(store_->integrations().record_status(id, status, {event}));
  reopen();

  const auto row = good(store_->integrations().get(id));
  EXPECT_EQ(row.status.incoming_state, DirectionState::failing);
  EXPECT_EQ(row.status.last_check, at(77));
  EXPECT_EQ(row.status.consecutive_incoming_errors, 3);
  EXPECT_EQ(row.status.last_incoming_error->message, "NO [AUTHENTICATIONFAILED]");
  EXPECT_EQ(row.version, 1u);
  EXPECT_EQ(good(store_->events().list({}, {})).items.at(0).kind, "imap.login_failed");
}

TEST_F(IntegrationsTest, Removal_keeps_the_mail_and_ends_what_waits) {
  auto draft = integration_draft("Support");
  draft.incoming_password = Secret("in");
  const auto id = good(store_->integrations().create(draft, "admin", at(1))).value.id;
  const auto message = make_message(id, 1);
  auto& deliveries = store_->deliveries();
  const auto waiting = good(deliveries.create(new_delivery(id, "a"))).delivery.id;
  const auto sending = good(deliveries.create(new_delivery(id, "b"))).delivery.id;
  good(deliveries.begin_attempt(sending, at(101)));

  good(store_->integrations().remove(id, 1, "admin", at(9)));

  EXPECT_EQ(failure(store_->integrations().get(id)), errc::not_found);
  EXPECT_EQ(failure(store_->integrations().secrets(id)), errc::not_found);
  EXPECT_EQ(failure(store_->integrations().record_status(id, {}, {})), errc::not_found);
  EXPECT_TRUE(good(store_->integrations().ids()).empty());
  EXPECT_FALSE(good(store_->messages().cursor(id, "INBOX")));
  EXPECT_EQ(good(store_->messages().get(message)).integration_name, "Support");
  EXPECT_EQ(good(deliveries.get(waiting)).outcome.state, DeliveryState::cancelled);
  EXPECT_EQ(good(deliveries.get(waiting)).outcome.result_code, 62);
  EXPECT_EQ(good(deliveries.get(sending)).outcome.state, DeliveryState::sending);
  make_integration("Support");  // the name is free again
}

TEST_F(IntegrationsTest, What_was_being_sent_at_the_removal_is_not_tried_again) {
  const auto id = make_integration();
  auto& deliveries = store_->deliveries();
  const auto sending = good(deliveries.create(new_delivery(id, "b"))).delivery.id;
  good(deliveries.begin_attempt(sending, at(101)));
  good(store_->integrations().remove(id, {}, "admin", at(102)));
  DeliveryOutcome later;
  later.state = DeliveryState::queued;
  later.next_attempt_at = at(200);

  good(deliveries.finish_attempt(sending, later, false, at(103), {}));

  EXPECT_EQ(good(deliveries.get(sending)).outcome.state, DeliveryState::cancelled);
  EXPECT_EQ(failure(deliveries.retry(sending, at(104))), errc::wrong_state);
}

TEST_F(IntegrationsTest, Lists_go_by_what_the_rows_say_whatever_changed_them) {
  auto& integrations = store_->integrations();
  const auto kept = make_integration("Support"), removed = make_integration("Sales");
  auto draft = integration_draft("Help");
  draft.value.address = "help@example.com";
  draft.value.description = "about";
  draft.value.provider = "google";
  draft.value.enabled = false;
  draft.value.incoming.enabled = false;
  draft.value.outgoing.enabled = true;
  draft.value.outgoing.server.host = "smtp.example.com";
  draft.value.outgoing.auth.username = "help@example.com";
  good(integrations.replace(kept, draft, {}, "a", at(2)));
  IntegrationStatus status;
  status.incoming_state = DirectionState::off;
  status.outgoing_state = DirectionState::failing;
  status.consecutive_incoming_errors = 3;
  status.consecutive_outgoing_errors = 4;
  good(integrations.record_status(kept, status, {}));
  good(integrations.remove(removed, {}, "a", at(3)));
  reopen();

  const auto entries = good(store_->integrations().entries());

  ASSERT_EQ(entries.size(), 1u);
  const auto& entry = entries[0];
  EXPECT_EQ(entry.id, kept);
  EXPECT_EQ(entry.name, "Help");
  EXPECT_EQ(entry.address, "help@example.com");
  EXPECT_EQ(entry.description, "about");
  EXPECT_EQ(entry.provider, "google");
  EXPECT_FALSE(entry.enabled);
  EXPECT_FALSE(entry.incoming_on);
  EXPECT_TRUE(entry.outgoing_on);
  EXPECT_EQ(entry.incoming_state, DirectionState::off);
  EXPECT_EQ(entry.outgoing_state, DirectionState::failing);
  EXPECT_EQ(entry.consecutive_incoming_errors, 3);
  EXPECT_EQ(entry.consecutive_outgoing_errors, 4);
}

}  // namespace
}  // namespace postern::storage
