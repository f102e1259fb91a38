// The names in an event rule become ids when it is saved, so that a name that changes breaks
// nothing: of integrations and of profiles. An unknown one is a problem at its place.
#pragma once

#include "core/event_rule.hpp"
#include "core/profile.hpp"
#include "web/api.hpp"

namespace postern::web {

/// What `former` has named may be gone since: a rule is not stuck because an integration went.
net::Task<Answer<void>> settle_names(Api& api, EventRule& rule, const EventRule* former = nullptr);
net::Task<Answer<void>> settle_names(Api& api, Profile& profile, const Profile* former = nullptr);

}  // namespace postern::web
