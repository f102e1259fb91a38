// JSON Schema of the routing rules.
#include "web/openapi.hpp"

namespace postern::web {

namespace {

constexpr const char* text = R"({
"Condition": {"type": ["object", "null"], "description":
    "null: every mail. One of all, any, not, or field, op, value; at most 10 deep, 200 parts",
  "properties": {"all": {"type": "array", "items": {"$ref": "#/components/schemas/Condition"}},
    "any": {"type": "array", "items": {"$ref": "#/components/schemas/Condition"}},
    "not": {"$ref": "#/components/schemas/Condition"},
    "field": {"type": "string", "description":
      "size in bytes; time: 18:30 (UTC), 18:30 Europe/Berlin, a date-time, or hours and days",
      "examples": ["from", "to", "cc", "recipient", "subject", "body", "header:NAME",
        "attachment.name", "attachment.type", "size", "class", "subaddress", "integration",
        "time", "thread", "reference"]},
    "op": {"enum": ["contains", "equals", "wildcard", "regex", "gt", "lt"], "description":
      "Any case. wildcard: * and ?; regex: RE2, found anywhere; gt, lt: size and time"},
    "value": {"oneOf": [{"type": ["string", "number", "boolean"]},
      {"type": "object", "additionalProperties": false, "description":
        "Of time, with equals: the mail came in these hours of these days, by the zone's clocks",
      "properties": {"time_of_day": {"type": ["object", "null"], "required": ["from", "to"],
          "properties": {"from": {"type": "string"}, "to": {"type": "string"}}},
        "days": {"type": "array", "items": {"enum":
          ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}},
        "time_zone": {"type": "string", "default": "UTC"}}}]}}},
"RuleActions": {"type": "object", "additionalProperties": false,
  "properties": {"targets": {"type": "array", "items": {"type": "string"}, "maxItems": 100},
    "attributes": {"type": "object",
      "additionalProperties": {"type": ["string", "number", "boolean"]}},
    "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 50},
    "priority": {"type": ["string", "integer", "null"]},
    "ignore": {"type": ["string", "null"], "description": "The reason"},
    "hold": {"type": ["boolean", "string", "null"], "description": "true, or the reason"},
    "quarantine": {"type": ["boolean", "string", "null"]}}},
"RuleInput": {"type": "object", "required": ["name"], "additionalProperties": false,
  "properties": {"id": {"type": "string"}, "name": {"type": "string", "maxLength": 200},
    "enabled": {"type": "boolean", "default": true},
    "position": {"type": ["integer", "null"], "minimum": 0},
    "scope": {"description": "all: every integration, also new ones; or some, by id or name",
      "oneOf": [{"const": "all"}, {"type": "null"},
        {"type": "array", "minItems": 1, "items": {"type": "string"}}]},
    "condition": {"$ref": "#/components/schemas/Condition"},
    "actions": {"$ref": "#/components/schemas/RuleActions"},
    "stop": {"type": "boolean", "default": false,
      "description": "When it matches, later rules are not asked"},
    "created_at": {"type": "string"}, "modified_at": {"type": "string"},
    "modified_by": {"type": "string"}}},
"RulePatch": {"description": "Any part of RuleInput", "type": "object"},
"Rule": {"type": "object",
  "required": ["id", "name", "enabled", "position", "scope", "condition", "actions", "stop"],
  "properties": {"id": {"type": "string", "pattern": "^rul_"}, "name": {"type": "string"},
    "enabled": {"type": "boolean"}, "position": {"type": "integer"},
    "scope": {"oneOf": [{"const": "all"}, {"type": "array", "items": {"type": "string"}}]},
    "condition": {"$ref": "#/components/schemas/Condition"},
    "actions": {"$ref": "#/components/schemas/RuleActions"}, "stop": {"type": "boolean"}}},
"RuleOrder": {"type": "object", "required": ["ids"], "additionalProperties": false,
  "properties": {"ids": {"type": "array", "items": {"type": "string"}, "description":
    "Ids or names"}}},
"RuleTrial": {"type": "object", "required": ["message_id"], "additionalProperties": false,
  "properties": {"message_id": {"type": "string", "pattern": "^msg_"},
    "rule": {"type": "object", "description": "A RuleInput that is asked alone; not saved"}}},
"RuleTrace": {"type": "array", "items": {"type": "object",
  "required": ["name", "matched", "reason"],
  "properties": {"name": {"type": "string"}, "matched": {"type": "boolean"},
    "reason": {"type": "string"}}}},
"RuleOutcome": {"type": "object",
  "required": ["rule_trace", "attributes", "tags", "priority", "targets", "ignored", "held",
    "quarantined"],
  "properties": {"rule_trace": {"$ref": "#/components/schemas/RuleTrace"},
    "attributes": {"type": "object"}, "tags": {"type": "array", "items": {"type": "string"}},
    "priority": {"type": ["string", "integer", "null"]},
    "targets": {"type": "array", "items": {"type": "string"},
      "description": "Ids: where it would go, or would go when it is let go"},
    "ignored": {"type": ["string", "null"]}, "held": {"type": ["string", "null"]},
    "quarantined": {"type": ["string", "null"]}}}
})";

}  // namespace

const char* rule_schemas_text() {
  return text;
}

}  // namespace postern::web
