// What each role may: every route with every role. The lists here are the promise; the table of
// routes is held to it.
#include "unit/web/people_fixture.hpp"
#include "web/role.hpp"
#include "web/router.hpp"

#include <array>
#include <map>
#include <set>

namespace postern::web::test {
namespace {

using RolesTest = PeopleApiTest;

/// Acts on what is there: an operator's. All other writes are an admin's.
const std::set<std::string> operators = {"POST /api/v1/integrations/{integration}/enable",
                                         "POST /api/v1/integrations/{integration}/disable",
                                         "POST /api/v1/integrations/{integration}/check",
                                         "POST /api/v1/integrations/{integration}/send-test",
                                         "POST /api/v1/integrations/{integration}/test",
                                         "POST /api/v1/integrations/bulk",
                                         "POST /api/v1/messages/{message}/handover",
                                         "POST /api/v1/messages/{message}/reprocess",
                                         "POST /api/v1/messages/reprocess",
                                         "POST /api/v1/targets/{target}/replay",
                                         "POST /api/v1/targets/{target}/test",
                                         "POST /api/v1/deliveries/{delivery}/retry",
                                         "POST /api/v1/deliveries/{delivery}/hold",
                                         "POST /api/v1/deliveries/{delivery}/release",
                                         "POST /api/v1/deliveries/{delivery}/cancel",
                                         "POST /api/v1/handovers/{handover}/retry",
                                         "POST /api/v1/send",
                                         "POST /api/v1/send/preview",
                                         "POST /api/v1/notify",
                                         "POST /api/v1/problems/{problem}/acknowledge",
                                         "POST /api/v1/silences",
                                         "PUT /api/v1/silences/{silence}",
                                         "PATCH /api/v1/silences/{silence}",
                                         "DELETE /api/v1/silences/{silence}",
                                         "GET /api/v1/audit"};

/// About oneself, or changing nothing: everybody's.
const std::set<std::string> everybodys = {
    "POST /api/v1/rules/try",       "DELETE /api/v1/session",  "POST /api/v1/session/password",
    "POST /api/v1/session/address", "DELETE /api/v1/sessions", "DELETE /api/v1/sessions/{session}"};

/// What not even a reader sees: who may come in, and with what.
const std::set<std::string> admins_reads = {"GET /api/v1/tokens", "GET /api/v1/tokens/{token}",
                                            "GET /api/v1/users", "GET /api/v1/users/{user}"};

Role least(const Route& route) {
  const auto name = std::string(route.verb) + " " + std::string(route.pattern);
  if (route.scopes == scope_none || everybodys.contains(name)) return Role::viewer;
  if (operators.contains(name)) return Role::operator_;
  if (route.writes() || admins_reads.contains(name)) return Role::admin;
  return Role::viewer;
}

std::string filled(std::string_view pattern) {
  std::string target;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '{') {
      target += pattern[i];
      continue;
    }
    target += "none";
    i = pattern.find('}', i);
  }
  return target;
}

TEST_F(RolesTest, Every_route_takes_its_roles_and_no_other) {
  constexpr std::array roles = {Role::admin, Role::operator_, Role::viewer};  // falling
  std::size_t named = 0;
  for (const auto& route : all_routes()) {
    const auto where = std::string(route.verb) + " " + std::string(route.pattern);
    named +=
        operators.contains(where) || everybodys.contains(where) || admins_reads.contains(where);
    for (const auto role : roles) {
      const bool may = route.scopes == scope_none || (scopes_of(role) & scope_admin) != 0 ||
                       (scopes_of(role) & route.scopes) != 0;
      EXPECT_EQ(role <= least(route), may) << where << " as " << to_string(role);
    }
  }
  EXPECT_EQ(operators.size() + everybodys.size() + admins_reads.size(), named)
      << "a name in the lists is not in the table";
}

TEST_F(RolesTest, The_server_holds_every_route_to_them) {
  std::map<Role, Browser> browsers;
  for (const auto role : {Role::viewer, Role::operator_}) {
    add(std::string(to_string(role)), std::string(to_string(role)));
    browsers[role] = browser(std::string(to_string(role)));
  }
  for (const auto& route : all_routes()) {
    const auto where = std::string(route.verb) + " " + std::string(route.pattern);
    if (everybodys.contains(where)) continue;  // they would sign us out
    for (const auto& [role, who] : browsers) {
      const auto reply = call(port(), route.verb, filled(route.pattern), who.lines(), "");
      EXPECT_EQ(role > least(route), reply.status == 403)
          << where << " as " << to_string(role) << ": " << reply.body;
      if (reply.status != 403) continue;
      EXPECT_NE(std::string::npos, text_at(reply, "/detail").find(to_string(role)));
    }
  }
}

TEST_F(RolesTest, Another_role_counts_from_the_next_request_on) {
  add("ann", "admin");
  add("bob", "viewer");
  const auto ann = browser("ann");
  EXPECT_EQ(403, as(browser("bob"), "GET", "/api/v1/audit").status);

  EXPECT_EQ(200, as(ann, "PATCH", "/api/v1/users/bob", R"({"role":"operator"})").status);

  const auto bob = browser("bob");
  EXPECT_EQ(200, as(bob, "GET", "/api/v1/audit").status);
  EXPECT_EQ("operator", text_at(as(bob, "GET", "/api/v1/session"), "/role"));
}

}  // namespace
}  // namespace postern::web::test
