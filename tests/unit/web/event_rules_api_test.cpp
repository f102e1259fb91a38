// /event-rules and /profiles through real HTTP.
#include "unit/web/api_fixture.hpp"

namespace postern::web::test {
namespace {

class EventRulesApi : public ApiTest {
 protected:
  std::string put_event(const std::string& integration_id) {
    NewEvent event;
    event.kind = "imap.login_failed";
    event.integration = *IntegrationId::parse(integration_id);
    event.at = env_.now();
    event.server = "imap.example.com";
    event.port = 993;
    event.security = "tls";
    event.message = "NO \"<b>\" & so on";
    std::vector<NewEvent> events;
    events.push_back(event);
    EXPECT_TRUE(run(store().events().append(std::move(events))));
    return run(store().events().list({}, {})).value().items.front().id.str();
  }
};

constexpr const char* rule = R"({"name":"Night watch","when":{"kinds":["imap.*"],
    "integrations":["Support"],"time_zone":"Europe/Berlin"},"then":[
    {"type":"webhook","url":"https://hooks.example/a"},
    {"type":"web_page","url":"https://hooks.example/b?m={{event.message}}",
     "headers":{"X-Key":"{{secret}}"},"secret":"canary-secret"}],"max_frequency_s":60})";

TEST_F(EventRulesApi, Are_made_shown_changed_and_removed) {
  const auto support = make_integration("Support");
  const auto made = post("/api/v1/event-rules", rule);
  ASSERT_EQ(201, made.status) << made.body;
  const auto id = text_at(made, "/id");
  EXPECT_TRUE(id.starts_with("evr_"));
  EXPECT_TRUE(text_at(made, "/then/0/secret").starts_with("whsec_"));
  EXPECT_EQ("", text_at(made, "/then/1/secret"));
  EXPECT_EQ(support, text_at(made, "/when/integrations/0"));
  EXPECT_EQ(made.body.find("canary-secret"), made.body.npos);

  const auto shown = get("/api/v1/event-rules/Night%20watch");
  ASSERT_EQ(200, shown.status) << shown.body;
  EXPECT_EQ("", text_at(shown, "/then/0/secret"));
  EXPECT_EQ("true", text_at(shown, "/then/1/secret_set"));
  EXPECT_EQ("0", text_at(shown, "/status/times_fired"));
  const auto etag = shown.header("etag");
  EXPECT_EQ(id, text_at(get("/api/v1/event-rules"), "/items/0/id"));

  const auto patched = patch("/api/v1/event-rules/" + id, R"({"enabled":false})");
  ASSERT_EQ(200, patched.status) << patched.body;
  EXPECT_EQ("false", text_at(patched, "/enabled"));
  EXPECT_EQ("60", text_at(patched, "/max_frequency_s"));
  EXPECT_EQ(412, put("/api/v1/event-rules/" + id, rule, {{"If-Match", etag}}).status);
  EXPECT_EQ(409, post("/api/v1/event-rules", rule).status);

  // What GET shows may be sent back.
  const auto back = put("/api/v1/event-rules/" + id, get("/api/v1/event-rules/" + id).body);
  EXPECT_EQ(200, back.status) << back.body;
  EXPECT_EQ("true", text_at(back, "/then/1/secret_set"));

  EXPECT_EQ(204, remove("/api/v1/event-rules/" + id).status);
  EXPECT_EQ(404, get("/api/v1/event-rules/" + id).status);
}

TEST_F(EventRulesApi, Name_what_is_wrong) {
  const auto unknown = post("/api/v1/event-rules",
                            R"({"name":"x","when":{"integrations":["Nowhere"]},"then":[
      {"type":"profile","profile":"Nobody"},
      {"type":"email","to":"a@example.com","integration":"Neither"}]})");
  ASSERT_EQ(400, unknown.status) << unknown.body;
  EXPECT_NE(unknown.body.find("/when/integrations/0"), unknown.body.npos) << unknown.body;
  EXPECT_NE(unknown.body.find("/then/0/profile"), unknown.body.npos);
  EXPECT_NE(unknown.body.find("/then/1/integration"), unknown.body.npos);

  const auto variable = post("/api/v1/event-rules", R"({"name":"x","then":[
      {"type":"email","to":"a@example.com","subject":"{{event.knd}}"}]})");
  ASSERT_EQ(400, variable.status);
  EXPECT_NE(variable.body.find("did you mean \\\"event.kind\\\""), variable.body.npos)
      << variable.body;

  const auto field = post("/api/v1/event-rules", R"({"name":"x","wehn":{}})");
  ASSERT_EQ(400, field.status);
  EXPECT_NE(field.body.find("/wehn"), field.body.npos);
}

