// What a person does with a held delivery, through real HTTP.
#include "unit/web/api_fixture.hpp"

namespace postern::web::test {
namespace {

class DeliveriesApi : public ApiTest {
 protected:
  DeliveriesApi() { make_integration("Support"); }
  std::string make_held() {
    const auto target =
        post("/api/v1/send", R"({"to":["a@example.com","b@example.com"],"text":"t"})")
            .header("location");
    EXPECT_EQ("held", text_at(post(target + "/hold"), "/state"));
    return target;
  }
};

TEST_F(DeliveriesApi, A_held_one_gets_other_recipients_and_is_released) {
  const auto target = make_held();

  const auto changed =
      patch(target, R"({"recipients":["c@example.com","b@example.com","c@example.com"]})");
  const auto released = post(target + "/release");

  EXPECT_EQ(200, changed.status) << changed.body;
  EXPECT_EQ("c@example.com", text_at(changed, "/per_recipient/0/address"));
  EXPECT_EQ("b@example.com", text_at(changed, "/per_recipient/1/address"));
  EXPECT_EQ("null", text_at(changed, "/next_attempt_at"));
  EXPECT_EQ(202, released.status);
  EXPECT_EQ("queued", text_at(released, "/state"));
  EXPECT_NE("null", text_at(released, "/next_attempt_at"));
  EXPECT_EQ(1, flows_.notes.count("act_now"));
}

TEST_F(DeliveriesApi, Shows_its_attempts_and_what_was_said_in_one_that_failed) {
  const auto reply = post("/api/v1/send", R"({"to":"a@example.com","text":"t",
      "dsn":{"notify":["failure"]},"require_tls":true})");
  const auto target = reply.header("location");
  EXPECT_EQ("failure", text_at(reply, "/dsn/notify/0"));
  EXPECT_EQ("true", text_at(reply, "/require_tls"));
  const auto id = *DeliveryId::parse(text_at(reply, "/id"));
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  ASSERT_TRUE(run(store().deliveries().begin_attempt(id, now)));
  storage::AttemptEnd end;
  end.id = id;
  end.outcome.next_attempt_at = now;
  end.transcript.emplace();
  end.transcript->protocol = "smtp";
  end.transcript->direction = "outgoing";
  end.transcript->lines.push_back({now, Side::server, "451 4.3.0 not now", 0});
  ASSERT_TRUE(run(store().deliveries().finish_attempt(std::move(end), now)));

  const auto shown = get(target);
  EXPECT_EQ("1", text_at(shown, "/history/0/number"));
  EXPECT_EQ("true", text_at(shown, "/history/0/transcript"));
  EXPECT_EQ("451 4.3.0 not now", text_at(get(target + "/transcript"), "/lines/0/text"));
  EXPECT_EQ("server", text_at(get(target + "/transcript?attempt=1"), "/lines/0/from"));
  EXPECT_EQ("null", text_at(get(target + "/transcript?attempt=2"), "/at"));
  EXPECT_EQ(400, get(target + "/transcript?attempt=0").status);
  EXPECT_EQ(404, get("/api/v1/deliveries/dlv_1/transcript").status);
}

TEST_F(DeliveriesApi, Only_a_held_one_is_changed_or_released) {
  const auto target =
      post("/api/v1/send", R"({"to":"a@example.com","text":"t"})").header("location");

  const auto changed = patch(target, R"({"recipients":["c@example.com"]})");

  EXPECT_EQ(409, changed.status);
  EXPECT_EQ(409, post(target + "/release").status);
}

TEST_F(DeliveriesApi, Bad_recipients_are_named_and_change_nothing) {
  const auto target = make_held();

  const auto bad = patch(target, R"({"recipients":["nobody"],"cc":[]})");
  const auto none = patch(target, R"({"recipients":[]})");
  const auto absent = patch(target, "{}");

  EXPECT_EQ(400, bad.status);
  EXPECT_NE(std::string::npos, bad.body.find("nobody"));
  EXPECT_NE(std::string::npos, bad.body.find("/cc"));
  EXPECT_EQ(400, none.status);
  EXPECT_EQ(400, absent.status);
  EXPECT_EQ("a@example.com", text_at(get(target), "/per_recipient/0/address"));
}

TEST_F(DeliveriesApi, Its_bytes_and_attempts_can_be_read) {
  const auto target =
      post("/api/v1/send", R"({"to":"a@example.com","subject":"x","text":"t"})").header("location");
  const auto id = *DeliveryId::parse(target.substr(target.rfind('/') + 1));
  static_cast<void>(run(store().deliveries().begin_attempt(id, env_.now())));

  const auto raw = get(target + "/raw");
  const auto attempts = get(target + "/attempts");

  EXPECT_EQ("message/rfc822", raw.header("content-type"));
  EXPECT_NE(std::string::npos, raw.body.find("\r\n\r\n"));
  EXPECT_EQ("1", text_at(attempts, "/items/0/number"));
  EXPECT_EQ("null", text_at(attempts, "/items/0/ended_at"));
  EXPECT_EQ(404, get("/api/v1/deliveries/dlv_nonsense/raw").status);
}

}  // namespace
}  // namespace postern::web::test
