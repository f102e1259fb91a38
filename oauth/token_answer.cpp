// See token_answer.hpp.
#include "oauth/token_answer.hpp"

#include "core/json_text.hpp"
#include "oauth/authorization.hpp"
#include "oauth/fault_words.hpp"
#include "oauth/form.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>

namespace postern::oauth {
namespace {

constexpr std::size_t json_depth_max = 8;
constexpr std::int64_t lifetime_s_max = 400LL * 24 * 3600;
constexpr std::chrono::hours wait_max{24};
constexpr Duration loop_pause = std::chrono::minutes(5);  // AADSTS50196 LoopDetected
constexpr std::int64_t loop_detected = 50196;

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || read == text.data()) return std::nullopt;
  return read == end ? std::optional(value) : std::nullopt;
}

/// Seconds; a date is rare, and taken for no answer. Source: RFC 9110 §10.2.3.
std::optional<Duration> retry_after(const net::HttpResponse& response) {
  const auto* header = response.header("retry-after");
  if (header == nullptr) return std::nullopt;
  const auto seconds = whole_number(*header);
  if (!seconds || *seconds < 0) return std::nullopt;
  const auto asked = std::chrono::seconds(std::min<std::int64_t>(*seconds, 7 * 24 * 3600));
  return std::min<Duration>(asked, wait_max);
}

/// Microsoft's number: out of error_codes, else out of the description ("AADSTS50173: …").
std::int64_t aadsts_in(const boost::json::object& answer, std::string_view description) {
  const auto* codes = answer.if_contains("error_codes");
  if (codes != nullptr && codes->is_array() && !codes->get_array().empty()) {
    const auto& first = codes->get_array().front();
    if (first.is_int64()) return first.get_int64();
  }
  constexpr std::string_view mark = "AADSTS";
  const auto at = description.find(mark);
  if (at == std::string_view::npos) return 0;
  description.remove_prefix(at + mark.size());
  const auto end = std::min(description.find_first_not_of("0123456789"), description.size());
  return whole_number(description.substr(0, end)).value_or(0);
}

TokenFault transient(std::string error, std::string words) {
  TokenFault fault;
  fault.error = std::move(error);
  fault.words = std::move(words);
  fault.hint = hint_for(FaultKind::transient, fault.error, 0);
  return fault;
}

TokenFault fault_in(const boost::json::object& answer) {
  const auto description = json_text(answer, "error_description");
  const auto number = aadsts_in(answer, description);
  TokenFault fault;
  fault.error = quoted(json_text(answer, "error"));
  fault.kind = kind_of(fault.error, json_text(answer, "suberror"));
  const bool final = fault.kind == FaultKind::consent || fault.kind == FaultKind::app;
  if (final && passes_by_itself(number)) fault.kind = FaultKind::transient;
  fault.words = fault.error;
  if (!description.empty()) fault.words += ": " + quoted(description);
  fault.hint = hint_for(fault.kind, fault.error, number);
  if (number == loop_detected) fault.wait = loop_pause;
  return fault;
}

std::variant<Tokens, TokenFault> tokens_in(const boost::json::object& answer) {
  Tokens tokens;
  tokens.access_token = Secret(json_text(answer, "access_token"));
  if (tokens.access_token.empty()) {
    return transient("no access_token", "the answer holds no access token");
  }
  auto type = json_text(answer, "token_type");
  std::ranges::transform(type, type.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  if (!type.empty() && type != "bearer") {
    TokenFault fault;
    fault.kind = FaultKind::app;
    fault.error = "token_type";
    fault.words = "the token is no bearer token but " + quoted(type);
    fault.hint = "The mail servers' login takes bearer tokens alone.";
    return fault;
  }
  tokens.refresh_token = Secret(json_text(answer, "refresh_token"));
  tokens.id_token = Secret(json_text(answer, "id_token"));
  const auto lifetime = number_in(answer, "expires_in");
  if (lifetime && *lifetime > 0) {
    tokens.lifetime = std::chrono::seconds(std::min(*lifetime, lifetime_s_max));
  }
  tokens.scopes = split_scopes(json_text(answer, "scope"));
  return tokens;
}

}  // namespace

std::optional<boost::json::object> read_object(std::string_view body) {
  boost::json::parse_options options;
  options.max_depth = json_depth_max;
  boost::json::error_code error;
  auto value = boost::json::parse(boost::json::string_view(body.data(), body.size()), error,
                                  boost::json::storage_ptr(), options);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::optional<std::int64_t> number_in(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(boost::json::string_view(name.data(), name.size()));
  if (value == nullptr) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  if (value->is_double() && value->get_double() >= 0 && value->get_double() < 1e15) {
    return static_cast<std::int64_t>(value->get_double());
  }
  if (value->is_string()) return whole_number(std::string_view(value->get_string()));
  return std::nullopt;
}

std::variant<Tokens, TokenFault> read_token_answer(const net::HttpResponse& response) {
  const auto answer = read_object(response.body);
  if (response.status == 429 || response.status >= 500) {
    auto fault = transient(fmt::format("http {}", response.status),
                           fmt::format("the token endpoint answered {}", response.status));
    if (answer && answer->contains("error")) fault.words += ": " + fault_in(*answer).words;
    fault.wait = retry_after(response);
    return fault;
  }
  if (!answer) {
    return transient("not json", fmt::format("the token endpoint answered {} without JSON: a proxy "
                                             "or another server may stand there",
                                             response.status));
  }
  if (answer->contains("error")) return fault_in(*answer);
  if (response.status != 200) {
    return transient(fmt::format("http {}", response.status),
                     fmt::format("the token endpoint answered {}", response.status));
  }
  return tokens_in(*answer);
}

Error to_error(const TokenFault& fault) {
  auto words = fault.words;
  switch (fault.kind) {
    case FaultKind::consent:
      return Error{errc::consent_needed, std::move(words)};
    case FaultKind::app:
      return Error{errc::app_fault, std::move(words)};
    case FaultKind::pending:
    case FaultKind::slow_down:
    case FaultKind::transient:
      break;
    case FaultKind::ended:
      return Error{errc::refused, std::move(words)};
  }
  if (!fault.wait) return Error{errc::unavailable, std::move(words)};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*fault.wait).count();
  return Error{errc::throttled, fmt::format("{}; retry after {} seconds", words, seconds)};
}

}  // namespace postern::oauth
