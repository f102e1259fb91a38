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
  void stop();   // lets the threads end when no work is left; abandons nothing that still runs
  void join();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace postern::net
