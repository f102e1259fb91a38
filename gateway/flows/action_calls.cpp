#include "flows/action_calls.hpp"

#include "core/base64.hpp"
#include "core/showable.hpp"
#include "core/utf8.hpp"
#include "flows/handover.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace postern::flows {
namespace {

constexpr std::size_t sms_bytes_max = 160;
constexpr std::size_t title_bytes_max = 200;
constexpr std::string_view shown_secret = "***";

TemplateVariables variables_of(const ActionNotice& notice) {
  auto values = action_variables(notice.event, notice.facts);
  values["subject"] = notice.subject.value_or(default_subject(notice.event, notice.facts));
  values["text"] = notice.text.value_or(default_text(notice.event, notice.facts));
  return values;
}

/// Templates were checked when they were saved; one that no longer fits says so in its place.
std::string expanded(std::string_view text, const TemplateVariables& values,
                     TemplateEscape escape) {
  auto result = expand_template(text, values, escape, action_out_bytes_max);
  if (result.mistakes.empty()) return std::move(result.text);
  return std::string(cut_utf8(result.text, action_out_bytes_max)) + " [" + result.mistakes.front() +
         "]";
}

/// A header's value: one line.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

bool tells_held_back(std::string_view text) {
  return text.find("held_back") != text.npos;
}

/// RFC 2047, for headers of chat programs that read it.
std::string header_text(std::string text) {
  text = one_line(std::string(cut_utf8(text, title_bytes_max)));
  const auto foreign = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (std::ranges::none_of(text, foreign)) return text;
  return "=?UTF-8?B?" + to_base64(text) + "?=";
}

boost::json::object teams_card(const Action& action, const ActionNotice& notice) {
  using boost::json::array;
  using boost::json::object;
  object title{{"type", "TextBlock"}, {"weight", "bolder"}, {"wrap", true}};
  title["text"] = subject_of(action, notice);
  object text{{"type", "TextBlock"}, {"wrap", true}};
  text["text"] = text_of(action, notice);
  object content{{"type", "AdaptiveCard"}, {"version", "1.4"}};
  content["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json";
  content["body"] = array{std::move(title), std::move(text)};
  object attachment{{"contentType", "application/vnd.microsoft.card.adaptive"}};
  attachment["contentUrl"] = nullptr;
  attachment["content"] = std::move(content);
  object card{{"type", "message"}};
  card["summary"] = subject_of(action, notice);
  card["attachments"] = array{std::move(attachment)};
  return card;
}

void write_webhook(const Action& action, const ActionNotice& notice, Instant now,
                   net::HttpRequest& request) {
  std::string type = "application/json";
  switch (action.format) {
    case WebhookFormat::postern: {
      boost::json::object body;
      body["type"] = notice.is_test ? "test" : notice.event.kind;
      body["timestamp"] = to_rfc3339(notice.event.at);
      body["data"] = notice_json(notice);
      body["text"] = text_of(action, notice);
      request.body = boost::json::serialize(body);
      break;
    }
    case WebhookFormat::slack: {
      boost::json::object body;
      body["text"] = "*" + subject_of(action, notice) + "*\n" + text_of(action, notice);
      request.body = boost::json::serialize(body);
      break;
    }
    case WebhookFormat::teams:
      request.body = boost::json::serialize(teams_card(action, notice));
      break;
    case WebhookFormat::ntfy:
      type = "text/plain; charset=utf-8";
      request.body = text_of(action, notice);
      request.headers.emplace_back("Title", header_text(subject_of(action, notice)));
      request.headers.emplace_back("Tags", "warning");
      break;
  }
  static_cast<void>(now);
  request.headers.emplace_back("Content-Type", std::move(type));
}

void write_provider(const ActionNotice& notice, net::HttpRequest& request) {
  boost::json::object body;
  body["contract"] = "postern.events/1";
  body["call"] = notice.is_test ? "test" : "event";
  body["id"] = notice.id;
  body["event"] = notice_json(notice);
  request.body = boost::json::serialize(body);
  request.headers.emplace_back("Content-Type", "application/json");
}

Result<void> sign(const Secret& secret, const ActionNotice& notice, Instant now,
                  net::HttpRequest& request) {
  const auto timestamp = to_milliseconds(now) / 1000;
  auto signature = webhook_signature(secret, notice.id, timestamp, request.body);
  if (!signature) return Error{net::errc::io, "the action's secret is not whsec_ and base64"};
  request.headers.emplace_back("webhook-id", notice.id);
  request.headers.emplace_back("webhook-timestamp", std::to_string(timestamp));
  request.headers.emplace_back("webhook-signature", std::move(*signature));
  return success();
}

bool has_header(const net::HttpRequest& request, std::string_view name) {
  return std::ranges::any_of(request.headers, [&](const auto& each) {
    return std::ranges::equal(each.first, name,
                              [](char a, char b) { return (a | 32) == (b | 32); });
  });
}

}  // namespace

std::string subject_of(const Action& action, const ActionNotice& notice) {
  const auto values = variables_of(notice);
  if (action.subject.empty()) return one_line(values.at("subject"));
  auto subject = one_line(expanded(action.subject, values, TemplateEscape::none));
  if (notice.facts.held_back > 0 && !tells_held_back(action.subject)) {
    subject += fmt::format(" ({} more)", notice.facts.held_back);
  }
  return subject;
}

std::string text_of(const Action& action, const ActionNotice& notice) {
  const auto values = variables_of(notice);
  if (action.text.empty()) return values.at("text");
  auto text = expanded(action.text, values, TemplateEscape::none);
  if (notice.facts.held_back > 0 && !tells_held_back(action.text)) {
    text += "\n" + held_back_text(notice.facts);
  }
  return text;
}

std::string html_of(const Action& action, const ActionNotice& notice) {
  if (action.html.empty()) return {};
  auto html = expanded(action.html, variables_of(notice), TemplateEscape::html);
  if (notice.facts.held_back > 0 && !tells_held_back(action.html)) {
    html += "<p>" + held_back_text(notice.facts) + "</p>";
  }
  return html;
}

std::string log_line_of(const Action& action, const ActionNotice& notice, Instant at) {
  if (!action.text.empty()) return to_rfc3339(at) + " " + as_one_line(text_of(action, notice));
  const auto& event = notice.event;
  std::string line = fmt::format("{} {}", to_rfc3339(at), event.kind);
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty())
      line += fmt::format(" {}={}", name, boost::json::serialize(boost::json::string(value)));
  };
  add("integration", notice.facts.integration_name);
  add("server", event.server);
  if (event.port != 0) add("port", std::to_string(event.port));
  add("login", event.login);
  add("message", event.message);
  add("held_back", held_back_text(notice.facts));
  return as_one_line(line);
}

