#include "net/shards.hpp"

#include "core/result.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>
#include <vector>

namespace postern::net {
namespace asio = boost::asio;
namespace {

struct Shard {
  asio::io_context context{1};  // 1: one thread runs it
  asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
  std::thread thread;
};

}  // namespace

struct Shards::State {
  std::vector<std::unique_ptr<Shard>> shards;
};

Shards::Shards(std::size_t count) : state_(std::make_unique<State>()) {
  POSTERN_ASSERT(count > 0);
  for (std::size_t i = 0; i < count; ++i) state_->shards.push_back(std::make_unique<Shard>());
}

Shards::~Shards() {
  stop();
  join();
}

std::size_t Shards::count() const {
  return state_->shards.size();
}

asio::any_io_executor Shards::executor(std::uint64_t key) const {
  return state_->shards[key % state_->shards.size()]->context.get_executor();
}

void Shards::start() {
  for (auto& shard : state_->shards) {
    POSTERN_ASSERT(!shard->thread.joinable());
    shard->thread = std::thread([&context = shard->context] { context.run(); });
  }
}

void Shards::stop() {
  for (auto& shard : state_->shards) shard->guard.reset();
}

void Shards::join() {
  for (auto& shard : state_->shards) {
    if (shard->thread.joinable()) shard->thread.join();
  }
}

}  // namespace postern::net
