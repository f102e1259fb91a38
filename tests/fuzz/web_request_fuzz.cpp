// Any bytes as what stands in a request: its target, a JSON body and its patch, a list of proxies.
// Nothing decoded holds a control character; escaping and reading back is the same; a patch
// applied twice is as once; a client's address is one that somebody could have.
#include "core/result.hpp"
#include "core/utf8.hpp"
#include "web/client_address.hpp"
#include "web/json_body.hpp"
#include "web/url.hpp"

#include <boost/json/serialize.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace postern;
using namespace postern::web;
namespace json = boost::json;

bool clean(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return to_valid_utf8(text) == text;
}

void check_target(std::string_view input) {
  const auto target = parse_request_target(input);
  if (!target) return;
  POSTERN_ASSERT(target->segments.size() <= path_segments_max);
  POSTERN_ASSERT(target->query.size() <= query_parameters_max);
  std::string again;
  for (const auto& segment : target->segments) {
    POSTERN_ASSERT(clean(segment));
    again += "/" + percent_encode(segment);
  }
  if (again.empty()) again = "/";
  char mark = '?';
  for (const auto& [name, value] : target->query) {
    POSTERN_ASSERT(clean(name) && clean(value));
    again += mark + percent_encode(name) + "=" + percent_encode(value);
    mark = '&';
  }
  const auto second = parse_request_target(again);
  POSTERN_ASSERT(second.has_value());
  POSTERN_ASSERT(second->segments == target->segments);
}

/// Of a number with a fraction, or beyond 64 bits, Boost.JSON 1.81 may read another last digit.
bool has_double(const json::value& value) {
  std::vector<const json::value*> open{&value};
  while (!open.empty()) {
    const auto& each = *open.back();
    open.pop_back();
    if (each.is_double()) return true;
    if (const auto* array = each.if_array()) {
      for (const auto& item : *array) open.push_back(&item);
    } else if (const auto* object = each.if_object()) {
      for (const auto& member : *object) open.push_back(&member.value());
    }
  }
  return false;
}

void check_json(std::string_view first, std::string_view second) {
  auto body = parse_json(second);
  if (!body) {
    POSTERN_ASSERT(body.error().status == 400);
    POSTERN_ASSERT(!body.error().detail.empty());
    return;
  }
  const auto written = json::serialize(body.value());
  auto again = parse_json(written);
  POSTERN_ASSERT(again.has_value());
  POSTERN_ASSERT(has_double(body.value()) || json::serialize(again.value()) == written);
  auto patch = parse_json(first);
  if (!patch || !patch.value().is_object() || !body.value().is_object()) return;
  auto once = body.value().as_object();
  merge_patch(once, patch.value().as_object());
  auto twice = once;
  merge_patch(twice, patch.value().as_object());
  POSTERN_ASSERT(json::serialize(once) == json::serialize(twice));
}

void check_proxies(std::string_view forwarded) {
  static const auto proxies = TrustedProxies::parse({"10.0.0.0/8", "::1", "192.0.2.7"}).value();
  POSTERN_ASSERT(proxies.client("198.51.100.1", forwarded) == "198.51.100.1");
  const auto client = proxies.client("10.1.2.3", forwarded);
  POSTERN_ASSERT(!client.empty() && clean(client) && client.size() < 64);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const auto first = input.substr(0, input.find('\n'));
  const auto rest = input.substr(std::min(first.size() + 1, input.size()));
  check_target(first);
  check_json(first, rest);
  check_json(rest, first);
  check_proxies(first);
  if (const auto decoded = percent_decode(rest, true)) POSTERN_ASSERT(clean(*decoded));
  if (clean(rest)) POSTERN_ASSERT(percent_decode(percent_encode(rest), false) == rest);
  return 0;
}
