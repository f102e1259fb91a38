// Makes ids: from the clock and chance, always larger than every one before.
#pragma once

#include "storage/chance.hpp"

#include <cstdint>

namespace postern::storage {

/// Used on the writer's thread alone.
class IdSource {
 public:
  /// `last` is the largest id stored so far.
  IdSource(Chance chance, std::int64_t last) : chance_(std::move(chance)), last_(last) {}

  /// max(last + 1, milliseconds since 1970 << 20 | 20 random bits): sorted by age, and not those
  /// of another installation. A clock set back only makes them denser.
  std::int64_t next();
  /// No id made at `time` or later is below it, unless the clock was set back.
  static std::int64_t first_at(Instant time);

 private:
  Chance chance_;
  std::int64_t last_;
};

}  // namespace postern::storage
