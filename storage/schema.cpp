// The tables. Times are milliseconds since 1970, ids those of id_source, states the contract's
// words, lists JSON. A migration that was released is never edited: a change is a new one.
#include "storage/after_fetch_schema.hpp"
#include "storage/clock_schema.hpp"
#include "storage/delivery_schema.hpp"
#include "storage/event_rules_schema.hpp"
#include "storage/events_table.hpp"
#include "storage/migration.hpp"
#include "storage/notices_schema.hpp"
#include "storage/oauth_schema.hpp"
#include "storage/past_checks_table.hpp"
#include "storage/problems_table.hpp"
#include "storage/providers_table.hpp"
#include "storage/routing_schema.hpp"
#include "storage/schema_access.hpp"
#include "storage/schema_activity.hpp"
#include "storage/schema_compares.hpp"
#include "storage/schema_incoming_depth.hpp"
#include "storage/schema_lists.hpp"
#include "storage/schema_places.hpp"
#include "storage/schema_quarantine.hpp"
#include "storage/schema_target_status.hpp"
#include "storage/schema_target_work.hpp"
#include "storage/silences_table.hpp"
#include "storage/submission_logins_table.hpp"

namespace postern::storage {
namespace {

// Removed integrations and targets keep their row (removed_at), since mail and hand-overs name
// them. message_seen outlives the message: it is the memory of the duplicate rule. A mail's bytes
// stand in message_body or delivery_body, or in the spool file its row names.
constexpr const char* first_schema = R"sql(
CREATE TABLE integration (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  is_default INTEGER NOT NULL,
  config TEXT NOT NULL,
  status TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  modified_by TEXT NOT NULL,
  removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX integration_by_name ON integration(name) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX integration_default ON integration(is_default)
  WHERE is_default = 1 AND removed_at IS NULL;

CREATE TABLE secret (
  owner TEXT NOT NULL,
  owner_id INTEGER NOT NULL,
  field TEXT NOT NULL,
  key_id TEXT NOT NULL,
  box BLOB NOT NULL,
  PRIMARY KEY (owner, owner_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE mailbox (
  integration INTEGER NOT NULL REFERENCES integration(id),
  folder TEXT NOT NULL,
  uid_validity INTEGER NOT NULL,
  next_uid INTEGER NOT NULL,
  mod_seq INTEGER NOT NULL,
  PRIMARY KEY (integration, folder)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  integration INTEGER NOT NULL REFERENCES integration(id),
  folder TEXT NOT NULL,
  uid_validity INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  stored_at INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  message_id TEXT NOT NULL,
  state TEXT NOT NULL,
  digested INTEGER NOT NULL DEFAULT 0,
  spool_file TEXT
) STRICT;
CREATE UNIQUE INDEX message_by_uid ON message(integration, folder, uid_validity, uid);
CREATE INDEX message_by_integration ON message(integration, id);
CREATE INDEX message_by_state ON message(state, id);
CREATE INDEX message_undigested ON message(integration, id) WHERE digested = 0;
CREATE INDEX message_spool_file ON message(spool_file) WHERE spool_file IS NOT NULL;

CREATE TABLE message_body (
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  bytes BLOB NOT NULL
) STRICT;
CREATE TABLE message_summary (
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  summary TEXT NOT NULL
) STRICT;
CREATE TABLE message_seen (
  integration INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  message_id TEXT NOT NULL,
  message INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (integration, sha256, message_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE target (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  required INTEGER NOT NULL,
  config TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  modified_by TEXT NOT NULL,
  removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX target_by_name ON target(name) WHERE removed_at IS NULL;

CREATE TABLE handover (
  id INTEGER PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  target INTEGER NOT NULL REFERENCES target(id),
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  due INTEGER NOT NULL,
  last_status INTEGER NOT NULL,
  last_error TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX handover_due ON handover(target, due, id) WHERE state = 'waiting';
CREATE INDEX handover_by_message ON handover(message);
CREATE INDEX handover_by_target ON handover(target, id);
CREATE INDEX handover_by_state ON handover(state, id);
CREATE TABLE handover_attempt (
  handover INTEGER NOT NULL REFERENCES handover(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  status INTEGER NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (handover, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
  id INTEGER PRIMARY KEY,
  integration INTEGER NOT NULL REFERENCES integration(id),
  sender TEXT NOT NULL,
  recipients TEXT NOT NULL,
  message_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  sync INTEGER NOT NULL,
  possibly_duplicated INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  unknown_attempts INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  notes TEXT NOT NULL,
  state TEXT NOT NULL,
  result_code INTEGER NOT NULL,
  result_message TEXT NOT NULL,
  smtp_code INTEGER NOT NULL,
  enhanced_code TEXT NOT NULL,
  retryable INTEGER NOT NULL,
  next_attempt_at INTEGER,
  recipient_results TEXT NOT NULL,
  spool_file TEXT
) STRICT;
CREATE INDEX delivery_due ON delivery(integration, next_attempt_at, id)
  WHERE next_attempt_at IS NOT NULL AND sync = 0;
CREATE INDEX delivery_by_integration ON delivery(integration, id);
CREATE INDEX delivery_by_state ON delivery(state, id);
CREATE INDEX delivery_by_message_id ON delivery(message_id);
CREATE INDEX delivery_spool_file ON delivery(spool_file) WHERE spool_file IS NOT NULL;
CREATE TABLE delivery_body (
  delivery INTEGER PRIMARY KEY REFERENCES delivery(id) ON DELETE CASCADE,
  bytes BLOB NOT NULL
) STRICT;
CREATE TABLE delivery_attempt (
  delivery INTEGER NOT NULL REFERENCES delivery(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  began_at INTEGER NOT NULL,
  ended_at INTEGER,
  state TEXT NOT NULL,
  result_code INTEGER NOT NULL,
  result_message TEXT NOT NULL,
  PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE idempotency (
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  body_sha256 TEXT NOT NULL,
  delivery INTEGER NOT NULL REFERENCES delivery(id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency(at);
CREATE INDEX idempotency_by_delivery ON idempotency(delivery);

CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  integration INTEGER NOT NULL,
  at INTEGER NOT NULL,
  server TEXT NOT NULL,
  port INTEGER NOT NULL,
  login TEXT NOT NULL,
  security TEXT NOT NULL,
  message TEXT NOT NULL,
  hint TEXT NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_integration ON event(integration, id);
CREATE INDEX event_by_kind ON event(kind, id);

CREATE TABLE token (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  sha256 TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER
) STRICT;
CREATE TABLE person (
  name TEXT PRIMARY KEY,
  password_hash TEXT NOT NULL,
  modified_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row that probe() rewrites.
CREATE TABLE probe (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  at INTEGER NOT NULL
) STRICT;
)sql";

// Mail that was sent and whose copy is still to be put into the Sent folder; gone when it is.
constexpr const char* sent_copy_schema = R"sql(
CREATE TABLE sent_copy (
  delivery INTEGER PRIMARY KEY REFERENCES delivery(id) ON DELETE CASCADE,
  integration INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  due INTEGER NOT NULL
) STRICT;
CREATE INDEX sent_copy_due ON sent_copy(integration, due);
)sql";

// What became of each mail of a POP3 maildrop, by its key; maildrops.hpp has the words.
constexpr const char* maildrops = R"sql(
CREATE TABLE maildrop (
  integration INTEGER PRIMARY KEY REFERENCES integration(id),
  next_uid INTEGER NOT NULL
) STRICT;
CREATE TABLE maildrop_mail (
  integration INTEGER NOT NULL REFERENCES integration(id),
  key TEXT NOT NULL,
  state TEXT NOT NULL,
  message INTEGER,
  attempts INTEGER NOT NULL,
  missing_since INTEGER,
  PRIMARY KEY (integration, key)
) STRICT, WITHOUT ROWID;
)sql";

// Mail that a consumer fetches is out on lease: one row a hand-over, of its last lease. While it is
// out, the hand-over's `due` is the lease's end, so that it comes back by itself.
constexpr const char* pull_leases = R"sql(
CREATE TABLE pull_lease (
  handover INTEGER PRIMARY KEY REFERENCES handover(id) ON DELETE CASCADE,
  id INTEGER NOT NULL UNIQUE,
  until INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT;
CREATE INDEX handover_waiting ON handover(target, id) WHERE state = 'waiting';
)sql";

const Migration all[] = {{1, first_schema},
                         {2, activity_schema},
                         {3, sent_copy_schema},
                         {4, quarantine_schema},
                         {5, compares_schema},
                         {6, after_fetch_schema},
                         {7, maildrops},
                         {8, pull_leases},
                         {9, submission_logins_schema},
                         {10, delivery_marks_schema},
                         {11, providers_schema},
                         {12, incoming_depth_schema},
                         {13, oauth_schema},
                         {14, event_cursor_schema},
                         {15, access_schema},
                         {16, delivery_wishes_schema},
                         {17, problems_schema},
                         {18, silences_schema},
                         {19, routing_schema},
                         {20, event_rules_schema},
                         {21, target_work_schema},
                         {22, target_status_schema},
                         {23, past_checks_schema},
                         {24, places_schema},
                         {25, delivery_search_schema},
                         {26, notices_schema},
                         {27, lists_schema},
                         {28, clock_schema},
                         {29, clock_leap_schema}};

}  // namespace

std::span<const Migration> migrations() {
  return all;
}

}  // namespace postern::storage
