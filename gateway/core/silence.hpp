// A silence: of which problems people want to hear nothing for a while, or in the same hours of
// every week (a maintenance window). The problems themselves go on being watched and listed.
#pragma once

#include "core/ids.hpp"
#include "core/problem.hpp"
#include "core/problems.hpp"
#include "core/schedule.hpp"
#include "core/time.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace postern {

struct SilenceTag {
  static constexpr std::string_view prefix = "sil";
};
using SilenceId = Id<SilenceTag>;

inline constexpr std::size_t silence_matchers_max = 1000;

/// Lists that are empty match everything.
struct Silence {
  SilenceId id;
  std::string reason;
  std::vector<std::string> integrations;  // ids
  std::vector<std::string> kinds;         // of the problem: imap.login_failed, imap.*
  std::string server;                     // empty: any
  std::optional<Instant> from, until;     // none: from now on, for ever
  std::optional<Schedule> weekly;         // only then; none: all the time between the two
};

/// Whether `silence` is in force at `at`, whatever the problem.
bool in_force(const Silence& silence, Instant at);
/// Whether it covers this problem, whenever.
bool matches(const Silence& silence, const Problem& problem);

/// The contract's object; times in RFC 3339.
boost::json::object to_json(const Silence& silence);

/// Reads the contract's object; adds every mistake. Read-only fields are accepted and ignored.
Silence parse_silence(const boost::json::object& json, FieldProblems& problems);

}  // namespace postern
