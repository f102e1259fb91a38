// /problems, /notices, /silences, /settings and /notify through real HTTP.
#include "unit/web/api_fixture.hpp"

namespace postern::web::test {
namespace {

class MonitoringApi : public ApiTest {
 protected:
  /// A problem as the monitor keeps one; its id.
  std::string make_problem(const std::string& integration, ProblemState state,
                           const std::string& take_up = {}) {
    postern::Problem problem;
    problem.key.integration = *IntegrationId::parse(integration);
    problem.key.direction = "incoming";
    problem.kind = "imap.connection_failed";
    problem.title = "Support";
    problem.server = "imap.example.com";
    problem.state = state;
    problem.since = env_.now();
    problem.changed = env_.now();
    problem.count = 3;
    problem.message = "refused";
    storage::AlertChanges changes;
    storage::NewNotice notice;
    notice.problems = {problem.key};
    notice.at = env_.now();
    notice.subject = "[Postern] FAILING: Support";
    if (!take_up.empty()) notice.data["take_up"] = take_up;
    changes.problems = {problem};
    changes.notices = {notice};
    const auto key = problem.key;
    return run(store().problems().keep(std::move(changes))).value().ids.at(key).str();
  }
};

TEST_F(MonitoringApi, Lists_what_is_wrong_and_what_is_over_only_on_demand) {
  const auto integration = make_integration("Support");
  const auto open = make_problem(integration, ProblemState::open);
  make_problem(integration, ProblemState::closed);

  const auto list = get("/api/v1/problems");
  ASSERT_EQ(200, list.status) << list.body;
  EXPECT_EQ(open, text_at(list, "/items/0/id"));
  EXPECT_EQ("Support", text_at(list, "/items/0/integration/name"));
  EXPECT_EQ("3", text_at(list, "/items/0/count"));
  EXPECT_EQ("", text_at(list, "/items/1/id"));
  EXPECT_EQ("closed", text_at(get("/api/v1/problems?state=closed"), "/items/0/state"));
  EXPECT_EQ(400, get("/api/v1/problems?state=odd").status);
  EXPECT_EQ("open", text_at(get("/api/v1/problems/" + open), "/state"));
  const auto notices = get("/api/v1/notices?problem=" + open);
  EXPECT_EQ("[Postern] FAILING: Support", text_at(notices, "/items/0/subject")) << notices.body;
}

TEST_F(MonitoringApi, A_problem_is_taken_on_by_somebody) {
  const auto integration = make_integration("Support");
  const auto open = make_problem(integration, ProblemState::open);
  const auto closed = make_problem(integration, ProblemState::closed);

  const auto taken = post("/api/v1/problems/" + open + "/acknowledge");

  ASSERT_EQ(200, taken.status) << taken.body;
  EXPECT_NE("null", text_at(taken, "/acknowledged_at"));
  EXPECT_EQ(409, post("/api/v1/problems/" + closed + "/acknowledge").status);
  EXPECT_EQ(404, post("/api/v1/problems/prb_0000000000000/acknowledge").status);
}

TEST_F(MonitoringApi, A_silence_covers_its_problems_until_it_ends) {
  const auto integration = make_integration("Support");
  const auto problem = make_problem(integration, ProblemState::open);

  const auto made = post("/api/v1/silences",
                         R"({"reason":"moving","integrations":["Support"],"kinds":["imap.*"]})");
  ASSERT_EQ(201, made.status) << made.body;
  EXPECT_EQ(integration, text_at(made, "/integrations/0"));
  EXPECT_EQ("true", text_at(made, "/active"));
  EXPECT_EQ("true", text_at(get("/api/v1/problems/" + problem), "/silenced"));

  const auto path = "/api/v1/silences/" + text_at(made, "/id");
  const auto weekly =
      patch(path, R"({"weekly":{"time_of_day":{"from":"22:00","to":"06:00"},"days":["mon"],
               "time_zone":"Europe/Berlin"}})");
  ASSERT_EQ(200, weekly.status) << weekly.body;
  EXPECT_EQ("22:00", text_at(weekly, "/weekly/time_of_day/from"));
  EXPECT_EQ("moving", text_at(weekly, "/reason"));
  EXPECT_EQ(412, put(path, R"({"reason":"x"})", {{"If-Match", "\"9\""}}).status);
  EXPECT_EQ(200, put(path, R"({"reason":"x","server":"other.example"})").status);
  EXPECT_EQ("false", text_at(get("/api/v1/problems/" + problem), "/silenced"));
  EXPECT_EQ(204, remove(path).status);
  EXPECT_EQ(404, get(path).status);
}

