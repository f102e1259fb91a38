#include "flows/target_requests.hpp"

#include "core/base64.hpp"
#include "core/json_text.hpp"
#include "flows/handover.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace postern::flows {
namespace {

namespace json = boost::json;

constexpr std::string_view raw_type = "message/rfc822";
constexpr std::string_view form_type = "application/x-www-form-urlencoded";

net::HttpRequest request_to(const Target& target, std::string_view content_type) {
  net::HttpRequest request;
  request.url = helpdesk_url(type_of(target), target.url);
  request.headers = target.headers;
  if (!content_type.empty()) request.headers.emplace_back("Content-Type", content_type);
  request.headers.emplace_back("User-Agent", "Postern");
  return request;
}

/// Which mail it is, for the logs of what stands between.
void name_mail(net::HttpRequest& request, const TargetMail& mail) {
  request.headers.emplace_back("X-Postern-Handover", mail.handover);
  if (!mail.message.empty()) request.headers.emplace_back("X-Postern-Message", mail.message);
  if (!mail.integration.empty()) {
    request.headers.emplace_back("X-Postern-Integration", mail.integration);
  }
  if (mail.target.id) request.headers.emplace_back("X-Postern-Target", mail.target.id.str());
  request.headers.emplace_back("X-Postern-Attempt", std::to_string(mail.attempt));
}

void log_in(net::HttpRequest& request, const TargetMail& mail) {
  const auto& auth = mail.target.auth;
  if (auth.method != AuthMethod::password) return;
  const auto& password = mail.secrets.credential;
  request.headers.emplace_back(
      "Authorization",
      "Basic " + to_base64(fmt::format("{}:{}", auth.username, password.reveal())));
}

net::HttpRequest osticket_call(TargetMail& mail) {
  auto request = request_to(mail.target, raw_type);
  name_mail(request, mail);
  request.headers.emplace_back("X-API-Key", mail.secrets.credential.reveal());
  request.body = std::move(mail.bytes);
  return request;
}

/// A boundary that no line of the mail can be.
std::string boundary_for(std::string_view bytes, std::uint64_t chance) {
  auto boundary = fmt::format("postern-{:016x}", chance);
  while (bytes.find(boundary) != std::string_view::npos) {
    boundary = fmt::format("postern-{:016x}", ++chance);
  }
  return boundary;
}

void add_form_part(std::string& body, std::string_view boundary, std::string_view name,
                   std::string_view value) {
  std::string quoted;
  for (const char c : name) quoted += c == '"' ? std::string("%22") : std::string(1, c);
  body += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", boundary,
                      quoted, value);
}

net::HttpRequest rt_call(TargetMail& mail) {
  const auto boundary = boundary_for(mail.bytes, mail.chance);
  auto request = request_to(mail.target, fmt::format("multipart/form-data; boundary={}", boundary));
  name_mail(request, mail);
  log_in(request, mail);
  auto& body = request.body;
  // As rt-mailgate says it: no login page comes, and the mail is a field, no file (a file is not
  // read).
  add_form_part(body, boundary, "SessionType", "REST");
  add_form_part(body, boundary, "queue", mail.target.queue);
  add_form_part(body, boundary, "action", mail.target.action);
  for (const auto& [name, value] : mail.target.fields) add_form_part(body, boundary, name, value);
  body += fmt::format(
      "--{}\r\nContent-Disposition: form-data; name=\"message\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\n",
      boundary);
  body += mail.bytes;
  body += fmt::format("\r\n--{}--\r\n", boundary);
  mail.bytes.clear();
  return request;
}

net::HttpRequest redmine_call(TargetMail& mail) {
  auto request = request_to(mail.target, form_type);
  name_mail(request, mail);
  std::vector<std::pair<std::string, std::string_view>> form;
  form.emplace_back("key", mail.secrets.credential.reveal());
  if (!mail.target.project.empty()) form.emplace_back("issue[project]", mail.target.project);
  for (const auto& [name, value] : mail.target.fields) form.emplace_back(name, value);
  form.emplace_back("email", mail.bytes);
  request.body = form_urlencoded(form);
  mail.bytes.clear();
  return request;
}

