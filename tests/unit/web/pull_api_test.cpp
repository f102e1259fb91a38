// Pull, replay and the test of a target, through real HTTP.
#include "unit/web/api_fixture.hpp"

#include <boost/json/serialize.hpp>

#include <thread>

namespace postern::web::test {
namespace {

class PullApi : public ApiTest {
 protected:
  PullApi() : integration_(make_integration("Support")) {
    const auto made = post("/api/v1/targets", R"({"name":"Desk","type":"pull"})");
    EXPECT_EQ(201, made.status) << made.body;
    token_ = make_token(R"(["pull"])", "consumer");
  }
  Reply pull(std::string_view act, const std::string& body) {
    return call(port(), "POST", "/api/v1/pull/Desk/" + std::string(act),
                {{"Authorization", "Bearer " + token_}, {"Content-Type", "application/json"}},
                body);
  }
  static std::string ids(const std::vector<std::string>& lease_ids) {
    std::string body;
    for (const auto& each : lease_ids) body += (body.empty() ? "\"" : ",\"") + each + "\"";
    return R"({"lease_ids":[)" + body + "]}";
  }
  bool noted(const std::string& note) {
    for (int i = 0; i < 2000; ++i) {
      if (flows_.notes.count(note) > 0) return true;
      std::this_thread::yield();
      run(pause());
    }
    return false;
  }
  net::Task<int> pause() {
    co_await net::sleep_for(env_, Duration(5));
    co_return 0;
  }
  std::string integration_, token_;
};

TEST_F(PullApi, Mail_is_leased_and_acknowledged) {
  const auto message = make_message(integration_, 1).str();
  make_message(integration_, 2);

  const auto leased = pull("lease", R"({"limit":1,"lease_s":60})");
  const auto id = text_at(leased, "/items/0/lease_id");
  const auto acked = pull("ack", ids({id}));
  const auto again = pull("ack", ids({id}));

  ASSERT_EQ(200, leased.status) << leased.body;
  EXPECT_EQ(message, text_at(leased, "/items/0/data/id"));
  EXPECT_EQ("mail 1", text_at(leased, "/items/0/data/subject"));
  EXPECT_EQ("1", text_at(leased, "/items/0/attempts"));
  EXPECT_TRUE(text_at(leased, "/items/0/until").ends_with("Z"));
  EXPECT_EQ(200, acked.status) << acked.body;
  EXPECT_EQ(id, text_at(acked, "/acknowledged/0"));
  EXPECT_EQ(200, again.status) << again.body;
  EXPECT_EQ("handed_over", text_at(get("/api/v1/messages/" + message), "/state"));
  env_.advance(std::chrono::hours(24));
  const auto rest = pull("lease", "{}");
  EXPECT_EQ("mail 2", text_at(rest, "/items/0/data/subject"));
  EXPECT_EQ("", text_at(rest, "/items/1/lease_id"));
  EXPECT_EQ(2, flows_.notes.count("counted Desk acknowledged 1"));
}

TEST_F(PullApi, A_raw_target_gives_the_bytes_too) {
  EXPECT_EQ(200, patch("/api/v1/targets/Desk", R"({"raw":true})").status);
  make_message(integration_, 1);

  EXPECT_EQ("U3ViamVjdDogbWFpbCAxDQoNCmJvZHkNCg==",
            text_at(pull("lease", "{}"), "/items/0/data/raw_base64"));
}

TEST_F(PullApi, What_is_given_back_or_runs_out_is_there_again) {
  make_message(integration_, 1);
  const auto first = text_at(pull("lease", "{}"), "/items/0/lease_id");
  EXPECT_EQ("", text_at(pull("lease", "{}"), "/items/0/lease_id"));

  const auto given =
      pull("nack", R"({"lease_ids":[")" + first + R"("],"reason":"the database is down"})");
  const auto second = text_at(pull("lease", R"({"lease_s":5})"), "/items/0/lease_id");
  env_.advance(std::chrono::seconds(5));
  const auto third = text_at(pull("lease", "{}"), "/items/0/lease_id");

  EXPECT_EQ(200, given.status) << given.body;
  EXPECT_EQ(first, text_at(given, "/given_back/0"));
  EXPECT_NE("", second);
  EXPECT_NE(first, second);
  EXPECT_NE(second, third);
  EXPECT_NE("", third);
  const auto mixed = pull("ack", ids({first, second, third, "nonsense"}));
  EXPECT_EQ(200, mixed.status) << mixed.body;
  EXPECT_EQ(third, text_at(mixed, "/acknowledged/0"));
  EXPECT_EQ("/lease_ids/0", text_at(mixed, "/errors/0/pointer"));
  EXPECT_EQ("nonsense", text_at(mixed, "/errors/2/lease_id"));
  const auto lost = pull("ack", ids({second}));
  EXPECT_EQ(409, lost.status);
  EXPECT_EQ("lease_lost", text_at(lost, "/code"));
  EXPECT_EQ("/lease_ids/0", text_at(lost, "/errors/0/pointer"));
}

TEST_F(PullApi, Waits_for_mail_that_comes_later) {
  Reply leased;
  std::thread consumer([&] { leased = pull("lease", R"({"wait_s":20})"); });
  EXPECT_TRUE(noted("lease"));

  make_message(integration_, 1);
  consumer.join();

  EXPECT_EQ("mail 1", text_at(leased, "/items/0/data/subject"));
}

TEST_F(PullApi, A_wait_ends_when_the_client_leaves) {
  {
    HttpConnection connection(port());
    connection.send(
        request_text("POST", "/api/v1/pull/Desk/lease",
                     {{"Authorization", "Bearer " + token_}, {"Content-Type", "application/json"}},
                     R"({"wait_s":60})"));
    EXPECT_TRUE(noted("lease"));
  }

  EXPECT_TRUE(noted("look_for_leases"));
}

TEST_F(PullApi, A_wait_ends_when_the_server_stops) {
  Reply leased;
  std::thread consumer([&] { leased = pull("lease", R"({"wait_s":60})"); });
  EXPECT_TRUE(noted("lease"));

  restart({});
  consumer.join();

  EXPECT_EQ(200, leased.status);
  EXPECT_EQ(R"({"items":[]})", leased.body);
}

TEST_F(PullApi, Refuses_what_is_wrong_and_says_where) {
  const std::pair<const char*, const char*> wrong[] = {
      {R"({"limit":0})", "/limit"},     {R"({"limit":101})", "/limit"},
      {R"({"lease_s":0})", "/lease_s"}, {R"({"lease_s":43201})", "/lease_s"},
      {R"({"wait_s":61})", "/wait_s"},  {R"({"wait_s":"1"})", "/wait_s"},
      {R"({"lease":1})", "/lease"}};
  for (const auto& [body, pointer] : wrong) {
    const auto reply = pull("lease", body);
    EXPECT_EQ(400, reply.status) << body;
    EXPECT_EQ("application/problem+json", reply.media());
    EXPECT_EQ(pointer, text_at(reply, "/errors/0/pointer")) << body;
  }
  EXPECT_EQ("/lease_ids", text_at(pull("ack", "{}"), "/errors/0/pointer"));
  EXPECT_EQ("/lease_ids", text_at(pull("ack", R"({"lease_ids":[]})"), "/errors/0/pointer"));
  EXPECT_EQ("/reason",
            text_at(pull("ack", R"({"lease_ids":["x"],"reason":"r"})"), "/errors/0/pointer"));
  const std::string many = ids(std::vector<std::string>(1001, "lse_x"));
  EXPECT_EQ("/lease_ids", text_at(pull("ack", many), "/errors/0/pointer"));
}

TEST_F(PullApi, Needs_the_scope_and_a_pull_target) {
  const auto reader = make_token(R"(["read"])", "reader");
  EXPECT_EQ(403,
            call(port(), "POST", "/api/v1/pull/Desk/lease", {{"Authorization", "Bearer " + reader}})
                .status);
  EXPECT_EQ(404, post("/api/v1/pull/nobody/lease").status);
  make_target("Hook");
  const auto hook = post("/api/v1/pull/Hook/lease");
  EXPECT_EQ(409, hook.status);
  EXPECT_EQ("not_a_pull_target", text_at(hook, "/code"));
  EXPECT_EQ(200, patch("/api/v1/targets/Desk", R"({"enabled":false})").status);
  const auto disabled = post("/api/v1/pull/Desk/lease");
  EXPECT_EQ(409, disabled.status);
  EXPECT_NE(std::string::npos, disabled.body.find("Desk is disabled"));
}

TEST_F(PullApi, A_span_is_replayed) {
  for (std::uint32_t uid = 1; uid <= 3; ++uid) make_message(integration_, uid);
  const auto held = pull("lease", "{}");
  pull("ack", ids({text_at(held, "/items/0/lease_id"), text_at(held, "/items/1/lease_id")}));

  const auto replayed =
      post("/api/v1/targets/Desk/replay", R"({"since":"2020-01-01T00:00:00.000Z"})");
  const auto listed = get("/api/v1/handovers?message=" + text_at(held, "/items/0/data/id"));

  EXPECT_EQ(202, replayed.status) << replayed.body;
  EXPECT_EQ("2", text_at(replayed, "/count"));
  EXPECT_EQ("waiting", text_at(listed, "/items/0/state"));
  EXPECT_EQ("acknowledged", text_at(listed, "/items/1/state"));
  EXPECT_EQ("", text_at(listed, "/items/2/state"));
}

TEST_F(PullApi, A_replay_needs_a_span_and_an_enabled_target) {
  const auto replay = [&](const char* body) { return post("/api/v1/targets/Desk/replay", body); };
  EXPECT_EQ("/since", text_at(replay("{}"), "/errors/0/pointer"));
  EXPECT_EQ("/since", text_at(replay(R"({"since":"yesterday"})"), "/errors/0/pointer"));
  EXPECT_EQ("/until", text_at(replay(R"({"since":"2026-01-02T00:00:00Z",
                                         "until":"2026-01-01T00:00:00Z"})"),
                              "/errors/0/pointer"));
  EXPECT_EQ(404, post("/api/v1/targets/x/replay", R"({"since":"2026-01-02T00:00:00Z"})").status);
  EXPECT_EQ(200, patch("/api/v1/targets/Desk", R"({"enabled":false})").status);
  const auto refused = replay(R"({"since":"2020-01-01T00:00:00Z"})");
  EXPECT_EQ(409, refused.status) << refused.body;
  EXPECT_NE(std::string::npos, refused.body.find("disabled"));
  const auto message = make_message(integration_, 1).str();
  const auto one = post("/api/v1/messages/" + message + "/handover", R"({"targets":["Desk"]})");
  EXPECT_EQ("/targets/0", text_at(one, "/errors/0/pointer"));
}

TEST_F(PullApi, A_target_is_tested) {
  make_message(integration_, 1);

  const auto reply = post("/api/v1/targets/Desk/test");

  EXPECT_EQ(200, reply.status) << reply.body;
  EXPECT_EQ("false", text_at(reply, "/ok"));
  EXPECT_EQ("503", text_at(reply, "/status"));
  EXPECT_EQ("later", text_at(reply, "/answer"));
  EXPECT_EQ("1", text_at(reply, "/waiting"));
}

}  // namespace
}  // namespace postern::web::test
