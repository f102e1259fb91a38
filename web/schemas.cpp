// JSON Schema of what the API takes and gives. Kept as text: it is read by people first.
#include "web/openapi.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

namespace postern::web {
namespace {

namespace json = boost::json;

// Objects that GET gives are open (later versions may say more); what is sent is closed.
constexpr const char* answers_text = R"({
"Problem": {"type": "object", "required": ["status", "code", "detail", "request_id", "errors"],
  "properties": {"type": {"type": "string"}, "title": {"type": "string"},
    "status": {"type": "integer"}, "code": {"type": "string"}, "detail": {"type": "string"},
    "hint": {"type": "string"}, "request_id": {"type": "string"},
    "result_code": {"type": "integer"},
    "errors": {"type": "array", "items": {"type": "object", "required": ["pointer", "detail"],
      "properties": {"pointer": {"type": "string"}, "parameter": {"type": "string"},
        "detail": {"type": "string"}}}}}},
"SubmissionLogin": {"type": "object", "required": ["login", "password"],
  "properties": {"login": {"type": "string"}, "password": {"type": "string"}}},
"Integration": {"type": "object",
  "required": ["id", "name", "enabled", "is_default", "incoming", "outgoing", "status",
    "created_at", "modified_at", "modified_by"],
  "properties": {"id": {"type": "string", "pattern": "^int_"}, "name": {"type": "string"},
    "description": {"type": "string"}, "is_default": {"type": "boolean"},
    "enabled": {"type": "boolean"}, "address": {"type": "string"},
    "display_name": {"type": "string"}, "provider": {"type": "string"},
    "incoming": {"type": "object"}, "outgoing": {"type": "object"},
    "monitoring": {"type": "object"},
    "status": {"type": "object", "required": ["incoming_state", "outgoing_state"],
      "properties": {"incoming_state": {"$ref": "#/components/schemas/DirectionState"},
        "outgoing_state": {"$ref": "#/components/schemas/DirectionState"}}},
    "created_at": {"type": "string", "format": "date-time"},
    "modified_at": {"type": "string", "format": "date-time"},
    "modified_by": {"type": "string"},
    "checks": {"$ref": "#/components/schemas/PastChecks"},
    "queued": {"type": "integer",
      "description": "Mails that wait to be sent or are held; in a list with queue=true"}}},
"DirectionState": {"enum": ["ok", "waiting", "failing", "needs_consent", "disabled", "off"]},
"TestStep": {"type": "object", "description": "One line of the answer",
  "required": ["direction", "step", "ok", "ms"],
  "properties": {"direction": {"enum": ["incoming", "outgoing"]}, "step": {"type": "string"},
    "ok": {"type": "boolean"}, "ms": {"type": "integer"}, "server": {"type": "string"},
    "hint": {"type": ["string", "null"]}, "field": {"type": ["string", "null"]},
    "transcript": {"$ref": "#/components/schemas/Transcript"}}},
"BulkResult": {"type": "object", "required": ["integration", "ok", "problem"],
  "description": "One line of the answer, as it ends",
  "properties": {"integration": {"type": "object", "required": ["id", "name"]},
    "ok": {"type": "boolean", "description": "of a test: whether every step passed"},
    "problem": {"type": ["object", "null"], "description": "{code, detail, hint}"},
    "steps": {"type": "array", "items": {"$ref": "#/components/schemas/TestStep"}},
    "test": {"type": ["object", "null"], "description": "of an enabled one, when it was tested"}}},
"Activity": {"type": "object", "required": ["at", "kind", "text"],
  "properties": {"at": {"type": "string", "format": "date-time"},
    "kind": {"type": "string",
      "description": "An event's, or check.succeeded, messages.stored, delivery.sent, …"},
    "text": {"type": "string"}, "count": {"type": "integer"},
    "since": {"type": "string", "format": "date-time"},
    "until": {"type": "string", "format": "date-time"}, "by": {"type": "string"},
    "delivery": {"type": "string"}, "message": {"type": "string"},
    "handover": {"type": "string"}}},
"Transcript": {"type": "object", "required": ["at", "protocol", "lines"],
  "properties": {"at": {"type": ["string", "null"], "description": "null: there is none"},
    "protocol": {"enum": ["imap", "pop3", "smtp"]},
    "direction": {"enum": ["incoming", "outgoing"]}, "step": {"type": ["string", "null"]},
    "message": {"type": ["string", "null"]},
    "recording_until": {"type": "string", "format": "date-time"}, "full": {"type": "boolean"},
    "lines": {"type": "array", "items": {"type": "object", "required": ["at", "from", "text"],
      "properties": {"at": {"type": "string", "format": "date-time"},
        "from": {"enum": ["client", "server"]}, "text": {"type": "string"},
        "connection": {"type": "integer"}}}}}},
"Recording": {"type": "object", "required": ["recording_until", "direction"],
  "properties": {"recording_until": {"type": "string", "format": "date-time"},
    "direction": {"type": ["string", "null"]}}},
"DeliveryAttempt": {"type": "object",
  "required": ["number", "began_at", "ended_at", "state", "result_code", "result_message",
    "transcript"],
  "properties": {"number": {"type": "integer"}, "began_at": {"type": "string"},
    "ended_at": {"type": ["string", "null"]}, "state": {"type": "string"},
    "result_code": {"type": "integer"}, "result_message": {"type": "string"},
    "transcript": {"type": "boolean",
      "description": "Whether what was said in it is kept: it did not end well"}}},
"DeliveryAttempts": {"type": "object", "required": ["items"], "properties": {"items":
  {"type": "array", "items": {"$ref": "#/components/schemas/DeliveryAttempt"}}}},
"Message": {"type": "object",
  "required": ["id", "integration", "folder", "uid", "received_at", "size_bytes", "sha256",
    "message_id", "subject", "from", "to", "cc", "class", "text", "attachments", "defects",
    "raw_url", "state", "handovers"],
  "properties": {"id": {"type": "string", "pattern": "^msg_"},
    "integration": {"type": "object"}, "subject": {"type": ["string", "null"]},
    "text": {"type": ["string", "null"]}, "html": {"type": ["string", "null"]},
    "text_truncated": {"type": "boolean"},
    "class": {"enum": ["normal", "auto_reply", "out_of_office", "bounce", "mdn", "list", "loop"]},
    "class_evidence": {"type": "array", "items": {"type": "string"}},
    "thread_id": {"type": ["string", "null"]}, "thread_known": {"type": "boolean"},
    "matched_reference": {"type": ["string", "null"]},
    "matched_by": {"enum": ["subject", "subaddress", "in_reply_to", "references", "bounce",
      "thread_index", "provider", null]},
    "also_in": {"type": "array", "items": {"type": "string", "pattern": "^int_"}},
    "attributes": {"type": "object"}, "tags": {"type": "array", "items": {"type": "string"}},
    "priority": {"type": ["string", "integer", "null"]},
    "rule_trace": {"$ref": "#/components/schemas/RuleTrace"},
    "state_reason": {"type": ["string", "null"],
      "description": "Why a mail is ignored, held or quarantined by rules or lists"},
    "bounce": {"type": ["object", "null"],
      "properties": {"original_message_id": {"type": ["string", "null"]},
        "delivery": {"type": ["string", "null"], "description": "of ours, when it was"},
        "recipients": {"type": "array", "items": {"type": "object",
          "properties": {"address": {"type": "string"}, "status": {"type": ["string", "null"]},
            "action": {"enum": ["failed", "delayed"]},
            "diagnostic": {"type": ["string", "null"]}}}}}},
    "state": {"enum": ["stored", "handed_over", "ignored", "held", "quarantined", "too_large"]},
    "trouble": {"type": ["object", "null"],
      "description": "why a quarantined or too_large mail is not here, and when it is tried next",
      "properties": {"stage": {"enum": ["fetch", "store", "size"]}, "reason": {"type": "string"},
        "tries": {"type": "integer"}, "next_try_at": {"type": ["string", "null"]}}},
    "attachments": {"type": "array", "items": {"type": "object"}},
    "headers": {"type": "array", "items": {"type": "array"}},
    "handovers": {"type": "array", "items": {"$ref": "#/components/schemas/Handover"}}}},
"Target": {"type": "object",
  "required": ["id", "name", "type", "enabled", "url", "created_at", "modified_at"],
  "properties": {"id": {"type": "string", "pattern": "^tgt_"}, "name": {"type": "string"},
    "type": {"type": "string"}, "enabled": {"type": "boolean"}, "url": {"type": "string"},
    "headers": {"type": "object"}, "timeout_s": {"type": "integer"},
    "parallel": {"type": "integer"}, "required": {"type": "boolean"},
    "raw": {"type": "boolean"}, "fallback": {"type": "boolean"},
    "secret_set": {"type": "boolean"},
    "api_key_set": {"type": "boolean", "description": "Of types that have an api_key"},
    "auth": {"type": "object", "description": "Of types with a login"},
    "status": {"$ref": "#/components/schemas/TargetStatus"}}},
"TargetWithSecret": {"allOf": [{"$ref": "#/components/schemas/Target"},
  {"type": "object", "required": ["secret"],
   "properties": {"secret": {"type": "string", "pattern": "^whsec_"}}}]},
"Handover": {"type": "object", "required": ["id", "target", "state", "attempts"],
  "properties": {"id": {"type": "string", "pattern": "^hnd_"}, "message": {"type": "string"},
    "target": {"type": "string"},
    "state": {"enum": ["waiting", "acknowledged", "parked", "cancelled"]},
    "attempts": {"type": "integer"}, "last_status": {"type": ["integer", "null"]},
    "last_error": {"type": ["string", "null"]},
    "next_attempt_at": {"type": ["string", "null"]}, "created_at": {"type": "string"}}},
"Event": {"type": "object", "required": ["id", "kind", "integration", "at", "message"],
  "properties": {"id": {"type": "string", "pattern": "^evt_"}, "kind": {"type": "string"},
    "integration": {"type": ["object", "null"]}, "at": {"type": "string"},
    "server": {"type": ["string", "null"]}, "port": {"type": ["integer", "null"]},
    "login": {"type": ["string", "null"]}, "security": {"type": ["string", "null"]},
    "message": {"type": "string"}, "hint": {"type": ["string", "null"]},
    "data": {"type": "object"}}},
"Token": {"type": "object", "required": ["id", "name", "scopes", "created_at", "expires_at"],
  "properties": {"id": {"type": "string", "pattern": "^tok_"}, "name": {"type": "string"},
    "scopes": {"type": "array", "items": {"$ref": "#/components/schemas/Scope"}},
    "created_at": {"type": "string"}, "expires_at": {"type": ["string", "null"]},
    "last_used_at": {"type": ["string", "null"]}}},
"TokenWithSecret": {"allOf": [{"$ref": "#/components/schemas/Token"},
  {"type": "object", "required": ["token"],
   "properties": {"token": {"type": "string", "pattern": "^pst_"}}}]},
"Scope": {"enum": ["admin", "read", "send", "pull", "metrics", "operate"]},
"Health": {"type": "object", "required": ["healthy", "message", "issues", "actions"],
  "properties": {"healthy": {"type": "boolean"}, "message": {"type": "string"},
    "issues": {"type": "array", "items": {"type": "object"}},
    "actions": {"type": "array", "items": {"type": "string"}}}}
})";

