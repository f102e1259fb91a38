// What is kept of a delivery's attempts beside its outcome: transcripts, notes, wishes.
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

class DeliveryAttempts : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    integration_ = make_integration();
  }
  Deliveries& deliveries() { return store_->deliveries(); }
  DeliveryId make() {
    return good(deliveries().create(new_delivery(integration_, "bytes"))).delivery.id;
  }

  AttemptEnd end_of(DeliveryId id, DeliveryState state, int code) {
    AttemptEnd end;
    end.id = id;
    end.outcome.state = state;
    end.outcome.result_code = code;
    end.outcome.next_attempt_at = at(1);
    return end;
  }

  void fail(DeliveryId id, const std::string& words) {
    good(deliveries().begin_attempt(id, at(110)));
    auto end = end_of(id, DeliveryState::queued, 1);
    end.transcript.emplace();
    end.transcript->protocol = "smtp";
    end.transcript->lines.push_back({at(110), Side::server, words, 0});
    good(deliveries().finish_attempt(std::move(end), at(111)));
  }

  IntegrationId integration_;
};

TEST_F(DeliveryAttempts, Keep_the_transcripts_of_the_last_that_failed) {
  const auto id = make();
  for (int i = 1; i <= delivery_transcripts_max + 2; ++i) fail(id, "word " + std::to_string(i));

  const auto attempts = good(deliveries().attempts(id));
  EXPECT_FALSE(attempts[1].has_transcript);
  EXPECT_TRUE(attempts[2].has_transcript);
  EXPECT_FALSE(good(deliveries().transcript(id, 2)));
  EXPECT_EQ(good(deliveries().transcript(id, 3)).value().lines.at(0).text, "word 3");
  EXPECT_EQ(good(deliveries().transcript(id, std::nullopt)).value().lines.at(0).text, "word 10");
  EXPECT_EQ(failure(deliveries().transcript(DeliveryId{1}, std::nullopt)), errc::not_found);
}

TEST_F(DeliveryAttempts, Have_no_transcript_where_none_failed) {
  const auto id = make();
  good(deliveries().begin_attempt(id, at(110)));
  good(deliveries().finish_attempt(end_of(id, DeliveryState::sent, 0), at(111)));

  EXPECT_FALSE(good(deliveries().attempts(id)).at(0).has_transcript);
  EXPECT_FALSE(good(deliveries().transcript(id, std::nullopt)));
}

TEST_F(DeliveryAttempts, Go_with_their_delivery) {
  const auto id = make();
  fail(id, "no");
  good(deliveries().begin_attempt(id, at(112)));
  good(deliveries().finish_attempt(end_of(id, DeliveryState::failed, 54), at(113)));

  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  good(store_->retention().remove_deliveries(now + std::chrono::hours(48)));

  EXPECT_EQ(failure(deliveries().get(id)), errc::not_found);
  EXPECT_EQ(failure(deliveries().transcript(id, std::nullopt)), errc::not_found);
}

TEST_F(DeliveryAttempts, Add_each_note_once) {
  const auto id = make();
  for (int i = 0; i < 2; ++i) {
    good(deliveries().begin_attempt(id, at(110)));
    auto end = end_of(id, DeliveryState::queued, 1);
    end.notes = {"no DSN"};
    if (i == 1) end.notes.push_back("7-bit");
    good(deliveries().finish_attempt(std::move(end), at(111)));
  }

  EXPECT_EQ(good(deliveries().get(id)).notes, (std::vector<std::string>{"no DSN", "7-bit"}));
}

TEST_F(DeliveryAttempts, Find_what_was_wished_for) {
  auto fresh = new_delivery(integration_, "bytes");
  fresh.wishes.require_tls = true;
  fresh.wishes.dsn.own = {{"a@example.com", {.never = true}, "rfc822;A@example.com"}};
  const auto wishes = fresh.wishes;

  const auto id = good(deliveries().create(std::move(fresh))).delivery.id;
  reopen();

  EXPECT_EQ(good(deliveries().get(id)).wishes, wishes);
  EXPECT_EQ(good(deliveries().get(make())).wishes, TransportWishes());
}

TEST_F(DeliveryAttempts, Open_an_unknown_result_again_only_when_it_is_due) {
  const auto id = make();
  const auto unknown = [&](DeliveryState state) {
    good(deliveries().begin_attempt(id, at(110)));
    auto end = end_of(id, state, 61);
    RecipientResult result;
    result.address = "a@example.com";
    result.result_code = 61;
    end.outcome.recipients = {result};
    good(deliveries().finish_attempt(std::move(end), at(111)));
  };
  unknown(DeliveryState::queued);
  const auto others = good(deliveries().begin_attempt(id, at(112)));
  EXPECT_EQ(others.outcome.recipients.at(0).result_code, 61);
  EXPECT_FALSE(others.possibly_duplicated);
  good(deliveries().finish_attempt(end_of(id, DeliveryState::queued, 1), at(113)));

  unknown(DeliveryState::unknown);
  const auto again = good(deliveries().begin_attempt(id, at(114)));
  EXPECT_EQ(again.outcome.recipients.at(0).result_code, 1);
  EXPECT_TRUE(again.possibly_duplicated);
}

}  // namespace
}  // namespace postern::storage
