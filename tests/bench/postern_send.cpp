// Sending what waits in the queue, over at most eight connections.
//
//   bench_postern send DATA_DIR PORT CA_FILE MAILS SIZE_BYTES
#include "bench/tls_line.hpp"
#include "bench/world.hpp"
#include "net/scope.hpp"

#include <cstdio>

namespace postern::bench {
namespace {

constexpr Duration look_again = std::chrono::milliseconds(5);
constexpr int connections_max = 8;
constexpr long creators = 64;  // at once, so that the store commits them in groups

IntegrationDraft draft_of(const Arguments& arguments) {
  IntegrationDraft draft;
  auto& value = draft.value;
  value.name = "bench";
  value.address = "a@bench.test";
  auto& outgoing = value.outgoing;
  outgoing.enabled = true;
  outgoing.server.host = "localhost";
  outgoing.server.port = port_of(arguments.text(1).c_str());
  outgoing.auth.username = "a";
  outgoing.tls.ca_pem = read_file(arguments.text(2));
  outgoing.connections_max = connections_max;
  draft.outgoing_password = Secret("b");
  return draft;
}

std::string bytes_of(long number, std::size_t size) {
  std::string bytes =
      "From: a@bench.test\r\nTo: b@bench.test\r\nSubject: a mail of the benchmark\r\n";
  bytes += "Message-ID: <" + std::to_string(number) + "@bench.test>\r\n\r\n";
  while (bytes.size() < size) bytes += std::string(74, 'x') + "\r\n";
  return bytes;
}

net::Task<void> create_some(World& world, IntegrationId id, long& left, std::size_t size) {
  while (left > 0) {
    const long number = left--;
    storage::NewDelivery fresh;
    fresh.integration = id;
    fresh.envelope.sender = "a@bench.test";
    fresh.envelope.recipients.push_back("b@bench.test");
    fresh.bytes = bytes_of(number, size);
    fresh.message_id = "<" + std::to_string(number) + "@bench.test>";
    fresh.subject = "a mail of the benchmark";
    fresh.at = world.env->now();
    fresh.due = fresh.at;
    must(co_await world.store->deliveries().create(std::move(fresh)));
  }
}

net::Task<void> create_all(World& world, net::Scope& scope, IntegrationId id, long& left,
                           std::size_t size) {
  for (long i = 0; i < creators; ++i) scope.spawn(create_some(world, id, left, size));
  co_await scope.join();
}

net::Task<bool> any(World& world, DeliveryState state) {
  storage::DeliveryFilter filter;
  filter.state = state;
  storage::PageRequest page;
  page.limit = 1;
  const auto found = must(co_await world.store->deliveries().list(filter, page));
  co_return !found.items.empty();
}

net::Task<void> all_ended(World& world) {
  for (const auto state : {DeliveryState::queued, DeliveryState::sending}) {
    while (co_await any(world, state)) co_await net::sleep_for(*world.env, look_again);
  }
}

net::Task<void> send(World& world, const Arguments& arguments) {
  const long mails = arguments.number(3);
  const auto stored = must(
      co_await world.store->integrations().create(draft_of(arguments), "bench", world.env->now()));
  {
    net::Scope scope(world.shards.executor(0));
    long left = mails;
    const auto size = static_cast<std::size_t>(arguments.number(4));
    co_await net::run_on(scope.executor(), create_all(world, scope, stored.value.id, left, size));
  }
  world.commits = 0;
  const double cpu_before = cpu_seconds();
  const double begun = wall_seconds();
  must(co_await world.hub->start());
  co_await all_ended(world);
  const double took = wall_seconds() - begun;
  if (must(co_await world.store->deliveries().waiting()) != 0 ||
      co_await any(world, DeliveryState::failed) || co_await any(world, DeliveryState::unknown)) {
    give_up("not every mail was sent");
  }
  std::printf("{\"mails\":%ld,\"seconds\":%.4f,\"cpu\":%.3f,\"commits\":%zu}\n", mails, took,
              cpu_seconds() - cpu_before, world.commits);
}

}  // namespace

int run_send(const Arguments& arguments) {
  World world(arguments.text(0), false);
  world.run(send(world, arguments));
  return 0;
}

}  // namespace postern::bench