net::HttpRequest rails_call(TargetMail& mail, std::string_view content_type) {
  auto request = request_to(mail.target, content_type);
  name_mail(request, mail);
  log_in(request, mail);
  request.body = std::move(mail.bytes);
  return request;
}

/// "Anna <anna@example.com>, ben@example.com".
std::string addresses_of(const json::object& data, std::string_view name) {
  std::string all;
  const auto* list = data.if_contains(name);
  if (list == nullptr || !list->is_array()) return all;
  for (const auto& each : list->get_array()) {
    const auto& one = each.get_object();
    const auto person = json_text(one, "name");
    if (!all.empty()) all += ", ";
    std::string quoted;
    for (const char c : person) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    all += person.empty() ? json_text(one, "address")
                          : fmt::format("\"{}\" <{}>", quoted, json_text(one, "address"));
  }
  return all;
}

std::string first_address(const json::object& data, std::string_view name) {
  const auto* list = data.if_contains(name);
  if (list == nullptr || !list->is_array() || list->get_array().empty()) return {};
  return json_text(list->get_array().front().get_object(), "address");
}

json::array zammad_attachments(const TargetMail& mail) {
  json::array all;
  const auto* list = mail.data.if_contains("attachments");
  if (list == nullptr || !list->is_array()) return all;
  for (std::size_t i = 0; i < list->get_array().size() && i < mail.attachments.size(); ++i) {
    const auto& told = list->get_array()[i].get_object();
    const auto name = json_text(told, "filename");
    json::object one;
    one["filename"] = name.empty() ? fmt::format("attachment-{}", i + 1) : name;
    one["data"] = to_base64(mail.attachments[i]);
    one["mime-type"] = json_text(told, "content_type");
    all.push_back(std::move(one));
  }
  return all;
}

json::object zammad_article(const TargetMail& mail) {
  json::object article;
  auto html = json_text(mail.data, "html");
  const bool is_html = !html.empty() && mail.notice.empty();
  article["subject"] = json_text(mail.data, "subject");
  article["body"] = is_html ? std::move(html) : json_text(mail.data, "text");
  if (!mail.notice.empty()) article["body"] = mail.notice;
  if (article["body"].as_string().empty()) article["body"] = "(no text)";
  article["content_type"] = is_html ? "text/html" : "text/plain";
  article["type"] = "email";
  article["sender"] = "Customer";
  article["internal"] = false;
  article["from"] = addresses_of(mail.data, "from");
  article["to"] = addresses_of(mail.data, "to");
  if (const auto cc = addresses_of(mail.data, "cc"); !cc.empty()) article["cc"] = cc;
  for (const auto* name : {"message_id", "in_reply_to"}) {
    if (const auto id = json_text(mail.data, name); !id.empty()) article[name] = id;
  }
  if (auto files = zammad_attachments(mail); !files.empty()) {
    article["attachments"] = std::move(files);
  }
  return article;
}

std::string test_mail(const TargetMail& mail) {
  return fmt::format(
      "From: Postern <postern@localhost>\r\nTo: test@localhost\r\nSubject: A test from Postern\r\n"
      "Message-ID: <{}@postern>\r\nAuto-Submitted: auto-generated\r\n"
      "X-Auto-Response-Suppress: All\r\n\r\nThis is a test from Postern.\r\n",
      mail.handover);
}

}  // namespace

net::HttpRequest zammad_call(const TargetMail& mail, std::string_view path) {
  auto target = mail.target;
  const auto place = target.url.rfind("/api/v1");
  if (place != std::string::npos) target.url.resize(place);
  auto request = request_to(target, "application/json");
  request.url += path;
  name_mail(request, mail);
  request.headers.emplace_back("Authorization",
                               fmt::format("Token token={}", mail.secrets.credential.reveal()));
  return request;
}

