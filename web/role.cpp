// The table of roles.
#include "web/role.hpp"

namespace postern::web {

std::string_view to_string(Role role) {
  switch (role) {
    case Role::admin:
      return "admin";
    case Role::operator_:
      return "operator";
    case Role::viewer:
      return "viewer";
  }
  return "";
}

std::optional<Role> parse_role(std::string_view word) {
  for (const auto role : {Role::admin, Role::operator_, Role::viewer}) {
    if (word == to_string(role)) return role;
  }
  return std::nullopt;
}

Scopes scopes_of(Role role) {
  switch (role) {
    case Role::admin:
      return scope_admin;
    case Role::operator_:
      return scope_read | scope_send | scope_metrics | scope_operate;
    case Role::viewer:
      return scope_read | scope_metrics;
  }
  return scope_none;
}

std::vector<std::string_view> scope_list(Scopes scopes) {
  if ((scopes & scope_admin) != 0) scopes = all_scopes;
  std::vector<std::string_view> words;
  for (const auto& [word, scope] : scope_table) {
    if ((scopes & scope) != 0) words.push_back(word);
  }
  return words;
}

}  // namespace postern::web
