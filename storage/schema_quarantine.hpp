// Migration: mails that could not be taken, and where a mail lies beside its first place. The words
// are told in quarantine.hpp and messages.hpp.
#pragma once

namespace postern::storage {

// A server may give one UID to two mails: a place is no longer unique.
inline constexpr const char* quarantine_schema = R"sql(
DROP INDEX message_by_uid;
CREATE INDEX message_by_uid ON message(integration, folder, uid_validity, uid);

CREATE TABLE message_trouble (
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  stage TEXT NOT NULL,
  reason TEXT NOT NULL,
  tries INTEGER NOT NULL,
  next_try_at INTEGER,
  any_size INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX message_trouble_due ON message_trouble(next_try_at) WHERE next_try_at IS NOT NULL;

CREATE TABLE message_place (
  integration INTEGER NOT NULL,
  folder TEXT NOT NULL,
  uid_validity INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  message INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (integration, folder, uid_validity, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_place_by_message ON message_place(message);
)sql";

}  // namespace postern::storage
