// JSON Schema of the overview's figures, past checks, and what runs here.
#include "web/openapi.hpp"

namespace postern::web {

const char* overview_schemas_text() {
  return R"({
"HourFigures": {"type": "object", "required": ["begins", "received", "sent", "handed_over"],
  "properties": {"begins": {"type": "string", "format": "date-time"},
    "received": {"type": "integer"}, "quarantined": {"type": "integer"},
    "sent": {"type": "integer"}, "send_failed": {"type": "integer"},
    "handed_over": {"type": "integer"}, "handover_failed": {"type": "integer"},
    "queue": {"type": ["integer", "null"],
      "description": "The longest of that hour; null: not noted, as nothing ran"},
    "handovers_waiting": {"type": ["integer", "null"]}}},
"Queues": {"type": "object",
  "required": ["queued", "held", "handovers_waiting", "handovers_parked", "quarantined"],
  "properties": {"queued": {"type": "integer"}, "held": {"type": "integer"},
    "oldest_queued_at": {"type": ["string", "null"], "format": "date-time"},
    "handovers_waiting": {"type": "integer"}, "handovers_parked": {"type": "integer"},
    "quarantined": {"type": "integer"}}},
"Stats": {"type": "object", "required": ["at", "hours", "totals", "queues", "integrations"],
  "properties": {"at": {"type": "string", "format": "date-time"},
    "hours": {"type": "array", "items": {"$ref": "#/components/schemas/HourFigures"},
      "description": "The oldest first; a sent mail counts in the hour it was taken in"},
    "totals": {"type": "object"}, "queues": {"$ref": "#/components/schemas/Queues"},
    "integrations": {"type": "object", "required": ["total", "enabled", "incoming", "outgoing"],
      "description": "incoming and outgoing: how many of those enabled are in which state"}}},
"PastCheck": {"type": "object", "required": ["at", "ok"],
  "properties": {"at": {"type": "string", "format": "date-time"}, "ok": {"type": "boolean"}}},
"PastChecks": {"type": "object", "required": ["incoming", "outgoing"],
  "description": "The oldest first; outgoing: mails sent, and the integration's own failures",
  "properties": {
    "incoming": {"type": "array", "items": {"$ref": "#/components/schemas/PastCheck"}},
    "outgoing": {"type": "array", "items": {"$ref": "#/components/schemas/PastCheck"}}}},
"About": {"type": "object",
  "required": ["name", "version", "licence", "started_at", "uptime_s", "libraries", "storage"],
  "properties": {"name": {"type": "string"}, "version": {"type": "string"},
    "licence": {"type": "string"}, "started_at": {"type": "string", "format": "date-time"},
    "uptime_s": {"type": "integer"}, "public_url": {"type": "string"}, "page": {"type": "string"},
    "compiler": {"type": "string"}, "libraries": {"type": "object"},
    "storage": {"type": "object", "required": ["data_dir", "key_file"],
      "properties": {"data_dir": {"type": "string"}, "key_file": {"type": "string"},
        "database_bytes": {"type": ["integer", "null"]},
        "free_bytes": {"type": ["integer", "null"]}}}}}
})";
}

}  // namespace postern::web
