// Matching: literal segments equal, parameters take any non-empty one; the table's order decides.
#include "web/router.hpp"

#include "web/routes.hpp"

#include <algorithm>
#include <optional>

namespace postern::web {
namespace {

using Parameters = std::vector<std::pair<std::string_view, std::string>>;

/// The segments from `index` on with slashes between; nothing when one is empty or holds a slash.
std::optional<std::string> rest_of(const std::vector<std::string>& segments, std::size_t index) {
  std::string rest;
  for (; index < segments.size(); ++index) {
    if (segments[index].empty() || segments[index].find('/') != std::string::npos) {
      return std::nullopt;
    }
    if (!rest.empty()) rest += '/';
    rest += segments[index];
  }
  return rest;
}

std::optional<Parameters> fit(std::string_view pattern, const std::vector<std::string>& segments) {
  Parameters parameters;
  pattern.remove_prefix(1);
  std::size_t index = 0;
  for (; !pattern.empty(); ++index) {
    const auto part = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(std::min(part.size() + 1, pattern.size()));
    if (index == segments.size()) return std::nullopt;
    if (part.ends_with("*}")) {
      auto rest = rest_of(segments, index);
      if (!rest) return std::nullopt;
      parameters.emplace_back(part.substr(1, part.size() - 3), std::move(*rest));
      return parameters;
    }
    if (!part.starts_with('{')) {
      if (part != segments[index]) return std::nullopt;
    } else {
      if (segments[index].empty()) return std::nullopt;
      parameters.emplace_back(part.substr(1, part.size() - 2), segments[index]);
    }
  }
  if (index != segments.size()) return std::nullopt;
  return parameters;
}

Problem wrong_method(const std::vector<std::string_view>& verbs) {
  std::string allow;
  for (const auto verb : verbs) {
    if (!allow.empty()) allow += ", ";
    allow += verb;
    if (verb == "GET") allow += ", HEAD";
  }
  Problem problem(405, "method_not_allowed", "This resource does not take that method.",
                  "It takes " + allow + ".");
  problem.headers.emplace_back("Allow", allow);
  return problem;
}

void append(Routes& all, Routes some) {
  for (auto& route : some) all.push_back(std::move(route));
}

}  // namespace

const std::string& Call::parameter(std::string_view name) const {
  const auto found =
      std::ranges::find(parameters, name, &std::pair<std::string_view, std::string>::first);
  POSTERN_ASSERT(found != parameters.end());
  return found->second;
}

const Routes& all_routes() {
  static const Routes routes = [] {
    Routes all;
    append(all, bulk_routes());
    append(all, connection_test_routes());
    append(all, submission_login_routes());
    append(all, integration_routes());
    append(all, integration_act_routes());
    append(all, activity_routes());
    append(all, delivery_routes());
    append(all, send_routes());
    append(all, message_routes());
    append(all, target_routes());
    append(all, rule_routes());
    append(all, pull_routes());
    append(all, replay_routes());
    append(all, target_test_routes());
    append(all, event_routes());
    append(all, account_routes());
    append(all, session_routes());
    append(all, user_routes());
    append(all, provider_routes());
    append(all, oauth_app_routes());
    append(all, oauth_routes());
    append(all, overview_routes());
    append(all, backup_routes());
    append(all, problem_routes());
    append(all, take_up_routes());
    append(all, silence_routes());
    append(all, settings_routes());
    append(all, notify_routes());
    append(all, event_rule_routes());
    append(all, event_rule_act_routes());
    append(all, profile_routes());
    append(all, system_routes());
    append(all, page_routes());
    return all;
  }();
  return routes;
}

Answer<Match> match(const Routes& routes, std::string_view method, const Target& target) {
  const auto verb = method == "HEAD" ? std::string_view("GET") : method;
  std::vector<std::string_view> others;
  for (const auto& route : routes) {
    auto parameters = fit(route.pattern, target.segments);
    if (!parameters) continue;
    if (route.verb == verb) return Match{&route, std::move(*parameters)};
    if (!std::ranges::count(others, route.verb)) others.push_back(route.verb);
  }
  if (!others.empty()) return wrong_method(others);
  return Problem(404, "not_found", "There is no such resource in this version.",
                 "/openapi.json lists all of them.");
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

}  // namespace postern::web
