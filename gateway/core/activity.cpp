#include "core/activity.hpp"

#include <tuple>

namespace postern {

boost::json::object to_json(const Activity& activity) {
  boost::json::object json = activity.data;
  json["at"] = to_rfc3339(activity.at);
  json["kind"] = activity.kind;
  json["text"] = activity.text;
  return json;
}

bool newer(const Activity& left, const Activity& right) {
  return std::tie(left.at, left.key) > std::tie(right.at, right.key);
}

}  // namespace postern
