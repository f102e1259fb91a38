// An action as the API shows and takes it. Each type has its own fields; those of another type are
// unknown fields, and problems.
#include "core/action.hpp"
#include "core/action_variables.hpp"
#include "core/syntax.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace postern {
namespace {

constexpr std::size_t url_bytes_max = 2000;
constexpr std::size_t header_bytes_max = 4096;
constexpr std::size_t secret_bytes_max = 4096;
constexpr std::size_t ca_pem_bytes_max = 256 * 1024;
constexpr std::size_t path_bytes_max = 200;
constexpr std::size_t name_bytes_max = 200;

constexpr Choice<WebhookFormat> formats[] = {{"postern", WebhookFormat::postern},
                                             {"slack", WebhookFormat::slack},
                                             {"teams", WebhookFormat::teams},
                                             {"ntfy", WebhookFormat::ntfy}};
constexpr std::array<std::string_view, 6> methods = {"GET",  "POST",  "PUT",
                                                     "HEAD", "PATCH", "DELETE"};
/// What the request has by itself.
constexpr std::array<std::string_view, 8> own_headers = {
    "host",       "content-length",    "transfer-encoding", "connection",
    "webhook-id", "webhook-timestamp", "webhook-signature", "upgrade"};

using Names = std::vector<std::string_view>;

class Reader {
 public:
  Reader(const boost::json::object& object, std::string pointer,
         std::span<const std::string_view> text_names, FieldProblems& problems)
      : fields_(object, std::move(pointer), problems),
        text_names_(text_names.begin(), text_names.end()) {
    for (const auto name : action_variable_names()) text_names_.push_back(name);
    // Where a credential may stand: never in what people are shown.
    call_names_ = text_names_;
    call_names_.push_back("secret");
  }

  std::optional<ActionDraft> read(std::span<const ActionType> types) {
    const auto before = fields_.problems().size();
    if (read_type(types)) read_fields();
    fields_.ignore({"secret_set"});
    fields_.finish();
    if (fields_.problems().size() != before) return std::nullopt;
    return std::move(draft_);
  }

 private:
  Action& action() { return draft_.value; }

  bool read_type(std::span<const ActionType> types) {
    std::string word;
    if (!fields_.text("type", word, {.bytes_max = 50, .required = true})) {
      fields_.ignore({"type"});
      return false;
    }
    std::string offered;
    for (const auto type : types) {
      if (to_string(type) == word) {
        action().type = type;
        return true;
      }
      offered += (offered.empty() ? "" : ", ") + std::string(to_string(type));
    }
    fields_.problem("type", fmt::format("is not \"{}\" but one of: {}", word, offered));
    return false;
  }

  void read_fields() {
    fields_.text("name", action().name, {.bytes_max = name_bytes_max});
    switch (action().type) {
      case ActionType::web_page:
        action().method = "GET";
        read_method();
        read_url(call_names_);
        read_headers(call_names_);
        read_template("body", action().body, call_names_);
        read_connection();
        return;
      case ActionType::webhook:
        fields_.choice("format", action().format, formats);
        read_url(text_names_);
        read_headers(text_names_);
        read_template("text", action().text, text_names_);
        read_connection();
        return;
      case ActionType::provider:
        read_url({});
        read_headers({});
        read_connection();
        return;
      case ActionType::log_file:
        read_path();
        read_template("text", action().text, text_names_);
        return;
      case ActionType::email:
        read_addresses("to", action().to, true);
        read_addresses("cc", action().cc, false);
        read_line("subject", action().subject);
        read_template("text", action().text, text_names_);
        read_template("html", action().html, text_names_);
        fields_.text("integration", action().integration, {.bytes_max = name_bytes_max});
        return;
      case ActionType::profile:
        fields_.text("profile", action().profile, {.bytes_max = name_bytes_max, .required = true});
        return;
      case ActionType::sms:
        read_sms();
        return;
    }
  }

