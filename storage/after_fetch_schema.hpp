// The tables and triggers behind after_fetch.hpp.
#pragma once

namespace postern::storage {

// after_fetch.state: due, copied, or how it ended. mail_place is part of
// message_place by now, see schema_places.hpp.
inline constexpr const char* after_fetch_schema = R"sql(
CREATE TABLE after_fetch (
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  integration INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  due INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT;
CREATE INDEX after_fetch_due ON after_fetch(integration, due) WHERE state IN ('due', 'copied');
CREATE TABLE mail_place (
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  uid_validity INTEGER NOT NULL,
  uid INTEGER NOT NULL
) STRICT;

CREATE VIEW after_fetch_policy AS
  SELECT i.id AS integration, o.outcome AS outcome,
    coalesce(json_extract(i.config, o.path || '.action'), 'none') AS action,
    coalesce(json_extract(i.config, o.path || '.days'), 0) AS days
  FROM integration i JOIN (
    SELECT 'handed_over' AS outcome, '$.incoming.after_fetch' AS path
    UNION ALL SELECT 'ignored', '$.incoming.after_ignored'
    UNION ALL SELECT 'too_large', '$.incoming.after_too_large'
    UNION ALL SELECT 'quarantined', '$.incoming.after_quarantined') o;

CREATE TRIGGER message_stored_as_ended AFTER INSERT ON message WHEN NEW.state <> 'stored'
BEGIN
  INSERT INTO after_fetch (message, integration, outcome, due, state)
  SELECT NEW.id, NEW.integration, NEW.state, NEW.stored_at + p.days * 86400000, 'due'
  FROM after_fetch_policy p
  WHERE p.integration = NEW.integration AND p.outcome = NEW.state AND p.action <> 'none';
END;
CREATE TRIGGER message_ended AFTER UPDATE OF state ON message WHEN NEW.state <> OLD.state
BEGIN
  DELETE FROM after_fetch WHERE message = NEW.id AND state = 'due';
  INSERT OR IGNORE INTO after_fetch (message, integration, outcome, due, state)
  SELECT NEW.id, NEW.integration, NEW.state, NEW.stored_at + p.days * 86400000, 'due'
  FROM after_fetch_policy p
  WHERE p.integration = NEW.integration AND p.outcome = NEW.state AND p.action <> 'none';
END;
)sql";

}  // namespace postern::storage
