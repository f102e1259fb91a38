// Migration: notices told at profiles, the ends of certificates, the addresses of people.
#pragma once

namespace postern::storage {

inline constexpr const char* notices_schema = R"sql(
-- A notice at one profile: a step (channel -1) or a channel; waiting until it ends.
CREATE TABLE notice_telling (
  id INTEGER PRIMARY KEY,
  notice INTEGER NOT NULL REFERENCES notice(id) ON DELETE CASCADE,
  profile INTEGER NOT NULL,
  step INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  state TEXT NOT NULL,
  due INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  error TEXT NOT NULL
) STRICT;
CREATE INDEX notice_telling_due ON notice_telling(due) WHERE state = 'waiting';
CREATE INDEX notice_telling_by_notice ON notice_telling(notice);
-- The certificate that a server ("host:port", or one of our own) showed last.
CREATE TABLE certificate (
  server TEXT PRIMARY KEY,
  ends_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Where a person reads mail: test mails go there.
ALTER TABLE person ADD COLUMN address TEXT NOT NULL DEFAULT '';
)sql";

}  // namespace postern::storage
