// The audit log and the figures.
#include "storage/audit.hpp"
#include "storage/figures.hpp"
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

using AuditTest = StoreTest;

AuditEntry entry(const std::string& who, const std::string& resource) {
  AuditEntry made;
  made.at = at(5);
  made.who = who;
  made.via = "session";
  made.address = "192.0.2.1";
  made.act = "PATCH /integrations/{integration}";
  made.resource = resource;
  made.fields = {"/incoming/host", "/incoming/auth/password"};
  made.request_id = "r1";
  return made;
}

TEST_F(AuditTest, Entries_come_newest_first_by_who_and_by_resource_page_by_page) {
  for (int i = 0; i < 5; ++i) {
    good(store_->audit().append(entry(i % 2 == 0 ? "ann" : "bob", "/r/" + std::to_string(i))));
  }

  const auto first = good(store_->audit().list({}, {.limit = 2, .cursor = ""}));
  const auto next = good(store_->audit().list({}, {.limit = 5, .cursor = first.next_cursor}));

  ASSERT_EQ(2U, first.items.size());
  EXPECT_EQ("/r/4", first.items[0].resource);
  EXPECT_EQ("/incoming/auth/password", first.items[0].fields.at(1));
  EXPECT_EQ(3U, next.items.size());
  EXPECT_EQ("", next.next_cursor);
  AuditFilter filter;
  filter.who = "bob";
  EXPECT_EQ(2U, good(store_->audit().list(filter, {})).items.size());
  filter.resource = "/r/3";
  EXPECT_EQ(1U, good(store_->audit().list(filter, {})).items.size());
  EXPECT_EQ(failure(store_->audit().list({}, {.limit = 5, .cursor = "nonsense"})),
            errc::bad_cursor);
}

TEST_F(AuditTest, Entries_are_kept_for_their_time) {
  good(store_->audit().append(entry("ann", "/r")));
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());

  good(store_->purge(now + audit_for - std::chrono::hours(1)));
  EXPECT_EQ(1U, good(store_->audit().list({}, {})).items.size());
  good(store_->purge(now + audit_for + std::chrono::hours(1)));

  EXPECT_TRUE(good(store_->audit().list({}, {})).items.empty());
}

class FiguresTest : public StoreTest {
 protected:
  FiguresTest() {
    options_.now = [this] { return now_; };
  }
  Instant now_ = at(3600 * 1000 + 60);
};

TEST_F(FiguresTest, Mails_count_in_the_hour_they_came) {
  const auto integration = make_integration();
  const auto target = make_target("Desk");
  auto incoming = batch(integration, 3);
  incoming.mails.push_back(mail(1, "a"));
  incoming.mails.push_back(mail(2, "b"));
  const auto stored = good(store_->messages().store(std::move(incoming)));
  good(store_->messages().record_digest(stored[0].id, {}, {target}, {}, now_));
  now_ += std::chrono::hours(2);
  auto later = batch(integration, 4);
  later.mails.push_back(mail(3, "c"));
  good(store_->messages().store(std::move(later)));
  good(store_->deliveries().create(new_delivery(integration, "x")));

  const auto hours = good(store_->figures().hours(3, now_));

  ASSERT_EQ(3U, hours.size());
  EXPECT_EQ(at(3600 * 1000), hours[0].begins);
  EXPECT_EQ(2, hours[0].received);
  EXPECT_EQ(0, hours[1].received);
  EXPECT_EQ(1, hours[2].received);
  EXPECT_EQ(0, hours[2].sent);
  const auto queues = good(store_->figures().queues());
  EXPECT_EQ(1, queues.queued);
  EXPECT_EQ(at(100), queues.oldest_queued_at);
  EXPECT_EQ(1, queues.handovers_waiting);
  EXPECT_EQ(24U, good(store_->figures().hours(24, now_)).size());
  EXPECT_EQ(static_cast<std::size_t>(figure_hours_max),
            good(store_->figures().hours(1000000, now_)).size());
}

TEST_F(FiguresTest, The_longest_queue_of_an_hour_is_kept_for_a_week) {
  QueueFigures queue;
  for (const int length : {3, 9, 4}) {
    queue.queued = length;
    good(store_->figures().note_queue(queue, now_));
  }
  now_ += std::chrono::hours(1);

  const auto hours = good(store_->figures().hours(2, now_));

  EXPECT_EQ(9, hours[0].queue);
  EXPECT_EQ(0, hours[0].handovers_waiting);
  EXPECT_FALSE(hours[1].queue) << "not noted yet is not zero";
  now_ += std::chrono::hours(figure_hours_max);
  good(store_->figures().note_queue(queue, now_));
  EXPECT_FALSE(good(store_->figures().hours(figure_hours_max, now_)).front().queue);
}

}  // namespace
}  // namespace postern::storage
