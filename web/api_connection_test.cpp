// The connection test: each step is a line of JSON, sent as it ends.
#include "web/integration_resource.hpp"
#include "web/routes.hpp"

#include <boost/json/serialize.hpp>

namespace postern::web {
namespace {

namespace json = boost::json;

struct Trial {
  Integration integration;
  IntegrationSecrets secrets;
  flows::TestDirections directions = flows::TestDirections::both;
  bool with_transcript = false;
};

Answer<flows::TestDirections> directions(const Call& call) {
  const auto* words = call.target.parameter("directions");
  if (words == nullptr || *words == "both") return flows::TestDirections::both;
  if (*words == "incoming") return flows::TestDirections::incoming;
  if (*words == "outgoing") return flows::TestDirections::outgoing;
  return invalid_parameter("directions", "must be incoming, outgoing or both");
}

Answer<bool> with_transcript(const Call& call) {
  const auto* words = call.target.parameter("transcript");
  if (words == nullptr || *words == "failed") return false;
  if (*words == "always") return true;
  return invalid_parameter("transcript", "must be failed or always");
}

net::Task<void> tell(BodyStream& out, flows::TestStep step) {
  // A caller who is gone ends the test at the next step; there is nothing else to do about it.
  const auto written = co_await out.write(json::serialize(flows::to_json(step)) + "\n");
  static_cast<void>(written);
}

net::Task<void> run(Gateway& gateway, Trial trial, BodyStream& out) {
  auto teller = [&out](flows::TestStep step) { return tell(out, std::move(step)); };
  co_await gateway.test(std::move(trial.integration), std::move(trial.secrets), trial.directions,
                        trial.with_transcript, teller);
}

Response streamed(Api& api, Trial trial) {
  Response response;
  response.content_type = "application/x-ndjson";
  response.stream = [gateway = &api.gateway, trial = std::move(trial)](BodyStream& out) {
    return run(*gateway, trial, out);
  };
  return response;
}

void take(IntegrationSecrets& secrets, IntegrationDraft& draft) {
  if (draft.incoming_password) secrets.incoming_password = std::move(*draft.incoming_password);
  if (draft.outgoing_password) secrets.outgoing_password = std::move(*draft.outgoing_password);
}

net::Task<Answer<Response>> test_unsaved(Api& api, Call& call) {
  Trial trial;
  POSTERN_CO_TRY(trial.directions, directions(call));
  POSTERN_CO_TRY(trial.with_transcript, with_transcript(call));
  POSTERN_CO_TRY(const auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(auto draft, read_integration(body));
  take(trial.secrets, draft);
  trial.integration = std::move(draft.value);
  co_return streamed(api, std::move(trial));
}

net::Task<Answer<Response>> test_saved(Api& api, Call& call) {
  Trial trial;
  POSTERN_CO_TRY(trial.directions, directions(call));
  POSTERN_CO_TRY(trial.with_transcript, with_transcript(call));
  POSTERN_CO_TRY(const auto stored, co_await named_integration(api, call));
  json::object changes;
  if (!call.request.body.empty()) {
    POSTERN_CO_TRY(changes, object_body(call));
  }
  // The stored password goes where the changes say: that is for those who may change them.
  if (!changes.empty() && !allows(call.identity, scope_admin)) {
    co_return Problem(403, "missing_scope", "Only an admin tests values that are not saved.",
                      "Test the integration as it is: without a body.");
  }
  POSTERN_CO_TRY(auto draft, patched_integration(stored, changes));
  POSTERN_CO_TRY(trial.secrets, co_await api.store.integrations().secrets(stored.value.id));
  take(trial.secrets, draft);
  trial.integration = std::move(draft.value);
  trial.integration.id = stored.value.id;
  note_act(api, call, stored.value.id, "test.requested", "a connection test was asked for");
  co_return streamed(api, std::move(trial));
}

constexpr AnswerDoc steps{200, "application/x-ndjson", "TestStep"};

}  // namespace

Routes connection_test_routes() {
  return {
      {"POST",
       "/api/v1/integrations/test",
       scope_admin,
       BodyKind::json,
       test_unsaved,
       {"Test values that are not saved yet; each step is a line",
        "directions transcript",
        "IntegrationInput",
        {steps}}},
      {"POST",
       "/api/v1/integrations/{integration}/test",
       scope_operate,
       BodyKind::optional_json,
       test_saved,
       {"Test an integration; an admin also with changes that are not saved yet",
        "directions transcript",
        "IntegrationPatch",
        {steps}}},
  };
}

}  // namespace postern::web
