// Fetching a mailbox into the durable store, until all is stored, digested too, or handed over to
// one webhook target as well, every hand-over acknowledged.
//
//   bench_postern fetch DATA_DIR PORT CA_FILE USER PASSWORD MAILS stored|digested
//   bench_postern fetch DATA_DIR PORT CA_FILE USER PASSWORD MAILS handed WEBHOOK_PORT PARALLEL
#include "bench/process.hpp"
#include "bench/tls_line.hpp"
#include "bench/world.hpp"

#include <cstdio>

namespace postern::bench {
namespace {

constexpr Duration look_again = std::chrono::milliseconds(5);

IntegrationDraft draft_of(const Arguments& arguments) {
  IntegrationDraft draft;
  auto& value = draft.value;
  value.name = "bench";
  value.address = arguments.text(3);
  auto& incoming = value.incoming;
  incoming.enabled = true;
  incoming.server.host = "localhost";
  incoming.server.port = port_of(arguments.text(1).c_str());
  incoming.auth.username = arguments.text(3);
  incoming.tls.ca_pem = read_file(arguments.text(2));
  incoming.start_from = "all";
  draft.incoming_password = Secret(arguments.text(4));
  return draft;
}

/// The cursor moves with the mails below it, in one transaction.
net::Task<void> all_stored(World& world, IntegrationId id, std::uint64_t mails) {
  for (;;) {
    const auto cursor = must(co_await world.store->messages().cursor(id, "INBOX"));
    if (cursor && cursor->next_uid > mails) co_return;
    co_await net::sleep_for(*world.env, look_again);
  }
}

net::Task<void> all_digested(World& world, IntegrationId id) {
  while (!must(co_await world.store->messages().undigested(id, 1)).empty()) {
    co_await net::sleep_for(*world.env, look_again);
  }
}

TargetDraft target_of(const Arguments& arguments) {
  TargetDraft draft;
  draft.value.name = "bench";
  draft.value.url = "http://127.0.0.1:" + arguments.text(7) + "/hook";
  draft.value.parallel = static_cast<int>(arguments.number(8));
  return draft;
}

/// One in flight is still due.
net::Task<void> all_handed(World& world, TargetId target) {
  auto& handovers = world.store->handovers();
  for (;;) {
    const auto far = world.env->now() + std::chrono::hours(24 * 365);
    if (must(co_await handovers.due(target, far, 1)).empty()) co_return;
    co_await net::sleep_for(*world.env, look_again);
  }
}

net::Task<void> fetch(World& world, const Arguments& arguments) {
  const auto mails = static_cast<std::uint64_t>(arguments.number(5));
  const std::string until = arguments.text(6);
  const auto stored = must(
      co_await world.store->integrations().create(draft_of(arguments), "bench", world.env->now()));
  const auto id = stored.value.id;
  TargetId target;
  if (until == "handed") {
    target = must(co_await world.store->targets().create(target_of(arguments), "bench",
                                                         world.env->now()))
                 .value.id;
  }
  const double cpu_before = cpu_seconds();
  const double begun = wall_seconds();
  must(co_await world.hub->start());
  co_await all_stored(world, id, mails);
  if (until != "stored") co_await all_digested(world, id);
  if (until == "handed") co_await all_handed(world, target);
  const double took = wall_seconds() - begun;
  const double cpu = cpu_seconds() - cpu_before;
  const auto count = must(co_await world.store->messages().count());
  if (count != mails) give_up("stored " + std::to_string(count) + " mails");
  std::printf(
      "{\"mails\":%llu,\"seconds\":%.4f,\"cpu\":%.3f,\"workers_cpu\":%.3f,\"commits\":%zu,"
      "\"peak_kib\":%ld,\"workers_peak_kib\":%ld}\n",
      static_cast<unsigned long long>(count), took, cpu, children_cpu_seconds(), world.commits,
      peak_kib(), children_peak_kib());
}

}  // namespace

int run_fetch(const Arguments& arguments) {
  World world(arguments.text(0), arguments.text(6) != "stored");
  world.run(fetch(world, arguments));
  return 0;
}

}  // namespace postern::bench
