// Migration: what the clock read when it was last known to be right.
#pragma once

namespace postern::storage {

inline constexpr const char* clock_schema = R"sql(
CREATE TABLE clock_note (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  at INTEGER NOT NULL
) STRICT;
)sql";

}  // namespace postern::storage
