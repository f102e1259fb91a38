// Thousands of integrations in IDLE: how much memory of this process each of them takes.
//
//   bench_postern idle DATA_DIR PORT CA_FILE CONTROL_PORT INTEGRATIONS
#include "bench/process.hpp"
#include "bench/tls_line.hpp"
#include "bench/world.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace postern::bench {
namespace {

constexpr Duration look_again = std::chrono::milliseconds(200);
constexpr Duration settling = std::chrono::seconds(2);  // the last status rows are written

long idle_count(std::uint16_t control_port) {
  TlsLine line(connect_loopback(control_port));
  const auto* text = line.line();
  return text == nullptr ? 0 : std::atol(std::string(*text).c_str());
}

net::Task<void> create(World& world, const Arguments& arguments) {
  for (long i = 0; i < arguments.number(4); ++i) {
    IntegrationDraft draft;
    auto& value = draft.value;
    value.name = "bench-" + std::to_string(i);
    value.address = value.name + "@bench.test";
    auto& incoming = value.incoming;
    incoming.enabled = true;
    incoming.server.host = "localhost";
    incoming.server.port = port_of(arguments.text(1).c_str());
    incoming.auth.username = value.address;
    draft.incoming_password = Secret("password-of-" + value.name);
    must(co_await world.store->integrations().create(std::move(draft), "bench", world.env->now()));
  }
}

net::Task<void> idle(World& world, const Arguments& arguments) {
  const auto control = port_of(arguments.text(3).c_str());
  const long wanted = arguments.number(4);
  co_await create(world, arguments);
  const long before = private_kib();
  const double cpu_before = cpu_seconds();
  const double begun = wall_seconds();
  must(co_await world.hub->start());
  while (idle_count(control) < wanted) co_await net::sleep_for(*world.env, look_again);
  const double took = wall_seconds() - begun;
  co_await net::sleep_for(*world.env, settling);
  const long after = private_kib();
  std::printf(
      "{\"integrations\":%ld,\"before_kib\":%ld,\"after_kib\":%ld,\"kib_each\":%.2f,"
      "\"seconds\":%.2f,\"cpu\":%.2f}\n",
      wanted, before, after, static_cast<double>(after - before) / static_cast<double>(wanted),
      took, cpu_seconds() - cpu_before);
}

}  // namespace

int run_idle(const Arguments& arguments) {
  // Trusted as most servers are, by the system's store: nothing of it is an integration's own.
  ::setenv("SSL_CERT_FILE", arguments.text(2).c_str(), 1);
  World world(arguments.text(0), true);
  world.run(idle(world, arguments));
  return 0;
}

}  // namespace postern::bench
