// Percent-decoding and the splitting of a request target.
#include "web/url.hpp"

#include "core/hex.hpp"
#include "core/utf8.hpp"

#include <algorithm>

namespace postern::web {
namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

/// absolute-form = absolute-URI: a client behind a proxy may send it; only its path is ours.
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const auto slash = target.find('/', scheme.size());
    return slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  return target;
}

bool read_segments(std::string_view path, std::vector<std::string>& segments) {
  path.remove_prefix(1);
  for (bool more = true; more && !path.empty();) {
    const auto slash = path.find('/');
    more = slash != std::string_view::npos;
    auto segment = percent_decode(path.substr(0, slash), false);
    if (!segment || segments.size() == path_segments_max) return false;
    segments.push_back(std::move(*segment));
    if (more) path.remove_prefix(slash + 1);
    if (!more || !path.empty()) continue;
    if (segments.size() == path_segments_max) return false;
    segments.emplace_back();
  }
  return true;
}

bool read_query(std::string_view text, Query& query) {
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value || query.size() == query_parameters_max) return false;
    query.emplace_back(std::move(*name), std::move(*value));
  }
  return true;
}

}  // namespace

const std::string* Target::parameter(std::string_view name) const {
  const auto found = std::ranges::find(
      query, name, [](const auto& parameter) { return std::string_view(parameter.first); });
  return found == query.end() ? nullptr : &found->second;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const auto byte = i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
      if (!byte) return std::nullopt;
      result += *byte;
      i += 2;
    } else {
      result += text[i] == '+' && plus_is_blank ? ' ' : text[i];
    }
  }
  if (std::ranges::any_of(result, is_control) || !valid_utf8(result)) return std::nullopt;
  return result;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    if (is_unreserved(c)) {
      result += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    result += '%';
    result += digits[byte >> 4];
    result += digits[byte & 15];
  }
  return result;
}

std::optional<Target> parse_request_target(std::string_view text) {
  text = without_authority(text);
  if (!text.starts_with('/')) return std::nullopt;
  const auto question = std::min(text.find('?'), text.size());
  Target target;
  target.path = text.substr(0, question);
  if (!read_segments(target.path, target.segments)) return std::nullopt;
  if (!read_query(text.substr(std::min(question + 1, text.size())), target.query)) {
    return std::nullopt;
  }
  return target;
}

}  // namespace postern::web
