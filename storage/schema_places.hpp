// Migration: one table for the places of a mail beside its first, where there were two. The words
// are told in mail_places.hpp.
#pragma once

namespace postern::storage {

// own: where the mail itself is now, since its folder was renumbered; the others are copies of it,
// and places it had. mail_at: where a mail is. The message itself never changes, since what is
// handed over of it must stay the same.
inline constexpr const char* places_schema = R"sql(
ALTER TABLE message_place ADD COLUMN own INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message_place ADD COLUMN received_at INTEGER;
INSERT INTO message_place (integration, folder, uid_validity, uid, message, at, own)
  SELECT m.integration, m.folder, p.uid_validity, p.uid, p.message, m.stored_at, 1
  FROM mail_place p JOIN message m ON m.id = p.message WHERE true
  ON CONFLICT DO UPDATE SET own = 1 WHERE message_place.message = excluded.message;
DROP TRIGGER after_fetch_of_copies;
DROP TABLE mail_place;
CREATE UNIQUE INDEX message_place_own ON message_place(message) WHERE own = 1;

CREATE VIEW mail_at AS
  SELECT m.id AS message, m.integration AS integration, m.folder AS folder,
    coalesce(p.uid_validity, m.uid_validity) AS uid_validity, coalesce(p.uid, m.uid) AS uid
  FROM message m LEFT JOIN message_place p ON p.message = m.id AND p.own = 1;

-- Copies that were there when the mail's fate was sealed.
CREATE TRIGGER after_fetch_of_copies AFTER INSERT ON after_fetch
BEGIN
  INSERT OR IGNORE INTO copy_action
    (message, integration, folder, uid_validity, uid, outcome, due, state)
  SELECT NEW.message, NEW.integration, p.folder, p.uid_validity, p.uid, NEW.outcome, NEW.due, 'due'
  FROM message_place p JOIN mailbox b ON b.integration = p.integration AND b.folder = p.folder
    AND b.uid_validity = p.uid_validity
  WHERE p.message = NEW.message AND NOT EXISTS (
    SELECT 1 FROM mail_at o WHERE o.message = p.message AND o.folder = p.folder
      AND o.uid_validity = p.uid_validity AND o.uid = p.uid);
END;
)sql";

}  // namespace postern::storage
