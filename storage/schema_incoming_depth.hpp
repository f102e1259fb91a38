// Migration: further copies of a mail and what is due for each, POP3 mails in trouble as messages,
// Gmail's own ids.
#pragma once

namespace postern::storage {

// maildrop_mail: those in trouble had no message; they are found anew, and get one. copy_action: as
// after_fetch, for a further copy of a mail, at its place. gmail_seen: mails by X-GM-MSGID.
inline constexpr const char* incoming_depth_schema = R"sql(
DELETE FROM maildrop_mail WHERE state IN ('failed', 'too_large', 'quarantined');
CREATE INDEX maildrop_mail_by_message ON maildrop_mail(message) WHERE message IS NOT NULL;

-- Leases go by the age of the mails, also of those handed over again.
DROP INDEX handover_waiting;
CREATE INDEX handover_waiting ON handover(target, message, id) WHERE state = 'waiting';

CREATE TABLE gmail_seen (
  integration INTEGER NOT NULL,
  gmail_id INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  message INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (integration, gmail_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE copy_action (
  id INTEGER PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  integration INTEGER NOT NULL,
  folder TEXT NOT NULL,
  uid_validity INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  due INTEGER NOT NULL,
  state TEXT NOT NULL,
  UNIQUE (message, folder, uid_validity, uid)
) STRICT;
CREATE INDEX copy_action_due ON copy_action(integration, due) WHERE state IN ('due', 'copied');

-- Copies that were there when the mail's fate was sealed.
CREATE TRIGGER after_fetch_of_copies AFTER INSERT ON after_fetch
BEGIN
  INSERT OR IGNORE INTO copy_action
    (message, integration, folder, uid_validity, uid, outcome, due, state)
  SELECT NEW.message, NEW.integration, p.folder, p.uid_validity, p.uid, NEW.outcome, NEW.due, 'due'
  FROM message_place p JOIN mailbox b ON b.integration = p.integration AND b.folder = p.folder
    AND b.uid_validity = p.uid_validity
  WHERE p.message = NEW.message AND NOT EXISTS (
    SELECT 1 FROM message m LEFT JOIN mail_place o ON o.message = m.id
    WHERE m.id = p.message AND m.folder = p.folder
      AND coalesce(o.uid_validity, m.uid_validity) = p.uid_validity
      AND coalesce(o.uid, m.uid) = p.uid);
END;

-- What is not wanted any more is due no longer.
CREATE TRIGGER after_fetch_unwanted AFTER UPDATE OF config ON integration
BEGIN
  UPDATE after_fetch SET state = 'not_wanted'
  WHERE integration = NEW.id AND state IN ('due', 'copied') AND outcome IN (
    SELECT p.outcome FROM after_fetch_policy p
    WHERE p.integration = NEW.id AND p.action = 'none');
  UPDATE copy_action SET state = 'not_wanted'
  WHERE integration = NEW.id AND state IN ('due', 'copied') AND outcome IN (
    SELECT p.outcome FROM after_fetch_policy p
    WHERE p.integration = NEW.id AND p.action = 'none');
END;
)sql";

}  // namespace postern::storage
