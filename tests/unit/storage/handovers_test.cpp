// Targets and hand-overs.
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

using TargetsTest = StoreTest;
using HandoversTest = StoreTest;

HandoverAttempt attempt(HandoverState state, int status, Instant due = at(7000)) {
  HandoverAttempt tried;
  tried.state = state;
  tried.at = at(6500);
  tried.due = due;
  tried.status = status;
  tried.error = status == 200 ? "" : "HTTP " + std::to_string(status);
  return tried;
}

TEST_F(TargetsTest, Keeps_configuration_and_versions) {
  auto draft = target_draft("desk", false);
  draft.value.headers = {{"X-Key", "1"}};
  auto& targets = store_->targets();

  const auto made = good(targets.create(draft, "admin", at(1)));
  draft.value.url = "https://other.example.com/";
  const auto changed = good(targets.replace(made.value.id, draft, 1, "eve", at(2)));
  reopen();
  const auto found = good(store_->targets().find("desk"));

  EXPECT_EQ(made.version, 1u);
  EXPECT_EQ(changed.version, 2u);
  EXPECT_EQ(found.value.id, made.value.id);
  EXPECT_EQ(found.value.url, "https://other.example.com/");
  EXPECT_EQ(found.value.headers.at(0).second, "1");
  EXPECT_FALSE(found.value.required);
  EXPECT_EQ(found.modified_by, "eve");
  EXPECT_EQ(good(store_->targets().find(made.value.id.str())).value.id, made.value.id);
  EXPECT_EQ(good(store_->targets().list()).size(), 1u);
}

TEST_F(TargetsTest, Refuses_a_taken_name_and_a_stale_version) {
  const auto desk = make_target("desk"), other = make_target("other");
  auto& targets = store_->targets();

  EXPECT_EQ(failure(targets.create(target_draft("desk"), "a", at(1))), errc::name_taken);
  EXPECT_EQ(failure(targets.replace(other, target_draft("desk"), {}, "a", at(1))),
            errc::name_taken);
  EXPECT_EQ(failure(targets.replace(desk, target_draft("desk"), 9, "a", at(1))),
            errc::version_mismatch);
  EXPECT_EQ(failure(targets.remove(desk, 9, "a", at(1))), errc::version_mismatch);
  EXPECT_EQ(failure(targets.find("nobody")), errc::not_found);
  EXPECT_EQ(failure(targets.secrets(TargetId{3})), errc::not_found);
}

TEST_F(TargetsTest, Makes_a_signing_secret_and_keeps_the_former_one_while_rotating) {
  const auto id = make_target("desk");
  auto& targets = store_->targets();

  const auto first = good(targets.secrets(id));
  good(targets.rotate_secret(id, Secret("whsec_bmV3"), "admin", at(2)));
  const auto second = good(targets.secrets(id));

  EXPECT_TRUE(first.current.reveal().starts_with("whsec_"));
  EXPECT_EQ(first.current.reveal().size(), std::string("whsec_").size() + 44);
  EXPECT_TRUE(first.former.empty());
  EXPECT_EQ(second.current.reveal(), "whsec_bmV3");
  EXPECT_EQ(second.former.reveal(), first.current.reveal());
}

TEST_F(TargetsTest, Takes_a_secret_of_the_draft) {
  auto draft = target_draft("desk");
  draft.secret = Secret("whsec_b3du");

  const auto id = good(store_->targets().create(draft, "admin", at(1))).value.id;
  EXPECT_EQ(good(store_->targets().secrets(id)).current.reveal(), "whsec_b3du");

  draft.secret.reset();
  good(store_->targets().replace(id, draft, {}, "admin", at(2)));
  EXPECT_EQ(good(store_->targets().secrets(id)).current.reveal(), "whsec_b3du");
}

TEST_F(TargetsTest, Removal_cancels_what_waits_and_settles_the_messages) {
  const auto integration = make_integration();
  const auto gone = make_target("gone"), stays = make_target("stays");
  const auto message = make_message(integration, 1, {gone, stays});
  const auto rows = good(store_->messages().get(message)).handovers;
  good(store_->handovers().record_attempt(rows.at(1).id, attempt(HandoverState::acknowledged, 200),
                                          {}));
  EXPECT_EQ(good(store_->messages().get(message)).state, MessageState::stored);

  good(store_->targets().remove(gone, {}, "admin", at(9)));

  const auto after = good(store_->messages().get(message));
  EXPECT_EQ(after.handovers.at(0).state, HandoverState::cancelled);
  EXPECT_EQ(after.state, MessageState::handed_over);
  EXPECT_EQ(good(store_->handovers().waiting(gone)), 0u);
  EXPECT_EQ(failure(store_->targets().find("gone")), errc::not_found);
}

