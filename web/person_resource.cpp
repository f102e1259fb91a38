// See person_resource.hpp.
#include "web/person_resource.hpp"

#include "core/syntax.hpp"
#include "net/scope.hpp"
#include "web/password.hpp"
#include "web/password_rules.hpp"
#include "web/role.hpp"
#include "web/sessions.hpp"

namespace postern::web {
namespace {

namespace json = boost::json;

net::Task<Result<std::string>> hash(Secret password) {
  co_return hash_password(password);
}

}  // namespace

void check_address(const std::string& address, FieldProblems& problems) {
  if (address.empty() || valid_addr_spec(address)) return;
  problems.push_back({"/address", "must be a mail address, or empty"});
}

WantedPerson read_person(JsonFields& fields, FieldProblems& problems, PersonFields which) {
  WantedPerson wanted;
  fields.text("name", wanted.name, {.bytes_max = person_name_bytes_max, .required = true});
  if (wanted.name.starts_with(' ') || wanted.name.ends_with(' ')) {
    problems.push_back({"/name", "must not begin or end with a blank"});
  }
  fields.text("address", wanted.address, {.bytes_max = 320});
  check_address(wanted.address, problems);
  const bool given = fields.text("password", wanted.password,
                                 {.bytes_max = 4 * password_bytes_max, .required = true});
  if (which.role) {
    fields.text("role", wanted.role, {.bytes_max = 20, .required = true});
    if (!wanted.role.empty() && !parse_role(wanted.role)) {
      problems.push_back({"/role", "must be one of admin, operator and viewer"});
    }
  }
  fields.finish();
  if (given && !wanted.password.empty()) {
    if (const auto fault = password_fault(wanted.password, wanted.name)) {
      problems.push_back({"/password", *fault});
    }
  }
  return wanted;
}

net::Task<Answer<std::string>> hash_off_thread(Api& api, Secret password) {
  auto hashing = hash(std::move(password));
  auto made = co_await net::run_on(api.hashing, std::move(hashing));
  if (!made) co_return invalid_body({{"/password", made.error().detail}});
  co_return std::move(made).value();
}

net::Task<Answer<storage::Person>> hashed(Api& api, const Call& call, WantedPerson wanted) {
  storage::Person person;
  person.name = std::move(wanted.name);
  person.role = std::move(wanted.role);
  person.address = std::move(wanted.address);
  person.created_at = api.env.now();
  person.modified_by = call.identity.name;
  POSTERN_CO_TRY(person.password_hash,
                 co_await hash_off_thread(api, Secret(std::move(wanted.password))));
  co_return person;
}

json::object person_json(const storage::Person& person) {
  json::object result;
  result["name"] = person.name;
  result["role"] = person.role;
  result["address"] = person.address;
  result["created_at"] = to_rfc3339(person.created_at);
  result["modified_at"] = to_rfc3339(person.modified_at);
  result["modified_by"] = person.modified_by;
  result["signed_in_at"] = nullptr;
  if (person.signed_in_at) result["signed_in_at"] = to_rfc3339(*person.signed_in_at);
  return result;
}

net::Task<Answer<Response>> signed_in(Api& api, Call& call, std::string name) {
  POSTERN_CO_TRY(const auto opened,
                 co_await open_session(api.store.people(), call.request, name, api.env.now()));
  call.identity.name = name;
  call.identity.role = opened.row.role;
  call.identity.session = opened.id;
  json::object body;
  body["name"] = name;
  body["role"] = opened.row.role;
  const auto role = parse_role(opened.row.role);
  const auto may = scope_list(role ? scopes_of(*role) : scope_none);
  body["may"] = json::array(may.begin(), may.end());
  body["csrf_token"] = opened.csrf_token;
  body["expires_at"] = to_rfc3339(opened.row.ends_at);
  auto response = json_response(body);
  response.headers.emplace_back("Set-Cookie",
                                session_cookie_text(api, opened.id, session_lifetime));
  co_return response;
}

std::string session_cookie_text(const Api& api, std::string_view value, Duration age) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(age).count();
  return std::string(session_cookie_name) + "=" + std::string(value) +
         "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds) +
         (api.options.secure_cookies ? "; Secure" : "");
}

}  // namespace postern::web
