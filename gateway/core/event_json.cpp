// An event as the API shows it.
#include "core/event.hpp"

#include <boost/json/value.hpp>

namespace postern {
namespace {

boost::json::value or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return boost::json::string(text);
}

}  // namespace

boost::json::object to_json(const Event& event, const std::string& integration_name) {
  boost::json::object json;
  json["id"] = event.id.str();
  json["kind"] = event.kind;
  json["integration"] = nullptr;
  if (event.integration) {
    json["integration"] = {{"id", event.integration.str()}, {"name", or_null(integration_name)}};
  }
  json["at"] = to_rfc3339(event.at);
  json["server"] = or_null(event.server);
  json["port"] = nullptr;
  if (event.port != 0) json["port"] = event.port;
  json["login"] = or_null(event.login);
  json["security"] = or_null(event.security);
  json["message"] = event.message;
  json["hint"] = or_null(event.hint);
  json["data"] = event.data;
  return json;
}

}  // namespace postern
