#include "bench/world.hpp"

#include "bench/tls_line.hpp"
#include "net/real_env.hpp"
#include "net/scope.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace postern::bench {
namespace {

class StillWorkers final : public net::Workers {
 public:
  explicit StillWorkers(net::Env& env) : env_(env) {}
  net::Task<Result<net::WorkerFrame>> ask(net::WorkerFrame, Duration) override {
    co_await net::sleep_for(env_, std::chrono::hours(24));
    co_return Error{net::errc::worker_deadline, ""};
  }

 private:
  net::Env& env_;
};

}  // namespace

std::unique_ptr<net::Workers> make_still_workers(net::Env& env) {
  return std::make_unique<StillWorkers>(env);
}

std::unique_ptr<net::Workers> make_real_workers() {
  return net::make_worker_pool({"/proc/self/exe", "mime-worker"}, 2);
}

World::World(const std::string& data_dir, bool digests)
    : env(must(net::make_real_env({}))), shards(std::max(1U, std::thread::hardware_concurrency())) {
  storage::StoreOptions options;
  options.data_dir = data_dir;
  options.exclusive = true;
  options.on_commit = [this](std::chrono::microseconds duration) {
    ++commits;
    const auto longest = static_cast<long>(duration.count());
    if (longest > longest_commit_us) longest_commit_us = longest;
  };
  store = must(storage::open_store(std::move(options)));
  workers = digests ? make_real_workers() : make_still_workers(*env);
  context = std::make_unique<flows::Context>(
      flows::Context{*env, *store, *workers, metrics, flows::FlowOptions()});
  hub = std::make_unique<flows::Hub>(*context, shards.executor(0),
                                     [this](std::uint64_t key) { return shards.executor(key); });
  shards.start();
}

World::~World() {
  run(hub->stop());
  shards.stop();
  shards.join();
  store->close();
}

void run_here(net::Task<void> task) {
  boost::asio::io_context home(1);
  net::Scope scope(home.get_executor());
  scope.spawn(std::move(task));
  home.run();
}

std::string read_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) give_up(name + " cannot be read");
  return text.str();
}

void end_with(const Error& error) {
  give_up(describe(error));
}

void must(Result<void> result) {
  if (!result) end_with(result.error());
}

std::string Arguments::text(int index) const {
  if (index >= count) give_up("an argument is missing; see tests/bench/README.md");
  return values[index];
}

long Arguments::number(int index) const {
  return std::atol(text(index).c_str());
}

}  // namespace postern::bench
