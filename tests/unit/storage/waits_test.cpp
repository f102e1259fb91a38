// Rows that wait for a time, after the clock was set.
#include "storage/waits.hpp"

#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

using namespace std::chrono_literals;

class WaitsTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    target_ = make_target("desk");
    integration_ = make_integration();
    const auto message = make_message(integration_, 1, {target_});
    handover_ = good(store_->messages().get(message)).handovers.at(0).id;
  }
  void fail_once(Instant when, Duration delay) {
    HandoverAttempt failed;
    failed.at = when;
    failed.due = when + delay;
    good(store_->handovers().record_attempt(handover_, failed, {}));
  }
  Waits& waits() {
    auto* found = waits_of(store_->retention());
    if (found == nullptr) throw std::runtime_error("no waits");
    return *found;
  }
  /// The clock is set by `by` when it reads `when`; nothing was written since.
  void set_clock(Duration by, Instant when) {
    ClockMove move;
    move.by = by;
    move.now = when + by;
    move.first = when + by - 5s;
    good(waits().clock_moved(move));
  }
  std::optional<Instant> next() {
    return good(store_->handovers().next_due(target_, std::nullopt, HandoverChoice::all));
  }
  DeliveryId make_delivery(int created, int due) {
    auto fresh = new_delivery(integration_, "bytes");
    fresh.at = at(created);
    fresh.due = at(due);
    return good(store_->deliveries().create(std::move(fresh))).delivery.id;
  }
  Delivery delivery(DeliveryId id) { return good(store_->deliveries().get(id)); }

  TargetId target_;
  IntegrationId integration_;
  HandoverId handover_;
};

TEST_F(WaitsTest, What_waits_is_due_that_much_earlier_when_the_clock_is_set_back) {
  fail_once(at(10'000), 5s);

  set_clock(-5000s, at(10'001));

  EXPECT_EQ(next(), at(5'005));
}

TEST_F(WaitsTest, What_waits_is_due_by_itself_when_the_clock_is_set_forward) {
  fail_once(at(10'000), 5s);

  set_clock(500'000s, at(10'001));

  EXPECT_EQ(next(), at(10'005));
}

TEST_F(WaitsTest, A_mail_to_be_sent_becomes_neither_old_nor_young) {
  const auto id = make_delivery(10'000, 10'000);

  set_clock(500'000s, at(10'060));
  EXPECT_EQ(delivery(id).created_at, at(510'000));
  EXPECT_EQ(delivery(id).outcome.next_attempt_at, at(10'000));

  set_clock(-500'000s, at(510'070));
  EXPECT_EQ(delivery(id).created_at, at(10'000));
}

TEST_F(WaitsTest, What_the_clock_wrote_after_it_was_set_is_not_moved) {
  const auto forward = make_delivery(510'000, 510'000);
  set_clock(500'000s, at(10'000));
  EXPECT_EQ(delivery(forward).created_at, at(510'000));

  set_clock(-500'000s, at(1'010'001));  // that is 510'001 now
  EXPECT_EQ(delivery(forward).created_at, at(510'000));
}

TEST_F(WaitsTest, A_time_that_somebody_chose_stays) {
  const auto chosen = make_delivery(10'000, 90'000);
  const auto at_once = make_delivery(10'000, 10'000);

  set_clock(-5000s, at(10'001));

  EXPECT_EQ(delivery(chosen).outcome.next_attempt_at, at(90'000));
  EXPECT_EQ(delivery(at_once).outcome.next_attempt_at, at(5'000));

  // Found by tests/chaos/run --long clock: written since the clock was noted last, and then it
  // was set back between two lives.
  const auto later = make_delivery(20'000, 20'000);
  set_clock(-5000s, at(19'990));
  EXPECT_EQ(delivery(later).outcome.next_attempt_at, at(15'000));
}

TEST_F(WaitsTest, What_a_clock_wrote_that_was_set_and_set_back_unseen_is_put_right) {
  fail_once(at(10'000), 365 * 24h);
  const auto id = make_delivery(40'000'000, 40'000'000);
  const auto chosen = make_delivery(10'000, 40'000'000);

  good(waits().note_clock(at(10'010)));

  EXPECT_EQ(next(), at(10'010));
  EXPECT_EQ(delivery(id).outcome.next_attempt_at, at(10'010));
  EXPECT_EQ(delivery(id).created_at, at(10'010));
  EXPECT_EQ(delivery(chosen).outcome.next_attempt_at, at(40'000'000));
}

TEST_F(WaitsTest, The_clock_is_noted_by_itself_and_when_it_was_set) {
  EXPECT_EQ(good(waits().noted_clock()), std::nullopt);

  good(waits().note_clock(at(10'000)));
  EXPECT_EQ(good(waits().noted_clock()), at(10'000));

  set_clock(-5000s, at(10'001));
  EXPECT_EQ(good(waits().noted_clock()), at(5'001));
}

TEST_F(WaitsTest, A_leap_is_noted_and_moves_when_the_clock_is_set_back) {
  good(waits().note_clock(at(10'000)));
  set_clock(24h, at(10'001));
  EXPECT_EQ(good(waits().last_leap()), std::nullopt) << "a day is none";

  set_clock(100h, at(10'002));
  EXPECT_EQ(good(waits().last_leap()), at(370'002));
  good(waits().note_clock(at(370'010)));
  EXPECT_EQ(good(waits().last_leap()), at(370'002));

  set_clock(-100h, at(370'020));
  EXPECT_EQ(good(waits().last_leap()), at(10'002)) << "as long ago as it was";
  good(waits().note_leap(at(500'000)));
  EXPECT_EQ(good(waits().last_leap()), at(500'000));
}

}  // namespace
}  // namespace postern::storage
