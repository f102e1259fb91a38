// Many mails with many recipients, answered in every way: each recipient's state is what the server
// said to it last. POSTERN_MANY=2000, as sim.recipients_of_2000_mails has it, is promise 12 in
// full.
#include "sim/stage.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

int many() {
  const char* given = std::getenv("POSTERN_MANY");
  return given == nullptr ? 150 : std::atoi(given);
}

/// Six recipients that nobody else has; what a name begins with says how it is answered.
std::vector<std::string> recipients_of(int mail) {
  constexpr std::array kinds{"one", "two", "refused", "later"};
  std::vector<std::string> made;
  for (int i = 0; i < 6; ++i) {
    const auto kind = kinds[static_cast<std::size_t>(mail / (1 << i) + i * mail) % kinds.size()];
    made.push_back(fmt::format("{}-{}-{}@else.test", kind, mail, i));
  }
  return made;
}

/// Holds a recipient's result against what the server said to that address.
void expect_as_said(const RecipientResult& result, const std::vector<int>& said) {
  SCOPED_TRACE(result.address);
  ASSERT_FALSE(said.empty());
  for (std::size_t i = 0; i + 1 < said.size(); ++i) {
    EXPECT_EQ(said[i] / 100, 4) << "tried again after a final word";
  }
  const int last = said.back();
  EXPECT_EQ(result.smtp_code, last);
  if (result.address.starts_with("refused")) EXPECT_EQ(last, 550);
  const int expected = last == 250 ? 0 : last == 550 ? 51 : 53;
  EXPECT_EQ(result.result_code, expected);
}

TEST(Recipients, Each_of_many_has_the_state_that_the_server_gave_it) {
  Stage stage(12);
  auto& account = stage.add_account(
      "anna", [](Integration& integration) { integration.outgoing.connections_max = 4; });
  auto& manners = account.smtp->manners;
  manners.refuses_for_now = 0.1;
  manners.refuses_for_good = 0.05;
  stage.start();

  std::vector<Call*> calls;
  for (int mail = 0; mail < many(); ++mail) {
    calls.push_back(&stage.send(account, recipients_of(mail)));
  }
  stage.run_for(30min);
  manners.keeps_later = false;
  stage.run_for(48h);

  std::map<int, int> ends;
  for (const auto* call : calls) {
    const auto delivery = stage.delivery(*call);
    ASSERT_EQ(delivery.outcome.recipients.size(), 6U);
    bool anyone = false;
    for (const auto& result : delivery.outcome.recipients) {
      ASSERT_TRUE(account.smtp->said().contains(result.address)) << result.address;
      expect_as_said(result, account.smtp->said().at(result.address));
      anyone = anyone || result.result_code == 0;
      ++ends[result.result_code];
    }
    EXPECT_EQ(delivery.outcome.state, anyone ? DeliveryState::sent : DeliveryState::failed);
  }
  EXPECT_GT(ends[0], many() * 3);
  EXPECT_GT(ends[51], many());
  EXPECT_GT(ends[53], many() / 20);
  fmt::print("{} mails: {} recipients sent, {} refused by name, {} with the mail; {} connections\n",
             many(), ends[0], ends[51], ends[53],
             stage.world.connection_count(account.smtp->host()));
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
