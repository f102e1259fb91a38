// How event rules, their runs and what they sign with are shown.
#pragma once

#include "core/event_rule.hpp"
#include "storage/event_rules.hpp"
#include "web/api.hpp"

#include <vector>

namespace postern::web {

boost::json::object event_rule_json(const storage::StoredEventRule& stored);
boost::json::object event_run_json(const storage::EventRun& run, const EventRule& rule);

/// Puts the signing secrets into the shown actions. A credential for {{secret}} is never shown.
void show_secrets(boost::json::array& shown, const std::vector<Action>& actions,
                  const std::vector<Secret>& secrets);

/// The rule that the path names by id or name.
net::Task<Answer<storage::StoredEventRule>> named_rule(Api& api, const Call& call);

}  // namespace postern::web
