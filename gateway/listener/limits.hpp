// What one client, and all of them, may take from the submission listener. Defaults are the
// product's; tests set them small to reach each. Limits of what is said are smtp/server_session's.
#pragma once

#include "core/time.hpp"
#include "storage/messages.hpp"

#include <cstddef>
#include <cstdint>

namespace postern::listener {

struct Limits {
  std::size_t connections = 200;  // in all; the longest waiting one without a login makes room
  std::size_t connections_per_address = 20;
  std::size_t mails_per_minute = 60'000;  // accepted of one integration; sending has its own pace

  std::uint64_t body_in_memory = storage::blob_bytes_max;  // a longer one goes into a file
  std::uint64_t bodies_in_memory = 64 * 1024 * 1024;       // of all; then from here on:
  std::uint64_t small_body = 64 * 1024;

  // RFC 5321 §4.5.3.2.7 has a server wait 5 minutes for a command.
  Duration command{300'000};
  Duration body_pause{180'000};  // between two pieces of a message
  Duration body_grace{60'000};   // then it has to come at:
  std::uint64_t body_bytes_per_s = 1024;
  Duration handshake{30'000};
  Duration write{60'000};
  Duration wrong_login_pause{1'000};  // before a wrong login is answered
  Duration disk_full_pause{5'000};    // after one mail met a full disk no other is asked for
  Duration goodbye{1'000};            // for the 421 to a client that is not wanted
  Duration stop{8'000};               // how long mails under way may take after stop()
};

}  // namespace postern::listener
