// Migration: how a target fares, one row a target that was tried. The words are told in
// handovers.hpp (TargetStatus).
#pragma once

namespace postern::storage {

inline constexpr const char* target_status_schema = R"sql(
CREATE TABLE target_status (
  target INTEGER PRIMARY KEY REFERENCES target(id),
  last_success INTEGER,
  error_at INTEGER,
  error_status INTEGER,
  error TEXT,
  error_hint TEXT,
  errors INTEGER NOT NULL
) STRICT;
)sql";

}  // namespace postern::storage
