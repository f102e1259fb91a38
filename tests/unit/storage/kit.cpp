// See kit.hpp.
#include "unit/storage/kit.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace postern::storage {

void run_all_to_end(std::vector<net::Task<void>> tasks) {
  boost::asio::io_context context(1);
  std::exception_ptr failed;
  for (auto& task : tasks) {
    boost::asio::co_spawn(context, std::move(task), [&](const std::exception_ptr& thrown) {
      if (thrown) failed = thrown;
    });
  }
  context.run();
  if (failed) std::rethrow_exception(failed);
}

void run_to_end(net::Task<void> task) {
  std::vector<net::Task<void>> tasks;
  tasks.push_back(std::move(task));
  run_all_to_end(std::move(tasks));
}

}  // namespace postern::storage