constexpr const char* requests_text = R"({
"DeliveryPatch": {"type": "object", "additionalProperties": false, "required": ["recipients"],
  "properties": {"recipients": {"type": "array", "minItems": 1, "maxItems": 1000,
    "items": {"type": "string"}}}},
"Auth": {"type": "object", "additionalProperties": false,
  "properties": {"method": {"enum": ["password", "oauth2", "none"]},
    "username": {"type": "string"}, "password": {"type": ["string", "null"], "writeOnly": true},
    "password_set": {"type": "boolean", "readOnly": true}, "grant": {"type": ["string", "null"]}}},
"Tls": {"type": "object", "additionalProperties": false,
  "properties": {"verify": {"type": "boolean"}, "ca_pem": {"type": ["string", "null"]},
    "pinned_sha256": {"type": ["string", "null"]}, "allow_plain_password": {"type": "boolean"}}},
"AfterFetch": {"description": "What becomes of the mail on the server, days after it was fetched",
  "type": "object", "additionalProperties": false,
  "properties": {"action": {"enum": ["none", "seen", "keyword", "move", "delete"]},
    "folder": {"type": ["string", "null"]}, "keyword": {"type": ["string", "null"]},
    "days": {"type": "integer"}}},
"IncomingInput": {"type": "object", "additionalProperties": false,
  "properties": {"enabled": {"type": "boolean"}, "protocol": {"enum": ["imap", "pop3"]},
    "host": {"type": "string"}, "port": {"type": "integer"},
    "security": {"enum": ["tls", "starttls", "none"]},
    "auth": {"$ref": "#/components/schemas/Auth"}, "tls": {"$ref": "#/components/schemas/Tls"},
    "folder": {"type": "string"}, "more_folders": {"type": "array", "items": {"type": "string"}},
    "mode": {"enum": ["idle", "poll"]}, "poll_interval_s": {"type": "integer"},
    "start_from": {"type": "string", "description": "now, all, or a date"},
    "after_fetch": {"$ref": "#/components/schemas/AfterFetch"},
    "after_ignored": {"$ref": "#/components/schemas/AfterFetch"},
    "after_too_large": {"$ref": "#/components/schemas/AfterFetch"},
    "after_quarantined": {"$ref": "#/components/schemas/AfterFetch"},
    "message_bytes_max": {"type": "integer"},
    "compress": {"type": "boolean", "description":
      "IMAP: compress the line where the server offers it; costs 80 KB of memory a connection"},
    "ignore": {"type": "object", "additionalProperties": false,
      "description": "Mail that is kept and listed and handed to nobody, before any rule",
      "properties": {"addresses": {"type": "array", "items": {"type": "string"}},
        "domains": {"type": "array", "items": {"type": "string"}},
        "subjects": {"type": "array", "items": {"type": "string"}}}},
    "reference_patterns": {"type": "array", "items": {"type": "string"}, "description":
      "RE2; the first group found in a subject is matched_reference"}}},