TEST_F(HandoversTest, Gives_what_is_due_oldest_first) {
  const auto integration = make_integration();
  const auto target = make_target("desk");
  std::vector<MessageId> messages;
  for (std::uint32_t uid = 1; uid <= 3; ++uid) {
    messages.push_back(make_message(integration, uid, {target}));
  }
  auto& handovers = store_->handovers();
  const auto first = good(handovers.due(target, at(6000), 10)).at(0);
  good(handovers.record_attempt(first.id, attempt(HandoverState::waiting, 500, at(6600)), {}));

  const auto now = good(handovers.due(target, at(6000), 10));
  const auto later = good(handovers.due(target, at(6600), 10));

  ASSERT_EQ(now.size(), 2u);
  EXPECT_EQ(now[0].message, messages[1]);
  ASSERT_EQ(later.size(), 3u);
  EXPECT_EQ(later[2].id, first.id);
  EXPECT_EQ(later[2].attempts, 1);
  EXPECT_EQ(later[2].last_status, 500);
  EXPECT_EQ(later[2].last_error, "HTTP 500");
  EXPECT_EQ(good(handovers.due(target, at(6600), 1)).size(), 1u);
  EXPECT_EQ(good(handovers.next_due(target)), at(6000));
  EXPECT_EQ(good(handovers.waiting(target)), 3u);
  EXPECT_FALSE(good(handovers.next_due(make_target("idle"))));
}

TEST_F(HandoversTest, A_message_is_handed_over_when_the_required_targets_have_it) {
  const auto integration = make_integration();
  const auto desk = make_target("desk"), log = make_target("log", false);
  const auto message = make_message(integration, 1, {desk, log});
  const auto rows = good(store_->messages().get(message)).handovers;
  auto& handovers = store_->handovers();
  NewEvent event;
  event.kind = "handover.failed";

  good(handovers.record_attempt(rows[1].id, attempt(HandoverState::acknowledged, 200), {event}));
  EXPECT_EQ(good(store_->messages().get(message)).state, MessageState::stored);
  good(handovers.record_attempt(rows[0].id, attempt(HandoverState::acknowledged, 200), {}));

  EXPECT_EQ(good(store_->messages().get(message)).state, MessageState::handed_over);
  EXPECT_EQ(good(store_->events().list({}, {})).items.size(), 1u);
  EXPECT_EQ(
      failure(handovers.record_attempt(rows[0].id, attempt(HandoverState::acknowledged, 200), {})),
      errc::wrong_state);
}

TEST_F(HandoversTest, Without_a_required_target_all_must_have_it) {
  const auto integration = make_integration();
  const auto message =
      make_message(integration, 1, {make_target("a", false), make_target("b", false)});
  const auto rows = good(store_->messages().get(message)).handovers;
  auto& handovers = store_->handovers();

  good(handovers.record_attempt(rows[0].id, attempt(HandoverState::acknowledged, 200), {}));
  EXPECT_EQ(good(store_->messages().get(message)).state, MessageState::stored);
  good(handovers.record_attempt(rows[1].id, attempt(HandoverState::acknowledged, 200), {}));
  EXPECT_EQ(good(store_->messages().get(message)).state, MessageState::handed_over);
}

TEST_F(HandoversTest, A_parked_one_is_retried_or_replaced) {
  const auto integration = make_integration();
  const auto desk = make_target("desk");
  const auto message = make_message(integration, 1, {desk});
  auto& handovers = store_->handovers();
  const auto id = good(store_->messages().get(message)).handovers.at(0).id;
  good(handovers.record_attempt(id, attempt(HandoverState::parked, 503), {}));
  EXPECT_TRUE(good(handovers.due(desk, at(9000), 10)).empty());

  EXPECT_EQ(good(handovers.retry(id, at(8000))).state, HandoverState::waiting);
  EXPECT_EQ(good(handovers.next_due(desk)), at(8000));
  good(handovers.record_attempt(id, attempt(HandoverState::parked, 503), {}));
  const auto again = good(handovers.hand_over_again(message, {desk}, at(8500)));
  good(handovers.record_attempt(again.at(0).id, attempt(HandoverState::acknowledged, 200), {}));

  EXPECT_NE(again.at(0).id, id);
  EXPECT_EQ(good(store_->messages().get(message)).state, MessageState::handed_over);
  EXPECT_EQ(failure(handovers.retry(again.at(0).id, at(9000))), errc::wrong_state);
  EXPECT_EQ(failure(handovers.retry(HandoverId{5}, at(9000))), errc::not_found);
  EXPECT_EQ(failure(handovers.hand_over_again(MessageId{5}, {desk}, at(1))), errc::not_found);
  EXPECT_EQ(failure(handovers.hand_over_again(message, {desk, TargetId{5}}, at(1))),
            errc::not_found);
  EXPECT_EQ(good(store_->messages().get(message)).handovers.size(), 2u);
}

TEST_F(HandoversTest, Lists_by_target_and_state_in_pages) {
  const auto integration = make_integration();
  const auto a = make_target("a"), b = make_target("b");
  for (std::uint32_t uid = 1; uid <= 3; ++uid) make_message(integration, uid, {a, b});
  HandoverFilter filter;
  filter.target = a;
  filter.state = HandoverState::waiting;
  PageRequest page;
  page.limit = 2;

  const auto first = good(store_->handovers().list(filter, page));
  page.cursor = first.next_cursor;
  const auto second = good(store_->handovers().list(filter, page));

  EXPECT_EQ(first.items.size(), 2u);
  EXPECT_EQ(second.items.size(), 1u);
  EXPECT_EQ(second.next_cursor, "");
  EXPECT_EQ(good(store_->handovers().list({}, {})).items.size(), 6u);
  filter.state = HandoverState::parked;
  EXPECT_TRUE(good(store_->handovers().list(filter, {})).items.empty());
}

}  // namespace
}  // namespace postern::storage
