// See columns.hpp.
#include "storage/columns.hpp"

#include "core/base64.hpp"

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include <charconv>

namespace postern::storage {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view field) {
  return std::string(object.at(field).as_string());
}

}  // namespace

std::string strings_to_json(const std::vector<std::string>& strings) {
  return json::serialize(json::array(strings.begin(), strings.end()));
}

std::vector<std::string> strings_from_json(std::string_view text) {
  std::vector<std::string> strings;
  const auto value = json::parse(text);
  for (const auto& item : value.as_array()) strings.emplace_back(item.as_string());
  return strings;
}

std::string results_to_json(const std::vector<RecipientResult>& results) {
  json::array array;
  for (const auto& result : results) {
    json::object object{{"address", result.address},
                        {"result_code", result.result_code},
                        {"smtp_code", result.smtp_code},
                        {"enhanced_code", result.enhanced_code},
                        {"message", result.message}};
    if (result.bounced_at) object["bounced_at"] = to_milliseconds(*result.bounced_at);
    array.push_back(std::move(object));
  }
  return json::serialize(array);
}

std::vector<RecipientResult> results_from_json(std::string_view text) {
  std::vector<RecipientResult> results;
  const auto value = json::parse(text);
  for (const auto& item : value.as_array()) {
    const auto& object = item.as_object();
    RecipientResult result;
    result.address = text_of(object, "address");
    result.result_code = object.at("result_code").to_number<int>();
    result.smtp_code = object.at("smtp_code").to_number<int>();
    result.enhanced_code = text_of(object, "enhanced_code");
    result.message = text_of(object, "message");
    if (const auto* at = object.if_contains("bounced_at")) {
      result.bounced_at = from_milliseconds(at->to_number<std::int64_t>());
    }
    results.push_back(std::move(result));
  }
  return results;
}

std::string wishes_to_json(const TransportWishes& wishes) {
  if (wishes == TransportWishes()) return {};
  json::object object;
  object["dsn"] = to_json(wishes.dsn);
  object["require_tls"] = wishes.require_tls;
  return json::serialize(object);
}

TransportWishes wishes_from_json(std::string_view text) {
  const auto object = object_from_json(text);
  TransportWishes wishes;
  wishes.dsn = dsn_from_json(object.at("dsn"));
  wishes.require_tls = object.at("require_tls").as_bool();
  return wishes;
}

json::object object_from_json(std::string_view text) {
  return json::parse(text).as_object();
}

json::value passing_json(std::string_view text) {
  return json::parse(text, json::make_shared_resource<json::monotonic_resource>());
}

std::string make_cursor(std::string_view list, std::int64_t last_id) {
  return to_base64url(std::string(list) + ' ' + std::to_string(last_id));
}

Result<std::int64_t> parse_cursor(std::string_view list, std::string_view cursor) {
  if (cursor.empty()) return INT64_MAX;
  const auto text = from_base64url(cursor);
  std::int64_t id = 0;
  if (text && text->starts_with(list) && text->size() > list.size() &&
      (*text)[list.size()] == ' ') {
    const char* begin = text->data() + list.size() + 1;
    const char* end = text->data() + text->size();
    const auto [rest, failed] = std::from_chars(begin, end, id);
    if (failed == std::errc() && rest == end && id > 0) return id;
  }
  return Error{errc::bad_cursor, {}};
}

}  // namespace postern::storage
