// Profile: how a person, or those on duty, are told: channels, quiet hours, and steps that follow
// one another as long as nobody has acknowledged. A value; flows/channels does the telling.
#pragma once

#include "core/action.hpp"
#include "core/ids.hpp"
#include "core/schedule.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace postern {

struct ProfileTag {
  static constexpr std::string_view prefix = "prf";
};
using ProfileId = Id<ProfileTag>;

inline constexpr std::size_t profile_channels_max = 20;
inline constexpr std::size_t profile_steps_max = 10;

/// Channels that are told `after` the beginning, unless somebody has acknowledged.
struct ProfileStep {
  std::chrono::seconds after{0};
  std::vector<std::size_t> channels;  // places in Profile::channels
};

struct Profile {
  ProfileId id;
  std::string name;
  bool enabled = true;
  std::vector<Action> channels;         // email, sms, webhook
  std::optional<Schedule> quiet_hours;  // what comes in them waits for their end
  std::vector<ProfileStep> steps;       // never empty: by default all channels at once
};

struct ProfileDraft {
  Profile value;
  std::vector<std::optional<Secret>> secrets;  // of the channels, in their order
};

/// When something due at `at` may be told: then, or at the end of the quiet hours.
Instant tell_at(const Profile& profile, Instant at);

/// The name by which a step names the channel: its own, or its number from 0.
std::string channel_name(const Profile& profile, std::size_t index);

/// The contract's object; `id` only when there is one, secrets never.
boost::json::object to_json(const Profile& profile);

/// Reads the contract's object, every mistake at once. Read-only fields are accepted and ignored.
std::variant<ProfileDraft, FieldProblems> parse_profile(const boost::json::value& json);

}  // namespace postern
