// Wake: a hint that there may be something to do. Rows are the truth; a lost or a needless hint
// costs time, never mail.
#pragma once

#include "net/env.hpp"

#include <memory>

namespace postern::net {

class Wake {
 public:
  Wake(Env& env, boost::asio::any_io_executor executor);
  ~Wake();

  /// From any thread. Hints before a wait() are remembered as one.
  void notify();

  /// On the executor's thread, one waiter at a time: returns at a hint (true) or after `limit`
  /// (false).
  Task<bool> wait(Duration limit);

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with hints posted from other threads
};

}  // namespace postern::net
