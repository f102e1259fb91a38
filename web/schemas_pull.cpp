// JSON Schema of pull and replay.
#include "web/openapi.hpp"

namespace postern::web {

const char* pull_schemas_text() {
  return R"({
"LeaseRequest": {"type": "object", "additionalProperties": false,
  "properties": {"limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
    "lease_s": {"type": "integer", "minimum": 1, "maximum": 43200, "default": 60},
    "wait_s": {"type": "integer", "minimum": 0, "maximum": 60, "default": 0}}},
"Leases": {"type": "object", "required": ["items"],
  "properties": {"items": {"type": "array", "items": {"type": "object",
    "required": ["lease_id", "until", "handover", "attempts", "data"],
    "properties": {"lease_id": {"type": "string", "pattern": "^lse_"},
      "until": {"type": "string", "format": "date-time"},
      "handover": {"type": "string", "pattern": "^hnd_",
        "description": "The same on every try, as a webhook's webhook-id"},
      "attempts": {"type": "integer"},
      "data": {"type": "object", "description": "The message, as a webhook's data"}}}}}},
"LeaseIds": {"type": "object", "required": ["lease_ids"], "additionalProperties": false,
  "properties": {"lease_ids": {"type": "array", "items": {"type": "string"}, "minItems": 1,
    "maxItems": 1000}}},
"LeaseIdsWithReason": {"type": "object", "required": ["lease_ids"], "additionalProperties": false,
  "properties": {"lease_ids": {"type": "array", "items": {"type": "string"}, "minItems": 1,
    "maxItems": 1000}, "reason": {"type": "string"}}},
"LeaseErrors": {"description": "Those that did not go well; the others did", "type": "array",
  "items": {"type": "object", "required": ["pointer", "lease_id", "detail"],
    "properties": {"pointer": {"type": "string"}, "lease_id": {"type": "string"},
      "detail": {"type": "string"}}}},
"Acknowledged": {"type": "object", "required": ["acknowledged", "errors"],
  "properties": {"acknowledged": {"type": "array", "items": {"type": "string"}},
    "errors": {"$ref": "#/components/schemas/LeaseErrors"}}},
"GivenBack": {"type": "object", "required": ["given_back", "errors"],
  "properties": {"given_back": {"type": "array", "items": {"type": "string"}},
    "errors": {"$ref": "#/components/schemas/LeaseErrors"}}},
"ReplayRequest": {"type": "object", "required": ["since"], "additionalProperties": false,
  "properties": {"since": {"type": "string", "format": "date-time"},
    "until": {"type": ["string", "null"], "format": "date-time", "description": "now"}}},
"Replayed": {"type": "object", "required": ["count"],
  "properties": {"count": {"type": "integer", "description": "Hand-overs made"}}}
})";
}

}  // namespace postern::web
