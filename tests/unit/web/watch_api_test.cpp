// Who is told of what, through real HTTP: profiles in the settings, test mails to oneself, which
// outcomes POST /notify tells, ends of certificates, and GET /health for monitors.
#include "unit/web/people_fixture.hpp"

namespace postern::web::test {
namespace {

using WatchApi = PeopleApiTest;

std::string profile_body(const std::string& name) {
  return R"({"name":")" + name +
         R"(","channels":[{"type":"webhook","url":"https://chat.example.com/in"}]})";
}

TEST_F(WatchApi, Settings_name_profiles_by_name_and_keep_their_ids) {
  const auto made = post("/api/v1/profiles", profile_body("duty"));
  ASSERT_EQ(201, made.status) << made.body;
  const auto id = text_at(made, "/id");

  const auto changed = patch("/api/v1/settings", R"({"monitoring":{"profiles":["duty"]}})");
  ASSERT_EQ(200, changed.status) << changed.body;
  EXPECT_EQ(id, text_at(changed, "/monitoring/profiles/0"));
  const auto unknown = patch("/api/v1/settings", R"({"monitoring":{"profiles":["duty","odd"]}})");
  EXPECT_EQ(400, unknown.status);
  EXPECT_EQ("/monitoring/profiles/1", text_at(unknown, "/errors/0/pointer")) << unknown.body;

  EXPECT_EQ(409, remove("/api/v1/profiles/" + id).status) << "notices go there";
  EXPECT_EQ(200, patch("/api/v1/settings", R"({"monitoring":{"profiles":[]}})").status);
  EXPECT_EQ(204, remove("/api/v1/profiles/" + id).status);
}

TEST_F(WatchApi, A_test_mail_goes_to_whoever_asks_for_it) {
  make_integration("Support");
  add("ann", "admin");
  const auto ann = browser("ann");
  const auto to = [&](const std::string& body = "") {
    const auto sent = as(ann, "POST", "/api/v1/integrations/Support/send-test", body);
    EXPECT_EQ(200, sent.status) << sent.body;
    return text_at(sent, "/per_recipient/0/address");
  };
  EXPECT_EQ("support@example.com", to()) << "hers is not known";

  const auto wrong = as(ann, "POST", "/api/v1/session/address", R"({"address":"nobody"})");
  EXPECT_EQ("/address", text_at(wrong, "/errors/0/pointer"));
  EXPECT_EQ(204,
            as(ann, "POST", "/api/v1/session/address", R"({"address":"ann@example.com"})").status);
  EXPECT_EQ("ann@example.com", text_at(as(ann, "GET", "/api/v1/session"), "/address"));
  EXPECT_EQ("ann@example.com", text_at(get("/api/v1/users/ann"), "/address"));
  EXPECT_EQ("ann@example.com", to());
  EXPECT_EQ("other@example.com", to(R"({"to":"other@example.com"})"));
  // An admin sees to the addresses of others.
  EXPECT_EQ(200, patch("/api/v1/users/ann", R"({"address":""})").status);
  EXPECT_EQ("support@example.com", to());
  EXPECT_EQ(400, patch("/api/v1/users/ann", R"({"address":"@"})").status);
}

TEST_F(WatchApi, Notify_tells_the_outcomes_that_are_on) {
  const auto path = "/api/v1/integrations/" + make_integration("Support");
  const auto code = [&](const std::string& outcome) {
    return text_at(post("/api/v1/notify",
                        R"({"integration":"Support","subject":"s","outcome":")" + outcome + "\"}"),
                   "/result_code");
  };
  EXPECT_EQ("null", text_at(get(path), "/notifications/outcomes"));
  EXPECT_EQ("70", code("critical")) << "on, with nobody in its list";

  patch(path, R"({"notifications":{"on_success":"a@example.com","on_critical":"b@example.com"}})");
  EXPECT_NE("70", code("success"));
  EXPECT_NE("70", code("critical"));
  EXPECT_EQ("70", code("failure"));

  patch(path, R"({"notifications":{"outcomes":["critical"]}})");
  EXPECT_EQ("70", code("success"));
  EXPECT_NE("70", code("critical"));
  const auto odd = patch(path, R"({"notifications":{"outcomes":["fine"]}})");
  EXPECT_EQ("/notifications/outcomes", text_at(odd, "/errors/0/pointer")) << odd.body;
  EXPECT_EQ(200, patch(path, R"({"notifications":{"outcomes":null}})").status);
  EXPECT_NE("70", code("success"));
}

TEST_F(WatchApi, An_integration_shows_when_its_servers_certificates_end) {
  const auto path = "/api/v1/integrations/" + make_integration("Support");
  EXPECT_EQ("null", text_at(get(path), "/status/incoming_certificate_ends_at"));
  const auto shown = get(path);
  storage::SeenCertificate seen;
  seen.server = text_at(shown, "/incoming/host") + ":" + text_at(shown, "/incoming/port");
  seen.ends_at = *parse_rfc3339("2030-01-02T03:04:05Z");
  ASSERT_TRUE(run(store().certificates().keep({seen})));

  EXPECT_EQ("2030-01-02T03:04:05Z",
            text_at(get(path), "/status/incoming_certificate_ends_at").substr(0, 19) + "Z");
}

TEST_F(WatchApi, Health_tells_what_no_integrations_state_tells) {
  EXPECT_EQ("true", text_at(get("/api/v1/health"), "/healthy"));
  postern::Problem problem;
  problem.key.of = ProblemClass::certificate;
  problem.key.subject = "imap.example.com:993";
  problem.kind = "certificate.expiring";
  problem.title = "imap.example.com:993";
  problem.message = "the certificate ends in 6 days";
  problem.hint = "It has to be renewed.";
  problem.state = ProblemState::pending;
  problem.since = problem.changed = env_.now();
  storage::AlertChanges changes;
  changes.problems = {problem};
  const auto kept = run(store().problems().keep(changes));
  EXPECT_EQ("true", text_at(get("/api/v1/health"), "/healthy")) << "below its threshold";

  problem.id = kept.value().ids.begin()->second;
  problem.state = ProblemState::open;
  changes.problems = {problem};
  ASSERT_TRUE(run(store().problems().keep(changes)));
  const auto health = get("/api/v1/health");
  EXPECT_EQ("false", text_at(health, "/healthy"));
  EXPECT_EQ("certificate.expiring", text_at(health, "/issues/0/kind")) << health.body;
  EXPECT_EQ("It has to be renewed.", text_at(health, "/actions/0"));
}

}  // namespace
}  // namespace postern::web::test