"OutgoingInput": {"type": "object", "additionalProperties": false,
  "properties": {"enabled": {"type": "boolean"}, "protocol": {"const": "smtp"},
    "host": {"type": "string"}, "port": {"type": "integer"},
    "security": {"enum": ["tls", "starttls", "none"]},
    "auth": {"$ref": "#/components/schemas/Auth"}, "tls": {"$ref": "#/components/schemas/Tls"},
    "from_addresses": {"type": "array", "items": {"type": "string"}},
    "reply_to_mode": {"enum": ["none", "reply_to", "from"]},
    "default_reply_to": {"type": ["string", "null"]}, "encoding": {"type": "string"},
    "timeout_ms": {"type": "integer"}, "connections_max": {"type": "integer"},
    "messages_per_minute": {"type": ["integer", "null"],
      "description": "null: as the provider of the host publishes it, or no limit"},
    "save_to_sent": {"type": "boolean"},
    "on_unknown": {"enum": ["resend", "report"]},
    "from_policy": {"enum": ["rewrite", "refuse"],
      "description": "A foreign From in a mail given as message/rfc822 or by SMTP"}}},
"IntegrationInput": {"type": "object", "required": ["name"],
  "properties": {"name": {"type": "string"}, "description": {"type": "string"},
    "is_default": {"type": "boolean"}, "enabled": {"type": "boolean"},
    "address": {"type": "string"}, "display_name": {"type": "string"},
    "provider": {"type": "string"},
    "incoming": {"$ref": "#/components/schemas/IncomingInput"},
    "outgoing": {"$ref": "#/components/schemas/OutgoingInput"},
    "monitoring": {"type": "object", "additionalProperties": false,
      "properties": {"notify_after": {"type": ["integer", "null"]},
        "disable_after": {"type": ["integer", "null"]}}},
    "notifications": {"type": "object", "properties": {
      "outcomes": {"type": ["array", "null"],
        "items": {"enum": ["success", "failure", "critical"]},
        "description": "Which are told; null: critical, and each that has a list"}}}}},
