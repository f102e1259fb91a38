// For waits that take their error code as a value: an abort of the operation and the cancellation
// of the coroutine look alike there.
#pragma once

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace postern::net {

/// Throws operation_aborted when the coroutine was cancelled:
/// `throw_if_cancelled(co_await boost::asio::this_coro::cancellation_state);`
inline void throw_if_cancelled(const boost::asio::cancellation_state& state) {
  if (state.cancelled() == boost::asio::cancellation_type::none) return;
  throw boost::system::system_error(boost::asio::error::operation_aborted);
}

}  // namespace postern::net
