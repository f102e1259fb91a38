// Pages, preconditions and filters, the same for all resources.
#include "web/api.hpp"

#include "core/log.hpp"
#include "core/syntax.hpp"
#include "core/utf8.hpp"

#include <boost/json/object.hpp>

#include <charconv>

namespace postern::web {
namespace {

constexpr std::size_t searched_bytes_max = 998;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// If-Match = "*" / #entity-tag. Weak tags never match here. Source: RFC 9110 §13.1.1.
bool lists_tag(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    const auto each = trimmed(list.substr(0, comma));
    if (each == tag || each == "*") return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

Answer<storage::PageRequest> page_request(const Call& call) {
  storage::PageRequest page;
  page.limit = page_items_default;
  if (const auto* limit = call.target.parameter("limit")) {
    const auto* end = limit->data() + limit->size();
    const auto [read, ec] = std::from_chars(limit->data(), end, page.limit);
    if (ec != std::errc() || read != end || page.limit < 1 || page.limit > page_items_max) {
      return invalid_parameter("limit", "must be a number from 1 to 500");
    }
  }
  if (const auto* cursor = call.target.parameter("cursor")) page.cursor = *cursor;
  return page;
}

Response page_response(boost::json::array items, const std::string& next_cursor) {
  boost::json::object body;
  body["items"] = std::move(items);
  body["next_cursor"] = nullptr;
  if (!next_cursor.empty()) body["next_cursor"] = next_cursor;
  return json_response(body);
}

net::Task<Answer<std::optional<IntegrationId>>> integration_filter(Api& api, const Call& call) {
  const auto* wanted = call.target.parameter("integration");
  if (wanted == nullptr) co_return std::optional<IntegrationId>();
  if (const auto id = IntegrationId::parse(*wanted)) co_return std::optional<IntegrationId>(*id);
  auto found = co_await api.store.integrations().find(*wanted);
  if (!found) co_return invalid_parameter("integration", "names no integration");
  co_return std::optional<IntegrationId>(found.value().value.id);
}

Answer<std::optional<std::string>> searched(const Call& call, std::string_view name) {
  const auto* text = call.target.parameter(name);
  if (text == nullptr) return std::optional<std::string>();
  if (text->empty() || text->size() > searched_bytes_max || !valid_utf8(*text)) {
    return invalid_parameter(name, "must be text of 1 to 998 bytes");
  }
  return std::optional(*text);
}

Answer<std::optional<Instant>> time_parameter(const Call& call, std::string_view name) {
  const auto* text = call.target.parameter(name);
  if (text == nullptr) return std::optional<Instant>();
  const auto at = parse_rfc3339(valid_date(*text) ? *text + "T00:00:00Z" : *text);
  if (!at) {
    return invalid_parameter(name,
                             "must be a time like 2026-01-31T09:30:00Z, or a day like 2026-01-31");
  }
  return std::optional(*at);
}

std::string etag_of(std::uint64_t version) {
  return '"' + std::to_string(version) + '"';
}

Answer<std::optional<std::uint64_t>> if_match(const Call& call, std::uint64_t version) {
  const auto* header = call.request.header("if-match");
  if (header == nullptr) return std::optional<std::uint64_t>();
  if (lists_tag(*header, etag_of(version))) return std::optional<std::uint64_t>(version);
  return Problem(Error{make_error_code(storage::errc::version_mismatch), ""});
}

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

void log_failure(const Call& call, std::string_view deed, const Error& error) {
  log::warn("{} failed: {} (request {})", deed, describe(error), call.request.request_id);
}

}  // namespace postern::web
