#include "core/action_variables.hpp"

#include "core/json_text.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <array>

namespace postern {
namespace {

constexpr auto names = std::to_array<std::string_view>({"event.id",       "event.kind",
                                                        "event.at",       "event.message",
                                                        "event.hint",     "event.data",
                                                        "integration.id", "integration.name",
                                                        "server",         "port",
                                                        "login",          "security",
                                                        "from",           "recipient",
                                                        "rule.id",        "rule.name",
                                                        "held_back",      "held_back_since",
                                                        "held_back_text", "link"});

std::string port_text(int port) {
  return port == 0 ? std::string() : std::to_string(port);
}

}  // namespace

std::span<const std::string_view> action_variable_names() {
  return names;
}

std::string event_from(const Event& event) {
  return json_text(event.data, "from");
}

std::vector<std::string> event_recipients(const Event& event) {
  std::vector<std::string> found;
  if (auto one = json_text(event.data, "recipient"); !one.empty()) found.push_back(std::move(one));
  const auto* many = event.data.if_contains("recipients");
  if (many == nullptr || !many->is_array()) return found;
  for (const auto& each : many->get_array()) {
    if (each.is_string()) found.emplace_back(each.get_string());
  }
  return found;
}

std::string held_back_text(const NoticeFacts& facts) {
  if (facts.held_back == 0) return {};
  if (!facts.held_back_since) return fmt::format("{} more", facts.held_back);
  return fmt::format("{} more since {}", facts.held_back, to_rfc3339(*facts.held_back_since));
}

TemplateVariables action_variables(const Event& event, const NoticeFacts& facts) {
  TemplateVariables values;
  std::string recipients;
  for (const auto& each : event_recipients(event)) {
    recipients += (recipients.empty() ? "" : ", ") + each;
  }
  values["event.id"] = event.id ? event.id.str() : "";
  values["event.kind"] = event.kind;
  values["event.at"] = to_rfc3339(event.at);
  values["event.message"] = event.message;
  values["event.hint"] = event.hint;
  values["event.data"] = boost::json::serialize(event.data);
  values["integration.id"] = event.integration ? event.integration.str() : "";
  values["integration.name"] = facts.integration_name;
  values["server"] = event.server;
  values["port"] = port_text(event.port);
  values["login"] = event.login;
  values["security"] = event.security;
  values["from"] = event_from(event);
  values["recipient"] = recipients;
  values["rule.id"] = facts.rule_id;
  values["rule.name"] = facts.rule_name;
  values["held_back"] = std::to_string(facts.held_back);
  values["held_back_since"] = facts.held_back_since ? to_rfc3339(*facts.held_back_since) : "";
  values["held_back_text"] = held_back_text(facts);
  values["link"] = facts.public_url.empty() ? "" : facts.public_url + "/";
  return values;
}

std::string default_subject(const Event& event, const NoticeFacts& facts) {
  std::string subject = "[Postern] " + event.kind;
  if (!facts.integration_name.empty()) subject += ": " + facts.integration_name;
  if (facts.held_back > 0) subject += fmt::format(" ({} more)", facts.held_back);
  return subject;
}

std::string default_text(const Event& event, const NoticeFacts& facts) {
  std::string text = event.message + "\n\n";
  const auto line = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) text += fmt::format("{}: {}\n", name, value);
  };
  line("Kind", event.kind);
  line("At", to_rfc3339(event.at));
  line("Integration", facts.integration_name);
  line("Server", event.port == 0 ? event.server : fmt::format("{}:{}", event.server, event.port));
  line("Login", event.login);
  line("What to do", event.hint);
  line("Held back", held_back_text(facts));
  line("Rule", facts.rule_name);
  line("Postern", facts.public_url);
  return text;
}

Event sample_event(Instant now) {
  Event event;
  event.kind = "imap.login_failed";
  event.at = now;
  event.server = "imap.example.com";
  event.port = 993;
  event.login = "support@example.com";
  event.security = "tls";
  event.message = "A NO [AUTHENTICATIONFAILED] Authentication failed.";
  event.hint = "Check login and password.";
  event.data["from"] = "support@example.com";
  event.data["recipients"] = boost::json::array{"customer@example.com"};
  return event;
}

}  // namespace postern
