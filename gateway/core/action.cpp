// See action.hpp: the words of types and what is told from an action without doing it.
#include "core/action.hpp"

namespace postern {

std::string_view to_string(ActionType type) {
  switch (type) {
    case ActionType::web_page:
      return "web_page";
    case ActionType::webhook:
      return "webhook";
    case ActionType::log_file:
      return "log_file";
    case ActionType::provider:
      return "provider";
    case ActionType::email:
      return "email";
    case ActionType::profile:
      return "profile";
    case ActionType::sms:
      return "sms";
  }
  return "";
}

bool signs(ActionType type) {
  return type == ActionType::webhook || type == ActionType::provider;
}

std::string_view origin_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == url.npos) return {};
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

TemplateEscape body_escape(const Action& action) {
  for (const auto& [name, value] : action.headers) {
    std::string lower = name;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower != "content-type") continue;
    if (value.find("json") != value.npos) return TemplateEscape::json;
    if (value.find("x-www-form-urlencoded") != value.npos) return TemplateEscape::url;
    if (value.find("html") != value.npos || value.find("xml") != value.npos) {
      return TemplateEscape::html;
    }
    return TemplateEscape::none;
  }
  // What looks like JSON is sent as JSON.
  const auto begin = action.body.find_first_not_of(" \t\r\n");
  const bool json = begin != action.body.npos && action.body[begin] == '{' &&
                    !action.body.substr(begin).starts_with("{{");
  return json ? TemplateEscape::json : TemplateEscape::none;
}

}  // namespace postern
