// Roles of people, and what each may: a role is a set of the scopes that routes ask for.
#pragma once

#include "web/access.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::web {

/// admin: everything. operator_: reads all that is not about access, and acts on what is there
/// (check, retry, hold, enable, acknowledge, send). viewer: reads.
enum class Role { admin, operator_, viewer };

std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view word);
Scopes scopes_of(Role role);

/// "read", "send", …: for the page, which shows only what may be done.
std::vector<std::string_view> scope_list(Scopes scopes);

}  // namespace postern::web
