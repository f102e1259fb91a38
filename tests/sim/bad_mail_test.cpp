// Stories of bad mails: whatever a server does with one of them, the others come in time, and the
// integration stays ok.
#include "net/hashing.hpp"
#include "sim/stage.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

/// Ten mails of which the fifth has `fault`.
struct BadMailStory {
  explicit BadMailStory(std::uint64_t seed, MailFault fault, std::size_t waiting = 0)
      : stage(seed),
        hook(stage.add_target("desk", [](Target& target) { target.raw = true; })),
        account(stage.add_account("anna",
                                  [](Integration& value) { value.incoming.start_from = "all"; })) {
    account.imap->manners.faults["mail 5 for anna"] = fault;
    for (std::size_t i = 0; i < waiting; ++i) offered.push_back(stage.offer(account));
    stage.start();
    stage.run_for(1min);
    while (offered.size() < 10) offered.push_back(stage.offer(account));
    stage.run_for(30s);
  }

  storage::Page<storage::MessageDetail> quarantined() {
    storage::MessageFilter filter;
    filter.state = storage::MessageState::quarantined;
    return stage.gateway->ask(stage.gateway->store().messages().list(filter, {}));
  }

  void expect_the_others() {
    for (std::size_t i = 0; i < offered.size(); ++i) {
      if (i != 4) {
        EXPECT_EQ(hook.ids_of(offered[i]).size(), 1U) << "mail " << i + 1;
      }
    }
    EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);
    EXPECT_TRUE(stage.events("integration.disabled").empty());
  }

  Stage stage;
  PlayedWebhook& hook;
  Account& account;
  std::vector<std::string> offered;
};

class BadMail : public testing::TestWithParam<std::tuple<MailFault, std::size_t>> {};

TEST_P(BadMail, Is_quarantined_after_five_tries_and_delays_no_other) {
  const auto [fault, waiting] = GetParam();
  BadMailStory story(31, fault, waiting);

  story.expect_the_others();
  auto page = story.quarantined();
  ASSERT_EQ(page.items.size(), 1U);
  const auto row = page.items.front();
  EXPECT_EQ(row.uid, 5U);
  ASSERT_TRUE(row.trouble);
  EXPECT_EQ(row.trouble->stage, "fetch");
  EXPECT_FALSE(row.trouble->reason.empty());
  EXPECT_GE(row.trouble->tries, 1);
  EXPECT_TRUE(row.trouble->next_try_at);
  EXPECT_EQ(story.stage.events("message.quarantined").size(), 1U);

  story.stage.run_for(3h);

  story.expect_the_others();
  page = story.quarantined();
  ASSERT_EQ(page.items.size(), 1U);
  EXPECT_EQ(page.items.front().trouble->tries, 5);
  EXPECT_FALSE(page.items.front().trouble->next_try_at);
  EXPECT_EQ(story.stage.events("message.quarantined").size(), 1U);
  EXPECT_EQ(story.stage.events("imap.connection_failed").size(), 0U);
  EXPECT_EQ(story.account.imap->foul(), "");

  // The server is mended, and a person asks for the mail.
  story.account.imap->manners.faults.clear();
  auto& life = *story.stage.gateway;
  life.ask(life.store().quarantine().try_now(row.id, story.stage.world.now()));
  life.ask(life.hub().check(story.account.id));
  story.stage.run_for(30s);

  EXPECT_EQ(story.hook.ids_of(story.offered[4]).size(), 1U);
  EXPECT_TRUE(story.quarantined().items.empty());
  EXPECT_EQ(story.hook.calls().size(), 10U);
  story.stage.stop();
}

INSTANTIATE_TEST_SUITE_P(
    Of_each_kind, BadMail,
    testing::Combine(testing::Values(MailFault::refused, MailFault::left_out, MailFault::no_bytes,
                                     MailFault::breaks_inside, MailFault::breaks_before,
                                     MailFault::other_uid, MailFault::not_understood),
                     testing::Values(0U, 10U)));

class OddMail : public testing::TestWithParam<MailFault> {};

