// Rules in rows and the book of them; threads; and what the routing does to a mail's row.
#include "core/provider_message_id.hpp"
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

Rule rule(std::string name) {
  Rule made;
  made.name = std::move(name);
  return made;
}

class RulesTest : public StoreTest {
 protected:
  Rules& rules() { return store_->rules(); }
  std::string names() {
    std::string all;
    for (const auto& each : good(rules().list())) all += each.value.name + " ";
    return all;
  }
  std::vector<TargetId> route() {
    const MessageSummary mail;
    return good(rules().book())->route(MailFacts{.mail = mail}, {}).targets;
  }
};

TEST_F(RulesTest, Come_back_in_their_order_after_a_restart) {
  good(rules().create(rule("a"), "ann", at(1)));
  good(rules().create(rule("b"), "ann", at(2)));
  auto first = rule("c");
  first.position = 0;
  first.condition = boost::json::object{{"field", "to"}, {"op", "contains"}, {"value", "\\"}};
  const auto made = good(rules().create(first, "bob", at(3)));
  reopen();

  EXPECT_EQ("c a b ", names());
  const auto found = good(rules().find("c"));
  EXPECT_EQ(first.condition, found.value.condition);
  EXPECT_EQ("bob", found.modified_by);
  EXPECT_EQ(made.value.id, found.value.id);
  EXPECT_EQ(failure(rules().create(rule("a"), "ann", at(4))), errc::name_taken);
  EXPECT_EQ(failure(rules().find("x")), errc::not_found);
}

TEST_F(RulesTest, Are_reordered_and_those_not_named_follow) {
  std::vector<RuleId> ids;
  for (const char* name : {"a", "b", "c", "d"}) {
    ids.push_back(good(rules().create(rule(name), "ann", at(1))).value.id);
  }

  good(rules().reorder({ids[3], ids[1]}, "bob", at(2)));

  EXPECT_EQ("d b a c ", names());
  EXPECT_EQ(failure(rules().reorder({RuleId{5}}, "bob", at(2))), errc::not_found);
  EXPECT_EQ(failure(rules().replace(ids[3], rule("d"), 1, "x", at(3))), errc::version_mismatch);
}

TEST_F(RulesTest, No_more_than_the_limit) {
  for (std::size_t i = 0; i < rules_max; ++i) {
    good(rules().create(rule(std::to_string(i)), "ann", at(1)));
  }

  EXPECT_EQ(failure(rules().create(rule("more"), "ann", at(1))), errc::wrong_state);
}

TEST_F(RulesTest, The_book_follows_every_change_of_rules_and_targets) {
  const auto desk = make_target("Desk");
  EXPECT_EQ(std::vector{desk}, route());
  EXPECT_EQ(good(rules().book()), good(rules().book()));
  const auto archive = make_target("Archive");
  EXPECT_EQ((std::vector{desk, archive}), route());
  auto to_archive = rule("a");
  to_archive.actions.targets = {archive.str()};
  const auto made = good(rules().create(to_archive, "ann", at(1)));
  EXPECT_EQ(std::vector{archive}, route());

  good(store_->targets().remove(archive, {}, "ann", at(2)));
  EXPECT_EQ(std::vector{desk}, route());
  auto off = target_draft("Desk");
  off.value.enabled = false;
  good(store_->targets().replace(desk, off, {}, "ann", at(3)));
  EXPECT_TRUE(route().empty());
  good(rules().remove(made.value.id, 1));
  EXPECT_EQ("", names());
}

class RoutedMail : public StoreTest {
 protected:
  RoutedMail() = default;
  MessageId mail_with(std::uint32_t uid, const Routing& routing) {
    auto incoming = batch(integration(), uid + 1);
    incoming.mails.push_back(mail(uid, "body " + std::to_string(uid)));
    const auto id = good(store_->messages().store(std::move(incoming))).front().id;
    DigestedMail digested;
    digested.routing = routing;
    good(store_->messages().record_digest(id, digested, at(6000)));
    return id;
  }
  IntegrationId integration() {
    if (!integration_) integration_ = make_integration();
    return integration_;
  }
  IntegrationId integration_;
};

TEST_F(RoutedMail, Is_kept_back_with_its_reason_and_let_go_once) {
  const auto desk = make_target("Desk");
  Routing routing;
  routing.held = "look";
  routing.targets = {desk};
  routing.attributes["k"] = "v";
  const auto id = mail_with(1, routing);
  auto row = good(store_->messages().get(id));
  EXPECT_EQ(MessageState::held, row.state);
  EXPECT_TRUE(row.handovers.empty());
  EXPECT_EQ("look", row.routing.held);

  good(store_->handovers().hand_over_again(id, {desk}, at(7000)));

  row = good(store_->messages().get(id));
  EXPECT_EQ(MessageState::stored, row.state);
  ASSERT_EQ(1u, row.handovers.size());
  EXPECT_EQ("v", row.routing.attributes.at("k").as_string());
}

