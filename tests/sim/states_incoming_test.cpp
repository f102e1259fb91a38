// A received mail's life, begun in each of its states; see gateway/flows/STATES.md.
#include "sim/states_kit.hpp"

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

TEST_F(States, Incoming_at_the_server_alone) {
  cast();
  add_target(hook_);
  offer();

  begin_and_run_for(1min);

  EXPECT_EQ(hook_.ids_of(net::sha256(received)).size(), 1U);
  EXPECT_EQ(acknowledged(hook_), 1);
}

TEST_F(States, Incoming_spooled_without_a_row) {
  cast();
  add_target(hook_);
  offer();
  const auto file = put_spool_file();

  begin_and_run_for(1min);

  EXPECT_FALSE(fs::exists(file));
  EXPECT_EQ(acknowledged(hook_), 1);
}

TEST_F(States, Incoming_stored) {
  cast();
  add_target(hook_);
  const auto id = store();

  begin_and_run_for(1min);

  EXPECT_EQ(acknowledged(hook_), 1);
  EXPECT_EQ(message(id).summary.subject, "A question");
  EXPECT_EQ(message(id).state, storage::MessageState::handed_over);
  EXPECT_EQ(imap_.bodies(), 0U) << "it was fetched once more";
}

TEST_F(States, Incoming_routed) {
  cast();
  const auto target = add_target(hook_);
  const auto handover = route(store(), {target});

  begin_and_run_for(1min);

  EXPECT_EQ(hook_.mails().count(handover.id.str()), 1U);
  EXPECT_EQ(acknowledged(hook_), 1);
  EXPECT_EQ(workers_.digests, 0U);
}

// The target took it, and the row that says so was not written: what is on the disk is the same.
TEST_F(States, Incoming_handed_over_and_not_known) {
  cast();
  const auto target = add_target(hook_);
  const auto handover = route(store(), {target});
  hook_.manners.cuts_after_taking = 1;
  begin_and_run_for(1s);
  gateway_->kill();
  gateway_.reset();
  ASSERT_EQ(hook_.mails().at(handover.id.str()).calls, 1);
  hook_.manners.cuts_after_taking = 0;
  gateway_ = std::make_unique<Gateway>(world_, data_dir_, workers_, flows::FlowOptions{});
  gateway_->start();

  world_.run_for(10min);

  EXPECT_EQ(hook_.mails().size(), 1U) << "it came under a second id";
  EXPECT_EQ(acknowledged(hook_), 1);
  EXPECT_TRUE(hook_.mistakes().empty()) << "or with another body";
}

TEST_F(States, Incoming_refused_for_now) {
  cast();
  const auto target = add_target(hook_);
  const auto handover = route(store(), {target});
  end_attempt(handover, HandoverState::waiting, 10min);

  begin_and_run_for(9min);
  EXPECT_TRUE(hook_.calls().empty());
  world_.run_for(2min);

  EXPECT_EQ(hook_.mails().count(handover.id.str()), 1U);
  EXPECT_EQ(acknowledged(hook_), 1);
}

TEST_F(States, Incoming_parked) {
  cast();
  const auto target = add_target(hook_);
  const auto handover = route(store(), {target});
  end_attempt(handover, HandoverState::parked);

  begin_and_run_for(2h);
  EXPECT_TRUE(hook_.calls().empty());
  ask(now().handovers().retry(handover.id, world_.now()));
  gateway_->hub().handovers_queued();
  world_.run_for(1min);

  EXPECT_EQ(acknowledged(hook_), 1);
}

TEST_F(States, Incoming_taken_by_some) {
  cast();
  const auto one = add_target(hook_);
  const auto two = add_target(other_);
  const auto id = store();
  end_attempt(route(id, {one, two}), HandoverState::acknowledged);

  begin_and_run_for(1min);

  EXPECT_TRUE(hook_.calls().empty());
  EXPECT_EQ(acknowledged(other_), 1);
  EXPECT_EQ(message(id).state, storage::MessageState::handed_over);
}

TEST_F(States, Incoming_handed_over) {
  cast([](Integration& value) { value.incoming.after_fetch.action = AfterFetch::seen; });
  const auto target = add_target(hook_);
  end_attempt(route(store(), {target}), HandoverState::acknowledged);
  ASSERT_TRUE(ask(before_->after_fetches().next_due(id_)));

  begin_and_run_for(5min);

  EXPECT_TRUE(imap_.mails().front().flags.contains("\\Seen"));
  EXPECT_FALSE(ask(now().after_fetches().next_due(id_)));
  EXPECT_TRUE(hook_.calls().empty());
}

TEST_F(States, Incoming_copied_away) {
  imap_.manners.offers_move = false;
  cast([](Integration& value) {
    value.incoming.after_fetch.action = AfterFetch::move;
    value.incoming.after_fetch.folder = "Done";
  });
  const auto target = add_target(hook_);
  const auto id = store();
  end_attempt(route(id, {target}), HandoverState::acknowledged);
  imap_.deliver_to("Done", std::string(received));
  storage::EndedAction half;
  half.message = id;
  half.end = storage::ActionEnd::copied;
  ask(before_->after_fetches().record({half}, {}));

  begin_and_run_for(5min);

  EXPECT_TRUE(imap_.mails().empty());
  EXPECT_EQ(imap_.folder("Done")->mails.size(), 1U);
}

TEST_F(States, Incoming_on_lease) {
  cast();
  const auto target = add_target(hook_, "pull");
  const auto handover = route(store(), {target});
  storage::LeaseTerms terms;
  terms.time = 10min;
  ASSERT_EQ(ask(before_->pull().lease(target, terms, world_.now())).items.size(), 1U);

  begin_and_run_for(9min);
  EXPECT_TRUE(ask(now().pull().lease(target, terms, world_.now())).items.empty());
  world_.run_for(2min);
  const auto again = ask(now().pull().lease(target, terms, world_.now()));

  ASSERT_EQ(again.items.size(), 1U);
  EXPECT_EQ(again.items.front().handover, handover.id);
}

TEST_F(States, Incoming_quarantined_to_be_tried) {
  cast();
  add_target(hook_);
  offer();
  storage::TroubledMail mail;
  mail.integration = id_;
  mail.folder = "INBOX";
  mail.uid_validity = imap_.uid_validity();
  mail.uid = 1;
  mail.received_at = mail.at = world_.now();
  mail.note = {"fetch", "BAD", 1, world_.now() + 10min};
  ask(before_->quarantine().put(std::move(mail)));
  storage::MailboxCursor behind;
  behind.uid_validity = imap_.uid_validity();
  behind.next_uid = 2;
  ask(before_->messages().set_cursor(id_, "INBOX", behind, {}));

  begin_and_run_for(9min);
  EXPECT_TRUE(hook_.calls().empty());
  world_.run_for(1h);

  EXPECT_EQ(acknowledged(hook_), 1);
}

TEST_F(States, Incoming_held) {
  cast();
  const auto target = add_target(hook_);
  const auto id = store();
  storage::DigestedMail digested;
  digested.routing.targets = {target};
  digested.routing.held = "by a rule";
  ask(before_->messages().record_digest(id, std::move(digested), world_.now()));

  begin_and_run_for(2h);

  EXPECT_TRUE(hook_.calls().empty());
  EXPECT_EQ(message(id).state, storage::MessageState::held);
}

}  // namespace
}  // namespace postern::sim
