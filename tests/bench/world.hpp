// World: Postern's flows in a process of their own, composed as cli/serve composes them, without
// the HTTP server: real network, a durable store on disk, a shard a core.
#pragma once

#include "core/integration.hpp"
#include "flows/hub.hpp"
#include "flows/metrics.hpp"
#include "net/shards.hpp"
#include "net/task.hpp"
#include "storage/store.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace postern::bench {

/// Workers that never answer: the digester stands still, what is measured is the storing alone.
std::unique_ptr<net::Workers> make_still_workers(net::Env& env);
/// This program as `mime-worker`, as serve has it.
std::unique_ptr<net::Workers> make_real_workers();

/// Runs `task` on the calling thread to its end.
void run_here(net::Task<void> task);

struct World {
  /// Ends the program when something cannot be opened.
  explicit World(const std::string& data_dir, bool digests);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  void run(net::Task<void> task) { run_here(std::move(task)); }

  std::unique_ptr<net::Env> env;
  net::Shards shards;
  std::unique_ptr<net::Workers> workers;
  flows::Metrics metrics;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<flows::Context> context;
  std::unique_ptr<flows::Hub> hub;
  std::size_t commits = 0;  // written by the store's thread, read when nothing is under way
  std::atomic<long> longest_commit_us = 0;
};

std::string read_file(const std::string& name);

/// The value, or the end of the program.
template <class T>
T must(Result<T> result);
void must(Result<void> result);

[[noreturn]] void end_with(const Error& error);

template <class T>
T must(Result<T> result) {
  if (!result) end_with(result.error());
  return std::move(result).value();
}

/// What a command is given after its name.
struct Arguments {
  int count;
  char** values;

  std::string text(int index) const;
  long number(int index) const;
};

int run_fetch(const Arguments& arguments);
int run_send(const Arguments& arguments);
int run_idle(const Arguments& arguments);
int run_history(const Arguments& arguments);
int run_retention(const Arguments& arguments);

}  // namespace postern::bench
