// kill -9 at any moment loses nothing that was acknowledged. Promises 1, 2, 9.
#include "unit/storage/crash_kit.hpp"

#include <sys/wait.h>

#include <csignal>
#include <random>

namespace postern::storage {
namespace {

constexpr int rounds = 24;
constexpr int deliveries_a_round = 100'000;

TEST(Kill, At_any_moment_loses_nothing_acknowledged) {
  const TemporaryDirectory directory;
  StoreOptions options;
  options.data_dir = directory.path() + "/data";
  options.exclusive = true;
  std::mt19937 random(20260131);
  KeptPromises all;

  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    Child child([&](int pipe) { store_until_ended(options, round * deliveries_a_round, pipe); });
    // The first rounds fall into the making of the data directory.
    const std::size_t count = round < 4 ? static_cast<std::size_t>(round) : random() % 60;
    child.wait_for(count, all);
    child.kill();
    const int status = child.wait(all);

    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
    check_nothing_lost(options, all);
  }
  EXPECT_GT(all.mails.size(), 100u);
  EXPECT_GT(all.deliveries.size(), 100u);
}

}  // namespace
}  // namespace postern::storage
