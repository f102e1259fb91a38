// What deliveries were given after the first schema.
#pragma once

namespace postern::storage {

/// Priority, tags, and whether SMTPUTF8 is needed. The index of what is due leads by priority.
constexpr const char* delivery_marks_schema = R"sql(
ALTER TABLE delivery ADD COLUMN priority INTEGER NOT NULL DEFAULT 1;
ALTER TABLE delivery ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE delivery ADD COLUMN needs_smtputf8 INTEGER NOT NULL DEFAULT 0;
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery(integration, priority, next_attempt_at, id)
  WHERE next_attempt_at IS NOT NULL AND sync = 0;
CREATE TABLE delivery_tag (
  tag TEXT NOT NULL,
  delivery INTEGER NOT NULL REFERENCES delivery(id) ON DELETE CASCADE,
  PRIMARY KEY (tag, delivery)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_tag_by_delivery ON delivery_tag(delivery);
)sql";

/// What it asks of the servers behind ours, and what was said in attempts that failed.
constexpr const char* delivery_wishes_schema = R"sql(
ALTER TABLE delivery ADD COLUMN wishes TEXT NOT NULL DEFAULT '';
CREATE TABLE delivery_transcript (
  delivery INTEGER NOT NULL REFERENCES delivery(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;
)sql";

/// The trigrams of subjects and recipients, of the deliveries up to an id; see delivery_search.cpp.
/// The index holds no text of its own (external content), so a row leaves it by its old values.
constexpr const char* delivery_search_schema = R"sql(
CREATE VIRTUAL TABLE delivery_search USING fts5(subject, recipients, content='delivery',
  content_rowid='id', tokenize='trigram', detail='none');
CREATE TABLE delivery_indexed (upto INTEGER NOT NULL) STRICT;
INSERT INTO delivery_indexed (upto) VALUES (0);
CREATE TRIGGER delivery_leaves_search BEFORE DELETE ON delivery
WHEN old.id <= (SELECT upto FROM delivery_indexed) BEGIN
  INSERT INTO delivery_search (delivery_search, rowid, subject, recipients)
  VALUES ('delete', old.id, old.subject, old.recipients);
END;
CREATE TRIGGER delivery_changes_search AFTER UPDATE OF recipients ON delivery
WHEN old.id <= (SELECT upto FROM delivery_indexed) BEGIN
  INSERT INTO delivery_search (delivery_search, rowid, subject, recipients)
  VALUES ('delete', old.id, old.subject, old.recipients);
  INSERT INTO delivery_search (rowid, subject, recipients)
  VALUES (new.id, new.subject, new.recipients);
END;
)sql";

}  // namespace postern::storage
