// Writes an integration as the contract's object. Reading is integration_parse.cpp.
#include "core/integration_json.hpp"

#include "core/integration_words.hpp"
#include "core/server_fields.hpp"

#include <boost/json/array.hpp>

namespace postern {
namespace {

boost::json::value or_null(const std::optional<std::string>& text) {
  if (!text) return nullptr;
  return boost::json::string(*text);
}

boost::json::value or_null(const std::optional<int>& number) {
  if (!number) return nullptr;
  return *number;
}

boost::json::array array_of(const std::vector<std::string>& items) {
  return boost::json::array(items.begin(), items.end());
}

boost::json::object to_json(const AfterFetchPolicy& policy) {
  boost::json::object json;
  json["action"] = words::of(policy.action, words::after_fetch);
  json["folder"] = or_null(policy.folder);
  json["keyword"] = or_null(policy.keyword);
  json["days"] = policy.days;
  return json;
}

boost::json::object to_json(const Incoming& incoming) {
  boost::json::object json;
  json["enabled"] = incoming.enabled;
  json["protocol"] = incoming.protocol;
  write_server(json, incoming.server);
  json["auth"] = to_json(incoming.auth);
  json["folder"] = incoming.folder;
  json["more_folders"] = array_of(incoming.more_folders);
  json["mode"] = words::of(incoming.mode, words::incoming_mode);
  json["poll_interval_s"] = incoming.poll_interval.count();
  json["start_from"] = incoming.start_from;
  json["after_fetch"] = to_json(incoming.after_fetch);
  json["after_ignored"] = to_json(incoming.after_ignored);
  json["after_too_large"] = to_json(incoming.after_too_large);
  json["after_quarantined"] = to_json(incoming.after_quarantined);
  json["message_bytes_max"] = incoming.message_bytes_max;
  json["compress"] = incoming.compress;
  boost::json::object ignore;
  ignore["addresses"] = array_of(incoming.ignore.addresses);
  ignore["domains"] = array_of(incoming.ignore.domains);
  ignore["subjects"] = array_of(incoming.ignore.subjects);
  json["ignore"] = std::move(ignore);
  json["reference_patterns"] = array_of(incoming.reference_patterns);
  json["tls"] = to_json(incoming.tls);
  return json;
}

boost::json::object to_json(const Outgoing& outgoing) {
  boost::json::object json;
  json["enabled"] = outgoing.enabled;
  json["protocol"] = "smtp";
  write_server(json, outgoing.server);
  json["auth"] = to_json(outgoing.auth);
  json["tls"] = to_json(outgoing.tls);
  json["from_addresses"] = array_of(outgoing.from_addresses);
  json["reply_to_mode"] = words::of(outgoing.reply_to_mode, words::reply_to_mode);
  json["default_reply_to"] = or_null(outgoing.default_reply_to);
  json["encoding"] = outgoing.encoding;
  json["timeout_ms"] = outgoing.timeout.count();
  json["connections_max"] = outgoing.connections_max;
  json["messages_per_minute"] = or_null(outgoing.messages_per_minute);
  json["save_to_sent"] = outgoing.save_to_sent;
  json["on_unknown"] = words::of(outgoing.on_unknown, words::on_unknown);
  json["from_policy"] = words::of(outgoing.from_policy, words::from_policy);
  return json;
}

boost::json::object to_json(const NotificationLists& lists) {
  boost::json::object json;
  json["on_success"] = array_of(lists.on_success);
  json["on_failure"] = array_of(lists.on_failure);
  json["on_critical"] = array_of(lists.on_critical);
  json["from_name"] = lists.from_name;
  json["outcomes"] = nullptr;
  if (lists.outcomes) json["outcomes"] = array_of(*lists.outcomes);
  return json;
}

}  // namespace

boost::json::object to_json(const Integration& integration) {
  boost::json::object json;
  json["name"] = integration.name;
  json["description"] = integration.description;
  json["is_default"] = integration.is_default;
  json["enabled"] = integration.enabled;
  json["address"] = integration.address;
  json["display_name"] = integration.display_name;
  json["provider"] = integration.provider;
  json["incoming"] = to_json(integration.incoming);
  json["outgoing"] = to_json(integration.outgoing);
  boost::json::object monitoring;
  monitoring["notify_after"] = or_null(integration.monitoring.notify_after);
  monitoring["disable_after"] = or_null(integration.monitoring.disable_after);
  json["monitoring"] = std::move(monitoring);
  json["notifications"] = to_json(integration.notifications);
  return json;
}

}  // namespace postern
