// /oauth/authorize, /callback, /device, /grants: from the wish to the grant, and its end.
#include "core/json_fields.hpp"
#include "oauth/errc.hpp"
#include "web/integration_resource.hpp"
#include "web/pages.hpp"
#include "web/routes.hpp"
#include "web/token.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::web {
namespace {

namespace json = boost::json;

constexpr std::string_view browser_cookie = "postern_oauth";
constexpr std::size_t browser_cookie_bytes = 32;
constexpr std::size_t state_bytes = 43;  // as we make it

/// What the authorization server's or the person's answer means for the caller.
Problem to_problem(const Error& error) {
  if (error.code.category() != oauth::category()) return Problem(error);
  const auto words = describe(error);
  switch (static_cast<oauth::errc>(error.code.value())) {
    case oauth::errc::unavailable:
    case oauth::errc::throttled: {
      Problem problem(503, "oauth_unavailable", words, "Try again a little later.");
      problem.headers.emplace_back("Retry-After", "30");
      return problem;
    }
    case oauth::errc::wrong_person:
      return {403, "oauth_wrong_person", words, "Sign in at the provider as the mailbox's owner."};
    case oauth::errc::app_fault:
    case oauth::errc::bad_key:
      return {422, "oauth_app_fault", words, "Look at the app's registration at the provider."};
    case oauth::errc::consent_needed:
    case oauth::errc::no_grant:
    case oauth::errc::bad_identity_token:
    case oauth::errc::refused:
      break;
  }
  return {422, "oauth_refused", words, "Begin the authorisation again."};
}

Answer<flows::AuthorisationWish> read_wish(const Call& call) {
  POSTERN_TRY(const auto body, object_body(call));
  flows::AuthorisationWish wish;
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  fields.text("app", wish.app, {.bytes_max = 200, .required = true});
  fields.text("integration", wish.integration, {.bytes_max = 200, .required = true});
  fields.boolean("shared_mailbox", wish.shared_mailbox);
  fields.finish();
  if (!problems.empty()) return invalid_body(std::move(problems));
  wish.by = call.identity.name;
  return wish;
}

/// Problems: 400 about the name that nobody has.
net::Task<Answer<void>> check_names(Api& api, const flows::AuthorisationWish& wish) {
  const auto app = co_await api.store.oauth().find_app(wish.app);
  const auto integration = co_await api.store.integrations().find(wish.integration);
  FieldProblems problems;
  const auto missing = make_error_code(storage::errc::not_found);
  if (!app && app.error().code == missing) problems.push_back({"/app", "names no OAuth app"});
  if (!integration && integration.error().code == missing) {
    problems.push_back({"/integration", "names no integration"});
  }
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  co_return success();
}

/// The session's cookie does not come along when another site sends the browser to us (Strict);
/// this one does, and is good for nothing else.
std::string set_browser_cookie(const Api& api, std::string_view value) {
  return fmt::format("{}={}; Path=/api/v1/oauth/callback; HttpOnly; SameSite=Lax; Max-Age=600{}",
                     browser_cookie, value, api.options.secure_cookies ? "; Secure" : "");
}

std::string cookie_named(const Request& request, std::string_view name) {
  const auto* header = request.header("cookie");
  std::string_view rest = header == nullptr ? std::string_view() : *header;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    auto each = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (each.starts_with(' ')) each.remove_prefix(1);
    if (each.size() > name.size() && each.starts_with(name) && each[name.size()] == '=') {
      return std::string(each.substr(name.size() + 1));
    }
  }
  return "";
}

net::Task<Answer<Response>> authorize(Api& api, Call& call) {
  POSTERN_CO_TRY(auto wish, read_wish(call));
  POSTERN_CO_TRY(co_await check_names(api, wish));
  std::string browser;
  if (!call.identity.session.empty()) {
    browser = random_text(browser_cookie_bytes);
    wish.session_sha256 = sha256_hex(call.identity.session);
    wish.browser_sha256 = sha256_hex(browser);
  }
  const auto begun = co_await api.gateway.authorise(std::move(wish));
  if (!begun) co_return to_problem(begun.error());
  json::object body;
  body["url"] = nullptr;
  body["grant"] = nullptr;
  if (begun.value().url) body["url"] = *begun.value().url;
  if (begun.value().grant) body["grant"] = to_json(*begun.value().grant);
  auto response = json_response(body);
  if (!browser.empty() && begun.value().url) {
    response.headers.emplace_back("Set-Cookie", set_browser_cookie(api, browser));
  }
  co_return response;
}

