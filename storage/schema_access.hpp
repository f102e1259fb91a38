// Migration: roles of people, their sessions, the audit log, and the queue's length by the hour.
#pragma once

namespace postern::storage {

// Who was there before roles has the right to all. A session's id is kept as its SHA-256 only.
inline constexpr const char* access_schema = R"sql(
ALTER TABLE person ADD COLUMN role TEXT NOT NULL DEFAULT 'admin';
ALTER TABLE person ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE person ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN modified_by TEXT NOT NULL DEFAULT 'command line';
ALTER TABLE person ADD COLUMN signed_in_at INTEGER;
UPDATE person SET created_at = modified_at;

CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  person TEXT NOT NULL REFERENCES person(name) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL
) STRICT;
CREATE INDEX session_by_person ON session(person, id);

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  via TEXT NOT NULL,
  address TEXT NOT NULL,
  act TEXT NOT NULL,
  resource TEXT NOT NULL,
  fields TEXT NOT NULL,
  request_id TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_who ON audit(who, id);
CREATE INDEX audit_by_resource ON audit(resource, id);

CREATE TABLE queue_hour (
  hour INTEGER PRIMARY KEY,
  outgoing INTEGER NOT NULL,
  handovers INTEGER NOT NULL
) STRICT;
)sql";

}  // namespace postern::storage
