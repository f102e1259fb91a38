// JSON Schema of OAuth's apps, grants and authorisations.
#include "web/openapi.hpp"

namespace postern::web {

const char* oauth_app_schemas_text() {
  return R"({
"OAuthAppFields": {"type": "object",
  "properties": {"name": {"type": "string", "maxLength": 200},
    "provider": {"type": "string", "default": "custom", "description": "An id of GET /providers"},
    "flow": {"enum": ["code", "device", "client_credentials", "service_account"],
      "default": "code"},
    "client_id": {"type": "string", "description": "Of a service account: its address"},
    "client_secret": {"type": ["string", "null"], "writeOnly": true},
    "certificate_pem": {"type": ["string", "null"],
      "description": "With its key it stands in the place of a secret"},
    "private_key_pem": {"type": ["string", "null"], "writeOnly": true},
    "key_id": {"type": ["string", "null"]},
    "tenant": {"type": ["string", "null"]},
    "scopes": {"type": "array", "items": {"type": "string"},
      "description": "Empty: the provider's"},
    "secret_expires_at": {"type": ["string", "null"],
      "description": "secret.expiring comes 60, 30, 7 and 1 days before"},
    "issuer": {"type": ["string", "null"],
      "description": "Endpoints left out are discovered by it"},
    "authorization_endpoint": {"type": ["string", "null"]},
    "token_endpoint": {"type": ["string", "null"]},
    "device_authorization_endpoint": {"type": ["string", "null"]},
    "revocation_endpoint": {"type": ["string", "null"]},
    "userinfo_endpoint": {"type": ["string", "null"]},
    "ca_pem": {"type": ["string", "null"], "description": "Who signed the server's certificate"}}},
"OAuthAppInput": {"allOf": [{"$ref": "#/components/schemas/OAuthAppFields"}],
  "type": "object", "required": ["name", "client_id"]},
"OAuthAppPatch": {"allOf": [{"$ref": "#/components/schemas/OAuthAppFields"}], "type": "object"},
"OAuthApp": {"allOf": [{"$ref": "#/components/schemas/OAuthAppFields"}], "type": "object",
  "required": ["id", "name", "provider", "flow", "client_id", "client_secret_set",
    "private_key_set", "redirect_uri", "fault", "created_at", "modified_at", "modified_by"],
  "properties": {"id": {"type": "string", "pattern": "^app_"},
    "client_secret_set": {"type": "boolean"}, "private_key_set": {"type": "boolean"},
    "redirect_uri": {"type": ["string", "null"],
      "description": "To be registered at the provider exactly so; null without a public_url"},
    "fault": {"type": ["string", "null"], "description": "Why the provider refuses the app"},
    "created_at": {"type": "string", "format": "date-time"},
    "modified_at": {"type": "string", "format": "date-time"},
    "modified_by": {"type": "string"}}},
"OAuthAppPage": {"type": "object", "required": ["items", "next_cursor"],
  "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/OAuthApp"}},
    "next_cursor": {"type": ["string", "null"]}}}
})";
}

const char* oauth_schemas_text() {
  return R"({
"OAuthWish": {"type": "object", "required": ["app", "integration"], "additionalProperties": false,
  "properties": {"app": {"type": "string", "description": "Id or name"},
    "integration": {"type": "string", "description": "Id or name"},
    "shared_mailbox": {"type": "boolean", "default": false,
      "description": "The mailbox is another's than who authorises, on purpose"}}},
"OAuthBegun": {"type": "object", "required": ["url", "grant"],
  "properties": {"url": {"type": ["string", "null"]},
    "grant": {"oneOf": [{"$ref": "#/components/schemas/OAuthGrant"}, {"type": "null"}]}}},
"OAuthDevice": {"type": "object",
  "required": ["id", "user_code", "verification_uri", "expires_in", "interval", "state"],
  "properties": {"id": {"type": "string"}, "user_code": {"type": "string"},
    "verification_uri": {"type": "string"}, "verification_uri_complete": {"type": "string"},
    "expires_in": {"type": "integer"}, "interval": {"type": "integer"},
    "state": {"enum": ["pending", "authorised", "failed"]},
    "message": {"type": ["string", "null"]},
    "grant": {"oneOf": [{"$ref": "#/components/schemas/OAuthGrant"}, {"type": "null"}]}}},
"OAuthGrant": {"type": "object",
  "required": ["id", "app", "state", "scopes", "authorised_by", "authorised_at"],
  "properties": {"id": {"type": "string", "pattern": "^grt_"},
    "app": {"type": "string", "pattern": "^app_"}, "state": {"enum": ["ok", "needs_consent"]},
    "identity": {"type": ["string", "null"], "description": "Who authorised, where it is told"},
    "subject": {"type": ["string", "null"], "description": "Whom a service account acts for"},
    "scopes": {"type": "array", "items": {"type": "string"}},
    "authorised_by": {"type": "string"},
    "authorised_at": {"type": "string", "format": "date-time"},
    "expires_at": {"type": ["string", "null"], "description": "The access token's end"},
    "last_refresh": {"type": ["string", "null"]},
    "trouble": {"type": ["string", "null"], "description": "Why it needs consent"},
    "integrations": {"type": "array", "items": {"type": "string"}},
    "targets": {"type": "array", "items": {"type": "string"}}}},
"OAuthGrantPage": {"type": "object", "required": ["items", "next_cursor"],
  "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/OAuthGrant"}},
    "next_cursor": {"type": ["string", "null"]}}}
})";
}

}  // namespace postern::web
