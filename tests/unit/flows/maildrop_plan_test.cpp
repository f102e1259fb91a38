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

std::vector<std::uint32_t> numbers(const std::vector<ListedMail>& mails) {
  std::vector<std::uint32_t> all;
  for (const auto& mail : mails) all.push_back(mail.number);
  return all;
}

using Numbers = std::vector<std::uint32_t>;
constexpr PlanLimits limits{1000, false};

TEST(MaildropPlan, Fetches_what_is_not_known_in_order) {
  const auto plan = plan_maildrop({listed(1, "a"), listed(2, "b"), listed(3, "c")},
                                  {known("b", MaildropState::stored)}, limits);

  EXPECT_EQ(numbers(plan.fetch), (Numbers{1, 3}));
  EXPECT_TRUE(plan.too_large.empty() && plan.undated.empty());
}

TEST(MaildropPlan, Leaves_alone_what_was_done_with) {
  const auto plan = plan_maildrop(
      {listed(1, "a"), listed(2, "b"), listed(3, "c"), listed(4, "d", 1001)},
      {known("a", MaildropState::passed_over), known("b", MaildropState::stored),
       known("c", MaildropState::quarantined, 5), known("d", MaildropState::too_large)},
      limits);

  EXPECT_TRUE(plan.fetch.empty() && plan.too_large.empty());
}

TEST(MaildropPlan, Tries_a_quarantined_mail_again_when_a_person_asks) {
  const PlanLimits asked{1000, true};

  const auto plan =
      plan_maildrop({listed(1, "a")}, {known("a", MaildropState::quarantined, 5)}, asked);

  EXPECT_EQ(numbers(plan.fetch), Numbers{1});
}

TEST(MaildropPlan, Puts_those_that_failed_before_behind_the_others) {
  const auto plan = plan_maildrop(
      {listed(1, "a"), listed(2, "b"), listed(3, "c")},
      {known("a", MaildropState::failed, 2), known("b", MaildropState::failed, 1)}, limits);

  EXPECT_EQ(numbers(plan.fetch), (Numbers{3, 2, 1}));
}

TEST(MaildropPlan, Names_what_is_too_large_before_it_is_asked_for) {
  const auto plan = plan_maildrop({listed(1, "a", 1000), listed(2, "b", 1001)}, {}, limits);

  EXPECT_EQ(numbers(plan.fetch), Numbers{1});
  EXPECT_EQ(numbers(plan.too_large), Numbers{2});
}

TEST(MaildropPlan, Fetches_a_large_mail_once_the_limit_was_raised) {
  const auto plan =
      plan_maildrop({listed(1, "a", 900)}, {known("a", MaildropState::too_large)}, limits);

  EXPECT_EQ(numbers(plan.fetch), Numbers{1});
}

TEST(MaildropPlan, Takes_two_mails_with_one_unique_id_for_one) {
  const auto plan = plan_maildrop({listed(1, "a"), listed(2, "a")}, {}, limits);

  EXPECT_EQ(numbers(plan.fetch), Numbers{1});
}

TEST(MaildropPlan, Tells_what_went_and_what_came_back) {
  const auto plan =
      plan_maildrop({listed(1, "a"), listed(2, "b")},
                    {known("a", MaildropState::stored, 0, true), known("b", MaildropState::stored),
                     known("c", MaildropState::stored), known("d", MaildropState::stored, 0, true)},
                    limits);

  EXPECT_EQ(plan.back, std::vector<std::string>{key_of_uid("a")});
  EXPECT_EQ(plan.gone, std::vector<std::string>{key_of_uid("c")});
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
