// Postern's side of the benchmarks: one program, a command a benchmark. Each prints one line of
// JSON. `mime-worker` is what it starts itself as to digest mails.
#include "bench/tls_line.hpp"
#include "bench/world.hpp"
#include "core/log.hpp"
#include "message/mime_worker.hpp"

#include <string_view>

int main(int argc, char** argv) {
  using namespace postern;
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "mime-worker") return message::run_mime_worker(3);
  log::Options logging;
  logging.level = log::Level::warn;
  log::configure(std::move(logging));
  const bench::Arguments arguments{argc - 2, argv + 2};
  if (command == "fetch") return bench::run_fetch(arguments);
  if (command == "send") return bench::run_send(arguments);
  if (command == "idle") return bench::run_idle(arguments);
  if (command == "history") return bench::run_history(arguments);
  if (command == "retention") return bench::run_retention(arguments);
  bench::give_up(
      "usage: bench_postern fetch|send|idle|history|retention …; see tests/bench/README.md");
}
