// The schemas of /problems, /notices, /silences, /settings and /notify.
#include "web/openapi.hpp"

namespace postern::web {

const char* monitoring_schemas_text() {
  return R"({
"AlertProblem": {"type": "object",
  "required": ["id", "kind", "integration", "direction", "state", "since", "count", "message",
    "hint", "acknowledged_at", "acknowledged_by", "notices"],
  "properties": {"id": {"type": "string"}, "kind": {"type": "string"},
    "class": {"type": "string"}, "title": {"type": "string"},
    "integration": {"type": ["object", "null"],
      "properties": {"id": {"type": "string"}, "name": {"type": "string"}}},
    "direction": {"enum": ["incoming", "outgoing", null]},
    "server": {"type": ["string", "null"]}, "login": {"type": ["string", "null"]},
    "state": {"enum": ["pending", "open", "recovering", "flapping", "closed"]},
    "since": {"type": "string", "format": "date-time"},
    "changed_at": {"type": "string", "format": "date-time"},
    "count": {"type": "integer"}, "disabled": {"type": "boolean"},
    "message": {"type": "string", "description": "The server's own words"},
    "hint": {"type": "string"},
    "runbook": {"type": "string", "description": "The section of the runbook that is about it"},
    "acknowledged_at": {"type": ["string", "null"]},
    "acknowledged_by": {"type": ["string", "null"]},
    "notices": {"type": "integer", "description": "How many told of it"},
    "last_notice_at": {"type": ["string", "null"]},
    "silenced": {"type": "boolean"}, "silenced_until": {"type": ["string", "null"]}}},
"Notice": {"type": "object", "required": ["id", "kind", "at", "state", "problems", "subject"],
  "properties": {"id": {"type": "string"},
    "kind": {"type": "string"}, "at": {"type": "string", "format": "date-time"},
    "state": {"enum": ["due", "sent", "failed", "unsent", "dropped"]},
    "problems": {"type": "array", "items": {"type": "string"}},
    "subject": {"type": "string"}, "text": {"type": "string"}, "tries": {"type": "integer"},
    "channels": {"type": "array", "items": {"type": "object"}}}}
})";
}

const char* silence_schemas_text() {
  return R"({
"SilenceWindow": {"type": ["object", "null"],
  "description": "Only in these hours of these days of every week",
  "properties": {"time_of_day": {"type": ["object", "null"], "properties":
      {"from": {"type": "string"}, "to": {"type": "string"}}},
    "days": {"type": ["array", "null"], "items":
      {"enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}},
    "time_zone": {"type": ["string", "null"]}}},
"Silence": {"type": "object", "required": ["id", "reason", "integrations", "kinds", "active"],
  "properties": {"id": {"type": "string"}, "reason": {"type": "string"},
    "integrations": {"type": "array", "items": {"type": "string"}},
    "kinds": {"type": "array", "items": {"type": "string"}},
    "server": {"type": ["string", "null"]},
    "from": {"type": ["string", "null"]}, "until": {"type": ["string", "null"]},
    "weekly": {"$ref": "#/components/schemas/SilenceWindow"},
    "active": {"type": "boolean"},
    "created_at": {"type": "string"}, "modified_at": {"type": "string"},
    "modified_by": {"type": "string"}}},
"SilenceInput": {"type": "object", "additionalProperties": false,
  "description": "Empty lists match everything; `integrations` by id or name",
  "properties": {"reason": {"type": "string"},
    "integrations": {"type": ["array", "null"], "items": {"type": "string"}},
    "kinds": {"type": ["array", "null"], "items": {"type": "string"}},
    "server": {"type": ["string", "null"]},
    "from": {"type": ["string", "null"], "format": "date-time"},
    "until": {"type": ["string", "null"], "format": "date-time"},
    "weekly": {"$ref": "#/components/schemas/SilenceWindow"},
    "id": {"type": "string", "readOnly": true}, "active": {"type": "boolean", "readOnly": true},
    "created_at": {"type": "string", "readOnly": true},
    "modified_at": {"type": "string", "readOnly": true},
    "modified_by": {"type": "string", "readOnly": true}}},
"SilencePatch": {"type": "object", "description": "Any fields of SilenceInput; null removes"},
"Settings": {"type": "object", "required": ["monitoring", "notices"],
  "properties": {
    "monitoring": {"type": "object", "properties": {
      "notify_after": {"type": "integer"}, "disable_after": {"type": "integer"},
      "login_disable_after": {"type": "integer"}, "recover_after": {"type": "integer"},
      "stale_after": {"type": "integer"}, "remind_after_s": {"type": "integer"},
      "max_frequency_s": {"type": "integer"},
      "recipients": {"type": "array", "items": {"type": "string"}},
      "profiles": {"type": "array", "items": {"type": "string"},
        "description": "Notification profiles that are told beside the recipients: ids or names"}}},
    "notices": {"type": "object", "properties": {
      "subject": {"type": ["string", "null"]}, "text": {"type": ["string", "null"]},
      "digest_at": {"type": ["string", "null"], "description": "Each day, like 08:00"},
      "digest_always": {"type": "boolean", "description": "Also when nothing is wrong"},
      "test_on": {"enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun", null],
        "description": "The day on which each way is tested, at digest_at or 09:00"},
      "time_zone": {"type": "string", "description": "Of these times: Europe/Berlin"}}},
    "warnings": {"type": "array", "items": {"type": "string"}, "readOnly": true},
    "modified_at": {"type": ["string", "null"]}, "modified_by": {"type": ["string", "null"]}}},
"SettingsPatch": {"type": "object", "additionalProperties": false,
  "description": "Any fields of Settings; null: as configured; texts may name {{status}}",
  "properties": {"monitoring": {"type": ["object", "null"]},
    "notices": {"type": ["object", "null"]}, "warnings": {"readOnly": true}}},
"NotifyRequest": {"type": "object", "required": ["outcome", "subject"],
  "additionalProperties": false,
  "properties": {"integration": {"type": ["string", "null"]},
    "outcome": {"enum": ["success", "failure", "critical"]},
    "subject": {"type": "string"}, "text": {"type": "string"},
    "html": {"type": ["string", "null"]}, "mode": {"enum": ["queue", "sync"]},
    "max_frequency_s": {"type": "integer", "minimum": 0,
      "description": "Told at most once in so many seconds; else result 71"}}},
"NotifyAnswer": {"type": "object", "required": ["id", "success", "result_code", "result_message"],
  "description": "A delivery, or why nobody was told: result_code 70 or 71 and no id",
  "properties": {"id": {"type": ["string", "null"]}, "success": {"type": "boolean"},
    "result_code": {"type": "integer"}, "result_message": {"type": "string"}}}
})";
}

}  // namespace postern::web
