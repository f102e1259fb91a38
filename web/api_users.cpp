// /users: the people who may sign in, and their roles. /audit: what was done, and by whom.
#include "web/api.hpp"
#include "web/password_rules.hpp"
#include "web/person_resource.hpp"
#include "web/role.hpp"
#include "web/routes.hpp"

#include <algorithm>

namespace postern::web {
namespace {

namespace json = boost::json;

Response person_response(const storage::Person& person, int status = 200) {
  auto response = json_response(person_json(person), status);
  response.headers.emplace_back("ETag", etag_of(person.version));
  return response;
}

/// The cursor is the last name shown: the list is in the order of names.
net::Task<Answer<Response>> list(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  POSTERN_CO_TRY(auto all, co_await api.store.people().list());
  POSTERN_CO_TRY(
      const auto shown,
      page_of<storage::Person>(std::move(all), page, [](const auto& each) { return each.name; }));
  json::array items;
  for (const auto& each : shown.items) items.push_back(person_json(each));
  co_return page_response(std::move(items), shown.next_cursor);
}

net::Task<Answer<Response>> create(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, object_body(call));
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  auto wanted = read_person(fields, problems, PersonFields());
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  POSTERN_CO_TRY(auto person, co_await hashed(api, call, std::move(wanted)));
  POSTERN_CO_TRY(const auto made, co_await api.store.people().create(std::move(person), false));
  api.first_start.over();
  auto response = person_response(made, 201);
  response.headers.emplace_back("Location", "/api/v1/users/" + percent_encode(made.name));
  co_return response;
}

net::Task<Answer<Response>> get(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto person, co_await api.store.people().get(call.parameter("user")));
  co_return person_response(person);
}

net::Task<Answer<Response>> patch(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, object_body(call));
  std::string password;
  storage::PersonChange change;
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  fields.text("role", change.role, {.bytes_max = 20});
  fields.text("password", password, {.bytes_max = 4096});
  if (const auto* address = fields.any("address"); address != nullptr) {
    fields.text("address", change.address.emplace(), {.bytes_max = 320});
    check_address(*change.address, problems);
  }
  fields.finish();
  const auto& name = call.parameter("user");
  if (change.role && !parse_role(*change.role)) {
    problems.push_back({"/role", "must be one of admin, operator and viewer"});
  }
  if (!password.empty()) {
    if (const auto fault = password_fault(password, name)) {
      problems.push_back({"/password", *fault});
    }
  }
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  POSTERN_CO_TRY(const auto former, co_await api.store.people().get(name));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  if (!password.empty()) {
    POSTERN_CO_TRY(change.password_hash,
                   co_await hash_off_thread(api, Secret(std::move(password))));
  }
  POSTERN_CO_TRY(const auto changed,
                 co_await api.store.people().change(name, std::move(change), version,
                                                    call.identity.name, api.env.now()));
  co_return person_response(changed);
}

net::Task<Answer<Response>> remove(Api& api, Call& call) {
  const auto& name = call.parameter("user");
  POSTERN_CO_TRY(const auto former, co_await api.store.people().get(name));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(co_await api.store.people().remove(name, version));
  co_return no_content();
}

json::object entry_json(const storage::AuditEntry& entry) {
  json::object result;
  result["id"] = entry.id.str();
  result["at"] = to_rfc3339(entry.at);
  result["who"] = entry.who;
  result["via"] = entry.via;
  result["address"] = entry.address;
  result["act"] = entry.act;
  result["resource"] = entry.resource;
  result["fields"] = json::array(entry.fields.begin(), entry.fields.end());
  result["request_id"] = entry.request_id;
  result["outcome"] = entry.done ? "done" : "unknown";
  return result;
}

net::Task<Answer<Response>> list_audit(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  storage::AuditFilter filter;
  if (const auto* who = call.target.parameter("who")) filter.who = *who;
  if (const auto* resource = call.target.parameter("resource")) filter.resource = *resource;
  POSTERN_CO_TRY(const auto found, co_await api.store.audit().list(filter, page));
  json::array items;
  for (const auto& each : found.items) items.push_back(entry_json(each));
  co_return page_response(std::move(items), found.next_cursor);
}

constexpr std::string_view by_name = "/api/v1/users/{user}";
constexpr AnswerDoc one{200, "application/json", "User"};

}  // namespace

Routes user_routes() {
  return {
      {"GET",
       "/api/v1/users",
       scope_admin,
       BodyKind::none,
       list,
       {"The people who may sign in, by name",
        "limit cursor",
        "",
        {{200, "application/json", "UserPage"}}}},
      {"POST",
       "/api/v1/users",
       scope_admin,
       BodyKind::json,
       create,
       {"Let somebody sign in", "", "UserInput", {{201, "application/json", "User"}}}},
      {"GET", by_name, scope_admin, BodyKind::none, get, {"One of them", "", "", {one}}},
      {"PATCH",
       by_name,
       scope_admin,
       BodyKind::merge_patch,
       patch,
       {"Another role or password; the person's sessions end", "", "UserPatch", {one}}},
      {"DELETE",
       by_name,
       scope_admin,
       BodyKind::none,
       remove,
       {"Let somebody sign in no more; the last admin stays", "", "", {{204, "", ""}}}},
      {"GET",
       "/api/v1/audit",
       scope_operate,
       BodyKind::none,
       list_audit,
       {"Who changed what, and from where, the newest first",
        "limit cursor who resource",
        "",
        {{200, "application/json", "AuditEntryPage"}}}},
  };
}

}  // namespace postern::web