"IntegrationPatch": {"description": "Any part of IntegrationInput", "type": "object"},
"TargetPatch": {"description": "Any part of TargetInput", "type": "object"},
"BulkRequest": {"type": "object", "required": ["act", "integrations"],
  "additionalProperties": false,
  "properties": {"act": {"enum": ["enable", "disable", "check", "test", "delete"],
      "description": "delete: an admin's"},
    "integrations": {"type": "array", "minItems": 1, "maxItems": 10000,
      "items": {"type": "string"}, "description": "ids or names"}}},
"TestMail": {"type": "object", "additionalProperties": false,
  "properties": {"to": {"type": "string"}}},
"RecordingInput": {"type": "object", "additionalProperties": false,
  "properties": {"seconds": {"type": "integer", "minimum": 1, "maximum": 3600},
    "direction": {"enum": ["incoming", "outgoing", null]}}},
"CheckRequest": {"type": "object", "additionalProperties": false,
  "properties": {"since": {"type": "string", "format": "date"}}},
"ReprocessAnswer": {"type": "object", "required": ["count"],
  "properties": {"count": {"type": "integer"}}},
"HandoverRequest": {"type": "object", "additionalProperties": false,
  "properties": {"targets": {"type": "array", "items": {"type": "string"}}}},
"TokenInput": {"type": "object", "required": ["name", "scopes"], "additionalProperties": false,
  "properties": {"name": {"type": "string"},
    "scopes": {"type": "array", "items": {"$ref": "#/components/schemas/Scope"}},
    "expires_at": {"type": ["string", "null"], "format": "date-time"}}},
