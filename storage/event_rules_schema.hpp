// The tables of event rules and profiles; event_rules.hpp has the words.
#pragma once

namespace postern::storage {

inline constexpr const char* event_rules_schema = R"sql(
CREATE TABLE event_rule (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  config TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  modified_by TEXT NOT NULL,
  fired INTEGER NOT NULL,
  last_fired INTEGER,
  last_result TEXT NOT NULL,
  last_error TEXT NOT NULL
) STRICT;
CREATE TABLE profile (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  config TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  modified_by TEXT NOT NULL
) STRICT;
-- The frequency limit: when an action was last run for an integration, and what is held back since.
CREATE TABLE event_pace (
  rule INTEGER NOT NULL REFERENCES event_rule(id) ON DELETE CASCADE,
  action INTEGER NOT NULL,
  integration INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  free_at INTEGER NOT NULL,
  held INTEGER NOT NULL,
  held_since INTEGER,
  last_event TEXT,
  PRIMARY KEY (rule, action, integration)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_pace_held ON event_pace(free_at) WHERE held > 0;
CREATE TABLE event_run (
  id INTEGER PRIMARY KEY,
  rule INTEGER NOT NULL REFERENCES event_rule(id) ON DELETE CASCADE,
  action INTEGER NOT NULL,
  step INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  integration INTEGER NOT NULL,
  event TEXT NOT NULL,
  held_back INTEGER NOT NULL,
  held_since INTEGER,
  state TEXT NOT NULL,
  at INTEGER NOT NULL,
  due INTEGER NOT NULL,
  ended_at INTEGER,
  attempts INTEGER NOT NULL,
  status INTEGER NOT NULL,
  error TEXT NOT NULL
) STRICT;
CREATE INDEX event_run_due ON event_run(due) WHERE state = 'waiting';
CREATE INDEX event_run_by_rule ON event_run(rule, id);
)sql";

}  // namespace postern::storage
