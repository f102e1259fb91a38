// Migration: routing rules, what they made of each mail, and what is known of threads. The words
// are told in rules.hpp, threads.hpp and core/routing.hpp.
#pragma once

namespace postern::storage {

inline constexpr const char* routing_schema = R"sql(
CREATE TABLE rule (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  position INTEGER NOT NULL,
  config TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  modified_by TEXT NOT NULL
) STRICT;
CREATE INDEX rule_by_position ON rule(position, id);
-- Only of mail that rules or lists had a word on.
CREATE TABLE message_routing (
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  routing TEXT NOT NULL
) STRICT;
-- Every Message-ID that was met, as a mail's own (message is set) or in another one's References.
CREATE TABLE thread_key (
  key TEXT NOT NULL,
  integration INTEGER NOT NULL,
  thread TEXT NOT NULL,
  message INTEGER,
  at INTEGER NOT NULL,
  PRIMARY KEY (key, integration)
) STRICT, WITHOUT ROWID;
-- How many mails of a sender came into a thread on a day.
CREATE TABLE thread_rate (
  day INTEGER NOT NULL,
  integration INTEGER NOT NULL,
  thread TEXT NOT NULL,
  sender TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (day, integration, thread, sender)
) STRICT, WITHOUT ROWID;
-- What a provider called a mail of ours in its answer, where that is another Message-ID.
CREATE TABLE sent_alias (
  key TEXT NOT NULL,
  integration INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (key, integration)
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace postern::storage