  void read_sms() {
    read_method();
    fields_.texts("to", action().to, {.bytes_max = 40, .required = true}, action_addresses_max);
    if (action().to.empty() && !fields_.has("to")) {
      fields_.problem("to", "is required: the numbers to send to");
    }
    call_names_.push_back("to");
    call_names_.push_back("text");
    read_url(call_names_);
    read_headers(call_names_);
    read_template("body", action().body, call_names_);
    read_template("text", action().text, text_names_);
    read_connection();
  }

  void read_method() {
    std::string word;
    if (!fields_.text("method", word, {.bytes_max = 10})) return;
    if (std::ranges::find(methods, word) == methods.end()) {
      fields_.problem("method", "must be GET, POST, PUT, PATCH, DELETE or HEAD");
      return;
    }
    action().method = word;
  }

  void check_template(std::string_view name, std::string_view text, const Names& names) {
    for (auto& mistake : template_mistakes(text, names)) {
      fields_.problem(name, std::move(mistake));
    }
  }

  void read_template(std::string_view name, std::string& out, const Names& names) {
    fields_.text(name, out, {.bytes_max = action_text_bytes_max, .lines = true});
    check_template(name, out, names);
  }

  void read_line(std::string_view name, std::string& out) {
    fields_.text(name, out, {.bytes_max = 1000});
    check_template(name, out, text_names_);
  }

  void read_url(const Names& names) {
    auto& url = action().url;
    if (!fields_.text("url", url, {.bytes_max = url_bytes_max, .required = true})) return;
    if (url.empty()) return;
    if (origin_of(url).find("{{") != std::string_view::npos) {
      fields_.problem("url", "its host must stand there as it is: events bring in foreign text");
      return;
    }
    check_template("url", url, names);
    TemplateVariables sample;
    for (const auto name : names) sample.emplace(name, "x");
    const auto expanded = expand_template(url, sample, TemplateEscape::url, action_out_bytes_max);
    if (!expanded.mistakes.empty()) return;  // told above
    if (auto wrong = http_url_problem(expanded.text)) fields_.problem("url", std::move(*wrong));
  }

  void read_headers(const Names& names) {
    const auto* headers = fields_.object("headers");
    if (headers == nullptr) return;
    if (headers->size() > action_headers_max) {
      fields_.problem("headers", fmt::format("has too many items: at most {}", action_headers_max));
      return;
    }
    const auto where = fields_.pointer("headers");
    for (const auto& [name, value] : *headers) {
      if (auto wrong = header_problem(name, value)) {
        fields_.problems().push_back({where + pointer_segment(name), std::move(*wrong)});
        continue;
      }
      for (auto& mistake : template_mistakes(value.get_string(), names)) {
        fields_.problems().push_back({where + pointer_segment(name), std::move(mistake)});
      }
      action().headers.emplace_back(name, std::string_view(value.get_string()));
    }
  }

  static std::optional<std::string> header_problem(std::string_view name,
                                                   const boost::json::value& value) {
    if (!valid_token(name)) return "is not the name of an HTTP header";
    std::string lower(name);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (std::ranges::find(own_headers, lower) != own_headers.end()) {
      return "is set by Postern itself";
    }
    if (!value.is_string()) return "must be a string";
    return check_text(value.get_string(), {.bytes_max = header_bytes_max});
  }

  void read_connection() {
    fields_.text("ca_pem", action().ca_pem, {.bytes_max = ca_pem_bytes_max, .lines = true});
    const auto& pem = action().ca_pem;
    if (pem && pem->find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
      fields_.problem("ca_pem", "must hold certificates in PEM form (-----BEGIN CERTIFICATE-----)");
    }
    fields_.boolean("secret_set", action().secret_set);  // the store's word; it overrides others'
    std::optional<std::string> text;
    fields_.text("secret", text, {.bytes_max = secret_bytes_max});
    if (!text) return;
    if (signs(action().type) && !text->starts_with("whsec_")) {
      fields_.problem("secret", "must be \"whsec_\" and the base64 of 24 to 64 bytes");
      return;
    }
    draft_.secret = Secret(std::move(*text));
  }

