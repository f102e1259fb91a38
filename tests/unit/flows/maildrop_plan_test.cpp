// What a POP3 server lists against what is known of it.
#include "flows/maildrop_plan.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

using storage::MaildropMail;
using storage::MaildropState;

ListedMail listed(std::uint32_t number, std::string uid, std::uint64_t size = 100) {
  ListedMail mail;
  mail.number = number;
  mail.size_bytes = size;
  mail.key = key_of_uid(uid);
  return mail;
}

MaildropMail known(std::string uid, MaildropState state, int attempts = 0, bool missing = false) {
  MaildropMail mail;
  mail.key = key_of_uid(uid);
  mail.state = state;
  mail.attempts = attempts;
  mail.missing = missing;
  return mail;
}

storage::Maildrop drop(std::vector<MaildropMail> mails) {
  storage::Maildrop result;
  result.mails = std::move(mails);
  return result;
}

/// One in trouble beside its row, to be tried at `next`.
void add_trouble(storage::Maildrop& to, std::string uid, MaildropState state,
                 std::optional<Instant> next, std::uint64_t size = 100, bool any_size = false) {
  to.mails.push_back(known(uid, state));
  storage::TroubledKey row;
  row.key = key_of_uid(uid);
  row.size_bytes = size;
  row.trouble.note.stage = state == MaildropState::too_large ? "size" : "fetch";
  row.trouble.note.next_try_at = next;
  row.trouble.any_size = any_size;
  to.troubles.push_back(std::move(row));
}

std::vector<std::uint32_t> retried(const MaildropPlan& plan) {
  std::vector<std::uint32_t> all;
  for (const auto& each : plan.retry) all.push_back(each.mail.number);
  return all;
}

std::vector<std::uint32_t> numbers(const std::vector<ListedMail>& mails) {
  std::vector<std::uint32_t> all;
  for (const auto& mail : mails) all.push_back(mail.number);
  return all;
}

using Numbers = std::vector<std::uint32_t>;
const Instant noon{std::chrono::hours(12)};
const PlanLimits limits{1000, false, noon};

TEST(MaildropPlan, Fetches_what_is_not_known_in_order) {
  const auto plan = plan_maildrop({listed(1, "a"), listed(2, "b"), listed(3, "c")},
                                  drop({known("b", MaildropState::stored)}), limits);

  EXPECT_EQ(numbers(plan.fetch), (Numbers{1, 3}));
  EXPECT_TRUE(plan.too_large.empty() && plan.undated.empty());
}

TEST(MaildropPlan, Leaves_alone_what_was_done_with) {
  auto known_mails =
      drop({known("a", MaildropState::passed_over), known("b", MaildropState::stored)});
  add_trouble(known_mails, "c", MaildropState::quarantined, std::nullopt);
  add_trouble(known_mails, "d", MaildropState::too_large, std::nullopt, 1001);

  const auto plan = plan_maildrop(
      {listed(1, "a"), listed(2, "b"), listed(3, "c"), listed(4, "d", 1001)}, known_mails, limits);

  EXPECT_TRUE(plan.fetch.empty() && plan.too_large.empty() && plan.retry.empty());
  EXPECT_FALSE(plan.next_try);
}

TEST(MaildropPlan, Tries_a_quarantined_mail_again_when_its_time_comes_or_a_person_asks) {
  auto known_mails = drop({});
  add_trouble(known_mails, "a", MaildropState::quarantined, noon);
  add_trouble(known_mails, "b", MaildropState::quarantined, noon + std::chrono::minutes(5));
  add_trouble(known_mails, "c", MaildropState::quarantined, std::nullopt);
  const std::vector<ListedMail> there{listed(1, "a"), listed(2, "b"), listed(3, "c")};

  const auto plan = plan_maildrop(there, known_mails, limits);
  const auto asked = plan_maildrop(there, known_mails, PlanLimits{1000, true, noon});

  EXPECT_EQ(retried(plan), Numbers{1});
  EXPECT_EQ(plan.next_try, noon + std::chrono::minutes(5));
  EXPECT_EQ(retried(asked), (Numbers{1, 2, 3}));
}

TEST(MaildropPlan, Tells_of_quarantined_mails_that_went) {
  auto known_mails = drop({});
  add_trouble(known_mails, "a", MaildropState::quarantined, noon);
  add_trouble(known_mails, "b", MaildropState::quarantined, std::nullopt);

  const auto plan = plan_maildrop({}, known_mails, limits);

  EXPECT_EQ(plan.lost.size(), 1U) << "the other one waits for nothing";
  EXPECT_TRUE(plan.retry.empty());
}

TEST(MaildropPlan, Puts_those_that_failed_before_behind_the_others) {
  const auto plan = plan_maildrop(
      {listed(1, "a"), listed(2, "b"), listed(3, "c")},
      drop({known("a", MaildropState::failed, 2), known("b", MaildropState::failed, 1)}), limits);

  EXPECT_EQ(numbers(plan.fetch), (Numbers{3, 2, 1}));
}

TEST(MaildropPlan, Names_what_is_too_large_before_it_is_asked_for) {
  const auto plan = plan_maildrop({listed(1, "a", 1000), listed(2, "b", 1001)}, drop({}), limits);

  EXPECT_EQ(numbers(plan.fetch), Numbers{1});
  EXPECT_EQ(numbers(plan.too_large), Numbers{2});
}

