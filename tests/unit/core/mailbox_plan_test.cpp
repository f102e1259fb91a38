// Which UIDs are fetched, for every state a folder can be in.
#include "core/mailbox_plan.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

constexpr MailboxState folder(std::uint32_t uid_validity, std::optional<std::uint32_t> uid_next,
                              std::uint32_t exists) {
  return {uid_validity, uid_next, exists};
}

TEST(MailboxPlan, From_now_on_nothing_is_fetched_at_first) {
  const auto plan = plan_mailbox(std::nullopt, folder(7, 100, 50), "now");

  EXPECT_EQ(plan.step, PlanStep::nothing);
  EXPECT_FALSE(plan.restarted);
  EXPECT_EQ(plan.position, (MailboxPosition{7, 100}));
}

TEST(MailboxPlan, From_now_on_in_an_empty_folder_takes_the_first_mail_that_comes) {
  const auto first = plan_mailbox(std::nullopt, folder(7, 100, 0), "now");
  const auto then = plan_mailbox(first.position, folder(7, 101, 1), "now");

  EXPECT_EQ(then.step, PlanStep::fetch);
  EXPECT_EQ(then.first_uid, 100u);
}

TEST(MailboxPlan, From_now_on_without_UIDNEXT_is_as_all) {
  const auto plan = plan_mailbox(std::nullopt, folder(7, std::nullopt, 5), "now");

  EXPECT_EQ(plan.step, PlanStep::fetch);
  EXPECT_EQ(plan.first_uid, 1u);
}

TEST(MailboxPlan, All_begins_at_the_first_UID) {
  const auto plan = plan_mailbox(std::nullopt, folder(7, 100, 50), "all");

  EXPECT_EQ(plan.step, PlanStep::fetch);
  EXPECT_EQ(plan.first_uid, 1u);
  EXPECT_EQ(plan.last_uid, uid_max);
}

TEST(MailboxPlan, A_date_is_searched_for) {
  const auto plan = plan_mailbox(std::nullopt, folder(7, 100, 50), "2026-01-31");

  EXPECT_EQ(plan.step, PlanStep::search_since);
  EXPECT_EQ(plan.since, "2026-01-31");
  EXPECT_EQ(plan.position, (MailboxPosition{7, 100}));
  EXPECT_TRUE(is_new(plan, 1));
}

TEST(MailboxPlan, A_date_in_an_empty_folder_needs_no_search) {
  const auto plan = plan_mailbox(std::nullopt, folder(7, 100, 0), "2026-01-31");

  EXPECT_EQ(plan.step, PlanStep::nothing);
  EXPECT_EQ(plan.position, (MailboxPosition{7, 100}));
}

TEST(MailboxPlan, Goes_on_where_it_stands) {
  for (const char* start_from : {"now", "all", "2026-01-31"}) {
    const auto plan = plan_mailbox(MailboxPosition{7, 42}, folder(7, 45, 9), start_from);

    EXPECT_EQ(plan.step, PlanStep::fetch);
    EXPECT_EQ(plan.first_uid, 42u);
    EXPECT_FALSE(plan.restarted);
    EXPECT_FALSE(is_new(plan, 41));
    EXPECT_TRUE(is_new(plan, 42));
  }
}

TEST(MailboxPlan, Does_not_ask_for_999_star_when_nothing_is_new) {
  EXPECT_EQ(plan_mailbox(MailboxPosition{7, 999}, folder(7, 999, 9), "all").step,
            PlanStep::nothing);
  EXPECT_EQ(plan_mailbox(MailboxPosition{7, 999}, folder(7, 500, 9), "all").step,
            PlanStep::nothing);
  EXPECT_EQ(plan_mailbox(MailboxPosition{7, 999}, folder(7, std::nullopt, 0), "all").step,
            PlanStep::nothing);
}

TEST(MailboxPlan, Without_UIDNEXT_the_last_message_is_asked_for_and_refused_when_old) {
  const auto plan = plan_mailbox(MailboxPosition{7, 999}, folder(7, std::nullopt, 9), "all");

  EXPECT_EQ(plan.step, PlanStep::fetch);
  EXPECT_FALSE(is_new(plan, 998));
}

