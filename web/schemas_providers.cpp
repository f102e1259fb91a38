// The schemas of /providers.
#include "web/openapi.hpp"

namespace postern::web {

const char* provider_schemas_text() {
  return R"({
"ProviderServer": {"type": ["object", "null"], "required": ["host", "port", "security"],
  "additionalProperties": false, "properties": {"host": {"type": "string"},
    "port": {"type": "integer", "minimum": 1, "maximum": 65535},
    "security": {"enum": ["tls", "starttls", "none"]}}},
"ProviderOAuth": {"type": ["object", "null"], "required": ["flows"], "additionalProperties": false,
  "description": "URLs may hold {tenant}. With issuer alone the rest is found by discovery.",
  "properties": {
    "flows": {"type": "array", "minItems": 1, "items":
      {"enum": ["code", "device", "client_credentials", "service_account"]}},
    "issuer": {"type": ["string", "null"]},
    "authorization_endpoint": {"type": ["string", "null"]},
    "token_endpoint": {"type": ["string", "null"]},
    "device_authorization_endpoint": {"type": ["string", "null"]},
    "revocation_endpoint": {"type": ["string", "null"]},
    "userinfo_endpoint": {"type": ["string", "null"]},
    "scopes": {"type": "object", "additionalProperties": false, "properties": {
      "always": {"type": "array", "items": {"type": "string"}},
      "imap": {"type": "array", "items": {"type": "string"}},
      "pop3": {"type": "array", "items": {"type": "string"}},
      "smtp": {"type": "array", "items": {"type": "string"}},
      "application": {"type": "array", "items": {"type": "string"}}}},
    "tenant_default": {"type": ["string", "null"]},
    "parameters": {"type": "object", "additionalProperties": {"type": "string"}}}},
"ProviderQuirks": {"type": "object", "description": "Where it is unlike others, as tenant_required",
  "additionalProperties": {"type": "boolean"}},
"ProviderSending": {"type": "object", "description": "As the provider publishes it",
  "additionalProperties": false, "properties": {
    "messages_per_minute": {"type": ["integer", "null"]},
    "connections_max": {"type": ["integer", "null"]}}},
"Provider": {"type": "object",
  "required": ["id", "name", "imap", "pop3", "smtp", "logins", "oauth", "sending", "quirks",
    "domains", "other_hosts", "notes", "link", "built_in", "hidden"],
  "properties": {"id": {"type": "string"}, "name": {"type": "string"},
    "imap": {"$ref": "#/components/schemas/ProviderServer"},
    "pop3": {"$ref": "#/components/schemas/ProviderServer"},
    "smtp": {"$ref": "#/components/schemas/ProviderServer"},
    "logins": {"type": "array", "items": {"enum": ["password", "app_password", "oauth2"]}},
    "oauth": {"$ref": "#/components/schemas/ProviderOAuth"},
    "sending": {"$ref": "#/components/schemas/ProviderSending"},
    "quirks": {"$ref": "#/components/schemas/ProviderQuirks"},
    "domains": {"type": "array", "items": {"type": "string"}},
    "other_hosts": {"type": "array", "items": {"type": "string"}},
    "notes": {"type": "string"}, "link": {"type": ["string", "null"]},
    "built_in": {"type": "boolean"}, "hidden": {"type": "boolean"},
    "created_at": {"type": "string", "format": "date-time"},
    "modified_at": {"type": "string", "format": "date-time"},
    "modified_by": {"type": "string"}}},
"ProviderInput": {"type": "object", "required": ["name", "logins"], "additionalProperties": false,
  "properties": {"id": {"type": "string", "pattern": "^[a-z0-9.-]{1,60}$"},
    "name": {"type": "string"},
    "imap": {"$ref": "#/components/schemas/ProviderServer"},
    "pop3": {"$ref": "#/components/schemas/ProviderServer"},
    "smtp": {"$ref": "#/components/schemas/ProviderServer"},
    "logins": {"type": "array", "items": {"enum": ["password", "app_password", "oauth2"]}},
    "oauth": {"$ref": "#/components/schemas/ProviderOAuth"},
    "sending": {"$ref": "#/components/schemas/ProviderSending"},
    "quirks": {"$ref": "#/components/schemas/ProviderQuirks"},
    "domains": {"type": "array", "items": {"type": "string"}},
    "other_hosts": {"type": "array", "items": {"type": "string"}},
    "notes": {"type": "string"}, "link": {"type": ["string", "null"]},
    "hidden": {"type": "boolean"},
    "built_in": {"type": "boolean", "readOnly": true},
    "created_at": {"type": "string", "readOnly": true},
    "modified_at": {"type": "string", "readOnly": true},
    "modified_by": {"type": "string", "readOnly": true}}},
"ProviderPatch": {"type": "object", "description": "Any fields of ProviderInput; null removes"}
})";
}

}  // namespace postern::web
