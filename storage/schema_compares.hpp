// Migration: what was in each folder at the last compare, and compares asked for by hand. The words
// are told in compares.hpp.
#pragma once

namespace postern::storage {

inline constexpr const char* compares_schema = R"sql(
CREATE TABLE mailbox_known (
  integration INTEGER NOT NULL,
  folder TEXT NOT NULL,
  uid_validity INTEGER NOT NULL,
  mod_seq INTEGER NOT NULL,
  uids BLOB NOT NULL,
  compared_at INTEGER NOT NULL,
  PRIMARY KEY (integration, folder)
) STRICT, WITHOUT ROWID;
CREATE TABLE mailbox_again (
  integration INTEGER NOT NULL,
  folder TEXT NOT NULL,
  since TEXT NOT NULL,
  PRIMARY KEY (integration, folder)
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace postern::storage
