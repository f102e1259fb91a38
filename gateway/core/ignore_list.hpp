// An integration's ignore lists: mail from an address, from a domain (and those under it), or with
// a subject is kept and listed as ignored, before any rule is asked. And the patterns by which a
// reference (a ticket's number) is found in a subject. Both are compiled once an integration.
#pragma once

#include "core/integration.hpp"
#include "core/json_fields.hpp"
#include "core/mail.hpp"
#include "core/rule_pattern.hpp"

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace postern {

constexpr std::size_t ignore_entries_max = 5000;  // of each list
constexpr std::size_t ignore_subjects_max = 500;
constexpr std::size_t reference_patterns_max = 20;
constexpr std::size_t reference_bytes_max = 200;

class IgnoreList {
 public:
  explicit IgnoreList(const IgnoreLists& lists);

  /// Why the mail is to be ignored, a sentence; nothing when it is not. A subject with * or ? in it
  /// is a pattern for the whole subject, any other one is looked for in it.
  std::optional<std::string> reason(const MessageSummary& mail) const;

 private:
  std::unordered_set<std::string> addresses_, domains_;  // in lower case
  std::vector<std::pair<std::string, RulePattern>> subjects_;
};

class ReferencePatterns {
 public:
  explicit ReferencePatterns(const std::vector<std::string>& patterns);
  /// The first pattern's find in `subject`, cut to reference_bytes_max.
  std::optional<std::string> find(const std::optional<std::string>& subject) const;

 private:
  std::vector<RulePattern> patterns_;
};

/// Read `ignore` {addresses, domains, subjects} and `reference_patterns` of an integration.
void read_ignore_lists(JsonFields& fields, IgnoreLists& lists);
void read_reference_patterns(JsonFields& fields, std::vector<std::string>& patterns);

}  // namespace postern