TEST_F(RoutedMail, Each_reason_has_its_state) {
  Routing ignored, quarantined;
  ignored.ignored = "a";
  quarantined.ignored = "a";
  quarantined.quarantined = "b";

  EXPECT_EQ(MessageState::ignored, good(store_->messages().get(mail_with(1, ignored))).state);
  EXPECT_EQ(MessageState::quarantined,
            good(store_->messages().get(mail_with(2, quarantined))).state);
  EXPECT_EQ(MessageState::stored, good(store_->messages().get(mail_with(3, {}))).state);
}

TEST_F(RoutedMail, Is_routed_anew_as_long_as_no_target_has_it) {
  const auto desk = make_target("Desk"), archive = make_target("Archive");
  Routing held, out, elsewhere;
  held.held = "look";
  held.targets = {desk};
  out.targets = {desk, archive};
  out.trace.push_back({"Invoices", true, "subject"});
  elsewhere.targets = {archive};
  const auto id = mail_with(1, held);
  auto& messages = store_->messages();

  good(messages.route_anew(id, out, {}, at(7000)));
  auto row = good(messages.get(id));
  EXPECT_EQ(MessageState::stored, row.state);
  EXPECT_EQ(2u, row.handovers.size());
  EXPECT_EQ("Invoices", row.routing.trace.at(0).name);
  EXPECT_EQ(2u, row.routing.targets.size());
  const auto kept = row.handovers.at(1).id;

  good(messages.route_anew(id, elsewhere, {}, at(7001)));
  row = good(messages.get(id));
  ASSERT_EQ(2u, row.handovers.size());
  EXPECT_EQ(HandoverState::cancelled, row.handovers.at(0).state);
  EXPECT_EQ(kept, row.handovers.at(1).id);
  EXPECT_EQ(HandoverState::waiting, row.handovers.at(1).state);
  EXPECT_TRUE(row.routing.trace.empty());

  Routing ignored;
  ignored.ignored = "an advertisement";
  good(messages.route_anew(id, ignored, {}, at(7002)));
  row = good(messages.get(id));
  EXPECT_EQ(MessageState::ignored, row.state);
  EXPECT_EQ(HandoverState::cancelled, row.handovers.at(1).state);

  good(messages.route_anew(id, elsewhere, {}, at(7003)));
  HandoverAttempt taken;
  taken.state = HandoverState::acknowledged;
  taken.at = at(7004);
  const auto last = good(messages.get(id)).handovers.at(2).id;
  good(store_->handovers().record_attempt(last, taken, {}));
  EXPECT_EQ(errc::wrong_state, failure(messages.route_anew(id, held, {}, at(7005))));
  EXPECT_EQ(MessageState::handed_over, good(messages.get(id)).state);
}

TEST_F(RoutedMail, That_was_taken_while_it_was_called_off_is_handed_over) {
  const auto desk = make_target("Desk");
  Routing out, held;
  out.targets = {desk};
  held.held = "look";
  const auto id = mail_with(1, out);
  const auto under_way = good(store_->messages().get(id)).handovers.at(0).id;
  good(store_->messages().route_anew(id, held, {}, at(7000)));
  HandoverAttempt ended;
  ended.at = at(7001);
  EXPECT_EQ(errc::wrong_state, failure(store_->handovers().record_attempt(under_way, ended, {})));

  ended.state = HandoverState::acknowledged;
  good(store_->handovers().record_attempt(under_way, ended, {}));

  EXPECT_EQ(HandoverState::acknowledged, good(store_->messages().get(id)).handovers.at(0).state);
  EXPECT_EQ(errc::wrong_state, failure(store_->messages().route_anew(id, out, {}, at(7002))));
}

TEST_F(RoutedMail, Without_bytes_or_not_looked_at_yet_is_nothing_for_rules) {
  auto incoming = batch(integration(), 2);
  incoming.mails.push_back(mail(1, "body"));
  const auto id = good(store_->messages().store(std::move(incoming))).front().id;

  EXPECT_EQ(errc::wrong_state, failure(store_->messages().route_anew(id, {}, {}, at(7000))));
  EXPECT_EQ(errc::not_found,
            failure(store_->messages().route_anew(MessageId{1}, {}, {}, at(7000))));
}

