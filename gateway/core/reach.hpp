// Reach: whether people can be told when one way of telling them fails. Pure: sentences for those
// who set it up.
#pragma once

#include "core/event_rule.hpp"
#include "core/monitoring.hpp"
#include "core/profile.hpp"

#include <functional>
#include <string>
#include <vector>

namespace postern {

/// The profile of this id, or nullptr when there is none any more.
using FindProfile = std::function<const Profile*(const std::string& id)>;

/// What is to be said of a profile's channels; nothing when one may fail and another tells.
std::vector<std::string> warnings_of(const Profile& profile);
/// The same of a rule's actions, and of the channels of the profiles that it names.
std::vector<std::string> warnings_of(const EventRule& rule, const FindProfile& find);
/// The same of the recipients and profiles of notices.
std::vector<std::string> warnings_of(const MonitoringSettings& settings, const FindProfile& find);

}  // namespace postern
