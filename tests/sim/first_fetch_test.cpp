// Stories of a first fetch that does not come to its end: what it costs to fetch the rest.
#include "flows/intake.hpp"
#include "sim/line.hpp"
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t mails = 2000, mail_bytes = 1024;
// What is on the way when the fetch ends: gathered, and waiting for the store.
constexpr std::size_t gathered_max =
    flows::Intake::batch_mails_max * (flows::Intake::batches_max + 1);

/// A mailbox as it was before our time.
struct FirstFetch {
  FirstFetch() {
    for (std::size_t i = 0; i < mails; ++i) {
      account.imap->deliver(stage.mail_for(account) + std::string(mail_bytes, 'x'));
    }
  }

  std::size_t stored() {
    auto& life = *stage.gateway;
    return life.ask(life.store().messages().uids_from(account.id, "INBOX", 100, 1)).count();
  }

  Stage stage{43};
  Account& account{stage.add_account("anna", [](Integration& value) {
    value.incoming.start_from = "all";
    value.outgoing.enabled = false;
  })};
};

TEST(FirstFetch, That_loses_its_line_fetches_again_what_was_on_the_line) {
  FirstFetch story;
  auto& imap = *story.account.imap;
  imap.manners.fetched_before_cut = mails / 2;
  story.stage.start();
  story.stage.run_until([&] { return imap.logins() == 2; }, 1h);
  imap.manners.fetched_before_cut = 0;
  const bool came = story.stage.run_until([&] { return story.stored() >= mails; }, 1h);

  EXPECT_TRUE(came);
  EXPECT_LE(imap.bodies(), mails + line_bytes_max / mail_bytes);
  story.stage.stop();
}

TEST(FirstFetch, That_a_death_ends_fetches_again_what_was_not_yet_durable) {
  FirstFetch story;
  auto& imap = *story.account.imap;
  Faults slow;
  slow.latency_max = 10ms;
  story.stage.world.set_faults(imap.host(), slow);
  story.stage.start();
  story.stage.run_until([&] { return imap.bodies() >= mails / 2; }, 1h);
  const auto before = imap.bodies();
  story.stage.restart();
  const bool came = story.stage.run_until([&] { return story.stored() >= mails; }, 1h);

  EXPECT_TRUE(came);
  EXPECT_LT(before, mails);
  EXPECT_LE(imap.bodies(), mails + gathered_max);
  story.stage.stop();
}

}  // namespace
}  // namespace postern::sim
