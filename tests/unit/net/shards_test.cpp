#include "net/shards.hpp"

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

namespace postern::net {
namespace {

TEST(Shards, Runs_work_of_one_key_on_one_thread) {
  Shards shards(2);
  std::vector<std::thread::id> threads(6);
  for (std::size_t key = 0; key < threads.size(); ++key) {
    boost::asio::post(shards.executor(key),
                      [&, key] { threads[key] = std::this_thread::get_id(); });
  }

  shards.start();
  shards.stop();
  shards.join();

  EXPECT_EQ((std::set(threads.begin(), threads.end()).size()), 2u);
  EXPECT_EQ(threads[0], threads[4]);
  EXPECT_EQ(threads[1], threads[5]);
}

void count_down(const Shards& shards, std::atomic<int>& left) {
  if (--left > 0) {
    boost::asio::post(shards.executor(1), [&] { count_down(shards, left); });
  }
}

TEST(Shards, Stop_lets_what_still_runs_come_to_its_end) {
  Shards shards(2);
  std::atomic<int> left = 1000;
  shards.start();
  boost::asio::post(shards.executor(1), [&] { count_down(shards, left); });

  boost::asio::post(shards.executor(0), [&] { shards.stop(); });
  shards.join();

  EXPECT_EQ(left, 0);
}

TEST(Shards, Can_go_without_having_started) {
  const Shards shards(3);

  EXPECT_EQ(shards.count(), 3u);
}

}  // namespace
}  // namespace postern::net