TEST_P(OddMail, Is_taken_as_it_is) {
  BadMailStory story(32, GetParam(), 5);

  story.expect_the_others();
  EXPECT_EQ(story.hook.ids_of(story.offered[4]).size(), 1U);
  EXPECT_EQ(story.hook.calls().size(), 10U);
  EXPECT_TRUE(story.quarantined().items.empty());
  story.stage.stop();
}

INSTANTIATE_TEST_SUITE_P(Of_each_kind, OddMail,
                         testing::Values(MailFault::twice, MailFault::split, MailFault::false_size,
                                         MailFault::small_size));

TEST(BadMails, That_come_right_are_handed_over_by_themselves) {
  BadMailStory story(33, MailFault::breaks_inside);
  story.account.imap->manners.faults.clear();

  story.stage.run_for(10min);

  EXPECT_EQ(story.hook.ids_of(story.offered[4]).size(), 1U);
  EXPECT_TRUE(story.quarantined().items.empty());
  story.stage.stop();
}

TEST(BadMails, That_are_left_out_are_found_whatever_ends_the_connection) {
  for (int commands = 0; commands < 7; ++commands) {
    Stage stage(40);
    auto& hook = stage.add_target("desk");
    auto& account = stage.add_account("anna");
    auto& manners = account.imap->manners;
    manners.faults["mail 2 for anna"] = MailFault::left_out;
    stage.start();
    stage.run_for(1min);
    stage.world.refuse(account.imap->host());
    account.imap->kick();
    for (int i = 0; i < 3; ++i) stage.offer(account);
    manners.commands_before_cut = commands;
    account.imap->serve();
    const auto logins = account.imap->logins();
    stage.run_until([&] { return account.imap->logins() > logins; }, 1h);
    stage.run_for(500ms);
    manners.commands_before_cut = -1;
    stage.run_for(10min);

    EXPECT_EQ(hook.calls().size(), 2U) << commands;
    EXPECT_EQ(stage.events("message.quarantined").size(), 1U) << commands;
    stage.stop();
  }
}

TEST(BadMails, Are_all_fetched_when_a_person_asks_for_all) {
  Stage stage(39);
  auto& hook = stage.add_target("desk");
  auto& anna = stage.add_account("anna");
  auto& berta = stage.add_account("berta");
  const std::array faults = {MailFault::refused, MailFault::breaks_inside, MailFault::no_bytes};
  stage.start();
  stage.run_for(1min);
  std::vector<std::string> of_anna;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    anna.imap->manners.faults[fmt::format("mail {} for anna", i + 1)] = faults[i];
    of_anna.push_back(stage.offer(anna));
  }
  berta.imap->manners.faults["for berta"] = MailFault::refused;
  const auto of_berta = stage.offer(berta);
  stage.run_for(3h);
  ASSERT_TRUE(hook.calls().empty());

  anna.imap->manners.faults.clear();
  berta.imap->manners.faults.clear();
  auto& life = *stage.gateway;
  auto& quarantine = life.store().quarantine();
  EXPECT_EQ(life.ask(quarantine.try_all_now(anna.id, stage.world.now())), 3U);
  for (const auto* account : {&anna, &berta}) life.ask(life.hub().check(account->id));
  stage.run_for(1min);

  for (const auto& sha256 : of_anna) EXPECT_EQ(hook.ids_of(sha256).size(), 1U);
  EXPECT_TRUE(hook.ids_of(of_berta).empty()) << "it was not asked for, and has had its tries";
  EXPECT_EQ(life.ask(quarantine.try_all_now(std::nullopt, stage.world.now())), 1U);
  life.ask(life.hub().check(berta.id));
  stage.run_for(1min);
  EXPECT_EQ(hook.ids_of(of_berta).size(), 1U);
  EXPECT_EQ(hook.calls().size(), 4U);
  stage.stop();
}