Response callback_page(int status, std::string_view title, const std::vector<std::string>& lines) {
  auto response = page_response_html(message_page(title, lines));
  response.status = status;
  for (auto& [name, value] : response.headers) {
    if (name == "Content-Security-Policy") {
      value =
          "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
          "frame-ancestors 'none'";
    }
    if (name == "Cache-Control") value = "no-store";
  }
  return response;
}

Response failure_page(const Error& error) {
  const auto problem = to_problem(error);
  const int status = problem.status == 422 ? 400 : problem.status;
  return callback_page(status, "Not authorised", {problem.detail, problem.hint});
}

std::string parameter(const Call& call, std::string_view name) {
  const auto* value = call.target.parameter(name);
  return value == nullptr ? "" : *value;
}

net::Task<Answer<Response>> callback(Api& api, Call& call) {
  oauth::AuthorizationAnswer answer;
  answer.code = parameter(call, "code");
  answer.state = parameter(call, "state");
  answer.issuer = parameter(call, "iss");
  answer.error = parameter(call, "error");
  answer.error_description = parameter(call, "error_description");
  if (answer.state.size() != state_bytes) {
    co_return failure_page(Error{oauth::errc::refused, "The address holds no state of ours."});
  }
  const std::string session(session_cookie(call.request));
  std::string session_sha256;
  if (!session.empty()) {
    POSTERN_CO_TRY(const auto row,
                   co_await api.store.people().find_session(sha256_hex(session), api.env.now()));
    if (row) session_sha256 = sha256_hex(session);
  }
  const auto browser = cookie_named(call.request, browser_cookie);
  const auto done = co_await api.gateway.finish_authorisation(
      std::move(answer), std::move(session_sha256), browser.empty() ? "" : sha256_hex(browser));
  if (!done) co_return failure_page(done.error());
  const auto& authorised = done.value();
  note_act(api, call, authorised.integration, "oauth.authorised", "authorised at its provider");
  std::vector<std::string> lines;
  const auto& identity = authorised.grant.identity;
  lines.push_back(identity.empty()
                      ? fmt::format("{} may log in now.", authorised.name)
                      : fmt::format("{} may log in now, as {}.", authorised.name, identity));
  lines.insert(lines.end(), authorised.notes.begin(), authorised.notes.end());
  lines.push_back("This window may be closed.");
  co_return callback_page(200, "Authorised", std::move(lines));
}

json::object device_json(const flows::DeviceAuthorisation& device) {
  using State = flows::DeviceAuthorisation::State;
  json::object body;
  body["id"] = device.id;
  body["user_code"] = device.user_code;
  body["verification_uri"] = device.verification_uri;
  if (!device.verification_uri_complete.empty()) {
    body["verification_uri_complete"] = device.verification_uri_complete;
  }
  body["expires_in"] = device.expires_in.count();
  body["interval"] = device.interval.count();
  body["state"] = device.state == State::pending      ? "pending"
                  : device.state == State::authorised ? "authorised"
                                                      : "failed";
  body["message"] = nullptr;
  if (!device.message.empty()) body["message"] = device.message;
  body["grant"] = nullptr;
  if (device.grant) body["grant"] = to_json(*device.grant);
  return body;
}

net::Task<Answer<Response>> begin_device(Api& api, Call& call) {
  POSTERN_CO_TRY(auto wish, read_wish(call));
  POSTERN_CO_TRY(co_await check_names(api, wish));
  const auto begun = co_await api.gateway.authorise_device(std::move(wish));
  if (!begun) co_return to_problem(begun.error());
  co_return json_response(device_json(begun.value()));
}

