// See reach.hpp.
#include "core/reach.hpp"

namespace postern {
namespace {

/// Ways by which people are told. A file is none of them.
struct Ways {
  int mail = 0;
  int others = 0;
};

void add(Ways& ways, const Action& action) {
  switch (action.type) {
    case ActionType::email:
      ++ways.mail;
      return;
    case ActionType::web_page:
    case ActionType::webhook:
    case ActionType::provider:
    case ActionType::sms:
      ++ways.others;
      return;
    case ActionType::log_file:
    case ActionType::profile:
      return;
  }
}

void add(Ways& ways, const Profile* profile) {
  if (profile == nullptr || !profile->enabled) return;
  for (const auto& channel : profile->channels) add(ways, channel);
}

std::vector<std::string> said_of(const Ways& ways) {
  if (ways.mail + ways.others == 0) return {"Nobody is told by it."};
  if (ways.others == 0) {
    return {
        "All of it is mail, which goes by the default integration: without a transport in [alerts] "
        "nobody is told when that fails. Add a way that needs no mail (SMS, webhook)."};
  }
  if (ways.mail + ways.others == 1) {
    return {"It has one way alone: when that fails, nobody is told. Add another."};
  }
  return {};
}

}  // namespace

std::vector<std::string> warnings_of(const Profile& profile) {
  Ways ways;
  for (const auto& channel : profile.channels) add(ways, channel);
  return said_of(ways);
}

std::vector<std::string> warnings_of(const EventRule& rule, const FindProfile& find) {
  Ways ways;
  for (const auto& action : rule.then) {
    add(ways, action);
    if (action.type == ActionType::profile) add(ways, find(action.profile));
  }
  return said_of(ways);
}

std::vector<std::string> warnings_of(const MonitoringSettings& settings, const FindProfile& find) {
  Ways ways;
  ways.mail = settings.recipients.empty() ? 0 : 1;
  for (const auto& id : settings.profiles) add(ways, find(id));
  if (ways.mail + ways.others == 0) {
    return {"Nobody is told of problems: give recipients or a notification profile."};
  }
  return said_of(ways);
}

}  // namespace postern