boost::json::object notice_json(const ActionNotice& notice) {
  auto json = to_json(notice.event, notice.facts.integration_name);
  json["rule"] = nullptr;
  if (!notice.facts.rule_id.empty()) {
    json["rule"] = {{"id", notice.facts.rule_id}, {"name", notice.facts.rule_name}};
  }
  json["held_back"] = notice.facts.held_back;
  json["held_back_since"] = nullptr;
  if (notice.facts.held_back_since) {
    json["held_back_since"] = to_rfc3339(*notice.facts.held_back_since);
  }
  json["held_back_text"] = held_back_text(notice.facts);
  if (notice.subject) json["subject"] = *notice.subject;
  if (notice.text) json["text"] = *notice.text;
  if (notice.of_problems) {
    for (const auto* name : {"notice", "status", "dedup_key", "problems", "acknowledge_url"}) {
      const auto* value = notice.of_problems->data.if_contains(name);
      if (value != nullptr) json[name] = *value;
    }
  }
  return json;
}

Result<net::HttpRequest> request_of(const Action& action, const Secret& secret,
                                    const ActionNotice& notice, Instant now,
                                    std::string_view number) {
  auto values = variables_of(notice);
  if (action.type == ActionType::sms) {
    const auto text =
        one_line(action.text.empty() ? subject_of(action, notice) : text_of(action, notice));
    values["text"] = cut_utf8(text, sms_bytes_max);
    values["to"] = number;
  }
  if (!signs(action.type)) values["secret"] = std::string(secret.reveal());
  net::HttpRequest request;
  request.method = action.method;
  request.url = expanded(action.url, values, TemplateEscape::url);
  for (const auto& [name, value] : action.headers) {
    request.headers.emplace_back(name, one_line(expanded(value, values, TemplateEscape::none)));
  }
  if (action.type == ActionType::webhook) {
    write_webhook(action, notice, now, request);
  } else if (action.type == ActionType::provider) {
    write_provider(notice, request);
  } else {
    const auto escape = body_escape(action);
    request.body = expanded(action.body, values, escape);
    if (!request.body.empty() && !has_header(request, "content-type")) {
      request.headers.emplace_back("Content-Type", escape == TemplateEscape::json
                                                       ? "application/json"
                                                       : "text/plain; charset=utf-8");
    }
  }
  if (!has_header(request, "user-agent")) request.headers.emplace_back("User-Agent", "Postern");
  if (signs(action.type) && !secret.empty()) {
    POSTERN_TRY(sign(secret, notice, now, request));
  }
  return request;
}

boost::json::object preview_of(const Action& action, const ActionNotice& notice, Instant now) {
  boost::json::object json;
  json["type"] = to_string(action.type);
  switch (action.type) {
    case ActionType::log_file:
      json["path"] = action.path;
      json["line"] = log_line_of(action, notice, now);
      return json;
    case ActionType::email:
      json["to"] = boost::json::array(action.to.begin(), action.to.end());
      json["subject"] = subject_of(action, notice);
      json["text"] = text_of(action, notice);
      if (!action.html.empty()) json["html"] = html_of(action, notice);
      return json;
    case ActionType::profile:
      json["profile"] = action.profile;
      json["subject"] = subject_of(action, notice);
      json["text"] = text_of(action, notice);
      return json;
    case ActionType::web_page:
    case ActionType::webhook:
    case ActionType::provider:
    case ActionType::sms:
      break;
  }
  Secret shown;  // unsigned: the signature is made when it is sent
  if (!signs(action.type)) shown = Secret(std::string(shown_secret));
  const auto number = action.to.empty() ? std::string() : action.to.front();
  const auto request = request_of(action, shown, notice, now, number);
  if (!request) return json;
  json["method"] = request.value().method;
  json["url"] = request.value().url;
  boost::json::object headers;
  for (const auto& [name, value] : request.value().headers) headers[name] = value;
  json["headers"] = std::move(headers);
  json["body"] = request.value().body;
  return json;
}

}  // namespace postern::flows