TEST(BadMails, Are_the_servers_failure_when_there_are_no_others) {
  Stage stage(34);
  stage.add_target("desk");
  auto& account = stage.add_account("anna");
  account.imap->manners.faults["anna"] = MailFault::breaks_inside;
  stage.start();
  stage.run_for(1min);

  for (int i = 0; i < 30; ++i) stage.offer(account);
  stage.run_for(10min);

  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::failing);
  EXPECT_LE(account.imap->logins(), 40U);
  stage.stop();
}

TEST(BadMails, That_were_quarantined_stay_so_over_a_restart) {
  BadMailStory story(35, MailFault::breaks_inside);

  story.stage.restart();
  story.stage.run_for(1min);

  story.expect_the_others();
  EXPECT_EQ(story.quarantined().items.size(), 1U);
  EXPECT_EQ(story.hook.calls().size(), 9U);
  story.stage.stop();
}

TEST(BadMails, Are_as_large_as_they_are_whatever_rfc822_size_says) {
  Stage stage(37);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account(
      "anna", [](Integration& value) { value.incoming.message_bytes_max = 2000; });
  auto& faults = account.imap->manners.faults;
  faults["mail 1 for anna"] = MailFault::false_size;
  faults["mail 2 for anna"] = MailFault::small_size;
  stage.start();
  stage.run_for(1min);
  const auto told_larger = stage.mail_for(account) + std::string(1000, 'x');
  const auto told_smaller = stage.mail_for(account) + std::string(3000, 'x');
  account.imap->deliver(told_larger);
  account.imap->deliver(told_smaller);
  const auto good = stage.offer(account);
  stage.run_for(10min);

  EXPECT_EQ(hook.ids_of(net::sha256(told_larger)).size(), 1U);
  EXPECT_TRUE(hook.ids_of(net::sha256(told_smaller)).empty());
  EXPECT_EQ(hook.ids_of(good).size(), 1U);
  storage::MessageFilter filter;
  filter.state = storage::MessageState::too_large;
  EXPECT_EQ(stage.gateway->ask(stage.gateway->store().messages().list(filter, {})).items.size(),
            1U);
  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);
  EXPECT_EQ(account.imap->logins(), 1U);
  stage.stop();
}

TEST(BadMails, That_are_too_large_are_told_once_and_not_fetched_again) {
  Stage stage(36);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account(
      "anna", [](Integration& value) { value.incoming.message_bytes_max = 2000; });
  stage.start();
  stage.run_for(1min);
  account.imap->deliver(stage.mail_for(account) + std::string(3000, 'x'));
  const auto small = stage.offer(account);

  stage.run_for(3h);

  EXPECT_EQ(hook.ids_of(small).size(), 1U);
  EXPECT_EQ(hook.calls().size(), 2U) << "the small one, and the header of the large one";
  const auto notice = hook.ids_of("");
  ASSERT_EQ(notice.size(), 1U);
  EXPECT_EQ(hook.mails().at(notice.front()).defects.back(), "too_large");
  storage::MessageFilter filter;
  filter.state = storage::MessageState::too_large;
  const auto page = stage.gateway->ask(stage.gateway->store().messages().list(filter, {}));
  ASSERT_EQ(page.items.size(), 1U);
  EXPECT_GT(page.items.front().size_bytes, 3000U);
  const auto row = page.items.front();
  EXPECT_EQ(row.summary.subject, "question 1");
  EXPECT_EQ(stage.events("imap.download_failed").size(), 1U);
  EXPECT_EQ(account.imap->logins(), 1U);
  EXPECT_EQ(stage.status(account).incoming_state, DirectionState::ok);

  // A person wants it whatever its size.
  auto& life = *stage.gateway;
  life.ask(life.store().quarantine().try_now(row.id, stage.world.now()));
  life.ask(life.hub().check(account.id));
  stage.run_for(30s);
  EXPECT_EQ(hook.calls().size(), 3U);
  EXPECT_EQ(hook.mails().size(), 3U) << "the whole mail has an id of its own";
  const auto now = life.ask(life.store().messages().get(row.id));
  EXPECT_EQ(now.size_bytes, row.size_bytes);
  EXPECT_FALSE(now.trouble);
  stage.stop();
}