net::Task<Answer<Response>> get_device(Api& api, Call& call) {
  const auto device = co_await api.gateway.device_authorisation(call.parameter("device"));
  if (!device) co_return Problem(device.error());
  co_return json_response(device_json(device.value()));
}

net::Task<Answer<json::object>> grant_json(Api& api, const OAuthGrant& grant) {
  POSTERN_CO_TRY(const auto users, co_await api.store.oauth().users(grant.id));
  auto body = to_json(grant);
  json::array integrations;
  for (const auto user : users) integrations.emplace_back(user.str());
  body["integrations"] = std::move(integrations);
  POSTERN_CO_TRY(const auto all, co_await api.store.targets().list());
  json::array targets;
  for (const auto& each : all) {
    if (each.value.auth.grant == grant.id.str()) targets.emplace_back(each.value.id.str());
  }
  body["targets"] = std::move(targets);
  co_return body;
}

net::Task<Answer<Response>> list_grants(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  POSTERN_CO_TRY(auto all, co_await api.store.oauth().grants());
  POSTERN_CO_TRY(const auto shown, page_of<OAuthGrant>(std::move(all), page, [](const auto& each) {
                   return each.id.str();
                 }));
  json::array items;
  for (const auto& each : shown.items) {
    POSTERN_CO_TRY(auto body, co_await grant_json(api, each));
    items.push_back(std::move(body));
  }
  co_return page_response(std::move(items), shown.next_cursor);
}

net::Task<Answer<Response>> get_grant(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<OAuthGrantId>(call, "grant"));
  POSTERN_CO_TRY(const auto grant, co_await api.store.oauth().grant(id));
  POSTERN_CO_TRY(const auto body, co_await grant_json(api, grant));
  co_return json_response(body);
}

net::Task<Answer<Response>> remove_grant(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<OAuthGrantId>(call, "grant"));
  POSTERN_CO_TRY(co_await api.gateway.revoke_grant(id, call.identity.name));
  co_return no_content();
}

constexpr AnswerDoc device_answer{200, "application/json", "OAuthDevice"};
constexpr std::string_view one_grant = "/api/v1/oauth/grants/{grant}";

Routes grant_routes() {
  return {
      {"GET",
       "/api/v1/oauth/grants",
       scope_read,
       BodyKind::none,
       list_grants,
       {"Grants, oldest first", "limit cursor", "", {{200, "application/json", "OAuthGrantPage"}}}},
      {"GET",
       one_grant,
       scope_read,
       BodyKind::none,
       get_grant,
       {"One grant", "", "", {{200, "application/json", "OAuthGrant"}}}},
      {"DELETE",
       one_grant,
       scope_admin,
       BodyKind::none,
       remove_grant,
       {"Revoke a grant at the provider where it can be, and forget it", "", "", {{204, "", ""}}}},
  };
}

}  // namespace

Routes oauth_routes() {
  Routes routes = {
      {"POST",
       "/api/v1/oauth/authorize",
       scope_admin,
       BodyKind::json,
       authorize,
       {"Begin to authorise an integration: where to send the browser, or the grant at once",
        "",
        "OAuthWish",
        {{200, "application/json", "OAuthBegun"}}}},
      {"GET",
       "/api/v1/oauth/callback",
       scope_none,
       BodyKind::none,
       callback,
       {"Where the provider sends the browser back to; a page for people",
        "code state iss error error_description",
        "",
        {{200, "text/html", ""},
         {400, "text/html", ""},
         {403, "text/html", ""},
         {503, "text/html", ""}}},
       false,
       true},
      {"POST",
       "/api/v1/oauth/device",
       scope_admin,
       BodyKind::json,
       begin_device,
       {"Authorise on another device: the code for a person; the token is asked for by itself",
        "",
        "OAuthWish",
        {device_answer}}},
      {"GET",
       "/api/v1/oauth/device/{device}",
       scope_read,
       BodyKind::none,
       get_device,
       {"What became of an authorisation on another device", "", "", {device_answer}}},
  };
  const auto grants = grant_routes();
  routes.insert(routes.end(), grants.begin(), grants.end());
  return routes;
}

}  // namespace postern::web
