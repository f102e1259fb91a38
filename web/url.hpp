// The target of a request, taken apart: path segments and query parameters, percent-decoded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::web {

/// Limits of a target; beyond them it is malformed.
constexpr std::size_t path_segments_max = 16;
constexpr std::size_t query_parameters_max = 32;

using Query = std::vector<std::pair<std::string, std::string>>;

struct Target {
  std::string path;                   // as sent, for the log
  std::vector<std::string> segments;  // decoded one by one, so an encoded slash stays inside
  Query query;

  const std::string* parameter(std::string_view name) const;
};

/// "%41+b" → "A+b" (or "A b" when `plus_is_blank`). Nothing when an escape is broken, or when the
/// result holds a control character or is not UTF-8.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank);

/// `text` with everything but unreserved characters escaped. Source: RFC 3986 §2.1.
std::string percent_encode(std::string_view text);

/// Nothing when `target` is not in origin-form or absolute-form, or over a limit.
/// Source: RFC 9112 §3.2.
std::optional<Target> parse_request_target(std::string_view target);

}  // namespace postern::web