TEST(BadMails, That_are_too_large_are_recorded_whatever_ends_the_connection) {
  for (int commands = 0; commands < 7; ++commands) {
    Stage stage(41);
    auto& hook = stage.add_target("desk");
    auto& account = stage.add_account(
        "anna", [](Integration& value) { value.incoming.message_bytes_max = 2000; });
    stage.start();
    stage.run_for(1min);
    stage.world.refuse(account.imap->host());
    account.imap->kick();
    stage.offer(account);
    account.imap->deliver(stage.mail_for(account) + std::string(3000, 'x'));
    stage.offer(account);
    account.imap->manners.commands_before_cut = commands;
    account.imap->serve();
    const auto logins = account.imap->logins();
    stage.run_until([&] { return account.imap->logins() > logins; }, 1h);
    stage.run_for(500ms);
    account.imap->manners.commands_before_cut = -1;
    stage.run_for(10min);

    EXPECT_EQ(hook.mails().size(), 3U) << commands;
    EXPECT_EQ(stage.events("imap.download_failed").size(), 1U) << commands;
    stage.stop();
  }
}

TEST(BadMails, That_are_too_large_stay_what_was_handed_over_when_their_folder_is_renumbered) {
  Stage stage(42);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account(
      "anna", [](Integration& value) { value.incoming.message_bytes_max = 2000; });
  stage.start();
  stage.run_for(1min);
  stage.offer(account);
  stage.run_for(1min);
  hook.manners.answers_500 = 1;
  const auto large = stage.mail_for(account) + std::string(3000, 'x');
  const auto uid = account.imap->deliver(large);
  stage.run_for(1min);
  account.imap->take_away(uid - 1);
  account.imap->renumber();
  stage.run_for(1min);
  hook.manners.answers_500 = 0;
  stage.run_for(1h);

  EXPECT_TRUE(hook.mistakes().empty()) << hook.mistakes().front();
  const auto notice = hook.ids_of("");
  ASSERT_EQ(notice.size(), 1U);
  EXPECT_EQ(hook.mails().at(notice.front()).acknowledged, 1);

  // It is asked for where it is now.
  storage::MessageFilter filter;
  filter.state = storage::MessageState::too_large;
  auto& life = *stage.gateway;
  const auto row = life.ask(life.store().messages().list(filter, {})).items.front();
  EXPECT_EQ(row.uid, uid);
  life.ask(life.store().quarantine().try_now(row.id, stage.world.now()));
  life.ask(life.hub().check(account.id));
  stage.run_for(1min);
  EXPECT_EQ(hook.ids_of(net::sha256(large)).size(), 1U);
  EXPECT_EQ(life.ask(life.store().messages().get(row.id)).uid, uid - 1);
  stage.stop();
}

TEST(BadMails, That_are_too_large_have_their_header_handed_over_though_no_other_mail_comes) {
  Stage stage(37);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account(
      "anna", [](Integration& value) { value.incoming.message_bytes_max = 2000; });
  stage.start();
  stage.run_for(1min);

  account.imap->deliver(stage.mail_for(account) + std::string(3000, 'x'));
  stage.run_for(10s);

  EXPECT_EQ(hook.mails().size(), 1U);
  stage.stop();
}

TEST(BadMails, That_are_too_large_and_there_twice_are_not_asked_for_again) {
  Stage stage(38);
  stage.add_target("desk");
  auto& account = stage.add_account(
      "anna", [](Integration& value) { value.incoming.message_bytes_max = 2000; });
  account.imap->manners.offers_qresync = true;
  stage.start();
  stage.run_for(1min);
  const auto large = stage.mail_for(account) + std::string(3000, 'x');
  for (int i = 0; i < 2; ++i) {
    account.imap->deliver(large);
    stage.run_for(1min);
  }
  const auto bodies = account.imap->bodies();
  for (int day = 0; day < 3; ++day) {
    stage.run_for(25h);
    stage.restart();
    stage.run_for(1min);
  }

  EXPECT_EQ(account.imap->bodies(), bodies);
  EXPECT_EQ(stage.events("imap.download_failed").size(), 1U);
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
