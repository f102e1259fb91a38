#include "cli/run_task.hpp"

#include "net/scope.hpp"

#include <boost/asio/io_context.hpp>

namespace postern::cli {

void run_to_end(net::Task<void> task) {
  boost::asio::io_context context(1);
  net::Scope scope(context.get_executor());
  scope.spawn(std::move(task));
  context.run();
}

}  // namespace postern::cli
