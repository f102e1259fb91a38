#include "core/routing.hpp"

#include "core/utf8.hpp"

namespace postern {
namespace {

namespace json = boost::json;

json::value text_or_null(const std::optional<std::string>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

std::optional<std::string> text_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

const json::array* array_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

RuleTrace trace_from(const json::object& object) {
  RuleTrace trace;
  trace.name = text_at(object, "name").value_or("");
  const auto* matched = object.if_contains("matched");
  trace.matched = matched != nullptr && matched->is_bool() && matched->get_bool();
  trace.reason = text_at(object, "reason").value_or("");
  return trace;
}

}  // namespace

std::string Routing::why_not() const {
  if (quarantined) return *quarantined;
  if (held) return *held;
  return ignored.value_or("");
}

json::array trace_json(const std::vector<RuleTrace>& trace) {
  json::array out;
  for (const auto& each : trace) {
    json::object entry;
    entry["name"] = each.name;
    entry["matched"] = each.matched;
    entry["reason"] = to_valid_utf8(each.reason);
    out.push_back(std::move(entry));
  }
  return out;
}

json::object to_json(const Routing& routing) {
  json::object out;
  out["rule_trace"] = trace_json(routing.trace);
  out["attributes"] = routing.attributes;
  json::array tags, targets;
  for (const auto& each : routing.tags) tags.emplace_back(each);
  for (const auto& each : routing.targets) targets.emplace_back(each.str());
  out["tags"] = std::move(tags);
  out["priority"] = routing.priority;
  out["targets"] = std::move(targets);
  out["ignored"] = text_or_null(routing.ignored);
  out["held"] = text_or_null(routing.held);
  out["quarantined"] = text_or_null(routing.quarantined);
  return out;
}

Routing routing_from_json(const json::object& object) {
  Routing routing;
  if (const auto* trace = array_at(object, "rule_trace")) {
    for (const auto& each : *trace) {
      if (const auto* entry = each.if_object()) routing.trace.push_back(trace_from(*entry));
    }
  }
  const auto* attributes = object.if_contains("attributes");
  if (attributes != nullptr && attributes->is_object()) {
    routing.attributes = attributes->get_object();
  }
  if (const auto* tags = array_at(object, "tags")) {
    for (const auto& each : *tags) {
      if (each.is_string()) routing.tags.emplace_back(each.get_string());
    }
  }
  if (const auto* priority = object.if_contains("priority")) routing.priority = *priority;
  if (const auto* targets = array_at(object, "targets")) {
    for (const auto& each : *targets) {
      const auto* text = each.if_string();
      const auto id = text == nullptr ? std::nullopt : TargetId::parse(*text);
      if (id) routing.targets.push_back(*id);
    }
  }
  routing.ignored = text_at(object, "ignored");
  routing.held = text_at(object, "held");
  routing.quarantined = text_at(object, "quarantined");
  return routing;
}

}  // namespace postern
