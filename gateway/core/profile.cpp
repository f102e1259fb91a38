#include "core/profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace postern {
namespace {

constexpr std::size_t name_bytes_max = 200;
constexpr std::int64_t step_s_max = 7 * 86400;
constexpr ActionType channel_types[] = {ActionType::email, ActionType::sms, ActionType::webhook};
constexpr std::string_view message_names[] = {"subject", "text"};

void read_channels(JsonFields& fields, ProfileDraft& draft) {
  const auto* list = fields.array("channels");
  if (list == nullptr) return;
  if (list->size() > profile_channels_max) {
    fields.problem("channels", fmt::format("has too many items: at most {}", profile_channels_max));
    return;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto where = fmt::format("{}/{}", fields.pointer("channels"), i);
    const auto* object = (*list)[i].if_object();
    if (object == nullptr) {
      fields.problems().push_back({where, "must be an object"});
      continue;
    }
    auto channel = read_action(*object, where, channel_types, message_names, fields.problems());
    if (!channel) continue;
    draft.value.channels.push_back(std::move(channel->value));
    draft.secrets.push_back(std::move(channel->secret));
  }
}

void read_quiet_hours(JsonFields& fields, Profile& profile) {
  const auto* object = fields.object("quiet_hours");
  if (object == nullptr) return;
  JsonFields inside(*object, fields.pointer("quiet_hours"), fields.problems());
  Schedule schedule;
  // The range itself may stand in the object: {"from": "22:00", "to": "07:00"}.
  if (inside.has("from") || inside.has("to")) {
    boost::json::object range, whole = *object;
    for (const char* name : {"from", "to"}) {
      if (const auto* value = object->if_contains(name)) range[name] = *value;
      whole.erase(name);
    }
    whole["time_of_day"] = std::move(range);
    JsonFields again(whole, fields.pointer("quiet_hours"), fields.problems());
    read_schedule(again, schedule);
    again.finish();
  } else {
    read_schedule(inside, schedule);
    inside.finish();
  }
  if (!schedule.time_of_day && schedule.days == Schedule::all_days) {
    fields.problem("quiet_hours",
                   "would last for ever: name a time of day or days, or leave it out");
  }
  profile.quiet_hours = schedule;
}

/// A channel as a step names it: its name or its number.
std::optional<std::size_t> channel_of(const Profile& profile, const boost::json::value& given) {
  if (given.is_int64()) {
    const auto index = static_cast<std::size_t>(given.get_int64());
    return index < profile.channels.size() ? std::optional(index) : std::nullopt;
  }
  if (!given.is_string()) return std::nullopt;
  for (std::size_t i = 0; i < profile.channels.size(); ++i) {
    if (channel_name(profile, i) == std::string_view(given.get_string())) return i;
  }
  // The type will do where there is one of it.
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < profile.channels.size(); ++i) {
    if (to_string(profile.channels[i].type) != std::string_view(given.get_string())) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

void read_step(const boost::json::object& object, const std::string& where, Profile& profile,
               FieldProblems& problems) {
  JsonFields fields(object, where, problems);
  ProfileStep step;
  std::int64_t after = 0;
  fields.integer("after_s", after, 0, step_s_max);
  step.after = std::chrono::seconds(after);
  if (const auto* channels = fields.array("channels")) {
    for (std::size_t i = 0; i < channels->size(); ++i) {
      if (const auto index = channel_of(profile, (*channels)[i])) {
        step.channels.push_back(*index);
      } else {
        problems.push_back({fmt::format("{}/{}", fields.pointer("channels"), i),
                            "names no channel of this profile (its name, or its number from 0)"});
      }
    }
  } else {
    fields.problem("channels", "is required: which channels this step tells");
  }
  fields.finish();
  profile.steps.push_back(std::move(step));
}

void read_steps(JsonFields& fields, Profile& profile) {
  const auto* list = fields.array("steps");
  if (list == nullptr) return;
  if (list->size() > profile_steps_max) {
    fields.problem("steps", fmt::format("has too many items: at most {}", profile_steps_max));
    return;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto where = fmt::format("{}/{}", fields.pointer("steps"), i);
    if (const auto* object = (*list)[i].if_object()) {
      read_step(*object, where, profile, fields.problems());
    } else {
      fields.problems().push_back({where, "must be an object"});
    }
  }
  for (std::size_t i = 1; i < profile.steps.size(); ++i) {
    if (profile.steps[i].after < profile.steps[i - 1].after) {
      fields.problem("steps", "must stand in the order of their after_s");
    }
  }
}

void complete_steps(Profile& profile) {
  if (!profile.steps.empty()) return;
  ProfileStep all;
  for (std::size_t i = 0; i < profile.channels.size(); ++i) all.channels.push_back(i);
  profile.steps.push_back(std::move(all));
}

}  // namespace

Instant tell_at(const Profile& profile, Instant at) {
  if (!profile.quiet_hours || !covers(*profile.quiet_hours, at)) return at;
  return next_change(*profile.quiet_hours, at).value_or(at);
}

std::string channel_name(const Profile& profile, std::size_t index) {
  const auto& name = profile.channels.at(index).name;
  return name.empty() ? std::to_string(index) : name;
}

boost::json::object to_json(const Profile& profile) {
  boost::json::object json;
  if (profile.id) json["id"] = profile.id.str();
  json["name"] = profile.name;
  json["enabled"] = profile.enabled;
  boost::json::array channels;
  for (const auto& channel : profile.channels) channels.push_back(to_json(channel));
  json["channels"] = std::move(channels);
  json["quiet_hours"] = nullptr;
  if (profile.quiet_hours) {
    boost::json::object quiet;
    write_schedule(*profile.quiet_hours, quiet);
    json["quiet_hours"] = std::move(quiet);
  }
  boost::json::array steps;
  for (const auto& step : profile.steps) {
    boost::json::array names;
    for (const auto index : step.channels) names.emplace_back(channel_name(profile, index));
    boost::json::object each;
    each["after_s"] = step.after.count();
    each["channels"] = std::move(names);
    steps.push_back(std::move(each));
  }
  json["steps"] = std::move(steps);
  return json;
}

std::variant<ProfileDraft, FieldProblems> parse_profile(const boost::json::value& json) {
  FieldProblems problems;
  const auto* root = root_object(json, problems);
  if (root == nullptr) return problems;
  JsonFields fields(*root, "", problems);
  ProfileDraft draft;
  auto& profile = draft.value;
  fields.text("name", profile.name, {.bytes_max = name_bytes_max, .required = true});
  if (ProfileId::parse(profile.name)) fields.problem("name", "must not look like an id");
  fields.boolean("enabled", profile.enabled);
  read_channels(fields, draft);
  read_quiet_hours(fields, profile);
  // Steps name channels: told only when those are well.
  if (problems.empty()) {
    read_steps(fields, profile);
    complete_steps(profile);
  } else {
    fields.any("steps");
  }
  fields.ignore({"id", "status", "warnings", "created_at", "modified_at", "modified_by"});
  fields.finish();
  if (!problems.empty()) return problems;
  return draft;
}

}  // namespace postern
