// The tables of acts of people and of the last failing session's transcript.
#pragma once

namespace postern::storage {

inline constexpr const char* activity_schema = R"sql(
CREATE TABLE act (
  id INTEGER PRIMARY KEY,
  integration INTEGER NOT NULL REFERENCES integration(id),
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE INDEX act_by_integration ON act(integration, id);
CREATE TABLE transcript (
  integration INTEGER NOT NULL REFERENCES integration(id),
  direction TEXT NOT NULL,
  at INTEGER NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (integration, direction)
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace postern::storage
