// Migration: what the clock read when it was last known to be right, and what it was set by.
#pragma once

namespace postern::storage {

inline constexpr const char* clock_schema = R"sql(
CREATE TABLE clock_note (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  at INTEGER NOT NULL
) STRICT;
-- Since when a mail counts as stored, where the clock was set since: what is told of it stays.
CREATE TABLE message_since (
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  at INTEGER NOT NULL
) STRICT;
DROP TRIGGER message_ended;
CREATE TRIGGER message_ended AFTER UPDATE OF state ON message WHEN NEW.state <> OLD.state
BEGIN
  DELETE FROM after_fetch WHERE message = NEW.id AND state = 'due';
  INSERT OR IGNORE INTO after_fetch (message, integration, outcome, due, state)
  SELECT NEW.id, NEW.integration, NEW.state,
    coalesce((SELECT at FROM message_since WHERE message = NEW.id), NEW.stored_at) +
    p.days * 86400000, 'due'
  FROM after_fetch_policy p
  WHERE p.integration = NEW.integration AND p.outcome = NEW.state AND p.action <> 'none';
END;
)sql";

// When the clock was last set forward by days, or a start found it so.
inline constexpr const char* clock_leap_schema = R"sql(
ALTER TABLE clock_note ADD COLUMN leapt_at INTEGER;
)sql";

}  // namespace postern::storage