std::string form_urlencoded(const std::vector<std::pair<std::string, std::string_view>>& pairs) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  const auto add = [&](std::string_view text) {
    for (const char c : text) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '*' || c == '-' || c == '.' || c == '_';
      if (plain) {
        out += c;
      } else if (c == ' ') {
        out += '+';
      } else {
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
      }
    }
  };
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    add(name);
    out += '=';
    add(value);
  }
  return out;
}

Result<net::HttpRequest> webhook_request(TargetMail& mail) {
  if (mail.target.raw) mail.data["raw_base64"] = to_base64(mail.bytes);
  json::object body(mail.data.storage());
  body["type"] = "message.received";
  body["timestamp"] = mail.told_at;
  body["data"] = std::move(mail.data);
  return signed_request(mail.target, mail.secrets, mail.handover, mail.now, json::serialize(body));
}

Result<net::HttpRequest> raw_request(TargetMail& mail) {
  POSTERN_TRY(auto request, signed_request(mail.target, mail.secrets, mail.handover, mail.now,
                                           std::move(mail.bytes), raw_type));
  name_mail(request, mail);
  log_in(request, mail);
  return request;
}

Result<net::HttpRequest> osticket_request(TargetMail& mail) {
  return osticket_call(mail);
}

Result<net::HttpRequest> rt_request(TargetMail& mail) {
  return rt_call(mail);
}

Result<net::HttpRequest> redmine_request(TargetMail& mail) {
  return redmine_call(mail);
}

Result<net::HttpRequest> zammad_request(TargetMail& mail) {
  json::object body;
  if (mail.ticket.empty()) {
    auto title = json_text(mail.data, "subject");
    body["title"] = title.empty() ? "(no subject)" : title;
    body["group"] = mail.target.group;
    auto customer = first_address(mail.data, "reply_to");
    if (customer.empty()) customer = first_address(mail.data, "from");
    body["customer"] = "guess:" + (customer.empty() ? "unknown@invalid" : customer);
    for (const auto& [name, value] : mail.target.fields) body[name] = value;
    body["article"] = zammad_article(mail);
  } else {
    body = zammad_article(mail);
    body["ticket_id"] = mail.ticket;
  }
  auto request = zammad_call(mail, mail.ticket.empty() ? "/tickets" : "/ticket_articles");
  request.body = json::serialize(body);
  request.once = true;  // it makes two tickets of what it is given twice
  return request;
}

Result<net::HttpRequest> rails_request(TargetMail& mail) {
  return rails_call(mail, raw_type);
}

Result<net::HttpRequest> webhook_probe(TargetMail& mail) {
  json::object data;
  data["target"] = mail.target.name;
  data["text"] = "This is a test from Postern; no mail comes with it.";
  json::object body;
  body["type"] = "test";
  body["timestamp"] = to_rfc3339(mail.now);
  body["data"] = std::move(data);
  return signed_request(mail.target, mail.secrets, mail.handover, mail.now, json::serialize(body));
}

Result<net::HttpRequest> raw_probe(TargetMail& mail) {
  mail.bytes = test_mail(mail);
  POSTERN_TRY(auto request, raw_request(mail));
  request.headers.emplace_back("X-Postern-Test", "true");
  return request;
}

Result<net::HttpRequest> osticket_probe(TargetMail& mail) {
  return osticket_call(mail);  // without a mail: the key is looked at first
}

Result<net::HttpRequest> rt_probe(TargetMail& mail) {
  mail.bytes = "\r\n";  // RT finds no sender in it and makes no ticket
  return rt_call(mail);
}

Result<net::HttpRequest> redmine_probe(TargetMail& mail) {
  return redmine_call(mail);
}

Result<net::HttpRequest> zammad_probe(TargetMail& mail) {
  auto request = zammad_call(mail, "/users/me");
  request.method = "GET";
  return request;
}

Result<net::HttpRequest> rails_probe(TargetMail& mail) {
  return rails_call(mail, "application/octet-stream");  // refused by its type, behind the login
}

}  // namespace postern::flows
