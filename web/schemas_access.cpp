// JSON Schema of people, sessions and the audit log.
#include "web/openapi.hpp"

namespace postern::web {

const char* access_schemas_text() {
  return R"({
"Role": {"enum": ["admin", "operator", "viewer"],
  "description":
    "viewer reads; operator also checks, retries, holds, enables, acknowledges, sends; admin: all"},
"Session": {"type": "object", "required": ["name", "role", "may", "csrf_token", "expires_at"],
  "properties": {"name": {"type": "string"}, "role": {"$ref": "#/components/schemas/Role"},
    "may": {"type": "array", "items": {"type": "string"}}, "csrf_token": {"type": "string"},
    "expires_at": {"type": "string", "format": "date-time"}}},
"WhoAmI": {"type": "object", "required": ["state"],
  "properties": {"state": {"enum": ["first_start", "signed_out", "signed_in"]},
    "name": {"type": "string"},
    "role": {"type": ["string", "null"], "description": "null: a token"},
    "may": {"type": "array", "items": {"type": "string"},
      "description": "read, send, operate, admin, …: what routes ask for"},
    "address": {"type": "string", "description": "Where the person reads mail; may be empty"},
    "csrf_token": {"type": "string"}, "expires_at": {"type": "string", "format": "date-time"},
    "password_rules": {"type": "array", "items": {"type": "string"}}}},
"FirstStart": {"type": "object", "required": ["code", "name", "password"],
  "additionalProperties": false,
  "properties": {"code": {"type": "string"}, "name": {"type": "string"},
    "address": {"type": "string"},
    "password": {"type": "string", "writeOnly": true, "minLength": 8}}},
"AddressChange": {"type": "object", "required": ["address"], "additionalProperties": false,
  "properties": {"address": {"type": "string"}}},
"PasswordChange": {"type": "object", "required": ["current_password", "new_password"],
  "additionalProperties": false,
  "properties": {"current_password": {"type": "string", "writeOnly": true},
    "new_password": {"type": "string", "writeOnly": true, "minLength": 8}}},
"SignedIn": {"type": "object", "required": ["id", "user", "created_at", "seen_at", "expires_at"],
  "properties": {"id": {"type": "string", "pattern": "^ses_"}, "user": {"type": "string"},
    "created_at": {"type": "string", "format": "date-time"},
    "seen_at": {"type": "string", "format": "date-time"},
    "expires_at": {"type": "string", "format": "date-time"}, "address": {"type": "string"},
    "agent": {"type": "string"}, "current": {"type": "boolean"}}},
"User": {"type": "object", "required": ["name", "role", "created_at", "modified_at", "modified_by"],
  "properties": {"name": {"type": "string"}, "role": {"$ref": "#/components/schemas/Role"},
    "address": {"type": "string", "description": "Where they read mail; may be empty"},
    "created_at": {"type": "string", "format": "date-time"},
    "modified_at": {"type": "string", "format": "date-time"}, "modified_by": {"type": "string"},
    "signed_in_at": {"type": ["string", "null"], "format": "date-time"}}},
"UserInput": {"type": "object", "required": ["name", "role", "password"],
  "additionalProperties": false,
  "properties": {"name": {"type": "string"}, "role": {"$ref": "#/components/schemas/Role"},
    "address": {"type": "string"},
    "password": {"type": "string", "writeOnly": true, "minLength": 8}}},
"UserPatch": {"type": "object", "additionalProperties": false,
  "properties": {"role": {"$ref": "#/components/schemas/Role"}, "address": {"type": "string"},
    "password": {"type": "string", "writeOnly": true, "minLength": 8}}},
"AuditEntry": {"type": "object",
  "required": ["id", "at", "who", "via", "act", "resource", "fields"],
  "properties": {"id": {"type": "string", "pattern": "^aud_"},
    "at": {"type": "string", "format": "date-time"}, "who": {"type": "string"},
    "via": {"enum": ["session", "token", "command_line"]}, "address": {"type": "string"},
    "act": {"type": "string", "examples": ["PATCH /integrations/{integration}"]},
    "resource": {"type": "string"},
    "fields": {"type": "array", "items": {"type": "string"},
      "description": "JSON pointers of what was changed; values are never kept"},
    "request_id": {"type": "string"},
    "outcome": {"enum": ["done", "unknown"], "description":
      "unknown: begun, and under way still or cut off by a crash; entries are made before deeds"}}}
})";
}

}  // namespace postern::web