  void read_addresses(std::string_view name, std::vector<std::string>& out, bool required) {
    const auto* given = fields_.any(name);
    if (given != nullptr && given->is_string()) {
      out = split_addresses(given->get_string());
    } else if (given != nullptr && !given->is_null()) {
      fields_.texts(name, out, {.bytes_max = 320}, action_addresses_max);
    }
    for (const auto& each : out) {
      if (!valid_addr_spec(without_name(each))) {
        fields_.problem(name, fmt::format("\"{}\" is no e-mail address", each));
      }
    }
    if (out.size() > action_addresses_max) {
      fields_.problem(name, fmt::format("has too many items: at most {}", action_addresses_max));
    }
    if (required && out.empty()) fields_.problem(name, "is required: who is written to");
  }

  /// name = 1*( letter / digit / "." / "_" / "-" ); path = name *( "/" name ), no name of dots.
  void read_path() {
    auto& path = action().path;
    if (!fields_.text("path", path, {.bytes_max = path_bytes_max, .required = true})) return;
    if (path.empty()) return;
    if (log_path_problem(path)) {
      fields_.problem("path",
                      "must be a path below the directory of logs ([alerts] log_dir), as "
                      "\"failures.log\" or \"mail/failures.log\": letters, digits, dots, _ and -");
    }
  }

  JsonFields fields_;
  Names text_names_, call_names_;
  ActionDraft draft_;
};

void write_call(const Action& action, boost::json::object& json) {
  boost::json::object headers;
  for (const auto& [name, value] : action.headers) headers[name] = value;
  json["url"] = action.url;
  json["headers"] = std::move(headers);
  json["ca_pem"] = nullptr;
  if (action.ca_pem) json["ca_pem"] = *action.ca_pem;
  json["secret_set"] = action.secret_set;
}

boost::json::array array_of(const std::vector<std::string>& texts) {
  return boost::json::array(texts.begin(), texts.end());
}

void write_email(const Action& action, boost::json::object& json) {
  json["to"] = array_of(action.to);
  json["cc"] = array_of(action.cc);
  json["subject"] = action.subject;
  json["text"] = action.text;
  json["html"] = action.html;
  json["integration"] = nullptr;
  if (action.integration) json["integration"] = *action.integration;
}

}  // namespace

bool log_path_problem(std::string_view path) {
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const auto end = std::min(path.find('/', begin), path.size());
    const auto name = path.substr(begin, end - begin);
    if (name.empty() || name.front() == '.') return true;
    for (const char c : name) {
      const bool letter =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letter && c != '.' && c != '_' && c != '-') return true;
    }
    begin = end + 1;
  }
  return false;
}

std::optional<ActionDraft> read_action(const boost::json::object& object, std::string pointer,
                                       std::span<const ActionType> types,
                                       std::span<const std::string_view> text_names,
                                       FieldProblems& problems) {
  return Reader(object, std::move(pointer), text_names, problems).read(types);
}

boost::json::object to_json(const Action& action) {
  boost::json::object json;
  json["type"] = to_string(action.type);
  if (!action.name.empty()) json["name"] = action.name;
  switch (action.type) {
    case ActionType::web_page:
      json["method"] = action.method;
      write_call(action, json);
      json["body"] = action.body;
      break;
    case ActionType::webhook:
      for (const auto& format : formats) {
        if (format.value == action.format) json["format"] = format.word;
      }
      write_call(action, json);
      json["text"] = action.text;
      break;
    case ActionType::provider:
      write_call(action, json);
      break;
    case ActionType::log_file:
      json["path"] = action.path;
      json["text"] = action.text;
      break;
    case ActionType::email:
      write_email(action, json);
      break;
    case ActionType::profile:
      json["profile"] = action.profile;
      break;
    case ActionType::sms:
      json["method"] = action.method;
      json["to"] = array_of(action.to);
      write_call(action, json);
      json["body"] = action.body;
      json["text"] = action.text;
      break;
  }
  return json;
}

}  // namespace postern
