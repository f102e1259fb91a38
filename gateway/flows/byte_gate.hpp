// ByteGate: how much of large mails is in memory at once, all targets together. A hand-over of one
// takes its share before it reads the bytes and gives it back when they are gone.
//
// First come, first served; of each owner one share is out at a time, so that a target that hangs
// holds one mail's memory and no more. A share beyond the whole goes alone. One for all shards: it
// lives on its home executor, and who asks from another one hops there and back.
#pragma once

#include "net/env.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>

namespace postern::flows {

/// The right to that many bytes; given back by its end, from any thread.
class ByteShare {
 public:
  ByteShare() = default;  // of nothing
  ByteShare(ByteShare&& other) noexcept;
  ByteShare& operator=(ByteShare&& other) noexcept;
  ~ByteShare();

 private:
  friend class ByteGate;
  struct Desk;
  ByteShare(std::shared_ptr<Desk> desk, std::uint64_t ticket);
  void leave();

  std::shared_ptr<Desk> desk_;  // shared by the gate, the shares and what is posted to the desk
  std::uint64_t ticket_ = 0;
};

class ByteGate {
 public:
  ByteGate(net::Env& env, boost::asio::any_io_executor home, std::uint64_t bytes_max);
  ~ByteGate();

  /// Waits for its turn, without a limit: to be cancelled. From any executor; comes back to it.
  net::Task<ByteShare> take(std::int64_t owner, std::uint64_t bytes);

 private:
  std::shared_ptr<ByteShare::Desk> desk_;
};

}  // namespace postern::flows
