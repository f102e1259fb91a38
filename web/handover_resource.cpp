// The fields of a hand-over.
#include "web/handover_resource.hpp"

#include <boost/json/value.hpp>

namespace postern::web {

boost::json::object handover_json(const Handover& handover) {
  boost::json::object json;
  json["id"] = handover.id.str();
  json["message"] = handover.message.str();
  json["target"] = handover.target.str();
  json["state"] = to_string(handover.state);
  json["attempts"] = handover.attempts;
  json["last_status"] = nullptr;
  if (handover.last_status != 0) json["last_status"] = handover.last_status;
  json["last_error"] = nullptr;
  if (!handover.last_error.empty()) json["last_error"] = handover.last_error;
  json["next_attempt_at"] = nullptr;
  if (handover.state == HandoverState::waiting) json["next_attempt_at"] = to_rfc3339(handover.due);
  json["created_at"] = to_rfc3339(handover.created_at);
  return json;
}

}  // namespace postern::web
