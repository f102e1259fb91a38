// Runs one coroutine to its end on the calling thread: for commands that do one thing.
#pragma once

#include "net/task.hpp"

#include <optional>
#include <utility>

namespace postern::cli {

/// Runs `task` on an executor of its own until it ends.
void run_to_end(net::Task<void> task);

template <class T>
T run_task(net::Task<T> task) {
  std::optional<T> result;
  const auto keep = [](net::Task<T> inner, std::optional<T>& out) -> net::Task<void> {
    out.emplace(co_await std::move(inner));
  };
  run_to_end(keep(std::move(task), result));
  return std::move(*result);
}

}  // namespace postern::cli
