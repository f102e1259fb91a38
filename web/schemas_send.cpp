// JSON Schema of sending: POST /send, its preview, and deliveries.
#include "web/openapi.hpp"

#include <boost/json/parse.hpp>

namespace postern::web {
namespace {

// Kept as text: it is read by people first.
constexpr const char* text = R"json({
"Addresses": {"description": "An array, or one string split at ; or , as RFC 5322 and 6531 say",
  "type": ["array", "string", "null"], "items": {"type": "string"}},
"SendRequest": {"type": "object", "additionalProperties": false,
  "properties": {
    "integration": {"type": ["string", "null"], "description": "Id or name; none: the default"},
    "mode": {"enum": ["queue", "sync"], "default": "queue"},
    "timeout_ms": {"type": "integer", "minimum": 1, "maximum": 900000, "default": 60000,
      "description": "Sync mode: the whole call"},
    "from": {"type": ["string", "null"],
      "description": "The integration's address, its login, or one of its from_addresses"},
    "reply_to": {"type": ["string", "null"]},
    "to": {"$ref": "#/components/schemas/Addresses"},
    "cc": {"$ref": "#/components/schemas/Addresses"},
    "bcc": {"$ref": "#/components/schemas/Addresses"},
    "subject": {"type": ["string", "null"], "maxLength": 4096},
    "text": {"type": ["string", "null"]},
    "html": {"type": ["string", "null"],
      "description": "Without text, its words are sent as text, too"},
    "body": {"type": ["string", "null"], "description": "Stands for text or html, as format says"},
    "format": {"enum": ["plain", "html"], "default": "plain"},
    "attachments": {"type": "array", "maxItems": 100,
      "items": {"$ref": "#/components/schemas/SendAttachment"}},
    "headers": {"type": "object", "maxProperties": 100,
      "additionalProperties": {"type": "string", "maxLength": 8192},
      "description": "Not those that have a field here; not Content-*, MIME-*, Received and alike"},
    "in_reply_to": {"type": ["string", "null"]},
    "references": {"type": "array", "maxItems": 100, "items": {"type": "string"}},
    "encoding": {"type": ["string", "null"],
      "description": "Of texts and header fields; what it cannot hold goes as UTF-8, with a note"},
    "strict_encoding": {"type": "boolean", "description": "Instead of that note: result 13"},
    "not_before": {"type": ["string", "null"], "format": "date-time"},
    "priority": {"enum": ["high", "normal", "low"], "default": "normal",
      "description": "Who goes first in the queue, and X-Priority with Importance"},
    "tags": {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 64},
      "description": "Kept with the delivery; GET /deliveries?tag= finds it"},
    "variables": {"type": "object",
      "description": "For {{name}} and {{object.name}} in subject, text, html, header values"}}},
"SendAttachment": {"type": "object", "additionalProperties": false,
  "required": ["filename", "content_base64"],
  "properties": {"filename": {"type": "string", "maxLength": 255},
    "content_type": {"type": "string", "default": "application/octet-stream"},
    "content_base64": {"type": "string", "contentEncoding": "base64"},
    "content_id": {"type": ["string", "null"],
      "description": "Shown in the html as cid:…, and sent in a multipart/related"}}},
"SendForm": {"type": "object",
  "description": "SendRequest's fields; lists repeated or as JSON, headers and variables as JSON",
  "properties": {"to": {"type": ["string", "array"], "items": {"type": "string"}},
    "subject": {"type": "string"}, "text": {"type": "string"}, "html": {"type": "string"},
    "attachments": {"type": "array", "items": {"type": "string", "format": "binary"}},
    "inline": {"type": "array", "items": {"type": "string", "format": "binary"},
      "description": "Images of the html; content_id: the part's Content-ID, or the file's name"}}},
"SendPreview": {"type": "object",
  "required": ["integration", "message_id", "envelope", "headers", "text", "html", "attachments",
    "size_bytes", "needs_smtputf8", "notes", "raw", "raw_truncated"],
  "properties": {"integration": {"type": "string"}, "message_id": {"type": "string"},
    "envelope": {"type": "object", "required": ["sender", "recipients"]},
    "headers": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
    "text": {"type": ["string", "null"]}, "html": {"type": ["string", "null"]},
    "attachments": {"type": "array", "items": {"type": "object"}},
    "size_bytes": {"type": "integer"}, "needs_smtputf8": {"type": "boolean"},
    "notes": {"type": "array", "items": {"type": "string"}},
    "raw": {"type": "string", "description": "The mail's bytes, at most a megabyte of them"},
    "raw_truncated": {"type": "boolean"}}},
"Delivery": {"type": "object",
  "required": ["id", "message_id", "state", "success", "partial", "result_code",
    "result_message", "retryable", "attempts", "next_attempt_at", "integration",
    "per_recipient", "possibly_duplicated", "notes", "priority", "tags", "needs_smtputf8"],
  "properties": {"id": {"type": "string", "pattern": "^dlv_"}, "message_id": {"type": "string"},
    "state": {"enum": ["queued", "sending", "sent", "failed", "unknown", "held", "cancelled"]},
    "success": {"type": "boolean"}, "partial": {"type": "boolean"},
    "result_code": {"type": "integer"}, "result_message": {"type": "string"},
    "smtp_code": {"type": ["integer", "null"]}, "enhanced_code": {"type": ["string", "null"]},
    "retryable": {"type": "boolean"}, "attempts": {"type": "integer"},
    "next_attempt_at": {"type": ["string", "null"]}, "integration": {"type": "string"},
    "per_recipient": {"type": "array", "items": {"type": "object",
      "required": ["address", "result_code", "smtp_code", "enhanced_code", "message"],
      "properties": {"address": {"type": "string"}, "result_code": {"type": "integer"},
        "smtp_code": {"type": ["integer", "null"]}, "enhanced_code": {"type": ["string", "null"]},
        "message": {"type": "string"},
        "bounced_at": {"type": ["string", "null"],
          "description": "When a bounce told that it did not arrive after all"}}}},
    "possibly_duplicated": {"type": "boolean"},
    "notes": {"type": "array", "items": {"type": "string"}},
    "mode": {"enum": ["queue", "sync"]}, "envelope_sender": {"type": "string"},
    "subject": {"type": "string"}, "size_bytes": {"type": "integer"},
    "created_at": {"type": "string", "format": "date-time"},
    "priority": {"enum": ["high", "normal", "low"]},
    "tags": {"type": "array", "items": {"type": "string"}},
    "needs_smtputf8": {"type": "boolean",
      "description": "Some address has a local part beyond ASCII"}}}
})json";

}  // namespace

boost::json::object send_schemas() {
  return boost::json::parse(text).as_object();
}

}  // namespace postern::web
