// Lists of received mail by what is searched for.
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

class MessageListTest : public StoreTest {
 protected:
  /// Mails of the UIDs from `first` on, without digests; gives the first one's id.
  MessageId fill(IntegrationId integration, std::uint32_t first, std::uint32_t count) {
    auto incoming = batch(integration, first + count);
    for (std::uint32_t i = 0; i < count; ++i) incoming.mails.push_back(mail(first + i, "x"));
    return good(store_->messages().store(std::move(incoming)))[0].id;
  }

  MessageId digested(IntegrationId integration, std::uint32_t uid, std::string subject,
                     MailAddress from) {
    const auto id = fill(integration, uid, 1);
    MessageSummary summary;
    summary.subject = std::move(subject);
    summary.from.push_back(std::move(from));
    good(store_->messages().record_digest(id, std::move(summary), {}, {}, at(6000)));
    return id;
  }

  std::vector<MessageId> found(MessageFilter filter) {
    std::vector<MessageId> ids;
    for (const auto& each : good(store_->messages().list(std::move(filter), {})).items) {
      ids.push_back(each.id);
    }
    return ids;
  }
};

TEST_F(MessageListTest, Finds_all_mails_with_a_message_id) {
  const auto one = make_integration("one"), other = make_integration("other");
  const auto id = make_message(one, 1);
  make_message(one, 2);
  const auto there = make_message(other, 1);
  auto again = batch(one, 4);
  again.mails.push_back(mail(3, "the list's copy"));
  again.mails[0].message_id = "<1@example.com>";
  const auto copy = good(store_->messages().store(std::move(again)))[0].id;

  MessageFilter filter;
  filter.message_id = "<1@example.com>";
  EXPECT_EQ(found(filter), (std::vector{copy, there, id}));
  filter.message_id = "1@example.com";
  filter.integration = one;
  EXPECT_EQ(found(filter), (std::vector{copy, id}));
  filter.message_id = "1@example.co";
  EXPECT_TRUE(found(filter).empty());
}

TEST_F(MessageListTest, Finds_a_part_of_a_subject_and_of_a_sender_whatever_the_case) {
  const auto integration = make_integration();
  const auto first =
      digested(integration, 1, "Offer 100% \"new\"", {"Ann Smith", "ann@example.com"});
  const auto second = digested(integration, 2, "Re: something", {"", "bob@Example.com"});

  MessageFilter filter;
  filter.subject = "oFFer 100%";
  EXPECT_EQ(found(filter), std::vector{first});
  filter.subject = "%";
  EXPECT_EQ(found(filter), std::vector{first});
  filter.subject.reset();
  filter.sender = "smith";
  EXPECT_EQ(found(filter), std::vector{first});
  filter.sender = "@example.com";
  EXPECT_EQ(found(filter), (std::vector{second, first}));
  filter.subject = "re:";
  EXPECT_EQ(found(filter), std::vector{second});
}

TEST_F(MessageListTest, Finds_what_was_stored_in_a_time) {
  const auto id = make_message(make_integration(), 1);
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const Instant today = std::chrono::time_point_cast<Instant::duration>(now);

  MessageFilter filter;
  filter.since = today - std::chrono::hours(1);
  filter.until = today + std::chrono::hours(1);
  EXPECT_EQ(found(filter), std::vector{id});
  filter.until = filter.since;
  EXPECT_TRUE(found(filter).empty());
}

TEST_F(MessageListTest, Looks_through_so_many_mails_a_page_and_goes_on) {
  const auto integration = make_integration();
  const auto oldest = digested(integration, 1, "the needle", {"", "ann@example.com"});
  constexpr std::uint32_t others = messages_looked_through_max;
  for (std::uint32_t i = 0; i < others; i += 1000) fill(integration, 2 + i, 1000);

  MessageFilter filter;
  filter.subject = "needle";
  const auto first = good(store_->messages().list(filter, {}));
  EXPECT_TRUE(first.items.empty());
  ASSERT_FALSE(first.next_cursor.empty());
  const auto second = good(store_->messages().list(filter, {50, first.next_cursor}));
  ASSERT_EQ(second.items.size(), 1u);
  EXPECT_EQ(second.items[0].id, oldest);
  EXPECT_TRUE(second.next_cursor.empty());
}

}  // namespace
}  // namespace postern::storage
