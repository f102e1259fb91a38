// What one connection, and all of them, may take from the server. Defaults are the product's; tests
// set them small to reach each.
#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <cstdint>

namespace postern::web {

struct ServerLimits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t connections = 512;  // beyond: the longest waiting one is closed
  std::size_t requests_per_connection = 1000;
  std::uint64_t bodies_bytes = 256 * 1024 * 1024;  // of all bodies being received; beyond: 503

  // A connection that says nothing useful is gone after handshake + header + body at most: 43 s.
  Duration handshake{8000};
  Duration header{15000};  // from the first byte, or from the accept
  Duration idle{20000};    // between two requests
  Duration body{20000};    // on top of what body_bytes_per_s allows
  Duration write{20000};   // for each piece of an answer
  Duration stop{8000};     // how long running requests may take after stop()
  std::uint64_t body_bytes_per_s = 8 * 1024;
};

}  // namespace postern::web