TEST(MaildropPlan, Fetches_a_large_mail_once_the_limit_was_raised_or_a_person_asks) {
  auto known_mails = drop({});
  add_trouble(known_mails, "a", MaildropState::too_large, std::nullopt, 900);
  add_trouble(known_mails, "b", MaildropState::too_large, noon, 5000, true);
  add_trouble(known_mails, "c", MaildropState::too_large, std::nullopt, 1001);

  const auto plan = plan_maildrop({listed(1, "a", 900), listed(2, "b", 5000), listed(3, "c", 20)},
                                  known_mails, limits);

  EXPECT_EQ(retried(plan), (Numbers{1, 2})) << "LIST told too little of the third";
}

TEST(MaildropPlan, Takes_two_mails_with_one_unique_id_for_one) {
  const auto plan = plan_maildrop({listed(1, "a"), listed(2, "a")}, drop({}), limits);

  EXPECT_EQ(numbers(plan.fetch), Numbers{1});
}

TEST(MaildropPlan, Tells_what_went_and_what_came_back) {
  const auto plan = plan_maildrop(
      {listed(1, "a"), listed(2, "b")},
      drop({known("a", MaildropState::stored, 0, true), known("b", MaildropState::stored),
            known("c", MaildropState::stored), known("d", MaildropState::stored, 0, true)}),
      limits);

  EXPECT_EQ(plan.back, std::vector<std::string>{key_of_uid("a")});
  EXPECT_EQ(plan.gone, std::vector<std::string>{key_of_uid("c")});
}

TEST(MaildropPlan, Dates_everything_where_all_unique_ids_are_new) {
  const auto old =
      drop({known("a", MaildropState::passed_over), known("b", MaildropState::stored)});

  const auto plan = plan_maildrop({listed(1, "x"), listed(2, "y", 5000)}, old, limits);

  EXPECT_TRUE(plan.renumbered);
  EXPECT_TRUE(plan.fetch.empty() && plan.too_large.empty());
  ASSERT_EQ(plan.undated.size(), 2U);
  EXPECT_EQ(plan.undated[0].number, 1U);
}

TEST(MaildropPlan, Takes_new_mails_for_new_where_an_old_one_is_left_or_none_was_passed_over) {
  const auto mixed =
      drop({known("a", MaildropState::passed_over), known("b", MaildropState::stored)});
  EXPECT_FALSE(plan_maildrop({listed(1, "a"), listed(2, "x")}, mixed, limits).renumbered);
  EXPECT_FALSE(plan_maildrop({}, mixed, limits).renumbered);
  const auto taken = drop({known("b", MaildropState::stored)});
  EXPECT_FALSE(plan_maildrop({listed(1, "x")}, taken, limits).renumbered);
  const auto long_gone = drop({known("a", MaildropState::passed_over, 0, true)});
  EXPECT_FALSE(plan_maildrop({listed(1, "x")}, long_gone, limits).renumbered);
}

TEST(Listings, Are_joined_by_number_whatever_their_order) {
  const auto mails =
      join_listings({{3, 30}, {1, 10}, {2, 20}, {1, 99}}, {{2, "b"}, {4, "d"}, {1, "a"}, {3, ""}});

  ASSERT_EQ(numbers(mails), (Numbers{1, 2, 3}));
  EXPECT_EQ(mails[0].key, key_of_uid("a"));
  EXPECT_EQ(mails[0].size_bytes, 10U);
  EXPECT_EQ(mails[1].key, key_of_uid("b"));
  EXPECT_EQ(mails[2].key, "");
}

TEST(HeaderKey, Does_not_heed_the_marks_of_mailbox_files) {
  const auto plain = key_of_header("Subject: x\r\nMessage-ID: <1@a>\r\n\r\n", 50);

  EXPECT_EQ(key_of_header("Subject: x\r\nStatus: RO\r\nMessage-ID: <1@a>\r\nX-UIDL: 7\r\n\r\n", 50),
            plain);
  EXPECT_NE(key_of_header("Subject: x\r\nMessage-ID: <2@a>\r\n\r\n", 50), plain);
  EXPECT_NE(key_of_header("Subject: x\r\nMessage-ID: <1@a>\r\n\r\n", 51), plain);
}

TEST(HeaderKey, Is_the_same_with_and_without_the_body) {
  EXPECT_EQ(key_of_header("Subject: x\r\n\r\n", 50),
            key_of_header("Subject: x\r\n\r\nbody\r\n", 50));
}

TEST(HeaderKey, Of_a_copy_is_one_of_its_own) {
  std::vector<ListedMail> mails = {listed(1, "u"), listed(2, "u")};
  for (const std::uint32_t number : {3, 4, 5}) {
    ListedMail mail;
    mail.number = number;
    mail.key = "h:same";
    mails.push_back(mail);
  }

  number_copies(mails);

  EXPECT_EQ(mails[1].key, mails[0].key);
  EXPECT_EQ(mails[2].key, "h:same");
  EXPECT_EQ(mails[3].key, "h:same#2");
  EXPECT_EQ(mails[4].key, "h:same#3");
}

}  // namespace
}  // namespace postern::flows