class ThreadsTest : public RoutedMail {
 protected:
  ThreadAnswer ask(std::string own, std::vector<std::string> keys, IntegrationId of) {
    ThreadQuestion question;
    question.integration = of;
    question.message_id = std::move(own);
    question.keys = std::move(keys);
    question.fallback = "new";
    question.sender = "a@example.com";
    question.at = at(6000);
    return good(store_->threads().find({question})).front();
  }
  void note(std::uint32_t uid, std::string own, std::vector<std::string> keys, std::string thread,
            IntegrationId of) {
    auto incoming = batch(of, uid + 1);
    incoming.mails.push_back(mail(uid, "body " + std::to_string(uid)));
    const auto id = good(store_->messages().store(std::move(incoming))).front().id;
    DigestedMail digested;
    digested.thread = {std::move(thread), std::move(own), std::move(keys), "a@example.com"};
    good(store_->messages().record_digest(id, digested, at(6000)));
    good(store_->messages().record_digest(id, digested, at(6000)));
  }
};

TEST_F(ThreadsTest, Are_known_by_every_id_that_was_met_in_them) {
  note(1, "<b@x>", {"<a@x>"}, "<a@x>", integration());

  EXPECT_EQ("<a@x>", ask("<c@x>", {"<q@x>", "<b@x>"}, integration()).thread);
  EXPECT_EQ(1u, ask("<c@x>", {"<q@x>", "<b@x>"}, integration()).matched);
  EXPECT_EQ("<a@x>", ask("<a@x>", {}, integration()).thread);
  EXPECT_FALSE(ask("<a@x>", {}, integration()).matched);
  EXPECT_EQ("new", ask("<d@x>", {"<e@x>"}, integration()).thread);
}

TEST_F(ThreadsTest, Are_each_integrations_own_and_copies_are_seen) {
  const auto other = make_integration("Sales");
  note(1, "<a@x>", {}, "<a@x>", integration());

  EXPECT_FALSE(ask("<b@x>", {"<a@x>"}, other).matched);
  EXPECT_EQ(std::vector{integration()}, ask("<a@x>", {}, other).also_in);
  EXPECT_TRUE(ask("<a@x>", {}, integration()).also_in.empty());
  EXPECT_EQ(std::vector{integration()}, good(store_->threads().also_in("<a@x>", other)));
}

TEST_F(ThreadsTest, Count_a_senders_mails_of_the_day_once_each) {
  note(1, "<a@x>", {}, "t", integration());
  note(2, "<b@x>", {"<a@x>"}, "t", integration());

  EXPECT_EQ(2, ask("<c@x>", {"<a@x>"}, integration()).sent_today);
  good(store_->purge(at(6000) + std::chrono::hours(24 * 401)));
  EXPECT_FALSE(ask("<c@x>", {"<a@x>"}, integration()).matched);
  EXPECT_EQ(0, ask("<a@x>", {}, integration()).sent_today);
}

TEST_F(ThreadsTest, Know_what_was_sent_under_its_own_name_and_the_providers) {
  auto sent = new_delivery(integration(), "bytes");
  const auto id = good(store_->deliveries().create(sent)).delivery.id;
  good(store_->deliveries().begin_attempt(id, at(200)));
  DeliveryOutcome outcome;
  outcome.state = DeliveryState::sent;
  outcome.result_message = "250 Ok 0100018f2a3b4c5d-11111111-2222-3333-4444-555555555555-000000";
  good(store_->deliveries().finish_attempt(id, outcome, false, at(300), {}));

  EXPECT_EQ(0u, ask("<c@x>", {"<out@example.com>"}, integration()).matched);
  const auto renamed = ask(
      "<c@x>",
      {"<0100018f2a3b4c5d-11111111-2222-3333-4444-555555555555-000000@eu-west-1.amazonses.com>"},
      integration());
  EXPECT_EQ("<out@example.com>", renamed.matched_id);
  EXPECT_EQ("<out@example.com>", renamed.thread);
}

TEST(ProviderMessageId, Is_read_out_of_the_servers_answer) {
  EXPECT_EQ(
      "<AM0P@eur.prod.outlook.com>",
      provider_alias_in("250 2.6.0 <AM0P@eur.prod.outlook.com> [InternalId=1] Queued", "<a@b>"));
  EXPECT_EQ(std::nullopt, provider_alias_in("250 2.6.0 <a@b> [InternalId=1] Queued", "<a@b>"));
  EXPECT_EQ(
      "postmark:0f6c0a11-2222-3333-4444-555555555555",
      provider_alias_in("250 2.0.0 Ok: queued as 0F6C0A11-2222-3333-4444-555555555555", "<a@b>"));
  EXPECT_EQ("postmark:0f6c0a11-2222-3333-4444-555555555555",
            provider_alias_of("<0f6c0a11-2222-3333-4444-555555555555@mtasv.net>"));
  EXPECT_EQ(std::nullopt, provider_alias_in("250 2.0.0 Ok: queued as 4F1A2B", "<a@b>"));
  EXPECT_EQ(std::nullopt, provider_alias_in("", "<a@b>"));
  EXPECT_EQ("<a@b>", provider_alias_of("<a@b>"));
  EXPECT_EQ("", provider_alias_of(""));
}

}  // namespace
}  // namespace postern::storage
