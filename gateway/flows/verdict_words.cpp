// See verdict_words.hpp.
#include "flows/verdict_words.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace postern::flows {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

template <std::size_t count>
bool has_any(std::string_view text, const std::array<std::string_view, count>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

constexpr std::array<std::string_view, 9> many = {
    "too many simultaneous connections",  // Gmail
    "too many connections",               // Postfix, Cyrus
    "too many concurrent",
    "too many open connections",
    "too many sessions",
    "maximum number of connections",  // Dovecot
    "connections limit exceeded",     // Exchange: 432 4.3.2 Concurrent connections limit exceeded
    "connection limit",
    "thread limit exceeded",  // Exchange: sender thread limit exceeded
};

constexpr std::array<std::string_view, 9> throttling = {
    "[limit]",
    "[login-delay]",  // RFC 2449
    "request is throttled",
    "rate limit",
    "bandwidth limit",  // Gmail: Account exceeded command or bandwidth limits
    "suggested backoff time",
    "too many login attempts",     // Gmail: 454 4.7.0
    "too many bad auth attempts",  // Yahoo
    "throttling failure",          // Amazon SES: 454 … Maximum sending rate exceeded
};

}  // namespace

Plea plea_in(std::string_view words) {
  const auto text = lower(words);
  if (has_any(text, many)) return Plea::fewer_connections;
  return has_any(text, throttling) ? Plea::patience : Plea::none;
}

}  // namespace postern::flows
