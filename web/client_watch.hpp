// ClientWatch: looks now and then whether the client of a call that takes long is still there.
#pragma once

#include "core/time.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

namespace postern::web {

constexpr Duration client_watch_every{500};

class ClientWatch {
 public:
  /// On `executor`, the caller's own: asks `gone` until it says yes, and then calls `tell`, once.
  /// An empty `gone` is never asked. Neither is called after the watch has ended.
  ClientWatch(const boost::asio::any_io_executor& executor, std::function<bool()> gone,
              std::function<void()> tell);
  ~ClientWatch();
  ClientWatch(const ClientWatch&) = delete;
  ClientWatch& operator=(const ClientWatch&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with timer handlers on their way
};

}  // namespace postern::web
