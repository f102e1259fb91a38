// The settings of watching and telling: the configuration's [monitoring], and what an admin changed
// of it while it ran. A value.
#pragma once

#include "core/alerting.hpp"
#include "core/health.hpp"
#include "core/problems.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

inline constexpr int threshold_max = 10'000;
inline constexpr std::size_t notice_recipients_max = 100;
inline constexpr std::size_t notice_profiles_max = 20;
inline constexpr std::size_t notice_subject_bytes_max = 500;
inline constexpr std::size_t notice_text_bytes_max = 20'000;

struct MonitoringSettings {
  int notify_after = 3;
  int disable_after = 10;
  int login_disable_after = 5;  // refused logins in a row: they lock accounts
  int recover_after = 1;
  int stale_after = 3;  // intervals without a check that succeeded
  std::chrono::seconds remind_after{14400};
  std::chrono::seconds max_frequency{900};
  std::vector<std::string> recipients;
  std::vector<std::string> profiles;  // ids of notification profiles that are told beside them
  std::string subject, text;          // templates; empty: Postern's own words
};

AlertPolicy alert_policy(const MonitoringSettings& settings);

/// {"monitoring": {…}, "notices": {…}}.
boost::json::object to_json(const MonitoringSettings& settings);

/// `base` with the changes of an object of the same shape, null for "as configured"; adds every
/// mistake, unknown fields too.
MonitoringSettings changed_settings(MonitoringSettings base, const boost::json::object& changes,
                                    FieldProblems& problems);

/// What the templates of a notice may name.
std::span<const std::string_view> notice_variable_names();

}  // namespace postern
