// The clock and chance as storage uses them: the real ones, or those a simulator gives.
#pragma once

#include "core/time.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace postern::storage {

struct Chance {
  std::function<Instant()> now;
  std::function<std::uint64_t()> random;

  /// `count` random bytes out of `random`.
  std::string bytes(std::size_t count) const;
};

/// Fills what is empty with the operating system's wall clock and OpenSSL's generator.
Chance with_defaults(Chance chance);

/// Since some start, never set back: for measuring how long a commit took.
std::chrono::microseconds steady_clock_now();

}  // namespace postern::storage
