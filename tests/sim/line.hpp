// A connection in memory: two Streams over one Line, with the faults the World gives it.
#pragma once

#include "net/env.hpp"
#include "sim/virtual_clock.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

namespace postern::sim {

/// What goes wrong on the way to a host, and how often (chances from 0 to 1).
struct Faults {
  double refuse = 0;         // of a connect
  double unreachable = 0;    // of a connect: nothing answers it
  double silence = 0;        // of a connection: accepted, then never a word
  double cut = 0;            // of each read and write: the line breaks there
  bool split_reads = false;  // a read gives any number of bytes of what is there, at least one
  Duration latency_min{0}, latency_max{0};  // of each piece on its way
};

struct LineSetting {
  VirtualClock& clock;
  boost::asio::any_io_executor executor;
  std::mt19937_64& chance;  // the World's, which outlives every line
  Faults faults;
  std::string host, peer_address;
  std::optional<net::errc> tls_failure;
  bool silent = false;                                              // nobody plays the server
  Instant certificate_ends = from_milliseconds(4'102'444'800'000);  // 2100-01-01
};

/// The client's end and the server's. The server's start_tls waits for the client's handshake.
std::pair<std::unique_ptr<net::Stream>, std::unique_ptr<net::Stream>> make_line(
    LineSetting setting);

Duration draw_latency(const Faults& faults, std::mt19937_64& chance);
bool draw(double probability, std::mt19937_64& chance);

constexpr std::size_t line_bytes_max =
    256 * 1024;  // on their way in one direction; then writes wait

}  // namespace postern::sim
