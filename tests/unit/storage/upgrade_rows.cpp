// See upgrade_rows.hpp. The secrets are sealed with its key, for the ids they stand by.
#include "unit/storage/upgrade_rows.hpp"

namespace postern::storage {
namespace {

constexpr RowsOf all[] = {
    {1, newest_of_all, R"sql(
INSERT INTO integration (id, name, is_default, config, status, version, created_at, modified_at,
  modified_by) VALUES (1882577342488807357, 'Support', 1, '{"name": "Support", "enabled": true,
  "address": "support@example.com", "incoming": {"enabled": true, "protocol": "imap",
  "host": "imap.example.com", "port": 993, "security": "tls",
  "auth": {"method": "password", "username": "support@example.com", "grant": null},
  "folder": "INBOX", "mode": "idle", "poll_interval_s": 60, "start_from": "now",
  "after_fetch": {"action": "none", "folder": null, "days": 0}}}',
  '{"incoming_state": "ok"}', 3, 17900000, 17900000, 'admin');
INSERT INTO secret (owner, owner_id, field, key_id, box) VALUES ('integration', 1882577342488807357,
  'incoming_password', '97818e5acfe68201',
  X'FC23716F91B78EFC491E0F4C17A4A50379AA92448EF38F7ECAC371428370598854DE5BD8C14622');
INSERT INTO mailbox (integration, folder, uid_validity, next_uid, mod_seq)
  VALUES (1882577342488807357, 'INBOX', 7, 44, 99);
INSERT INTO message (id, integration, folder, uid_validity, uid, received_at, stored_at, size_bytes,
  sha256, message_id, state, digested, spool_file) VALUES
  (11, 1882577342488807357, 'INBOX', 7, 41, 17900000, 17900000, 80,
   'c0f10427a3e63396823cfc7c81eef2c5cd1f3f8f2dd40326fc82064fb5f7adae',
   '<11@example.com>', 'handed_over', 1, NULL),
  (12, 1882577342488807357, 'INBOX', 7, 42, 17900000, 17900000, 80,
   'a80b2a08ff4fb7cb27d3ce6e728a6e463ef0999fe6fd8688042ea5fd83334b52',
   '<12@example.com>', 'stored', 0, NULL),
  (13, 1882577342488807357, 'INBOX', 7, 43, 17900000, 17900000, 80,
   'd9b19b85bfe5cebcde98061db976ed0fc0b7a53c237f1a3196188e0c00132cd3',
   '<13@example.com>', 'stored', 1, 'aafixture');
INSERT INTO message_body (message, bytes) VALUES (11,
  CAST(replace('From: ann@example.com|Message-ID: <11@example.com>|Subject: Mail 11||Hello|',
   '|', char(13, 10)) AS BLOB)),
  (12,
  CAST(replace('From: ann@example.com|Message-ID: <12@example.com>|Subject: Mail 12||Hello|',
   '|', char(13, 10)) AS BLOB));
INSERT INTO message_summary (message, summary) VALUES
  (11, '{"subject": "Mail 11", "from": [{"name": "", "address": "ann@example.com"}]}'),
  (13, '{"subject": "Mail 13"}');
INSERT INTO message_seen (integration, sha256, message_id, message, at) VALUES
  (1882577342488807357,
   'c0f10427a3e63396823cfc7c81eef2c5cd1f3f8f2dd40326fc82064fb5f7adae',
   '<11@example.com>', 11, 17900000);
INSERT INTO target (id, name, required, config, version, created_at, modified_at, modified_by)
  VALUES (1882577342626913705, 'Helpdesk', 1,
  '{"name": "Helpdesk", "type": "webhook", "enabled": true,
  "timeout_s": 30, "parallel": 4, "required": true, "url": "https://helpdesk.example.com/mail",
  "headers": {}, "raw": false}', 1, 17900000, 17900000, 'admin');
INSERT INTO handover (id, message, target, state, attempts, due, last_status, last_error,
  created_at) VALUES (21, 11, 1882577342626913705, 'acknowledged', 1, 17900000, 200, '', 17900000),
  (22, 13, 1882577342626913705, 'waiting', 2, 17900000, 503, 'busy', 17900000);
INSERT INTO handover_attempt (handover, number, at, status, error) VALUES
  (21, 1, 17900000, 200, ''), (22, 1, 17900000, 503, 'busy');
INSERT INTO delivery (id, integration, sender, recipients, message_id, subject, size_bytes, sync,
  possibly_duplicated, attempts, unknown_attempts, created_at, notes, state, result_code,
  result_message, smtp_code, enhanced_code, retryable, next_attempt_at, recipient_results) VALUES
  (31, 1882577342488807357, 'support@example.com', '["a@example.com"]',
   '<out@example.com>', 'Hello', 64, 0, 0, 0, 0, 17900000, '[]', 'queued', 1, '', 0, '', 0,
   17900000, '[]'),
  (32, 1882577342488807357, 'support@example.com', '["a@example.com"]',
   '<sent@example.com>', 'Sent', 64, 0, 0, 1, 0, 17900000, '[]', 'sent', 0, '250 ok', 250,
   '2.0.0', 0, NULL, '[{"address": "a@example.com", "result_code": 0, "smtp_code": 250,
   "enhanced_code": "2.0.0", "message": "250 ok"}]');
INSERT INTO delivery_body (delivery, bytes) VALUES (31,
  CAST(replace('From: support@example.com|Message-ID: <out@example.com>||Hi|',
   '|', char(13, 10)) AS BLOB));
INSERT INTO delivery_attempt (delivery, number, began_at, ended_at, state, result_code,
  result_message) VALUES (32, 1, 17900000, 17900000, 'sent', 0, '250 ok');
INSERT INTO idempotency (scope, key, body_sha256, delivery, at)
  VALUES ('tok', 'key-1', 'abc', 31, 17900000);
INSERT INTO event (id, kind, integration, at, server, port, login, security, message, hint, data)
  VALUES (51, 'message.received', 1882577342488807357, 17900000, '', 0, '', '', '', '', '{}');
INSERT INTO token (id, name, sha256, scopes, created_at)
  VALUES (61, 'me', 'feed', '["admin"]', 17900000);
INSERT INTO person (name, password_hash, modified_at) VALUES ('admin', 'hash', 17900000);
)sql"},
    {2, newest_of_all, R"sql(
INSERT INTO act (id, integration, at, kind, text, data)
  VALUES (71, 1882577342488807357, 17900000, 'check', 'checked', '{}');
INSERT INTO transcript (integration, direction, at, content) VALUES (1882577342488807357,
  'incoming', 17900000, '{"at": "2026-09-21T14:13:20Z", "protocol": "imap", "direction": "incoming",
  "step": "login", "message": "no", "lines": []}');
)sql"},
    {3, newest_of_all, R"sql(
INSERT INTO sent_copy (delivery, integration, tries, due)
  VALUES (32, 1882577342488807357, 1, 17900000);
)sql"},
    {4, newest_of_all, R"sql(
INSERT INTO message (id, integration, folder, uid_validity, uid, received_at, stored_at, size_bytes,
  sha256, message_id, state, digested) VALUES (14, 1882577342488807357, 'INBOX', 7, 40, 17900000,
  17900000, 9, '', '', 'quarantined', 1);
INSERT INTO message_trouble (message, stage, reason, tries, next_try_at)
  VALUES (14, 'fetch', 'BAD', 2, 17900000);
INSERT INTO message_place (integration, folder, uid_validity, uid, message, at)
  VALUES (1882577342488807357, 'INBOX', 7, 45, 11, 17900000);
)sql"},
    {5, newest_of_all, R"sql(
INSERT INTO mailbox_known (integration, folder, uid_validity, mod_seq, uids, compared_at)
  VALUES (1882577342488807357, 'INBOX', 7, 99, X'', 17900000);
INSERT INTO mailbox_again (integration, folder, since)
  VALUES (1882577342488807357, 'INBOX', '2026-01-31');
)sql"},
    {6, newest_of_all, R"sql(
INSERT INTO after_fetch (message, integration, outcome, due, state)
  VALUES (11, 1882577342488807357, 'handed_over', 17900000, 'due');
)sql"},
    {6, 24, R"sql(
INSERT INTO mail_place (message, uid_validity, uid) VALUES (12, 8, 5);
)sql"},
    {7, newest_of_all, R"sql(
INSERT INTO maildrop (integration, next_uid) VALUES (1882577342488807357, 5);
INSERT INTO maildrop_mail (integration, key, state, message, attempts) VALUES
  (1882577342488807357, 'uidl-1', 'stored', 11, 0),
  (1882577342488807357, 'uidl-2', 'passed_over', NULL, 0);
)sql"},
    {8, newest_of_all, R"sql(
INSERT INTO pull_lease (handover, id, until, state) VALUES (22, 81, 17900000, 'held');
)sql"},
    {9, newest_of_all, R"sql(
INSERT INTO submission_login (integration, salt, password_hash, created_at)
  VALUES (1882577342488807357, 'salt', 'hash', 17900000);
)sql"},
    {10, newest_of_all, R"sql(
UPDATE delivery SET tags = '["ticket"]', priority = 0 WHERE id = 31;
INSERT INTO delivery_tag (tag, delivery) VALUES ('ticket', 31);
)sql"},
    {11, newest_of_all, R"sql(
INSERT INTO provider (place, id, definition, hidden, version, created_at, modified_at, modified_by)
  VALUES (1, 'google', '', 1, 1, 17900000, 17900000, 'admin');
)sql"},
    {12, newest_of_all, R"sql(
INSERT INTO gmail_seen (integration, gmail_id, message_id, message, at)
  VALUES (1882577342488807357, 123456, '<11@example.com>', 11, 17900000);
INSERT INTO copy_action (id, message, integration, folder, uid_validity, uid, outcome, due, state)
  VALUES (82, 11, 1882577342488807357, 'INBOX', 7, 46, 'handed_over', 17900000, 'due');
)sql"},
    {13, newest_of_all, R"sql(
INSERT INTO oauth_app (id, name, config, version, created_at, modified_at, modified_by) VALUES
  (1882577343010726471, 'App', '{"name": "App", "provider": "google", "flow": "code",
  "client_id": "x"}', 1, 17900000, 17900000, 'admin');
INSERT INTO secret (owner, owner_id, field, key_id, box) VALUES ('oauth_app', 1882577343010726471,
  'client_secret', '97818e5acfe68201',
  X'3105AFCF7208555F9B62572B5DBD3721CE76DF0976249E05D7D03902F1');
INSERT INTO oauth_grant (id, app, state, identity, subject, scopes, authorised_by, authorised_at,
  serial, trouble) VALUES (83, 1882577343010726471, 'ok', 'support@example.com', 's', '["mail"]',
  'admin', 17900000, 1, '');
INSERT INTO oauth_pending (id, state_sha256, app, integration, shared_mailbox, asked_by,
  session_sha256, browser_sha256, nonce, at) VALUES (84, 'aa', 1882577343010726471,
  1882577342488807357, 0, 'admin', 'bb', 'cc', 'dd', 17900000);
)sql"},
    {14, newest_of_all, R"sql(
INSERT INTO event_cursor (consumer, id) VALUES ('monitor', 51);
)sql"},
    {15, newest_of_all, R"sql(
INSERT INTO person (name, password_hash, modified_at, role)
  VALUES ('viewer', 'hash', 17900000, 'viewer');
INSERT INTO session (id, sha256, person, created_at, seen_at, ends_at, address, agent)
  VALUES (85, 'ee', 'viewer', 17900000, 17900000, 9990000000000, '127.0.0.1', 'Firefox');
INSERT INTO audit (id, at, who, via, address, act, resource, fields, request_id)
  VALUES (86, 17900000, 'admin', 'session', '127.0.0.1', 'create', 'targets', '["name"]', 'r1');
INSERT INTO queue_hour (hour, outgoing, handovers) VALUES (497222, 3, 4);
)sql"},
    {16, newest_of_all, R"sql(
INSERT INTO delivery_transcript (delivery, number, content) VALUES (32, 1,
  '{"at": "2026-09-21T14:13:20Z", "protocol": "smtp", "direction": "outgoing", "lines": []}');
)sql"},
    {17, newest_of_all, R"sql(
INSERT INTO problem (id, state, integration, changed_at, body) VALUES (87, 'open',
  1882577342488807357, 17900000, '{"class": "connection",
  "integration": 1882577342488807357, "direction": "incoming", "subject": "",
  "kind": "imap.connection_failed", "title": "Support", "server": "imap.example.com",
  "login": "support@example.com", "state": "open", "since": 17900000, "changed": 17900000,
  "count": 3, "failing": true, "disabled": false, "message": "refused", "hint": "look",
  "acknowledged_at": null, "acknowledged_by": "", "notices": 1, "told": true, "owes": true,
  "told_at": 17900000, "told_disabled": false, "told_flapping": false, "thread": "t1",
  "last_notice_at": 17900000, "reminders": 0, "muted_count": 0, "turns": [17900000]}');
INSERT INTO notice (id, kind, at, thread, subject, text, data, state, tries, channels)
  VALUES (88, 'failing', 17900000, 't1', 'Support fails', 'text', '{}', 'due', 1, '[]');
INSERT INTO notice_problem (notice, problem) VALUES (88, 87);
)sql"},
    {18, newest_of_all, R"sql(
INSERT INTO silence (id, body, version, created_at, modified_at, modified_by)
  VALUES (89, '{"reason": "moving", "integrations": [], "kinds": ["imap.*"], "server": null,
  "from": null, "until": "2030-01-01T00:00:00Z", "weekly": null}', 1, 17900000, 17900000, 'admin');
INSERT INTO setting (id, changed, version, modified_at, modified_by)
  VALUES (1, '{"monitoring": {"notify_after": 4}}', 1, 17900000, 'admin');
)sql"},
    {19, newest_of_all, R"sql(
INSERT INTO rule (id, name, position, config, version, created_at, modified_at, modified_by) VALUES
  (90, 'Invoices', 1, '{"name": "Invoices", "enabled": true, "scope": "all",
  "condition": {"field": "subject", "op": "contains", "value": "invoice"},
  "actions": {"targets": ["Helpdesk"], "attributes": {"queue": "billing"}}, "stop": false}', 1,
  17900000, 17900000, 'admin');
INSERT INTO message_routing (message, routing) VALUES (11, '{}');
INSERT INTO thread_key (key, integration, thread, message, at)
  VALUES ('<11@example.com>', 1882577342488807357, 'thr', 11, 17900000);
INSERT INTO thread_rate (day, integration, thread, sender, count)
  VALUES (20717, 1882577342488807357, 'thr', 'ann@example.com', 2);
INSERT INTO sent_alias (key, integration, message_id, at)
  VALUES ('<x@ses>', 1882577342488807357, '<sent@example.com>', 17900000);
)sql"},
    {20, newest_of_all, R"sql(
INSERT INTO event_rule (id, name, config, version, created_at, modified_at, modified_by, fired,
  last_result, last_error) VALUES (91, 'Night', '{"name": "Night", "enabled": true,
  "when": {"kinds": ["imap.*"]}, "then": [{"type": "log_file", "path": "night.log", "text": ""}]}',
  1, 17900000, 17900000, 'admin', 2, 'ok', '');
