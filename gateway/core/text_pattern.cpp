#include "core/text_pattern.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

namespace postern {
namespace {

using Kind = TextPattern::Kind;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

/// What hosts, logins and addresses are made of, and the two wildcards.
bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || byte >= 0x80 ||
         std::string_view("._-@:+*?=~!#%&' ").find(c) != std::string::npos;
}

bool is_delimited(std::string_view text) {
  return text.size() >= 3 && text.front() == '/' && text.back() == '/';
}

Kind kind_of(std::string_view text) {
  if (is_delimited(text)) return Kind::regex;
  for (const char c : text) {
    if (!is_plain(c)) return Kind::regex;
  }
  return text.find_first_of("*?") == text.npos ? Kind::equals : Kind::wildcard;
}

constexpr Choice<Kind> ops[] = {
    {"equals", Kind::equals}, {"wildcard", Kind::wildcard}, {"regex", Kind::regex}};

}  // namespace

bool wildcard_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = pattern.npos, retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || lower(pattern[p]) == lower(text[t]))) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::optional<TextPattern> TextPattern::read(JsonFields& fields, std::string_view name) {
  const auto* given = fields.any(name);
  if (given == nullptr || given->is_null()) return std::nullopt;
  TextPattern pattern;
  pattern.json_ = *given;
  const auto before = fields.problems().size();
  if (const auto* object = given->if_object()) {
    JsonFields inside(*object, fields.pointer(name), fields.problems());
    inside.choice("op", pattern.kind_, ops);
    inside.text("value", pattern.value_, {.bytes_max = bytes_max, .required = true});
    inside.finish();
  } else if (given->is_string()) {
    fields.text(name, pattern.value_, {.bytes_max = bytes_max, .required = true});
    pattern.kind_ = kind_of(pattern.value_);
    if (is_delimited(pattern.value_)) {
      pattern.value_ = pattern.value_.substr(1, pattern.value_.size() - 2);
    }
  } else {
    fields.problem(name, R"(must be a string, or {"op": "equals", "value": "…"})");
  }
  if (fields.problems().size() != before) return std::nullopt;
  if (pattern.kind_ != Kind::regex) return pattern;
  re2::RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(regex_memory_max);
  auto regex = std::make_shared<const re2::RE2>(pattern.value_, options);
  if (!regex->ok()) {
    fields.problem(name,
                   fmt::format("is no regular expression as RE2 reads them: {}", regex->error()));
    return std::nullopt;
  }
  pattern.regex_ = std::move(regex);
  return pattern;
}

bool TextPattern::matches(std::string_view text) const {
  switch (kind_) {
    case Kind::equals:
      return same(value_, text);
    case Kind::wildcard:
      return wildcard_matches(value_, text);
    case Kind::regex:
      return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex_);
  }
  return false;
}

}  // namespace postern