TEST_F(EventRulesApi, Are_tried_on_a_stored_event_and_nothing_is_sent) {
  const auto event = put_event(make_integration("Support"));
  ASSERT_EQ(201, post("/api/v1/event-rules", rule).status);

  const auto tried = post("/api/v1/event-rules/try",
                          R"({"rule":"Night watch","event":")" + event + R"(","held_back":99})");

  ASSERT_EQ(200, tried.status) << tried.body;
  EXPECT_EQ("true", text_at(tried, "/matched"));
  EXPECT_EQ("kinds", text_at(tried, "/conditions/0/field"));
  EXPECT_NE(tried.body.find("99 more since"), tried.body.npos);
  EXPECT_EQ("https://hooks.example/b?m=NO%20%22%3Cb%3E%22%20%26%20so%20on",
            text_at(tried, "/actions/1/url"));
  EXPECT_EQ("***", text_at(tried, "/actions/1/headers/X-Key"));
  EXPECT_EQ(tried.body.find("canary-secret"), tried.body.npos);
  EXPECT_TRUE(flows_.notes.all().empty() ||
              flows_.notes.count("perform webhook https://hooks.example/a test") == 0);

  const auto inline_rule =
      post("/api/v1/event-rules/try", R"({"rule":{"name":"x","when":{"port":1}}})");
  ASSERT_EQ(200, inline_rule.status) << inline_rule.body;
  EXPECT_EQ("false", text_at(inline_rule, "/matched"));
  const auto wrong = post("/api/v1/event-rules/try", R"({"rule":{"name":"x","when":{"prt":1}}})");
  EXPECT_EQ(400, wrong.status);
  EXPECT_NE(wrong.body.find("/rule/when/prt"), wrong.body.npos) << wrong.body;
  EXPECT_EQ(400, post("/api/v1/event-rules/try", R"({"rule":"Nobody"})").status);
  EXPECT_EQ(400,
            post("/api/v1/event-rules/try", R"({"rule":"Night watch","event":"evt_0000000000000"})")
                .status);
}

TEST_F(EventRulesApi, Are_tested_with_one_action_at_once) {
  make_integration("Support");
  ASSERT_EQ(201, post("/api/v1/event-rules", rule).status);

  const auto tested = post("/api/v1/event-rules/Night%20watch/test", R"({"action":0})");

  ASSERT_EQ(200, tested.status) << tested.body;
  EXPECT_EQ("true", text_at(tested, "/ok"));
  EXPECT_EQ("204", text_at(tested, "/status"));
  EXPECT_EQ(1, flows_.notes.count("perform webhook https://hooks.example/a test"));
  EXPECT_EQ(400, post("/api/v1/event-rules/Night%20watch/test", R"({"action":5})").status);
  EXPECT_EQ(404, post("/api/v1/event-rules/Nobody/test").status);
}

TEST_F(EventRulesApi, Show_their_runs) {
  const auto integration = make_integration("Support");
  const auto event_id = put_event(integration);
  const auto made = post("/api/v1/event-rules", rule);
  storage::Firing firing;
  firing.rule = *EventRuleId::parse(text_at(made, "/id"));
  firing.event = run(store().events().list({}, {})).value().items.front();
  std::vector<storage::Firing> firings;
  firings.push_back(firing);
  ASSERT_TRUE(run(
      store().event_rules().fire(std::move(firings), "event_rules", firing.event.id, env_.now())));

  const auto runs = get("/api/v1/event-rules/Night%20watch/runs?limit=1");

  ASSERT_EQ(200, runs.status) << runs.body;
  EXPECT_EQ("waiting", text_at(runs, "/items/0/state"));
  EXPECT_EQ("webhook", text_at(runs, "/items/0/type"));
  EXPECT_EQ(event_id, text_at(runs, "/items/0/event/id"));
  EXPECT_EQ("1", text_at(get("/api/v1/event-rules/Night%20watch"), "/status/times_fired"));
}

TEST_F(EventRulesApi, Profiles_are_made_used_and_kept_while_in_use) {
  const auto made = post("/api/v1/profiles", R"({"name":"Duty","channels":[
      {"type":"sms","to":["+491"],"url":"https://sms.example/?to={{to}}&k={{secret}}",
       "secret":"canary-secret"},{"type":"webhook","url":"https://broken.example/"}],
      "quiet_hours":{"time_of_day":{"from":"22:00","to":"07:00"},"time_zone":"Europe/Berlin"}})");
  ASSERT_EQ(201, made.status) << made.body;
  EXPECT_TRUE(text_at(made, "/id").starts_with("prf_"));
  EXPECT_EQ(made.body.find("canary-secret"), made.body.npos);
  EXPECT_TRUE(text_at(made, "/channels/1/secret").starts_with("whsec_"));
  ASSERT_EQ(201, post("/api/v1/event-rules", R"({"name":"x","then":[
      {"type":"profile","profile":"Duty"}]})")
                     .status);

  EXPECT_EQ(text_at(made, "/id"), text_at(get("/api/v1/event-rules/x"), "/then/0/profile"));
  EXPECT_EQ(409, remove("/api/v1/profiles/Duty").status);
  const auto patched = patch("/api/v1/profiles/Duty", R"({"quiet_hours":null})");
  ASSERT_EQ(200, patched.status) << patched.body;
  EXPECT_EQ("true", text_at(patched, "/channels/0/secret_set"));
  const auto tested = post("/api/v1/profiles/Duty/test", R"({"channel":1})");
  ASSERT_EQ(200, tested.status) << tested.body;
  EXPECT_EQ("false", text_at(tested, "/ok"));
  EXPECT_EQ("HTTP 500", text_at(tested, "/error"));
  const auto whole = post("/api/v1/event-rules/x/test");
  ASSERT_EQ(200, whole.status) << whole.body;
  EXPECT_EQ("false", text_at(whole, "/ok"));
  EXPECT_EQ("true", text_at(whole, "/channels/0/ok"));
  EXPECT_EQ(204, remove("/api/v1/event-rules/x").status);
  EXPECT_EQ(204, remove("/api/v1/profiles/Duty").status);
}

}  // namespace
}  // namespace postern::web::test
