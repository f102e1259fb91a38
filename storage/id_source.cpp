// See id_source.hpp.
#include "storage/id_source.hpp"

#include <algorithm>

namespace postern::storage {
namespace {

constexpr int random_bits = 20;
constexpr std::int64_t random_mask = (std::int64_t{1} << random_bits) - 1;
// The largest time that leaves room for more ids in 63 bits: the year 2248.
constexpr std::int64_t milliseconds_max = (std::int64_t{1} << (63 - random_bits)) - 2;

}  // namespace

std::int64_t IdSource::first_at(Instant time) {
  return std::clamp<std::int64_t>(to_milliseconds(time), 1, milliseconds_max) << random_bits;
}

std::int64_t IdSource::next() {
  const auto fresh =
      first_at(chance_.now()) | (static_cast<std::int64_t>(chance_.random()) & random_mask);
  last_ = std::max(last_ + 1, fresh);
  return last_;
}

}  // namespace postern::storage
