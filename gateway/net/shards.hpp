// Shards: one single-threaded io_context a core. An integration lives on shard id % count.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>

namespace postern::net {

class Shards {
 public:
  explicit Shards(std::size_t count);
  ~Shards();  // stop() and join()

  std::size_t count() const;
  boost::asio::any_io_executor executor(std::uint64_t key) const;  // of shard key % count

  void start();  // the threads

  /// Lets each thread end when its shard has no work left; abandons nothing that still runs. To be
  /// called when the scopes are joined: a shard whose thread has ended answers no other shard.
  void stop();
  void join();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace postern::net