TEST(MailboxPlan, A_new_UIDVALIDITY_begins_again) {
  const auto plan = plan_mailbox(MailboxPosition{7, 42}, folder(8, 10, 9), "all");

  EXPECT_TRUE(plan.restarted);
  EXPECT_EQ(plan.step, PlanStep::fetch);
  EXPECT_EQ(plan.first_uid, 1u);
  EXPECT_EQ(plan.position, (MailboxPosition{8, 1}));
}

TEST(MailboxPlan, A_new_UIDVALIDITY_does_not_bring_mail_from_before_the_start) {
  const auto now = plan_mailbox(MailboxPosition{7, 42}, folder(8, 10, 9), "now", "2026-03-01");
  EXPECT_TRUE(now.restarted);
  EXPECT_EQ(now.step, PlanStep::search_since);
  EXPECT_EQ(now.since, "2026-03-01");
  EXPECT_EQ(now.position, (MailboxPosition{8, 10}));

  const auto date =
      plan_mailbox(MailboxPosition{7, 42}, folder(8, 10, 9), "2026-01-31", "2026-03-01");
  EXPECT_EQ(date.since, "2026-01-31");

  const auto unknown = plan_mailbox(MailboxPosition{7, 42}, folder(8, 10, 9), "now");
  EXPECT_EQ(unknown.step, PlanStep::fetch);
}

TEST(MailboxPlan, A_new_UIDVALIDITY_of_an_emptied_folder_is_a_restart_too) {
  const auto plan = plan_mailbox(MailboxPosition{7, 42}, folder(8, 1, 0), "all");

  EXPECT_TRUE(plan.restarted);
  EXPECT_EQ(plan.step, PlanStep::nothing);
  EXPECT_EQ(plan.position, (MailboxPosition{8, 1}));
}

TEST(MailboxPlan, A_search_that_was_cut_is_begun_again_and_is_no_second_restart) {
  const auto date = plan_mailbox(MailboxPosition{8, 0}, folder(8, 10, 9), "2026-01-31");
  EXPECT_EQ(date.step, PlanStep::search_since);
  EXPECT_FALSE(date.restarted);
  EXPECT_EQ(date.position, (MailboxPosition{8, 10}));

  const auto now = plan_mailbox(MailboxPosition{8, 0}, folder(8, 10, 9), "now", "2026-03-01");
  EXPECT_EQ(now.step, PlanStep::search_since);
  EXPECT_EQ(now.since, "2026-03-01");
}

TEST(MailboxPlan, The_last_UID_there_can_be_is_fetched_and_ends_it) {
  const auto plan = plan_mailbox(MailboxPosition{7, uid_max}, folder(7, std::nullopt, 1), "all");
  EXPECT_EQ(plan.first_uid, uid_max);
  EXPECT_TRUE(is_new(plan, uid_max));

  const auto end = advanced(plan.position, uid_max);
  EXPECT_EQ(end.next_uid, 4294967296U);
  EXPECT_EQ(plan_mailbox(end, folder(7, std::nullopt, 1), "all").step, PlanStep::nothing);
}

TEST(MailboxPlan, UIDNEXT_of_zero_is_a_servers_mistake_and_not_believed) {
  EXPECT_EQ(plan_mailbox(MailboxPosition{7, 5}, folder(7, 0, 3), "all").step, PlanStep::fetch);
  EXPECT_EQ(plan_mailbox(std::nullopt, folder(7, 0, 3), "now").position.next_uid, 1u);
}

TEST(MailboxPlan, The_position_never_goes_back) {
  EXPECT_EQ(advanced({7, 50}, 20).next_uid, 50u);
  EXPECT_EQ(advanced({7, 50}, 50).next_uid, 51u);
}

TEST(MailboxPlan, Nothing_is_new_when_nothing_is_planned) {
  EXPECT_FALSE(is_new(MailboxPlan{}, 0));
  EXPECT_FALSE(is_new(MailboxPlan{}, 5));
}

}  // namespace
}  // namespace postern
