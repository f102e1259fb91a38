#include "core/target_settings.hpp"

#include "core/syntax.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace postern {
namespace {

constexpr std::size_t pairs_max = 50;
constexpr std::size_t pair_bytes_max = 4096;
constexpr std::size_t word_bytes_max = 200;
constexpr std::size_t folder_bytes_max = 1000;
constexpr std::size_t recipients_max = 100;
constexpr std::size_t url_bytes_max = 2000;
constexpr std::size_t ca_pem_bytes_max = 256 * 1024;

/// Headers that are the protocol's or ours, in lower case.
constexpr std::array<std::string_view, 10> own_headers = {
    "host",       "content-length", "content-type", "transfer-encoding", "connection",
    "webhook-id", "user-agent",     "upgrade",      "webhook-timestamp", "webhook-signature"};

using Pairs = std::vector<std::pair<std::string, std::string>>;

void read_url(JsonFields& fields, Target& target) {
  if (!fields.text("url", target.url, {.bytes_max = url_bytes_max, .required = true})) return;
  if (auto wrong = http_url_problem(target.url)) fields.problem("url", std::move(*wrong));
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::optional<std::string> header_problem(std::string_view name) {
  if (!valid_token(name)) return "is not the name of an HTTP header";
  const auto lower = lower_case(name);
  if (std::ranges::find(own_headers, lower) != own_headers.end() || lower.starts_with("x-postern-"))
    return "is set by Postern itself";
  return std::nullopt;
}

std::optional<std::string> form_field_problem(std::string_view name) {
  if (name.empty()) return "must have a name";
  return check_text(name, {.bytes_max = word_bytes_max});
}

/// An object of texts; `name_problem` says what is wrong with a name.
void read_pairs(JsonFields& fields, std::string_view name, Pairs& out,
                std::optional<std::string> (*name_problem)(std::string_view)) {
  const auto* object = fields.object(name);
  if (object == nullptr) return;
  if (object->size() > pairs_max) {
    fields.problem(name, fmt::format("has too many items: at most {}", pairs_max));
    return;
  }
  const auto where = fields.pointer(name);
  for (const auto& [key, value] : *object) {
    auto wrong = name_problem(key);
    if (!wrong && !value.is_string()) wrong = "must be a string";
    if (!wrong) wrong = check_text(value.get_string(), {.bytes_max = pair_bytes_max});
    if (wrong) {
      fields.problems().push_back({where + pointer_segment(key), std::move(*wrong)});
    } else {
      out.emplace_back(key, std::string_view(value.get_string()));
    }
  }
}

void read_ca_pem(JsonFields& fields, Target& target) {
  fields.text("ca_pem", target.ca_pem, {.bytes_max = ca_pem_bytes_max, .lines = true});
  if (target.ca_pem && target.ca_pem->empty()) target.ca_pem.reset();
  if (target.ca_pem && target.ca_pem->find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    fields.problem("ca_pem", "must hold certificates in PEM form (-----BEGIN CERTIFICATE-----)");
  }
}

void read_login(ServerFields& of, const TargetType& type, TargetDraft& draft) {
  auto& auth = draft.value.auth;
  const bool given = of.fields.object("auth") != nullptr;
  if (given) auth.method = AuthMethod::password;
  read_auth(of, auth, draft.credential);
  if (auth.method != AuthMethod::oauth2) {
    auth.grant.reset();
  } else if (!type.has(setting_server)) {
    of.fields.problems().push_back(
        {of.fields.pointer("auth") + "/method",
         "must be \"password\" or \"none\": only mail servers take a token"});
  } else if (!auth.grant) {
    of.fields.problems().push_back(
        {of.fields.pointer("auth") + "/grant",
         "is required: the grant of an authorised integration (GET /oauth/grants)"});
  }
}

void read_mail_server(ServerFields& of, const TargetType& type, Target& target) {
  target.server.port = type.port;
  if (type.carrier == TargetCarrier::smtp) target.server.security = Security::starttls;
  read_server(of, target.server);
  read_tls(of, target.tls);
}

void read_recipients(JsonFields& fields, Target& target) {
  const auto* value = fields.any("recipients");
  if (value != nullptr && value->is_string()) {
    std::string list;
    if (fields.text("recipients", list, {.bytes_max = 65536, .lines = true})) {
      target.recipients = split_addresses(list);
    }
  } else {
    fields.texts("recipients", target.recipients, {}, recipients_max);
  }
  for (std::size_t i = 0; i < target.recipients.size(); ++i) {
    if (valid_addr_spec(target.recipients[i])) continue;
    fields.problems().push_back(
        {fmt::format("{}/{}", fields.pointer("recipients"), i), "must be an e-mail address"});
  }
  if (target.recipients.empty()) {
    fields.problem("recipients", "is required: the addresses that the mail is relayed to");
  } else if (target.recipients.size() > recipients_max) {
    fields.problem("recipients", fmt::format("has too many items: at most {}", recipients_max));
  }
  fields.text("sender", target.sender);
  if (!target.sender.empty() && !valid_addr_spec(target.sender)) {
    fields.problem("sender", "must be an e-mail address");
  }
}

void read_queue(JsonFields& fields, Target& target) {
  target.queue = "General";
  target.action = "correspond";
  fields.text("queue", target.queue,
              {.bytes_max = word_bytes_max, .required = fields.has("queue")});
  fields.text("action", target.action,
              {.bytes_max = word_bytes_max, .required = fields.has("action")});
  const auto word = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
  if (!std::ranges::all_of(target.action, word)) {
    fields.problem("action", "must be an action of rt-mailgate, such as \"correspond\"");
  }
}

/// What a form sends for a setting that is not filled in.
bool is_empty(const boost::json::value& value) {
  if (value.is_null()) return true;
  if (value.is_bool()) return !value.get_bool();
  if (value.is_string()) return value.get_string().empty();
  if (value.is_array()) return value.get_array().empty();
  return value.is_object() && value.get_object().empty();
}

struct NamedSetting {
  std::string_view name;
  std::uint32_t settings;  // of which the type has one
};
constexpr NamedSetting named_settings[] = {
    {"url", setting_url},
    {"headers", setting_headers},
    {"raw", setting_raw},
    {"ca_pem", setting_ca_pem},
    {"api_key", setting_api_key},
    {"auth", setting_auth},
    {"host", setting_server},
    {"port", setting_server},
    {"security", setting_server},
    {"tls", setting_server},
    {"recipients", setting_recipients},
    {"sender", setting_recipients},
    {"folder", setting_folder},
    {"queue", setting_queue},
    {"action", setting_queue},
    {"project", setting_project},
    {"group", setting_group},
    {"fields", setting_fields},
    {"allow_control_headers", setting_control_headers},
};

void refuse_settings_of_others(JsonFields& fields, const boost::json::object& json,
                               const TargetType& type) {
  for (const auto& [name, settings] : named_settings) {
    if ((type.settings & settings) != 0) continue;
    const auto* value = json.if_contains(name);
    if (value == nullptr) continue;
    fields.any(name);  // known
    if (is_empty(*value)) continue;
    if (name == "url" && type.carrier == TargetCarrier::none) {
      fields.problem("url", "must be left out: nobody is called, consumers fetch the mail");
    } else {
      fields.problem(
          name, fmt::format("must be left out: it is no setting of the type \"{}\"", type.word));
    }
  }
}

boost::json::object json_of(const Pairs& pairs) {
  boost::json::object json;
  for (const auto& [name, value] : pairs) json[name] = value;
  return json;
}

}  // namespace

void read_target_settings(ServerFields& of, const boost::json::object& json, const TargetType& type,
                          TargetDraft& draft) {
  auto& fields = of.fields;
  auto& target = draft.value;
  refuse_settings_of_others(fields, json, type);
  if (type.has(setting_url)) read_url(fields, target);
  if (type.has(setting_headers)) read_pairs(fields, "headers", target.headers, header_problem);
  if (type.has(setting_raw)) fields.boolean("raw", target.raw);
  if (type.has(setting_ca_pem)) read_ca_pem(fields, target);
  if (type.has(setting_api_key)) read_secret_text(fields, "api_key", draft.credential);
  if (type.has(setting_server)) read_mail_server(of, type, target);
  if (type.has(setting_auth)) {
    if (target.type == "rails_relay") target.auth.username = "actionmailbox";
    read_login(of, type, draft);
  }
  if (type.has(setting_server)) check_open_line(of, target.server, target.auth, target.tls);
  if (type.has(setting_recipients)) read_recipients(fields, target);
  if (type.has(setting_folder)) {
    target.folder = "INBOX";
    fields.text("folder", target.folder,
                {.bytes_max = folder_bytes_max, .required = fields.has("folder")});
  }
  if (type.has(setting_queue)) read_queue(fields, target);
  if (type.has(setting_project)) {
    fields.text("project", target.project, {.bytes_max = word_bytes_max});
  }
  if (type.has(setting_group)) {
    fields.text("group", target.group, {.bytes_max = word_bytes_max, .required = true});
  }
  if (type.has(setting_fields)) read_pairs(fields, "fields", target.fields, form_field_problem);
  if (type.has(setting_control_headers)) {
    fields.boolean("allow_control_headers", target.allow_control_headers);
  }
}

void write_target_settings(boost::json::object& json, const Target& target) {
  const auto& type = type_of(target);
  json["url"] = target.url;
  if (type.has(setting_headers)) json["headers"] = json_of(target.headers);
  if (type.has(setting_raw)) json["raw"] = target.raw;
  if (type.has(setting_ca_pem)) {
    json["ca_pem"] = nullptr;
    if (target.ca_pem) json["ca_pem"] = *target.ca_pem;
  }
  if (type.has(setting_server)) {
    write_server(json, target.server);
    json["tls"] = to_json(target.tls);
  }
  if (type.has(setting_auth)) json["auth"] = to_json(target.auth);
  if (type.has(setting_recipients)) {
    json["recipients"] = boost::json::array(target.recipients.begin(), target.recipients.end());
    json["sender"] = target.sender;
  }
  if (type.has(setting_folder)) json["folder"] = target.folder;
  if (type.has(setting_queue)) {
    json["queue"] = target.queue;
    json["action"] = target.action;
  }
  if (type.has(setting_project)) json["project"] = target.project;
  if (type.has(setting_group)) json["group"] = target.group;
  if (type.has(setting_fields)) json["fields"] = json_of(target.fields);
  if (type.has(setting_control_headers)) {
    json["allow_control_headers"] = target.allow_control_headers;
  }
}

}  // namespace postern
