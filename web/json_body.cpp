// Boost.JSON lets the last of two equal keys win without a word; a watcher over its push parser
// finds them first. The values are then made by the usual parser, which has the same limits.
#include "web/json_body.hpp"

#include "core/json_fields.hpp"
#include "web/router.hpp"

#include <boost/json/array.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cmath>
#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace postern::web {
namespace {

namespace json = boost::json;

/// Sees every key of a document; remembers the first that stands twice in one object.
struct KeyWatcher {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = 64 * 1024;
  static constexpr std::size_t max_string_size = std::size_t(-1);

  std::vector<std::set<std::string>> open;  // the keys of each object we are in
  std::string key;
  std::string twice;

  using Code = json::error_code;
  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) {
    open.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, Code&) {
    open.pop_back();
    return true;
  }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t, Code&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, Code&) {
    key.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, Code&) {
    key.append(part.data(), part.size());
    if (!open.back().insert(key).second && twice.empty()) twice = key;
    key.clear();
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, Code&) { return true; }
  bool on_string(json::string_view, std::size_t, Code&) { return true; }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, Code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, Code&) { return true; }
  // Such a number would be stored as what is no JSON any more.
  bool on_double(double number, json::string_view, Code& ec) {
    if (!std::isfinite(number)) ec = json::make_error_code(json::error::exponent_overflow);
    return !ec;
  }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }
};

json::parse_options options() {
  json::parse_options result;
  result.max_depth = json_depth_max;
  return result;
}

Problem malformed(const json::error_code& ec, std::size_t place) {
  return {400, "malformed_json",
          "The body is not the JSON it should be, at byte " + std::to_string(place) + ": " +
              ec.message() + ".",
          "Send one JSON value in UTF-8, nested at most 32 deep."};
}

}  // namespace

Answer<json::value> parse_json(std::string_view body) {
  json::basic_parser<KeyWatcher> watcher(options());
  json::error_code ec;
  const auto read = watcher.write_some(false, body.data(), body.size(), ec);
  if (ec) return malformed(ec, read);
  if (const auto& twice = watcher.handler().twice; !twice.empty()) {
    return invalid_body({{pointer_segment(twice), "stands twice in its object"}});
  }
  if (read != body.size()) return malformed(json::make_error_code(json::error::extra_data), read);
  auto value = json::parse(body, ec, {}, options());
  if (ec) return malformed(ec, 0);
  return value;
}

Answer<json::object> object_body(const Call& call) {
  POSTERN_TRY(auto value, parse_json(call.request.body));
  if (!value.is_object()) return invalid_body({{"", "must be a JSON object"}});
  return std::move(value.get_object());
}

void merge_patch(json::object& target, const json::object& patch) {
  std::deque<std::pair<json::object*, const json::object*>> open{{&target, &patch}};
  while (!open.empty()) {
    const auto [into, from] = open.front();
    open.pop_front();
    for (const auto& [key, value] : *from) {
      if (value.is_null()) into->erase(key);
    }
    // Inserting may move an object's values, so pointers into it are taken after the last insert.
    for (const auto& [key, value] : *from) {
      if (value.is_null()) continue;
      auto& place = (*into)[key];
      if (!value.is_object()) {
        place = value;
      } else if (!place.is_object()) {
        place.emplace_object();
      }
    }
    for (const auto& [key, value] : *from) {
      if (value.is_object()) open.emplace_back(&(*into)[key].as_object(), &value.as_object());
    }
  }
}

Response json_response(const json::value& value, int status) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = json::serialize(value);
  return response;
}

}  // namespace postern::web
