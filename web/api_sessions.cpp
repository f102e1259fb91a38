// /session and /sessions: signing in and out, who one is, the own password, and where one is signed
// in. People only: a token has no session.
#include "core/json_fields.hpp"
#include "net/scope.hpp"
#include "web/api.hpp"
#include "web/audit.hpp"
#include "web/password.hpp"
#include "web/password_rules.hpp"
#include "web/person_resource.hpp"
#include "web/role.hpp"
#include "web/routes.hpp"
#include "web/sessions.hpp"
#include "web/token.hpp"

namespace postern::web {
namespace {

namespace json = boost::json;

net::Task<bool> verify(Secret password, std::string hash) {
  co_return verify_password(password, hash);
}

struct Login {
  std::string name;
  Secret password;
};

Answer<Login> read_login(const Call& call) {
  POSTERN_TRY(const auto body, object_body(call));
  std::string name;
  std::string password;
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  fields.text("name", name, {.bytes_max = 200, .required = true});
  fields.text("password", password, {.bytes_max = password_bytes_max, .required = true});
  fields.finish();
  if (!problems.empty()) return invalid_body(std::move(problems));
  return Login{std::move(name), Secret(std::move(password))};
}

/// Counts the try for its address and its account; a right login takes it back. So many at once
/// gain nothing. A person who is signed in from that address is not slowed by what others try with
/// the name.
net::Task<Answer<void>> count_try(Api& api, const Call& call, const std::string& name) {
  const auto now = api.env.steady();
  const auto& client = call.request.client;
  auto& access = api.access;
  access.limit().count(client, now);
  access.account_limit().count(name, now);
  if (const auto wait = access.limit().wait(client, now)) co_return too_many_logins(*wait);
  const auto wait = access.account_limit().wait(name, now);
  if (!wait) co_return success();
  POSTERN_CO_TRY(const auto open, co_await api.store.people().sessions(name, api.env.now()));
  for (const auto& each : open) {
    if (each.address == client) co_return success();
  }
  co_return too_many_logins(*wait);
}

void forgive(Api& api, const Call& call, const std::string& name) {
  api.access.limit().forgive(call.request.client);
  api.access.account_limit().forgive(name);
}

net::Task<Answer<Response>> sign_in(Api& api, Call& call) {
  POSTERN_CO_TRY(auto login, read_login(call));
  POSTERN_CO_TRY(co_await count_try(api, call, login.name));
  POSTERN_CO_TRY(const auto user, co_await api.store.accounts().find_user(login.name));
  auto hash = user ? user->password_hash : std::string(nobodys_hash());
  auto checking = verify(std::move(login.password), std::move(hash));
  const bool right = co_await net::run_on(api.hashing, std::move(checking));
  if (!right || !user) {
    co_return Problem(401, "wrong_login", "The name or the password is wrong.",
                      "postern user set-password sets a password.");
  }
  forgive(api, call, login.name);
  POSTERN_CO_TRY(co_await begin_audit(api, call, user->name));
  co_return co_await signed_in(api, call, user->name);
}

/// The first admin, made by whoever knows the code that the server has told on its console.
net::Task<Answer<Response>> first_start(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, object_body(call));
  std::string code;
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  fields.text("code", code, {.bytes_max = 100, .required = true});
  auto wanted = read_person(fields, problems, {.role = false});
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  POSTERN_CO_TRY(co_await count_try(api, call, wanted.name));
  POSTERN_CO_TRY(const bool any, co_await api.store.people().any());
  if (any) {
    api.first_start.over();
    co_return Problem(409, "already_set_up", "Somebody has been set up already.",
                      "Sign in; postern user set-password sets a forgotten password.");
  }
  if (!api.first_start.fits(code, api.env.steady())) {
    co_return Problem(401, "wrong_code", "The code is wrong, or has expired.",
                      "The server's console shows the code that is good now.");
  }
  wanted.role = to_string(Role::admin);
  POSTERN_CO_TRY(auto person, co_await hashed(api, call, std::move(wanted)));
  person.modified_by = person.name;
  POSTERN_CO_TRY(co_await begin_audit(api, call, person.name));
  POSTERN_CO_TRY(const auto made, co_await api.store.people().create(std::move(person), true));
  api.first_start.over();
  forgive(api, call, made.name);
  co_return co_await signed_in(api, call, made.name);
}

net::Task<Answer<Response>> sign_out(Api& api, Call& call) {
  if (!call.identity.session.empty()) {
    POSTERN_CO_TRY(co_await api.store.people().end_session(sha256_hex(call.identity.session)));
  }
  auto response = no_content();
  response.headers.emplace_back("Set-Cookie", session_cookie_text(api, "", Duration::zero()));
  co_return response;
}

json::array words(const std::vector<std::string_view>& list) {
  return json::array(list.begin(), list.end());
}

net::Task<Answer<Response>> nobody(Api& api) {
  POSTERN_CO_TRY(const bool any, co_await api.store.people().any());
  json::object body;
  body["state"] = any ? "signed_out" : "first_start";
  body["password_rules"] = words(password_rules());
  co_return json_response(body);
}

/// No person is refused here: the page asks this first of all. A wrong token is.
net::Task<Answer<Response>> who_am_i(Api& api, Call& call) {
  const bool by_token = call.request.header("authorization") != nullptr;
  if (!by_token && session_cookie(call.request).empty()) co_return co_await nobody(api);
  const auto found = co_await api.access.identify(call.request, false);
  if (!found && (by_token || found.error().status != 401)) co_return found.error();
  if (!found) co_return co_await nobody(api);
  const auto& identity = found.value();
  json::object body;
  body["state"] = "signed_in";
  body["name"] = identity.name;
  body["role"] = nullptr;
  body["may"] = words(scope_list(identity.scopes));
  if (!identity.session.empty()) {
    POSTERN_CO_TRY(const auto person, co_await api.store.people().get(identity.name));
    body["role"] = identity.role;
    body["address"] = person.address;
    body["csrf_token"] = csrf_token_of(identity.session);
    body["expires_at"] = to_rfc3339(identity.session_ends_at);
  }
  co_return json_response(body);
}

Problem not_a_person() {
  return {409, "not_a_person", "A token has no session and no password.",
          "Sign in with POST /session, or name the person with ?user=."};
}

net::Task<Answer<Response>> change_own_password(Api& api, Call& call) {
  if (call.identity.session.empty()) co_return not_a_person();
  POSTERN_CO_TRY(const auto body, object_body(call));
  std::string current, fresh;
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  fields.text("current_password", current, {.bytes_max = password_bytes_max, .required = true});
  fields.text("new_password", fresh, {.bytes_max = 4 * password_bytes_max, .required = true});
  fields.finish();
  const auto& name = call.identity.name;
  if (problems.empty()) {
    if (const auto fault = password_fault(fresh, name)) {
      problems.push_back({"/new_password", *fault});
    }
  }
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  POSTERN_CO_TRY(co_await count_try(api, call, name));
  POSTERN_CO_TRY(const auto person, co_await api.store.people().get(name));
  auto checking = verify(Secret(std::move(current)), person.password_hash);
  if (!co_await net::run_on(api.hashing, std::move(checking))) {
    co_return invalid_body({{"/current_password", "is not the password"}});
  }
  forgive(api, call, name);
  storage::PersonChange change;
  POSTERN_CO_TRY(change.password_hash, co_await hash_off_thread(api, Secret(std::move(fresh))));
  change.keep_session = sha256_hex(call.identity.session);
  POSTERN_CO_TRY(co_await api.store.people().change(name, std::move(change), std::nullopt, name,
                                                    api.env.now()));
  co_return no_content();
}

/// {"address"}: where one reads mail. Test mails go there.
net::Task<Answer<Response>> change_own_address(Api& api, Call& call) {
  if (call.identity.session.empty()) co_return not_a_person();
  POSTERN_CO_TRY(const auto body, object_body(call));
  storage::PersonChange change;
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  if (!fields.has("address")) fields.problem("address", "must be a mail address, or empty");
  fields.text("address", change.address.emplace(), {.bytes_max = 320});
  fields.finish();
  check_address(*change.address, problems);
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  const auto& name = call.identity.name;
  POSTERN_CO_TRY(co_await api.store.people().change(name, std::move(change), std::nullopt, name,
                                                    api.env.now()));
  co_return no_content();
}

/// Whose sessions are meant: one's own, or for an admin those of ?user=. Empty: everybody's.
Answer<std::string> whose(const Call& call, bool everybody) {
  const bool admin = allows(call.identity, scope_admin);
  const auto* named = call.target.parameter("user");
  const auto own = call.identity.session.empty() ? std::string() : call.identity.name;
  if (named != nullptr) {
    if (admin || *named == own) return *named;
    return Problem(403, "missing_scope", "Only an admin sees and ends the sessions of others.");
  }
  if (!own.empty() || (admin && everybody)) return own;
  return not_a_person();
}

net::Task<Answer<Response>> list_sessions(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto person, whose(call, true));
  POSTERN_CO_TRY(const auto rows, co_await api.store.people().sessions(person, api.env.now()));
  json::array items;
  for (const auto& each : rows) {
    json::object item;
    item["id"] = each.id.str();
    item["user"] = each.person;
    item["created_at"] = to_rfc3339(each.created_at);
    item["seen_at"] = to_rfc3339(each.seen_at);
    item["expires_at"] = to_rfc3339(each.ends_at);
    item["address"] = each.address;
    item["agent"] = each.agent;
    item["current"] = each.id == call.identity.session_id;
    items.push_back(std::move(item));
  }
  co_return page_response(std::move(items), "");
}

