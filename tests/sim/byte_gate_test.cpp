// The memory that large mails may take, shared out among targets.
#include "flows/byte_gate.hpp"

#include "net/scope.hpp"
#include "sim/world.hpp"

#include <gtest/gtest.h>

#include <list>
#include <optional>
#include <string>

namespace postern::flows {
namespace {

using namespace std::chrono_literals;

class ByteGateTest : public testing::Test {
 protected:
  struct Guest {
    std::string name;
    std::optional<ByteShare> share;
  };

  void take(std::string name, std::int64_t owner, std::uint64_t bytes) {
    guests_.push_back({std::move(name), std::nullopt});
    scope_.spawn(wait_for(guests_.back(), owner, bytes));
    world_.run_for(1ms);
  }
  net::Task<void> wait_for(Guest& guest, std::int64_t owner, std::uint64_t bytes) {
    auto share = co_await gate_.take(owner, bytes);
    guest.share = std::move(share);
  }
  void give_back(const std::string& name) {
    for (auto& guest : guests_) {
      if (guest.name == name) guest.share.reset();
    }
    world_.run_for(1ms);
  }
  std::string holders() const {
    std::string names;
    for (const auto& guest : guests_) {
      if (guest.share) names += guest.name;
    }
    return names;
  }
  void TearDown() override {
    scope_.stop();
    world_.run_for(1ms);
    guests_.clear();
    world_.run_for(1ms);
  }

  sim::World world_{1};
  ByteGate gate_{world_, world_.executor(), 100};
  net::Scope scope_{world_.executor()};
  std::list<Guest> guests_;
};

TEST_F(ByteGateTest, Gives_shares_until_the_whole_is_out_and_then_in_their_order) {
  take("a", 1, 60);
  take("b", 2, 40);
  take("c", 3, 50);
  take("d", 4, 10);
  EXPECT_EQ(holders(), "ab");

  give_back("b");
  EXPECT_EQ(holders(), "a") << "d would fit, and c would wait for ever";
  give_back("a");
  EXPECT_EQ(holders(), "cd");
}

TEST_F(ByteGateTest, Of_one_owner_one_share_is_out_and_its_next_holds_up_nobody) {
  take("a", 1, 10);
  take("b", 1, 10);
  take("c", 2, 10);
  EXPECT_EQ(holders(), "ac");

  give_back("a");
  EXPECT_EQ(holders(), "bc");
}

TEST_F(ByteGateTest, A_share_beyond_the_whole_goes_alone) {
  take("a", 1, 10);
  take("b", 2, 500);
  take("c", 3, 10);
  EXPECT_EQ(holders(), "a");

  give_back("a");
  EXPECT_EQ(holders(), "b");
  give_back("b");
  EXPECT_EQ(holders(), "c");
}

TEST_F(ByteGateTest, One_who_is_cancelled_while_it_waits_gives_up_its_place) {
  take("a", 1, 100);
  net::Scope other(world_.executor());
  Guest late;
  other.spawn(wait_for(late, 2, 100));
  world_.run_for(1ms);
  take("c", 3, 100);
  other.stop();
  world_.run_for(1ms);
  give_back("a");

  EXPECT_FALSE(late.share);
  EXPECT_EQ(holders(), "c");
}

}  // namespace
}  // namespace postern::flows
