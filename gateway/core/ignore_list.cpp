#include "core/ignore_list.hpp"

#include "core/syntax.hpp"
#include "core/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern {
namespace {

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

RulePattern::Kind kind_of(const std::string& subject) {
  return subject.find_first_of("*?") == std::string::npos ? RulePattern::Kind::contains
                                                          : RulePattern::Kind::wildcard;
}

/// "@example.com" and "*.example.com" are what people write for a domain.
std::string_view bare_domain(std::string_view text) {
  if (text.starts_with('@')) text.remove_prefix(1);
  if (text.starts_with("*.")) text.remove_prefix(2);
  return text;
}

}  // namespace

IgnoreList::IgnoreList(const IgnoreLists& lists) {
  for (const auto& each : lists.addresses) addresses_.insert(to_lower(each));
  for (const auto& each : lists.domains) domains_.insert(to_lower(bare_domain(each)));
  std::string why;
  for (const auto& each : lists.subjects) {
    auto pattern = RulePattern::make(kind_of(each), each, why);
    if (pattern) subjects_.emplace_back(each, std::move(*pattern));
  }
}

std::optional<std::string> IgnoreList::reason(const MessageSummary& mail) const {
  for (const auto* list : {&mail.from, &mail.sender}) {
    for (const auto& each : *list) {
      const auto address = to_lower(each.address);
      if (addresses_.contains(address)) {
        return "the sender " + address + " is in the integration's ignore list";
      }
      auto domain =
          std::string_view(address).substr(std::min(address.rfind('@') + 1, address.size()));
      while (!domain.empty() && !domains_.empty()) {
        if (domains_.contains(std::string(domain))) {
          return fmt::format("the sender's domain {} is in the integration's ignore list", domain);
        }
        const auto dot = domain.find('.');
        domain = dot == domain.npos ? std::string_view() : domain.substr(dot + 1);
      }
    }
  }
  for (const auto& [text, pattern] : subjects_) {
    if (!mail.subject || !pattern.matches(*mail.subject)) continue;
    return "the subject matches \"" + text + "\" in the integration's ignore list";
  }
  return std::nullopt;
}

ReferencePatterns::ReferencePatterns(const std::vector<std::string>& patterns) {
  std::string why;
  for (const auto& each : patterns) {
    auto pattern = RulePattern::make(RulePattern::Kind::regex, each, why);
    if (pattern) patterns_.push_back(std::move(*pattern));
  }
}

std::optional<std::string> ReferencePatterns::find(
    const std::optional<std::string>& subject) const {
  if (!subject) return std::nullopt;
  for (const auto& pattern : patterns_) {
    if (auto found = pattern.first_group(*subject)) {
      return std::string(cut_utf8(*found, reference_bytes_max));
    }
  }
  return std::nullopt;
}

void read_ignore_lists(JsonFields& fields, IgnoreLists& lists) {
  const auto* json = fields.object("ignore");
  if (json == nullptr) return;
  JsonFields inner(*json, fields.pointer("ignore"), fields.problems());
  const TextRules rules{.bytes_max = 320, .required = true};
  inner.texts("addresses", lists.addresses, rules, ignore_entries_max);
  inner.texts("domains", lists.domains, rules, ignore_entries_max);
  inner.texts("subjects", lists.subjects, rules, ignore_subjects_max);
  inner.finish();
  for (std::size_t i = 0; i < lists.addresses.size(); ++i) {
    if (valid_addr_spec(lists.addresses[i])) continue;
    fields.problems().push_back(
        {fmt::format("{}/{}", inner.pointer("addresses"), i), "must be an e-mail address"});
  }
  for (std::size_t i = 0; i < lists.domains.size(); ++i) {
    if (!bare_domain(lists.domains[i]).empty() &&
        lists.domains[i].find('@', 1) == std::string::npos) {
      continue;
    }
    fields.problems().push_back(
        {fmt::format("{}/{}", inner.pointer("domains"), i), "must be a domain: example.com"});
  }
}

void read_reference_patterns(JsonFields& fields, std::vector<std::string>& patterns) {
  fields.texts("reference_patterns", patterns,
               {.bytes_max = RulePattern::bytes_max, .required = true}, reference_patterns_max);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    std::string why;
    if (RulePattern::make(RulePattern::Kind::regex, patterns[i], why)) continue;
    fields.problems().push_back(
        {fmt::format("{}/{}", fields.pointer("reference_patterns"), i), why});
  }
}

}  // namespace postern