net::Task<Answer<Response>> end_session(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<storage::SessionId>(call, "session"));
  const bool admin = allows(call.identity, scope_admin);
  if (!admin && call.identity.session.empty()) co_return not_a_person();
  POSTERN_CO_TRY(
      co_await api.store.people().end_session(id, admin ? std::string() : call.identity.name));
  co_return no_content();
}

net::Task<Answer<Response>> end_sessions(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto person, whose(call, false));
  POSTERN_CO_TRY(co_await api.store.people().end_sessions(person));
  co_return no_content();
}

}  // namespace

Routes session_routes() {
  constexpr AnswerDoc session{200, "application/json", "Session"};
  constexpr AnswerDoc nothing{204, "", ""};
  return {
      {"GET",
       "/api/v1/session",
       scope_none,
       BodyKind::none,
       who_am_i,
       {"Who is asking: signed in, signed out, or nobody set up yet",
        "",
        "",
        {{200, "application/json", "WhoAmI"}}}},
      {"POST",
       "/api/v1/session",
       scope_none,
       BodyKind::json,
       sign_in,
       {"Log in: a cookie, and the token that writes need beside it", "", "Login", {session}}},
      {"DELETE",
       "/api/v1/session",
       all_scopes,
       BodyKind::none,
       sign_out,
       {"Log out", "", "", {nothing}}},
      {"POST",
       "/api/v1/session/first-start",
       scope_none,
       BodyKind::json,
       first_start,
       {"Set up the first admin with the one-time code on the server's console, and log in",
        "",
        "FirstStart",
        {session}}},
      {"POST",
       "/api/v1/session/password",
       all_scopes,
       BodyKind::json,
       change_own_password,
       {"Change one's own password; one's other sessions end", "", "PasswordChange", {nothing}}},
      {"POST",
       "/api/v1/session/address",
       all_scopes,
       BodyKind::json,
       change_own_address,
       {"Say where one reads mail: test mails go there", "", "AddressChange", {nothing}}},
      {"GET",
       "/api/v1/sessions",
       all_scopes,
       BodyKind::none,
       list_sessions,
       {"Where one is signed in; an admin sees others' with ?user=",
        "user",
        "",
        {{200, "application/json", "SignedInPage"}}}},
      {"DELETE",
       "/api/v1/sessions",
       all_scopes,
       BodyKind::none,
       end_sessions,
       {"Sign out everywhere", "user", "", {nothing}}},
      {"DELETE",
       "/api/v1/sessions/{session}",
       all_scopes,
       BodyKind::none,
       end_session,
       {"Sign out there", "", "", {nothing}}},
  };
}

}  // namespace postern::web
