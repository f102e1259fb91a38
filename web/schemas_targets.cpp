// JSON Schema of a target as it is written, and of its test.
#include "web/openapi.hpp"

namespace postern::web {

const char* target_schemas_text() {
  return R"({
"TargetTest": {"type": "object", "required": ["ok", "type", "status", "ms", "waiting", "steps"],
  "properties": {"ok": {"type": "boolean"}, "type": {"type": "string"},
    "status": {"type": ["integer", "null"]}, "ms": {"type": "integer"},
    "answer": {"type": "string", "description": "Its first bytes"},
    "error": {"type": ["string", "null"]},
    "waiting": {"type": "integer", "description": "Mails that wait for the target"},
    "steps": {"type": "array", "items": {"type": "object", "required": ["step", "ok"],
      "properties": {"step": {"type": "string"}, "ok": {"type": "boolean"},
        "ms": {"type": "integer"}, "server": {"type": "string"}, "hint": {"type": "string"},
        "field": {"type": "string", "description": "JSON pointer of the field to look at"},
        "transcript": {"type": "object"}}}}}},
"TargetStatus": {"type": "object", "readOnly": true,
  "properties": {"state": {"enum": ["ok", "failing", "off"]},
    "waiting": {"type": "integer", "description": "Hand-overs that wait"},
    "parked": {"type": "integer", "description": "Hand-overs that are not tried by themselves"},
    "last_success": {"type": ["string", "null"], "description": "When it last took a mail"},
    "last_error": {"type": ["object", "null"], "description":
        "The last for which the target is at fault, not a mail; kept after it is well again",
      "properties": {"at": {"type": "string"}, "status": {"type": ["integer", "null"]},
        "message": {"type": "string"}, "hint": {"type": ["string", "null"]}}},
    "consecutive_errors": {"type": "integer"}}},
"TargetInput": {"type": "object", "required": ["name"],
  "description":
    "What a type does not have must be left out, or empty. See the README for the settings of each",
  "properties": {"name": {"type": "string"},
    "type": {"enum": ["webhook", "raw", "osticket", "rt", "redmine", "zammad", "rails_relay",
      "smtp", "imap_append", "pull"], "default": "webhook"},
    "enabled": {"type": "boolean"},
    "url": {"type": "string",
      "description": "Required over HTTP. Of a helpdesk its base is enough: the path is added"},
    "headers": {"type": "object", "additionalProperties": {"type": "string"}},
    "timeout_s": {"type": "integer",
      "description": "Default 30 (webhook), 180 (rt, imap_append), 600 (smtp), else 60"},
    "parallel": {"type": "integer", "minimum": 1, "maximum": 64, "default": 4},
    "required": {"type": "boolean"}, "fallback": {"type": "boolean"},
    "raw": {"type": "boolean", "description": "webhook, pull: the raw mail as raw_base64"},
    "ca_pem": {"type": ["string", "null"]},
    "api_key": {"type": ["string", "null"], "writeOnly": true,
      "description": "osticket, redmine, zammad (an access token); null clears it"},
    "auth": {"type": "object",
      "description": "raw, rt, rails_relay: HTTP Basic; smtp, imap_append: the login",
      "properties": {"method": {"enum": ["password", "none"]}, "username": {"type": "string"},
        "password": {"type": ["string", "null"], "writeOnly": true}}},
    "host": {"type": "string", "description": "Required of smtp and imap_append"},
    "port": {"type": "integer"},
    "security": {"enum": ["tls", "starttls", "none"]}, "tls": {"type": "object"},
    "recipients": {"description": "Required of smtp: an array, or a string split at ; or ,"},
    "sender": {"type": "string",
      "description": "smtp: of envelope and Resent-From; else the login, else the integration's"},
    "folder": {"type": "string", "default": "INBOX",
      "description": "imap_append; made when missing"},
    "queue": {"type": "string", "default": "General", "description": "rt"},
    "action": {"type": "string", "default": "correspond", "description": "rt"},
    "project": {"type": "string", "description": "redmine: its identifier"},
    "group": {"type": "string", "description": "Required of zammad"},
    "fields": {"type": "object", "additionalProperties": {"type": "string"},
      "description": "rt, redmine, zammad: more of the helpdesk's own form"},
    "allow_control_headers": {"type": "boolean", "default": false,
      "description": "X-Zammad-*, X-OTRS-*, X-RT-* and their like of the mail go along"},
    "secret": {"type": "string", "writeOnly": true, "pattern": "^whsec_"}}}
})";
}

}  // namespace postern::web
