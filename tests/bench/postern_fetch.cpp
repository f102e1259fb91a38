// Fetching a mailbox into the durable store.
//
//   bench_postern fetch DATA_DIR PORT CA_FILE USER PASSWORD MAILS stored|digested
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

net::Task<void> fetch(World& world, const Arguments& arguments) {
  const auto mails = static_cast<std::uint64_t>(arguments.number(5));
  const bool digests = arguments.text(6) == "digested";
  const auto stored = must(
      co_await world.store->integrations().create(draft_of(arguments), "bench", world.env->now()));
  const auto id = stored.value.id;
  const double cpu_before = cpu_seconds();
  const double begun = wall_seconds();
  must(co_await world.hub->start());
  co_await all_stored(world, id, mails);
  if (digests) co_await all_digested(world, id);
  const double took = wall_seconds() - begun;
  const auto count = must(co_await world.store->messages().count());
  if (count != mails) give_up("stored " + std::to_string(count) + " mails");
  std::printf("{\"mails\":%llu,\"seconds\":%.4f,\"cpu\":%.3f,\"commits\":%zu}\n",
              static_cast<unsigned long long>(count), took, cpu_seconds() - cpu_before,
              world.commits);
}

}  // namespace

int run_fetch(const Arguments& arguments) {
  World world(arguments.text(0), arguments.text(6) == "digested");
  world.run(fetch(world, arguments));
  return 0;
}

}  // namespace postern::bench