TEST_F(MonitoringApi, A_silence_with_mistakes_names_each) {
  const auto refused =
      post("/api/v1/silences", R"({"integrations":["Nobody"],"until":"tomorrow","odd":1})");

  EXPECT_EQ(400, refused.status);
  EXPECT_NE(refused.body.find("/until"), std::string::npos) << refused.body;
  EXPECT_NE(refused.body.find("/odd"), std::string::npos);
  EXPECT_NE(refused.body.find("/integrations/0"), std::string::npos);
}

TEST_F(MonitoringApi, Settings_change_over_the_configuration_and_go_back) {
  EXPECT_EQ("3", text_at(get("/api/v1/settings"), "/monitoring/notify_after"));

  const auto changed = patch("/api/v1/settings",
                             R"({"monitoring":{"notify_after":5,"recipients":["duty@example.com"]},
          "notices":{"subject":"{{status}} {{title}}"}})");
  ASSERT_EQ(200, changed.status) << changed.body;
  EXPECT_EQ("5", text_at(changed, "/monitoring/notify_after"));
  EXPECT_EQ("duty@example.com", text_at(get("/api/v1/settings"), "/monitoring/recipients/0"));

  const auto back = patch("/api/v1/settings", R"({"monitoring":{"notify_after":null}})");
  EXPECT_EQ("3", text_at(back, "/monitoring/notify_after"));
  EXPECT_EQ("{{status}} {{title}}", text_at(back, "/notices/subject"));
}

TEST_F(MonitoringApi, Settings_that_cannot_be_are_refused_with_their_place) {
  const auto refused = patch("/api/v1/settings",
                             R"({"monitoring":{"notify_after":0,"recipients":["nobody"],"odd":1},
          "notices":{"text":"{{nothing}}"}})");

  EXPECT_EQ(400, refused.status);
  for (const char* pointer :
       {"/monitoring/notify_after", "/monitoring/recipients", "/monitoring/odd", "/notices/text"}) {
    EXPECT_NE(refused.body.find(pointer), std::string::npos) << pointer << refused.body;
  }
  EXPECT_EQ("3", text_at(get("/api/v1/settings"), "/monitoring/notify_after"));
}

TEST_F(MonitoringApi, Says_where_people_may_not_be_reached) {
  EXPECT_NE(get("/api/v1/settings").body.find("Nobody is told of problems"), std::string::npos);
  const auto profile = post("/api/v1/profiles", R"({"name":"Duty","channels":[
      {"type":"webhook","url":"https://chat.example.com/x"}]})");
  ASSERT_EQ(201, profile.status) << profile.body;
  const auto shown = get("/api/v1/profiles/Duty");
  EXPECT_NE(text_at(shown, "/warnings/0").find("one way alone"), std::string::npos) << shown.body;
  // What was got may be put back.
  EXPECT_EQ(200, put("/api/v1/profiles/Duty", shown.body).status);
  const auto rule = post("/api/v1/event-rules", R"({"name":"r","then":[
      {"type":"profile","profile":"Duty"},{"type":"email","to":["a@example.com"]}]})");
  ASSERT_EQ(201, rule.status) << rule.body;
  EXPECT_EQ("[]", text_at(rule, "/warnings"));
  EXPECT_EQ("[]", text_at(patch("/api/v1/settings", R"({"monitoring":{"profiles":["Duty"],
      "recipients":["a@example.com"]}})"),
                          "/warnings"));
}

TEST_F(MonitoringApi, Settings_keep_what_is_told_by_the_day) {
  const auto changed = patch("/api/v1/settings", R"({"notices":{"digest_at":"08:00",
      "test_on":"mon","time_zone":"Europe/Berlin"}})");
  ASSERT_EQ(200, changed.status) << changed.body;
  EXPECT_EQ("08:00", text_at(changed, "/notices/digest_at"));
  EXPECT_EQ("mon", text_at(get("/api/v1/settings"), "/notices/test_on"));
  const auto back = patch("/api/v1/settings", R"({"notices":{"digest_at":null}})");
  EXPECT_EQ("null", text_at(back, "/notices/digest_at"));
  const auto refused = patch("/api/v1/settings", R"({"notices":{"digest_at":"late"}})");
  EXPECT_EQ(400, refused.status);
  EXPECT_NE(refused.body.find("/notices/digest_at"), std::string::npos);
}

