#include "core/rule_pattern.hpp"

#include <re2/re2.h>

namespace postern {
namespace {

using Kind = RulePattern::Kind;

/// "a*b?" with everything but the two wildcards quoted.
std::string of_wildcards(std::string_view value) {
  std::string out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= value.size(); ++i) {
    const bool wild = i < value.size() && (value[i] == '*' || value[i] == '?');
    if (i < value.size() && !wild) continue;
    out += re2::RE2::QuoteMeta({value.data() + begin, i - begin});
    if (wild) out += value[i] == '*' ? ".*" : ".";
    begin = i + 1;
  }
  return out;
}

std::string expression_of(Kind kind, const std::string& value) {
  switch (kind) {
    case Kind::contains:
    case Kind::equals:
      return re2::RE2::QuoteMeta(value);
    case Kind::wildcard:
      return of_wildcards(value);
    case Kind::regex:
      break;
  }
  return value;
}

}  // namespace

RulePattern::RulePattern(Kind kind, std::unique_ptr<re2::RE2> regex)
    : kind_(kind), regex_(std::move(regex)) {}
RulePattern::RulePattern(RulePattern&&) noexcept = default;
RulePattern& RulePattern::operator=(RulePattern&&) noexcept = default;
RulePattern::~RulePattern() = default;

std::optional<RulePattern> RulePattern::make(Kind kind, const std::string& value,
                                             std::string& why) {
  re2::RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(regex_memory_max);
  options.set_dot_nl(kind == Kind::wildcard);
  auto regex = std::make_unique<re2::RE2>(expression_of(kind, value), options);
  if (!regex->ok()) {
    why = "is no regular expression as RE2 reads them: " + regex->error();
    return std::nullopt;
  }
  return RulePattern(kind, std::move(regex));
}

bool RulePattern::matches(std::string_view text) const {
  const re2::StringPiece piece(text.data(), text.size());
  switch (kind_) {
    case Kind::contains:
    case Kind::regex:
      return re2::RE2::PartialMatch(piece, *regex_);
    case Kind::equals:
    case Kind::wildcard:
      return re2::RE2::FullMatch(piece, *regex_);
  }
  return false;
}

std::optional<std::string> RulePattern::first_group(std::string_view text) const {
  const re2::StringPiece piece(text.data(), text.size());
  re2::StringPiece found[2];
  const int groups = regex_->NumberOfCapturingGroups() > 0 ? 2 : 1;
  if (!regex_->Match(piece, 0, piece.size(), re2::RE2::UNANCHORED, found, groups)) {
    return std::nullopt;
  }
  const auto& group = found[groups - 1];
  if (group.empty()) return std::nullopt;
  return std::string(group.data(), group.size());
}

}  // namespace postern
