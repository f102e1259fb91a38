// Retention: what may go, what stays, and that it goes in small jobs.
#include "storage/chance.hpp"
#include "storage/database.hpp"
#include "unit/storage/kit.hpp"

#include <filesystem>

namespace postern::storage {
namespace {

using namespace std::chrono_literals;

class RetentionTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    integration_ = make_integration();
    target_ = make_target("desk");
  }

  Instant store_now() { return with_defaults({}).now(); }
  MessageId offer(std::optional<HandoverState> end) {
    const auto id = make_message(integration_, ++uid_, {target_});
    if (!end) return id;
    HandoverAttempt tried;
    tried.state = *end;
    tried.at = tried.due = at(7000);
    const auto handover = good(store_->messages().get(id)).handovers.at(0).id;
    good(store_->handovers().record_attempt(handover, tried, {}));
    return id;
  }
  std::vector<MessageId> removable() {
    std::vector<MessageId> ids;
    for (const auto& each : good(store_->retention().removable({})).mails) ids.push_back(each.id);
    return ids;
  }
  std::size_t files_in_spool() {
    namespace fs = std::filesystem;
    std::size_t count = 0;
    for (const auto& each : fs::recursive_directory_iterator(options_.data_dir + "/spool")) {
      count += each.is_regular_file() ? 1 : 0;
    }
    return count;
  }
  int rows_of(const std::string& table) {
    auto database = Database::open(options_.data_dir + "/postern.db", {}).value();
    auto query = database.query("SELECT count(*) FROM " + table);
    int rows = 0;
    if (query.step()) query.read(rows);
    return rows;
  }

  IntegrationId integration_;
  TargetId target_;
  std::uint32_t uid_ = 0;
};

TEST_F(RetentionTest, Only_what_a_target_has_taken_may_go) {
  const auto taken = offer(HandoverState::acknowledged);
  const auto waiting = offer(std::nullopt), parked = offer(HandoverState::parked);
  const auto nobodys = make_message(integration_, ++uid_);
  const auto again = offer(HandoverState::acknowledged);
  good(store_->handovers().hand_over_again(again, {target_}, at(8000)));

  EXPECT_EQ(removable(), std::vector<MessageId>{taken});
  const auto removed =
      good(store_->retention().remove_messages({taken, waiting, parked, nobodys, again}));

  EXPECT_EQ(removed.count, 1);
  EXPECT_GT(removed.bytes, 0u);
  EXPECT_EQ(failure(store_->messages().get(taken)), errc::not_found);
  for (const auto id : {waiting, parked, nobodys, again}) good(store_->messages().get(id));
  EXPECT_EQ(rows_of("message"), 4);
  EXPECT_EQ(rows_of("message_body"), 4);
  EXPECT_EQ(rows_of("message_seen"), 5);
  EXPECT_EQ(rows_of("handover WHERE message = " + std::to_string(taken.value)), 0);
}

TEST_F(RetentionTest, A_mail_that_went_is_not_taken_in_again) {
  const auto id = offer(HandoverState::acknowledged);
  good(store_->retention().remove_messages({id}));

  auto incoming = batch(integration_, uid_ + 2);
  auto again = mail(uid_, "body " + std::to_string(uid_));
  again.uid = uid_ + 1;
  incoming.mails.push_back(std::move(again));
  const auto stored = good(store_->messages().store(std::move(incoming)));

  EXPECT_TRUE(stored.at(0).duplicate);
  EXPECT_EQ(rows_of("message"), 0);
}

TEST_F(RetentionTest, Its_spool_file_goes_after_the_row) {
  auto incoming = batch(integration_, 2);
  auto large = mail(1, std::string(blob_bytes_max + 1, 'x'));
  auto file = store_->messages().open_spool_file().value();
  EXPECT_TRUE(file->append(std::get<std::string>(large.bytes)));
  good(file->finish());
  large.bytes = std::move(file);
  incoming.mails.push_back(std::move(large));
  const auto id = good(store_->messages().store(std::move(incoming))).front().id;
  good(store_->messages().record_digest(id, {}, {target_}, {}, at(6000)));
  HandoverAttempt tried;
  tried.state = HandoverState::acknowledged;
  good(store_->handovers().record_attempt(good(store_->messages().get(id)).handovers.at(0).id,
                                          tried, {}));
  EXPECT_EQ(files_in_spool(), 1u);

  EXPECT_EQ(good(store_->retention().remove_messages({id})).count, 1);

  EXPECT_EQ(files_in_spool(), 0u);
}

TEST_F(RetentionTest, Looks_at_the_mails_page_by_page) {
  auto incoming = batch(integration_, retention_scan_rows + 2);
  for (std::uint32_t uid = 1; uid <= retention_scan_rows + 1; ++uid) {
    incoming.mails.push_back(mail(uid, "body " + std::to_string(uid)));
  }
  good(store_->messages().store(std::move(incoming)));

  const auto first = good(store_->retention().removable({}));
  const auto second = good(store_->retention().removable(first.last));

  EXPECT_TRUE(first.more);
  EXPECT_FALSE(second.more);
  EXPECT_TRUE(first.mails.empty());
  EXPECT_EQ(good(store_->retention().amount()).messages, retention_scan_rows + 1u);
}

TEST_F(RetentionTest, Events_go_by_age_in_jobs_of_a_size) {
  const auto now = store_now();
  std::vector<NewEvent> events;
  for (int i = 0; i < retention_job_rows + 5; ++i) {
    NewEvent event;
    event.kind = "message.sent";
    event.at = now - events_kept_for - 1h;
    events.push_back(event);
  }
  events.front().at = now;
  good(store_->events().append(events));

  const auto before = now - events_kept_for;
  // Made today, so that their ids are young: the time alone does not let them go.
  EXPECT_EQ(good(store_->retention().remove_events(before)).count, 0);
  const auto first = good(store_->retention().remove_events(now));
  const auto second = good(store_->retention().remove_events(now));

  EXPECT_EQ(first.count, retention_job_rows);
  EXPECT_TRUE(first.more);
  EXPECT_EQ(second.count, 4);
  EXPECT_FALSE(second.more);
}

TEST_F(RetentionTest, Deliveries_go_when_they_have_ended_long_ago) {
  const auto now = store_now();
  std::vector<DeliveryId> ids;
  for (int i = 0; i < 2; ++i) {
    NewDelivery fresh;
    fresh.integration = integration_;
    fresh.envelope.recipients = {"a@example.com"};
    fresh.bytes = "Subject: x\r\n\r\n";
    fresh.message_id = "<1@example.com>";
    fresh.at = fresh.due = now - 2h;
    ids.push_back(good(store_->deliveries().create(std::move(fresh))).delivery.id);
  }
  good(store_->deliveries().begin_attempt(ids[0], now - 2h));
  DeliveryOutcome outcome;
  outcome.state = DeliveryState::sent;
  outcome.result_code = 0;
  good(store_->deliveries().finish_attempt(ids[0], outcome, false, now - 1h, {}));

  EXPECT_EQ(good(store_->retention().remove_deliveries(now - 90min)).count, 0);
  EXPECT_EQ(good(store_->retention().remove_deliveries(now)).count, 1);
  EXPECT_EQ(good(store_->retention().remove_deliveries(now)).count, 0);

  EXPECT_EQ(failure(store_->deliveries().get(ids[0])), errc::not_found);
  EXPECT_EQ(good(store_->deliveries().get(ids[1])).outcome.state, DeliveryState::queued);
}

}  // namespace
}  // namespace postern::storage
