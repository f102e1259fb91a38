// The login of programs that submit by SMTP: made, replaced, taken away. Shown once.
#include "flows/submission_login.hpp"
#include "web/integration_resource.hpp"
#include "web/routes.hpp"

namespace postern::web {
namespace {

net::Task<Answer<Response>> make(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_integration(api, call));
  auto made = flows::make_submission_login(stored.value.id, api.env);
  POSTERN_CO_TRY(
      co_await api.store.submission_logins().set(std::move(made.row), call.identity.name));
  boost::json::object body;
  body["login"] = made.login;
  body["password"] = made.password.reveal();
  co_return json_response(body);
}

net::Task<Answer<Response>> revoke(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_integration(api, call));
  POSTERN_CO_TRY(co_await api.store.submission_logins().remove(stored.value.id, call.identity.name,
                                                               api.env.now()));
  co_return no_content();
}

}  // namespace

Routes submission_login_routes() {
  return {
      {"POST",
       "/api/v1/integrations/{integration}/submission-password",
       scope_admin,
       BodyKind::none,
       make,
       {"Make the login by which programs submit mail over SMTP; shown once, the one before ends",
        "",
        "",
        {{200, "application/json", "SubmissionLogin"}}}},
      {"DELETE",
       "/api/v1/integrations/{integration}/submission-password",
       scope_admin,
       BodyKind::none,
       revoke,
       {"Take that login away", "", "", {{204, "", ""}}}},
  };
}

}  // namespace postern::web
