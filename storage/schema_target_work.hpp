// Migration: what a hand-over has come to between two attempts, and which ticket a thread is at a
// helpdesk whose interface does not find it by itself. The words are told in handovers.hpp.
#pragma once

namespace postern::storage {

inline constexpr const char* target_work_schema = R"sql(
CREATE TABLE handover_progress (
  handover INTEGER PRIMARY KEY REFERENCES handover(id) ON DELETE CASCADE,
  progress TEXT NOT NULL
) STRICT;
CREATE TABLE target_ticket (
  target INTEGER NOT NULL REFERENCES target(id),
  thread TEXT NOT NULL,
  ticket TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (target, thread)
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace postern::storage
