// See kit.hpp.
#include "unit/storage/kit.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace postern::storage {

void run_to_end(net::Task<void> task) {
  boost::asio::io_context context(1);
  std::exception_ptr failed;
  boost::asio::co_spawn(context, std::move(task),
                        [&](const std::exception_ptr& thrown) { failed = thrown; });
  context.run();
  if (failed) std::rethrow_exception(failed);
}

}  // namespace postern::storage
