// Task<T>: a coroutine on a shard. It resumes on the executor it was started on.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace postern::net {

template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace postern::net
