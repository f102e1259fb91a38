#include "flows/send_form.hpp"

#include "core/json_fields.hpp"
#include "core/utf8.hpp"
#include "message/charset.hpp"
#include "message/parameters.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace postern::flows {
namespace {

namespace json = boost::json;

enum class Kind { text, word, list, number, boolean, object, attachments, inline_file };

struct Field {
  std::string_view name;
  Kind kind;
};

/// The names of SendRequest. One that is not here is handed on, so that it is refused like in JSON.
constexpr std::array fields{
    Field{"integration", Kind::word},
    Field{"mode", Kind::word},
    Field{"timeout_ms", Kind::number},
    Field{"from", Kind::word},
    Field{"reply_to", Kind::word},
    Field{"to", Kind::list},
    Field{"cc", Kind::list},
    Field{"bcc", Kind::list},
    Field{"subject", Kind::text},
    Field{"text", Kind::text},
    Field{"html", Kind::text},
    Field{"body", Kind::text},
    Field{"format", Kind::word},
    Field{"headers", Kind::object},
    Field{"in_reply_to", Kind::word},
    Field{"references", Kind::list},
    Field{"encoding", Kind::word},
    Field{"strict_encoding", Kind::boolean},
    Field{"not_before", Kind::word},
    Field{"priority", Kind::word},
    Field{"tags", Kind::list},
    Field{"variables", Kind::object},
    Field{"dsn", Kind::object},
    Field{"require_tls", Kind::boolean},
    Field{"attachments", Kind::attachments},
    Field{"inline", Kind::inline_file},
};

Kind kind_of(std::string_view name) {
  const auto found =
      std::ranges::find_if(fields, [&](const Field& field) { return field.name == name; });
  return found == fields.end() ? Kind::text : found->kind;
}

constexpr std::size_t json_field_depth_max = 16;

std::optional<json::value> parse_field(std::string_view text) {
  json::parse_options options;
  options.max_depth = json_field_depth_max;
  boost::system::error_code failed;
  auto value = json::parse(text, failed, {}, options);
  if (failed) return std::nullopt;
  return value;
}

/// One form, on its way to the JSON object it stands for.
class FormReader {
 public:
  std::variant<SendRequest, Refusal> read(const std::vector<FormPart>& parts) {
    for (const auto& part : parts) {
      if (part.name == "_charset_") default_charset_ = std::string(part.content.substr(0, 40));
    }
    for (const auto& part : parts) {
      if (part.name != "_charset_") take(part);
    }
    auto request = parse_send_request(object_, std::move(files_));
    if (problems_.empty()) return request;
    Refusal refused = refusal(ResultCode::bad_request, "", "");
    if (auto* also = std::get_if<Refusal>(&request)) refused = std::move(*also);
    refused.problems.insert(refused.problems.begin(), problems_.begin(), problems_.end());
    refused.message = problems_.front().pointer + ": " + problems_.front().detail;
    if (refused.hint.empty()) refused.hint = "Correct the fields named in errors.";
    return refused;
  }

 private:
  void take(const FormPart& part) {
    const Kind kind = kind_of(part.name);
    const bool is_file = part.filename.has_value() && !part.filename->empty();
    // A browser's file field with no file chosen: a name, no bytes.
    if (part.filename && !is_file && part.content.empty()) return;
    if (kind == Kind::inline_file || (kind == Kind::attachments && is_file)) {
      return take_file(part, kind);
    }
    if (auto text = text_of(part)) put(part.name, kind, *text);
  }

  void take_file(const FormPart& part, Kind kind) {
    DraftAttachment file;
    bool clean = true;
    const std::string name = part.filename.value_or("");
    file.filename = valid_utf8(name) ? name : charsets_.to_utf8(name, "").utf8;
    if (file.filename.empty()) return wrong(part.name, "must be a file, with a name");
    file.content_type = part.content_type.empty() ? "application/octet-stream" : part.content_type;
    file.content = std::string(part.content);
    file.content_id = part.content_id;
    if (kind == Kind::inline_file && file.content_id.empty()) {
      file.content_id = file.filename;
      clean = std::ranges::none_of(file.content_id, [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || (c & 0x80) != 0;
      });
    }
    if (!clean) {
      return wrong(part.name, "has a name that is no Content-ID; give its part a Content-ID");
    }
    files_.push_back(std::move(file));
  }

  /// The content as UTF-8, or nothing and a problem.
  std::optional<std::string> text_of(const FormPart& part) {
    const auto type = message::parse_parameterized(part.content_type);
    const auto* declared = type.find("charset");
    const std::string charset = declared != nullptr ? declared->value : default_charset_;
    auto text = charsets_.to_utf8(part.content, charset.empty() ? "utf-8" : charset);
    if (text.clean) return std::move(text.utf8);
    wrong(part.name, charset.empty() ? "is not UTF-8; say its charset in the part's Content-Type"
                                     : "is not in the charset it declares");
    return std::nullopt;
  }

  void put(std::string_view name, Kind kind, const std::string& text) {
    switch (kind) {
      case Kind::text:
        return set(name, json::string(text));
      case Kind::word:
      case Kind::inline_file:
        if (!text.empty()) set(name, json::string(text));
        return;
      case Kind::list:
      case Kind::attachments:
        return add(name, text);
      case Kind::number:
        if (!text.empty()) set(name, number_of(text));
        return;
      case Kind::boolean:
        if (!text.empty()) set(name, boolean_of(text));
        return;
      case Kind::object:
        if (text.empty()) return;
        if (auto value = parse_field(text)) return set(name, std::move(*value));
        return wrong(name, "must be a JSON object, such as {\"X-Ticket\": \"42\"}");
    }
  }

  void set(std::string_view name, json::value value) {
    if (object_.contains(name)) return wrong(name, "stands there twice");
    object_[name] = std::move(value);
  }

  /// A list's field is one item, or a JSON array of them.
  void add(std::string_view name, const std::string& text) {
    if (text.empty()) return;
    auto& list = object_[name];
    if (!list.is_array()) list.emplace_array();
    if (!text.starts_with('[')) {
      list.get_array().emplace_back(text);
      return;
    }
    const auto items = parse_field(text);
    if (!items || !items->is_array()) return wrong(name, "must be a JSON array, or one item");
    for (const auto& item : items->get_array()) list.get_array().push_back(item);
  }

  static json::value number_of(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || end != text.data() + text.size()) return json::string(text);
    return number;
  }

  static json::value boolean_of(const std::string& text) {
    if (text == "true" || text == "1" || text == "on") return true;
    if (text == "false" || text == "0" || text == "off") return false;
    return json::string(text);
  }

  void wrong(std::string_view name, std::string detail) {
    problems_.push_back({pointer_segment(name), std::move(detail)});
  }

  json::object object_;
  std::vector<DraftAttachment> files_;
  FieldProblems problems_;
  message::CharsetDecoder charsets_;
  std::string default_charset_;
};

}  // namespace

std::variant<SendRequest, Refusal> parse_send_form(const std::vector<FormPart>& parts) {
  return FormReader().read(parts);
}

}  // namespace postern::flows