INSERT INTO profile (id, name, config, version, created_at, modified_at, modified_by) VALUES (92,
  'On duty', '{"name": "On duty", "channels": [{"type": "webhook",
  "url": "https://chat.example/x", "format": "slack"}]}', 1, 17900000, 17900000, 'admin');
INSERT INTO event_pace (rule, action, integration, last_at, free_at, held)
  VALUES (91, 0, 1882577342488807357, 17900000, 17900000, 0);
INSERT INTO event_run (id, rule, action, step, channel, integration, event, held_back, state, at,
  due, attempts, status, error) VALUES (93, 91, 0, 0, 0, 1882577342488807357, '{"id": 51,
  "kind": "message.received", "integration": 1882577342488807357, "at": 17900000, "server": "",
  "port": 0, "login": "", "security": "", "message": "", "hint": "", "data": {}}', 0, 'waiting',
  17900000, 17900000, 1, 0, '');
)sql"},
    {21, newest_of_all, R"sql(
INSERT INTO handover_progress (handover, progress) VALUES (22, '{"ticket": "7"}');
INSERT INTO target_ticket (target, thread, ticket, at)
  VALUES (1882577342626913705, 'thr', '7', 17900000);
)sql"},
    {22, newest_of_all, R"sql(
INSERT INTO target_status (target, last_success, error_at, error_status, error, error_hint, errors)
  VALUES (1882577342626913705, 17900000, 17900000, 503, 'busy', 'wait', 2);
)sql"},
    {23, newest_of_all, R"sql(
INSERT INTO past_check (integration, incoming, outgoing)
  VALUES (1882577342488807357, '1790000000000+1790000060000-', '');
)sql"},
    {24, newest_of_all, R"sql(
INSERT INTO message_place (integration, folder, uid_validity, uid, message, at, own)
  VALUES (1882577342488807357, 'INBOX', 8, 5, 12, 17900000, 1);
)sql"},
    {26, newest_of_all, R"sql(
INSERT INTO notice_telling (id, notice, profile, step, channel, state, due, tries, error)
  VALUES (94, 88, 92, 0, -1, 'waiting', 17900000, 0, '');
INSERT INTO certificate (server, ends_at, seen_at)
  VALUES ('imap.example.com:993', 17900000, 17900000);
UPDATE person SET address = 'admin@example.com' WHERE name = 'admin';
)sql"},
    {28, newest_of_all, R"sql(
INSERT INTO clock_note (id, at) VALUES (1, 17900000);
INSERT INTO message_since (message, at) VALUES (12, 17900000);
)sql"},
    {29, newest_of_all, R"sql(
UPDATE clock_note SET leapt_at = 17900000;
)sql"},
};

}  // namespace

std::span<const RowsOf> rows_of_each_schema() {
  return all;
}

}  // namespace postern::storage
