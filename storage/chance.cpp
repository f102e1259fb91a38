// See chance.hpp.
#include "storage/chance.hpp"

#include <openssl/rand.h>

#include <ctime>

namespace postern::storage {
namespace {

// storage/ opens before there is an Env (the command line's tools have none), so it asks the
// operating system itself.
Instant wall_clock() {
  timespec at{};
  POSTERN_ASSERT(::clock_gettime(CLOCK_REALTIME, &at) == 0);
  return from_milliseconds(at.tv_sec * std::int64_t{1000} + at.tv_nsec / 1'000'000);
}

std::uint64_t strong_random() {
  std::uint64_t value = 0;
  POSTERN_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) == 1);
  return value;
}

}  // namespace

std::chrono::microseconds steady_clock_now() {
  timespec at{};
  POSTERN_ASSERT(::clock_gettime(CLOCK_MONOTONIC, &at) == 0);
  return std::chrono::seconds(at.tv_sec) + std::chrono::microseconds(at.tv_nsec / 1000);
}

std::string Chance::bytes(std::size_t count) const {
  std::string bytes;
  while (bytes.size() < count) {
    auto value = random();
    for (int i = 0; i < 8 && bytes.size() < count; ++i, value >>= 8) {
      bytes += static_cast<char>(value & 0xff);
    }
  }
  return bytes;
}

Chance with_defaults(Chance chance) {
  if (!chance.now) chance.now = wall_clock;
  if (!chance.random) chance.random = strong_random;
  return chance;
}

}  // namespace postern::storage