TEST_F(MonitoringApi, The_link_in_a_notice_asks_first_and_then_takes_up_its_problems) {
  const std::string key = "0123456789abcdef0123456789abcdef";
  const auto id = make_problem(make_integration("Support"), ProblemState::open, key);
  const auto path = "/acknowledge/" + id;

  for (const auto& wrong : {path, path + "?key=", path + "?key=" + std::string(32, '0'),
                            "/acknowledge/prb_1?key=" + key}) {
    EXPECT_EQ(410, call(port(), "GET", wrong).status) << wrong;
    EXPECT_EQ(410, call(port(), "POST", wrong).status) << wrong;
  }
  const auto asked = call(port(), "GET", path + "?key=" + key);
  EXPECT_EQ(200, asked.status) << asked.body;
  EXPECT_NE(asked.body.find("<form method=\"post\">"), std::string::npos);
  EXPECT_NE(asked.header("content-security-policy").find("form-action 'self'"), std::string::npos);
  EXPECT_EQ("null", text_at(get("/api/v1/problems/" + id), "/acknowledged_at"));

  const auto taken = call(port(), "POST", path + "?key=" + key,
                          {{"Content-Type", "application/x-www-form-urlencoded"}}, "");
  EXPECT_EQ(200, taken.status) << taken.body;
  EXPECT_NE(taken.body.find("Taken up"), std::string::npos) << taken.body;
  const auto problem = get("/api/v1/problems/" + id);
  EXPECT_NE(text_at(problem, "/acknowledged_by").find("the link in notice ntc_"),
            std::string::npos);
  EXPECT_EQ(get("/api/v1/notices").body.find(key), std::string::npos);
}

TEST_F(MonitoringApi, Notify_answers_a_repeated_key_as_at_first) {
  const auto path = "/api/v1/integrations/" + make_integration("Support");
  ASSERT_EQ(200, patch(path, R"({"notifications":{"on_critical":"a@example.com"}})").status);
  const auto body =
      R"({"integration":"Support","outcome":"critical","subject":"Broken","max_frequency_s":3600})";
  const auto tell = [&](const std::string& key) {
    return post("/api/v1/notify", body, {{"Idempotency-Key", key}});
  };
  const auto first = tell("one");
  ASSERT_EQ(202, first.status) << first.body;
  EXPECT_EQ("71", text_at(tell("two"), "/result_code"));

  const auto again = tell("one");
  EXPECT_EQ(202, again.status) << again.body;
  EXPECT_EQ(text_at(first, "/id"), text_at(again, "/id"));
  EXPECT_EQ("true", again.header("idempotent-replayed"));

  // Whatever has become of the list since.
  ASSERT_EQ(200, patch(path, R"({"notifications":{"on_critical":[]}})").status);
  EXPECT_EQ(text_at(first, "/id"), text_at(tell("one"), "/id"));
  const auto other =
      post("/api/v1/notify", R"({"integration":"Support","outcome":"critical","subject":"Other"})",
           {{"Idempotency-Key", "one"}});
  EXPECT_EQ(422, other.status) << other.body;
}

TEST_F(MonitoringApi, Notify_tells_the_list_of_its_outcome) {
  const auto integration = make_integration("Support");
  ASSERT_EQ(200, patch("/api/v1/integrations/" + integration,
                       R"({"notifications":{"on_critical":"a@example.com; b@example.com",
                           "from_name":"Robot"}})")
                     .status);

  const auto none =
      post("/api/v1/notify", R"({"integration":"Support","outcome":"success","subject":"Done"})");
  EXPECT_EQ(200, none.status) << none.body;
  EXPECT_EQ("70", text_at(none, "/result_code"));
  EXPECT_EQ("null", text_at(none, "/id"));

  const auto told = post("/api/v1/notify",
                         R"({"integration":"Support","outcome":"critical","subject":"Broken",
                             "text":"It broke."})");
  EXPECT_EQ(202, told.status) << told.body;
  const auto again = post("/api/v1/notify",
                          R"({"integration":"Support","outcome":"critical","subject":"Broken",
                              "text":"It still is.","max_frequency_s":3600})");
  EXPECT_EQ(200, again.status) << again.body;
  EXPECT_EQ("71", text_at(again, "/result_code"));
  EXPECT_EQ(404,
            post("/api/v1/notify", R"({"integration":"Nobody","outcome":"critical","subject":"x"})")
                .status);
  const auto wrong = post("/api/v1/notify", R"({"outcome":"odd","subject":""})");
  EXPECT_EQ(400, wrong.status);
  EXPECT_NE(wrong.body.find("/outcome"), std::string::npos);
}

}  // namespace
}  // namespace postern::web::test
