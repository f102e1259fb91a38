// Targets of all types through real HTTP: what is shown, kept and tested of each.
#include "unit/web/api_fixture.hpp"

#include <gtest/gtest.h>

namespace postern::web::test {
namespace {

class TargetTypesApi : public ApiTest {
 protected:
  std::string credential_of(const Reply& made) {
    const auto id = *TargetId::parse(text_at(made, "/id"));
    return std::string(run(store().targets().secrets(id)).value().credential.reveal());
  }
};

constexpr const char* osticket =
    R"({"name":"Desk","type":"osticket","url":"https://desk.example","api_key":"geheim"})";

TEST_F(TargetTypesApi, A_key_is_kept_and_never_shown) {
  const auto made = post("/api/v1/targets", osticket);
  ASSERT_EQ(201, made.status) << made.body;

  EXPECT_EQ("true", text_at(made, "/api_key_set"));
  EXPECT_EQ(std::string::npos, made.body.find("geheim"));
  EXPECT_EQ(std::string::npos, get("/api/v1/targets/Desk").body.find("geheim"));
  EXPECT_EQ("geheim", credential_of(made));

  EXPECT_EQ(200, put("/api/v1/targets/Desk", get("/api/v1/targets/Desk").body).status);
  EXPECT_EQ("geheim", credential_of(made)) << "left out: kept";
  EXPECT_EQ(200, patch("/api/v1/targets/Desk", R"({"api_key":null})").status);
  EXPECT_EQ("", credential_of(made)) << "null: cleared";
  EXPECT_EQ("false", text_at(get("/api/v1/targets/Desk"), "/api_key_set"));
}

TEST_F(TargetTypesApi, A_password_is_kept_and_never_shown) {
  const auto made = post("/api/v1/targets", R"({"name":"Relay","type":"smtp","host":"mx.example",
      "recipients":"a@b.example; c@d.example",
      "auth":{"username":"u","password":"geheim"}})");
  ASSERT_EQ(201, made.status) << made.body;

  EXPECT_EQ("true", text_at(made, "/auth/password_set"));
  EXPECT_EQ("587", text_at(made, "/port"));
  EXPECT_EQ("c@d.example", text_at(made, "/recipients/1"));
  EXPECT_EQ(std::string::npos, made.body.find("geheim"));
  EXPECT_EQ(200, patch("/api/v1/targets/Relay", R"({"auth":{"username":"v"}})").status);
  EXPECT_EQ("geheim", credential_of(made));
}

TEST_F(TargetTypesApi, What_one_system_was_logged_in_with_is_not_shown_to_another) {
  const auto made = post("/api/v1/targets", osticket);

  const auto changed = patch("/api/v1/targets/Desk", R"({"type":"redmine"})");

  ASSERT_EQ(200, changed.status) << changed.body;
  EXPECT_EQ("false", text_at(changed, "/api_key_set"));
  EXPECT_EQ("", credential_of(made));
}

TEST_F(TargetTypesApi, A_status_tells_how_a_target_fares) {
  const auto made = post("/api/v1/targets", osticket);
  EXPECT_EQ("ok", text_at(made, "/status/state"));
  EXPECT_EQ("0", text_at(made, "/status/waiting"));
  EXPECT_EQ("null", text_at(made, "/status/last_success"));
  EXPECT_EQ("null", text_at(made, "/status/last_error"));

  const auto shown = patch("/api/v1/targets/Desk", R"({"enabled":false})");
  EXPECT_EQ("off", text_at(shown, "/status/state"));
  EXPECT_EQ("off", text_at(get("/api/v1/targets"), "/items/0/status/state"));
}

TEST_F(TargetTypesApi, A_mail_server_takes_a_grant_that_is_there) {
  const auto* unknown = R"({"name":"Relay","type":"smtp","host":"mx.example",
      "recipients":"a@b.example",
      "auth":{"method":"oauth2","username":"u","grant":"grt_0000000000001"}})";
  const auto* none = R"({"name":"Folder","type":"imap_append","host":"mx.example",
      "auth":{"method":"oauth2","username":"u"}})";
  const auto* http = R"({"name":"Raw","type":"raw","url":"https://desk.example",
      "auth":{"method":"oauth2","username":"u"}})";

  EXPECT_EQ("/auth/grant", text_at(post("/api/v1/targets", unknown), "/errors/0/pointer"));
  EXPECT_EQ("/auth/grant", text_at(post("/api/v1/targets", none), "/errors/0/pointer"));
  EXPECT_EQ("/auth/method", text_at(post("/api/v1/targets", http), "/errors/0/pointer"));
}

TEST_F(TargetTypesApi, Problems_name_their_fields_all_at_once) {
  const auto refused =
      post("/api/v1/targets", R"({"name":"x","type":"zammad","api_key":"k","queue":"General"})");

  EXPECT_NE(201, refused.status);
  for (const char* field : {"/queue", "/url", "/group"}) {
    EXPECT_NE(std::string::npos, refused.body.find(std::string("\"") + field + "\"")) << field;
  }
}

TEST_F(TargetTypesApi, A_test_takes_values_that_are_not_saved) {
  post("/api/v1/targets", osticket);

  const auto saved = post("/api/v1/targets/Desk/test");
  const auto changed = post("/api/v1/targets/Desk/test", R"({"url":"https://other.example"})");
  const auto keyed = post("/api/v1/targets/Desk/test", R"({"api_key":"other"})");
  const auto unsaved = post("/api/v1/targets/test", osticket);
  const auto wrong = post("/api/v1/targets/Desk/test", R"({"url":7})");

  for (const auto& reply : {saved, changed, keyed, unsaved}) {
    EXPECT_EQ(200, reply.status) << reply.body;
    EXPECT_EQ("request", text_at(reply, "/steps/0/step"));
  }
  EXPECT_EQ("/url", text_at(wrong, "/errors/0/pointer"));
  EXPECT_EQ(2, flows_.notes.count("test osticket https://desk.example geheim"));
  EXPECT_EQ(1, flows_.notes.count("test osticket https://other.example geheim"));
  EXPECT_EQ(1, flows_.notes.count("test osticket https://desk.example other"));
}

TEST_F(TargetTypesApi, A_test_of_another_type_does_not_use_the_stored_secret) {
  post("/api/v1/targets", osticket);

  const auto reply = post("/api/v1/targets/Desk/test", R"({"type":"redmine"})");

  EXPECT_EQ(200, reply.status) << reply.body;
  EXPECT_EQ(1, flows_.notes.count("test redmine https://desk.example "));
}

}  // namespace
}  // namespace postern::web::test
