#include "web/event_rule_names.hpp"

#include <map>

namespace postern::web {
namespace {

/// Ids and names → ids, of everything of one kind.
using Ids = std::map<std::string, std::string, std::less<>>;

net::Task<Answer<Ids>> integration_ids(Api& api) {
  Ids ids;
  POSTERN_CO_TRY(const auto all, co_await api.store.integrations().entries());
  for (const auto& each : all) ids[each.name] = each.id.str();
  for (const auto& each : all) ids[each.id.str()] = each.id.str();
  co_return ids;
}

net::Task<Answer<Ids>> profile_ids(Api& api) {
  Ids ids;
  POSTERN_CO_TRY(const auto all, co_await api.store.profiles().list());
  for (const auto& each : all) ids[each.value.name] = each.value.id.str();
  for (const auto& each : all) ids[each.value.id.str()] = each.value.id.str();
  co_return ids;
}

void settle(std::string& name, const Ids& ids, std::string_view what, std::string pointer,
            FieldProblems& problems) {
  const auto found = ids.find(name);
  if (found != ids.end()) {
    name = found->second;
  } else {
    problems.push_back(
        {std::move(pointer), "there is no " + std::string(what) + " \"" + name + "\""});
  }
}

void add_named(const std::vector<Action>& actions, Ids& integrations) {
  for (const auto& action : actions) {
    if (action.integration) integrations.emplace(*action.integration, *action.integration);
  }
}

void settle_actions(std::vector<Action>& actions, const std::string& list, const Ids& integrations,
                    const Ids& profiles, FieldProblems& problems) {
  for (std::size_t i = 0; i < actions.size(); ++i) {
    auto& action = actions[i];
    const auto where = list + "/" + std::to_string(i);
    if (action.integration) {
      settle(*action.integration, integrations, "integration", where + "/integration", problems);
    }
    if (action.type == ActionType::profile) {
      settle(action.profile, profiles, "profile", where + "/profile", problems);
    }
  }
}

}  // namespace

net::Task<Answer<void>> settle_names(Api& api, EventRule& rule, const EventRule* former) {
  POSTERN_CO_TRY(auto integrations, co_await integration_ids(api));
  if (former != nullptr) {
    if (former->when.integrations) {
      for (const auto& id : *former->when.integrations) integrations.emplace(id, id);
    }
    add_named(former->then, integrations);
  }
  POSTERN_CO_TRY(const auto profiles, co_await profile_ids(api));
  FieldProblems problems;
  if (rule.when.integrations) {
    auto& named = *rule.when.integrations;
    for (std::size_t i = 0; i < named.size(); ++i) {
      settle(named[i], integrations, "integration", "/when/integrations/" + std::to_string(i),
             problems);
    }
  }
  settle_actions(rule.then, "/then", integrations, profiles, problems);
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  co_return success();
}

net::Task<Answer<void>> settle_names(Api& api, Profile& profile, const Profile* former) {
  POSTERN_CO_TRY(auto integrations, co_await integration_ids(api));
  if (former != nullptr) add_named(former->channels, integrations);
  FieldProblems problems;
  settle_actions(profile.channels, "/channels", integrations, {}, problems);
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  co_return success();
}

}  // namespace postern::web