"Login": {"type": "object", "required": ["name", "password"], "additionalProperties": false,
  "properties": {"name": {"type": "string"}, "password": {"type": "string", "writeOnly": true}}}
})";

json::object page_of(std::string_view item) {
  json::object items{{"type", "array"}};
  items["items"] = json::object{{"$ref", "#/components/schemas/" + std::string(item)}};
  json::object properties;
  properties["items"] = std::move(items);
  properties["next_cursor"] = json::object{{"type", json::array{"string", "null"}}};
  json::object page{{"type", "object"}, {"required", json::array{"items", "next_cursor"}}};
  page["properties"] = std::move(properties);
  return page;
}

/// A list's message lacks some of Message's fields, so it has a schema of its own.
json::object message_item() {
  return {{"type", "object"},
          {"required", json::array{"id", "subject", "from", "state"}},
          {"description", "As Message, the text cut, without html and headers"}};
}

}  // namespace

json::object schemas() {
  auto all = json::parse(answers_text).as_object();
  for (const char* text :
       {requests_text, pull_schemas_text(), rule_schemas_text(), provider_schemas_text(),
        oauth_app_schemas_text(), oauth_schemas_text(), access_schemas_text(),
        overview_schemas_text(), monitoring_schemas_text(), silence_schemas_text(),
        target_schemas_text(), event_rule_schemas_text()}) {
    const auto part = json::parse(text).as_object();
    for (const auto& [name, schema] : part) all[name] = schema;
  }
  for (const auto& [name, schema] : send_schemas()) all[name] = schema;
  for (const std::string_view item :
       {"Integration", "Delivery", "Target", "Handover", "Event", "Token", "Activity", "Provider",
        "Rule", "User", "SignedIn", "AuditEntry", "AlertProblem", "Notice", "Silence", "EventRule",
        "EventRun", "Profile"}) {
    all[std::string(item) + "Page"] = page_of(item);
  }
  all["MessageItem"] = message_item();
  all["MessagePage"] = page_of("MessageItem");
  return all;
}

}  // namespace postern::web
