// POST /send with message/rfc822, and the logins of programs that submit by SMTP.
#include "flows/submission_login.hpp"
#include "unit/web/api_fixture.hpp"

namespace postern::web::test {
namespace {

class SendMailApi : public ApiTest {
 protected:
  SendMailApi() { id_ = make_integration("Support"); }
  Reply send(std::string_view query, std::string_view body, Lines headers = {}) {
    headers.emplace("Content-Type", "message/rfc822");
    return call(port(), "POST", "/api/v1/send" + std::string(query), with_admin(headers), body);
  }
  static constexpr const char* mail = "Subject: s\r\n\r\nHello.\r\n";
  std::string id_;
};

TEST_F(SendMailApi, A_mail_goes_to_whom_the_query_names) {
  const auto queued =
      send("?to=a@example.com,b@example.com&from=sales@example.com&integration=Support", mail);
  const auto sent = send("?to=a@example.com&mode=sync&timeout_ms=500&header_recipients=true", mail);

  EXPECT_EQ(202, queued.status) << queued.body;
  EXPECT_EQ("b@example.com", text_at(queued, "/per_recipient/1/address"));
  EXPECT_EQ("/api/v1/deliveries/" + text_at(queued, "/id"), queued.header("location"));
  EXPECT_EQ(200, sent.status) << sent.body;
  EXPECT_EQ(1, flows_.notes.count("raw from=sales@example.com header_recipients=no timeout=-1: " +
                                  std::string(mail)));
  EXPECT_EQ(
      1, flows_.notes.count("raw from=- header_recipients=yes timeout=500: " + std::string(mail)));
}

TEST_F(SendMailApi, The_query_says_what_is_asked_of_other_servers) {
  const auto reply = send(
      "?to=a@example.com&notify=success,failure&ret=full&envid=x%201&require_tls=true"
      "&priority=low&tags=blue,green,blue",
      mail);

  EXPECT_EQ(202, reply.status) << reply.body;
  EXPECT_EQ("success", text_at(reply, "/dsn/notify/0"));
  EXPECT_EQ("full", text_at(reply, "/dsn/ret"));
  EXPECT_EQ("x 1", text_at(reply, "/dsn/envid"));
  EXPECT_EQ("true", text_at(reply, "/require_tls"));
  EXPECT_EQ("low", text_at(reply, "/priority"));
  EXPECT_EQ("green", text_at(reply, "/tags/1"));
}

TEST_F(SendMailApi, The_key_is_bound_to_query_and_mail) {
  const Lines key{{"Idempotency-Key", "k"}};
  const auto first = send("?to=a@example.com", mail, key);
  const auto again = send("?to=a@example.com", mail, key);
  const auto other = send("?to=b@example.com", mail, key);

  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ("true", again.header("idempotent-replayed"));
  EXPECT_EQ(422, other.status) << other.body;
}

TEST_F(SendMailApi, Bad_parameters_are_named_and_those_of_a_mail_do_not_go_with_json) {
  const std::pair<const char*, const char*> cases[] = {
      {"?to=a@example.com&mode=later", "mode"},
      {"?to=a@example.com&timeout_ms=0", "timeout_ms"},
      {"?to=a@example.com&timeout_ms=900001", "timeout_ms"},
      {"?to=a@example.com&header_recipients=1", "header_recipients"},
      {"?to=a@example.com&not_before=soon", "not_before"},
      {"?to=a@example.com&not_before=2030-01-01T00:00:00Z&mode=sync", "not_before"},
      {"?to=a@example.com&notify=never,delay", "notify"},
      {"?to=a@example.com&priority=urgent", "priority"},
      {"?to=a@example.com&tags=a,,b", "tags"},
      {"?to=a@example.com&ret=hdrs", "ret"},
      {"?to=a@example.com&envid=", "envid"},
      {"?to=a@example.com&require_tls=1", "require_tls"},
      {"?too=a@example.com", "too"}};
  for (const auto& [query, parameter] : cases) {
    const auto reply = send(query, mail);

    EXPECT_EQ(400, reply.status) << query;
    EXPECT_EQ(parameter, text_at(reply, "/errors/0/parameter")) << reply.body;
  }
  const auto json = post("/api/v1/send?to=a@example.com", R"({"to":"a@example.com","text":"t"})");
  EXPECT_EQ(400, json.status);
  EXPECT_EQ("to", text_at(json, "/errors/0/parameter")) << json.body;
}

TEST_F(SendMailApi, A_submission_password_is_shown_once_replaced_and_revoked) {
  const auto target = "/api/v1/integrations/Support/submission-password";
  const auto id = *IntegrationId::parse(id_);
  const auto kept = [&] { return run(store().submission_logins().find(id)).value(); };

  const auto first = post(target);
  const auto row = kept();
  const auto second = post(target);

  ASSERT_EQ(200, first.status) << first.body;
  EXPECT_EQ(id_, text_at(first, "/login"));
  const auto password = text_at(first, "/password");
  EXPECT_GE(password.size(), 24u);
  ASSERT_TRUE(row);
  EXPECT_EQ(std::string::npos, (row->password_hash + row->salt).find(password));
  EXPECT_TRUE(flows::fits(*row, Secret(password)));
  EXPECT_FALSE(flows::fits(*row, Secret(text_at(second, "/password"))));
  EXPECT_FALSE(flows::fits(*kept(), Secret(password)));
  EXPECT_TRUE(flows::fits(*kept(), Secret(text_at(second, "/password"))));
  EXPECT_EQ(std::string::npos, get("/api/v1/integrations/Support").body.find(password));
  EXPECT_EQ(204, remove(target).status);
  EXPECT_FALSE(kept());
  EXPECT_EQ(404, post("/api/v1/integrations/nobody/submission-password").status);
  const auto token = make_token(R"(["send","read"])", "sender");
  EXPECT_EQ(403, call(port(), "POST", target, {{"Authorization", "Bearer " + token}}, "").status);
}

}  // namespace
}  // namespace postern::web::test
