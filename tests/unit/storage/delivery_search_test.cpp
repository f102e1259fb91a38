// Deliveries as they are searched for, and as bounces find them.
#include "storage/delivery_search.hpp"
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

class DeliverySearch : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    integration_ = make_integration();
    auto invoice = new_delivery(integration_, "bytes");
    invoice.message_id = "<one@example.com>";
    invoice.subject = "Invoice 17";
    invoice.envelope.recipients = {"Anna@x.test", "b@x.test"};
    first_ = good(store_->deliveries().create(std::move(invoice))).delivery.id;
    auto other = new_delivery(integration_, "bytes");
    other.message_id = "<two@example.com>";
    other.envelope.sender = "Sales@example.com";
    other.tags = {"blue"};
    second_ = good(store_->deliveries().create(std::move(other))).delivery.id;
  }

  SearchIndex& index() { return *search_index_of(store_->deliveries()); }

  std::vector<DeliveryId> found(const DeliveryFilter& filter) {
    std::vector<DeliveryId> ids;
    for (const auto& row : good(store_->deliveries().list(filter, PageRequest{})).items) {
      ids.push_back(row.id);
    }
    return ids;
  }
  void send(DeliveryId id) {
    good(store_->deliveries().begin_attempt(id, at(200)));
    DeliveryOutcome sent;
    sent.state = DeliveryState::sent;
    sent.result_code = 0;
    for (const auto& address : good(store_->deliveries().get(id)).envelope.recipients) {
      RecipientResult result;
      result.address = address;
      result.result_code = 0;
      sent.recipients.push_back(result);
    }
    good(store_->deliveries().finish_attempt(id, sent, false, at(201), {}, false));
  }

  IntegrationId integration_;
  DeliveryId first_, second_;
};

using Ids = std::vector<DeliveryId>;

TEST_F(DeliverySearch, Finds_the_same_in_its_index_and_beside_it) {
  const auto expect_all = [&](DeliveryId newest) {
    DeliveryFilter filter;
    filter.subject = "INVOICE 1";
    EXPECT_EQ(found(filter), (Ids{newest, first_}));
    filter.recipient = "ANNA@x.test";
    EXPECT_EQ(found(filter), Ids{first_});
    filter.recipient = "nna@x.test";
    EXPECT_EQ(found(filter), Ids{});
    DeliveryFilter shorter;
    shorter.subject = "17";
    EXPECT_EQ(found(shorter), Ids{first_});
    DeliveryFilter odd;
    odd.subject = "18 \"a\\b\" \xC3\x9C";
    EXPECT_EQ(found(odd), Ids{newest});
    odd.subject = "Rechnung";
    EXPECT_EQ(found(odd), Ids{});
    DeliveryFilter page_by_page;
    page_by_page.subject = "invoice";
    PageRequest one;
    one.limit = 1;
    const auto page = good(store_->deliveries().list(page_by_page, one));
    ASSERT_EQ(page.items.size(), 1U);
    one.cursor = page.next_cursor;
    EXPECT_EQ(page.items[0].id, newest);
    EXPECT_EQ(good(store_->deliveries().list(page_by_page, one)).items.at(0).id, first_);
  };
  EXPECT_EQ(good(index().unindexed(100)), 2);
  EXPECT_EQ(good(index().index_for_search(1)), 1);
  EXPECT_EQ(good(index().unindexed(100)), 1);
  auto fresh = new_delivery(integration_, "bytes");
  fresh.subject = "Invoice 18 \"a\\b\" \xC3\x9C";
  const auto newest = good(store_->deliveries().create(std::move(fresh))).delivery.id;

  expect_all(newest);
  EXPECT_EQ(good(index().index_for_search(200)), 2);
  EXPECT_EQ(good(index().index_for_search(200)), 0);
  expect_all(newest);
}

TEST_F(DeliverySearch, Forgets_what_is_gone_and_learns_of_other_recipients) {
  good(index().index_for_search(200));
  good(store_->deliveries().hold(first_, at(200)));
  good(store_->deliveries().set_recipients(first_, {"carol@else.test"}));
  DeliveryFilter filter;
  filter.recipient = "anna@x.test";
  EXPECT_EQ(found(filter), Ids{});
  filter.recipient = "carol@else.test";
  EXPECT_EQ(found(filter), Ids{first_});

  good(store_->deliveries().cancel(first_, at(201)));
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  good(store_->retention().remove_deliveries(now + std::chrono::hours(48)));

  EXPECT_EQ(found(filter), Ids{});
  EXPECT_EQ(found({}), Ids{second_});
}

TEST_F(DeliverySearch, Is_by_recipient_and_sender_whatever_their_case) {
  DeliveryFilter filter;
  filter.recipient = "anna@X.test";
  EXPECT_EQ(found(filter), Ids{first_});
  filter.recipient = "anna";
  EXPECT_EQ(found(filter), Ids{});
  DeliveryFilter by_sender;
  by_sender.sender = "sales@example.com";
  EXPECT_EQ(found(by_sender), Ids{second_});
}

TEST_F(DeliverySearch, Is_by_a_part_of_the_subject) {
  DeliveryFilter filter;
  filter.subject = "voice 1";
  EXPECT_EQ(found(filter), Ids{first_});
  filter.subject = "%";
  EXPECT_EQ(found(filter), Ids{});
}

TEST_F(DeliverySearch, Is_by_message_id_with_or_without_its_brackets) {
  DeliveryFilter filter;
  filter.message_id = "two@example.com";
  EXPECT_EQ(found(filter), Ids{second_});
  filter.message_id = "<two@example.com>";
  filter.tag = "blue";
  EXPECT_EQ(found(filter), Ids{second_});
  filter.integration = make_integration("Other");
  EXPECT_EQ(found(filter), Ids{});
}

TEST_F(DeliverySearch, Is_by_the_time_of_the_promise) {
  DeliveryFilter filter;
  filter.since = Instant(std::chrono::hours(1));
  EXPECT_EQ(found(filter), (Ids{second_, first_}));
  filter.until = Instant(std::chrono::hours(2));
  EXPECT_EQ(found(filter), Ids{});
}

TEST_F(DeliverySearch, Records_a_bounce_once_with_its_event) {
  send(first_);
  BounceMark mark;
  mark.result.address = "b@x.test";
  mark.result.result_code = 51;
  mark.result.message = "550 gone";
  mark.result.bounced_at = at(300);
  mark.event.kind = "message.bounced";
  mark.event.integration = integration_;
  mark.event.at = at(300);

  const auto about = good(store_->deliveries().of_message_id("<one@example.com>"));
  ASSERT_EQ(about.size(), 1U);
  EXPECT_EQ(good(store_->deliveries().record_bounce(first_, {mark})), 1);
  EXPECT_EQ(good(store_->deliveries().record_bounce(first_, {mark})), 0);
  reopen();

  const auto row = good(store_->deliveries().get(first_));
  EXPECT_EQ(row.outcome.state, DeliveryState::sent);
  EXPECT_EQ(row.outcome.result_code, 52);
  EXPECT_EQ(row.outcome.recipients.at(1).bounced_at, at(300));
  EXPECT_FALSE(row.outcome.recipients.at(0).bounced_at);
  EXPECT_EQ(good(store_->events().list({}, PageRequest{})).items.size(), 1U);
  EXPECT_EQ(failure(store_->deliveries().record_bounce(DeliveryId{5}, {mark})), errc::not_found);
}

}  // namespace
}  // namespace postern::storage
