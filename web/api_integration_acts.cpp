// The acts on an integration: enable, disable, check, make it the default, send a test mail.
#include "core/json_fields.hpp"
#include "core/syntax.hpp"
#include "web/delivery_resource.hpp"
#include "web/integration_resource.hpp"
#include "web/routes.hpp"

namespace postern::web {
namespace {

net::Task<void> collect(boost::json::array& steps, flows::TestStep step) {
  steps.push_back(flows::to_json(step));
  co_return;
}

net::Task<Answer<Response>> enable(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto former, co_await named_integration(api, call));
  POSTERN_CO_TRY(auto tested, co_await test_before_enabling(api, former));
  POSTERN_CO_TRY(const auto stored,
                 co_await api.gateway.set_enabled(former.value.id, true, call.identity.name));
  call.changed_resource = "/api/v1/integrations/" + stored.value.id.str();
  auto shown = integration_json(stored);
  shown["test"] = std::move(tested);
  auto response = json_response(std::move(shown));
  response.headers.emplace_back("ETag", etag_of(stored.version));
  co_return response;
}

net::Task<Answer<Response>> disable(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto former, co_await named_integration(api, call));
  POSTERN_CO_TRY(const auto stored,
                 co_await api.gateway.set_enabled(former.value.id, false, call.identity.name));
  call.changed_resource = "/api/v1/integrations/" + stored.value.id.str();
  note_act(api, call, stored.value.id, "integration.switched_off", "switched off");
  co_return integration_response(stored);
}

/// {"since": "2026-01-31"}: everything since that day is compared and, where it is not ours yet,
/// fetched, in all folders.
net::Task<Answer<Response>> check(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_integration(api, call));
  if (!call.request.body.empty()) {
    POSTERN_CO_TRY(const auto body, object_body(call));
    FieldProblems problems;
    JsonFields fields(body, "", problems);
    std::string since;
    fields.text("since", since, {.bytes_max = 10});
    if (!since.empty() && !valid_date(since)) {
      fields.problem("since", "must be a date like \"2026-01-31\"");
    }
    fields.finish();
    if (!problems.empty()) co_return invalid_body(std::move(problems));
    auto folders = stored.value.incoming.more_folders;
    folders.push_back(stored.value.incoming.folder);
    if (!since.empty()) {
      POSTERN_CO_TRY(co_await api.store.compares().request(stored.value.id, std::move(folders),
                                                           std::move(since)));
    }
  }
  POSTERN_CO_TRY(co_await api.gateway.check(stored.value.id));
  note_act(api, call, stored.value.id, "check.requested", "a check was asked for");
  co_return integration_response(stored, 202);
}

net::Task<Answer<Response>> make_default(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto former, co_await named_integration(api, call));
  POSTERN_CO_TRY(const auto stored, co_await api.store.integrations().make_default(
                                        former.value.id, call.identity.name, api.env.now()));
  note_act(api, call, stored.value.id, "integration.made_default", "made the default");
  co_return integration_response(stored);
}

/// {"to": ADDRESS}, or the signed-in person's address, or the integration's own.
net::Task<Answer<std::string>> test_recipient(Api& api, const Call& call,
                                              const Integration& integration) {
  std::string to;
  if (!call.identity.session.empty()) {
    POSTERN_CO_TRY(const auto person, co_await api.store.people().get(call.identity.name));
    to = person.address;
  }
  if (to.empty()) to = integration.address;
  if (!call.request.body.empty()) {
    POSTERN_CO_TRY(const auto body, object_body(call));
    FieldProblems problems;
    JsonFields fields(body, "", problems);
    fields.text("to", to, {.bytes_max = 320});
    fields.finish();
    if (!problems.empty()) co_return invalid_body(std::move(problems));
  }
  if (valid_addr_spec(to)) co_return to;
  co_return invalid_body(
      {{"/to", "must be an address: neither you nor the integration has one that is known"}});
}

net::Task<Answer<Response>> send_test(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_integration(api, call));
  POSTERN_CO_TRY(auto to, co_await test_recipient(api, call, stored.value));
  flows::SendRequest request;
  request.integration = stored.value.id.str();
  request.sync = true;
  request.timeout = stored.value.outgoing.timeout;
  request.to.push_back({"", std::move(to)});
  request.subject = "Test mail from the integration " + stored.value.name;
  request.text = "This is a test mail. The integration \"" + stored.value.name +
                 "\" of Postern sent it by " + stored.value.outgoing.server.host + " at " +
                 to_rfc3339(api.env.now()) + " because somebody asked for it; it can send mail.\n";
  request.headers = {{"Auto-Submitted", "auto-generated"}, {"X-Auto-Response-Suppress", "All"}};
  auto sent = co_await api.gateway.submit(std::move(request), std::nullopt);
  if (const auto* refusal = std::get_if<flows::Refusal>(&sent)) co_return to_problem(*refusal);
  co_return delivery_response(std::get<flows::SendAnswer>(sent).delivery);
}

constexpr AnswerDoc one{200, "application/json", "Integration"};

}  // namespace

net::Task<Answer<boost::json::value>> test_before_enabling(Api& api,
                                                           storage::StoredIntegration former) {
  using flows::TestDirections;
  const bool incoming = former.status.incoming_state == DirectionState::disabled;
  const bool outgoing = former.status.outgoing_state == DirectionState::disabled;
  if (!incoming && !outgoing) co_return boost::json::value(nullptr);
  POSTERN_CO_TRY(auto secrets, co_await api.store.integrations().secrets(former.value.id));
  auto directions = TestDirections::both;
  if (!outgoing) directions = TestDirections::incoming;
  if (!incoming) directions = TestDirections::outgoing;
  boost::json::array steps;
  auto tell = [&steps](flows::TestStep step) { return collect(steps, std::move(step)); };
  const bool ok = co_await api.gateway.test(std::move(former.value), std::move(secrets), directions,
                                            false, tell);
  boost::json::object tested;
  tested["ok"] = ok;
  tested["steps"] = std::move(steps);
  co_return boost::json::value(std::move(tested));
}

Routes integration_act_routes() {
  return {
      {"POST",
       "/api/v1/integrations/{integration}/enable",
       scope_operate,
       BodyKind::none,
       enable,
       {"Switch on; a direction disabled by its errors is tested, and starts afresh",
        "",
        "",
        {one}}},
      {"POST",
       "/api/v1/integrations/{integration}/disable",
       scope_operate,
       BodyKind::none,
       disable,
       {"Switch off; open lines are closed", "", "", {one}}},
      {"POST",
       "/api/v1/integrations/{integration}/check",
       scope_operate,
       BodyKind::optional_json,
       check,
       {"Check all folders now, whatever the back-off; with `since` fetch again from that day on",
        "",
        "CheckRequest",
        {{202, "application/json", "Integration"}}}},
      {"POST",
       "/api/v1/integrations/{integration}/make-default",
       scope_admin,
       BodyKind::none,
       make_default,
       {"Make it the default integration", "", "", {one}}},
      {"POST",
       "/api/v1/integrations/{integration}/send-test",
       scope_operate,
       BodyKind::optional_json,
       send_test,
       {"Send a test mail to the signed-in person's address (for a token: the integration's), or "
        "to another",
        "",
        "TestMail",
        {{200, "application/json", "Delivery"}}}},
  };
}

}  // namespace postern::web
