// Integrations through real HTTP: ETags, merge patch, acts, tests.
#include "unit/web/api_fixture.hpp"

#include <algorithm>
#include <cstring>
#include <set>

namespace postern::web::test {
namespace {

class IntegrationApi : public ApiTest {};

TEST_F(IntegrationApi, Creates_reads_and_deletes_without_showing_a_password) {
  const auto id = make_integration("Support");

  const auto by_id = get("/api/v1/integrations/" + id);
  const auto by_name = get("/api/v1/integrations/Support");

  EXPECT_EQ(200, by_id.status);
  EXPECT_EQ(by_id.body, by_name.body);
  EXPECT_EQ(std::string::npos, by_id.body.find("secret"));
  EXPECT_EQ("true", text_at(by_id, "/incoming/auth/password_set"));
  EXPECT_EQ("admin", text_at(by_id, "/modified_by"));
  EXPECT_EQ(204, remove("/api/v1/integrations/Support").status);
  EXPECT_EQ(404, get("/api/v1/integrations/" + id).status);
  EXPECT_EQ(2, flows_.notes.count("integration_changed"));
}

TEST_F(IntegrationApi, What_get_gave_may_be_put_and_keeps_the_passwords) {
  const auto id = make_integration("Support");
  const auto before = get("/api/v1/integrations/" + id);

  const auto reply = put("/api/v1/integrations/" + id, before.body);

  EXPECT_EQ(200, reply.status) << reply.body;
  EXPECT_EQ("true", text_at(reply, "/outgoing/auth/password_set"));
  const auto kept = run(store().integrations().secrets(*IntegrationId::parse(id)));
  EXPECT_EQ("out-secret", kept.value().outgoing_password.reveal());
}

TEST_F(IntegrationApi, If_match_is_honoured_by_put_patch_and_delete) {
  const auto id = make_integration("Support");
  const auto target = "/api/v1/integrations/" + id;
  const auto before = get(target);
  const auto tag = before.header("etag");
  EXPECT_EQ(200, patch(target, R"({"description":"new"})", {{"If-Match", tag}}).status);

  const auto stale_put = put(target, before.body, {{"If-Match", tag}});
  const auto stale_patch = patch(target, R"({"description":"x"})", {{"If-Match", tag}});
  const auto stale_delete = remove(target, {{"If-Match", tag}});

  EXPECT_EQ(412, stale_put.status);
  EXPECT_EQ(412, stale_patch.status);
  EXPECT_EQ(412, stale_delete.status);
  EXPECT_EQ("application/problem+json", stale_put.media());
  EXPECT_EQ("new", text_at(get(target), "/description"));
  EXPECT_EQ(200, put(target, before.body, {{"If-Match", "\"0\", *"}}).status);
  EXPECT_EQ(204, remove(target, {{"If-Match", get(target).header("etag")}}).status);
}

TEST_F(IntegrationApi, A_merge_patch_changes_what_it_names_and_null_brings_the_default) {
  const auto id = make_integration("Support");
  const auto target = "/api/v1/integrations/" + id;

  const auto changed = patch(
      target,
      R"({"incoming":{"poll_interval_s":300,"auth":{"username":"other"}},"description":"d"})");
  const auto reset = patch(target, R"({"incoming":{"poll_interval_s":null},"description":null})");

  EXPECT_EQ("300", text_at(changed, "/incoming/poll_interval_s"));
  EXPECT_EQ("other", text_at(changed, "/incoming/auth/username"));
  EXPECT_EQ("imap.example.com", text_at(changed, "/incoming/host"));
  EXPECT_EQ("60", text_at(reset, "/incoming/poll_interval_s"));
  EXPECT_EQ("", text_at(reset, "/description"));
  EXPECT_EQ("true", text_at(reset, "/incoming/auth/password_set"));
  const auto cleared = patch(target, R"({"incoming":{"auth":{"method":"none","password":null}}})");
  EXPECT_EQ("false", text_at(cleared, "/incoming/auth/password_set")) << cleared.body;
}

TEST_F(IntegrationApi, Names_every_wrong_and_unknown_field) {
  const auto reply =
      post("/api/v1/integrations", R"({"nmae":"x","incoming":{"enabled":true,"port":"993"}})");

  EXPECT_EQ(400, reply.status);
  EXPECT_EQ("application/problem+json", reply.media());
  for (const char* pointer :
       {"\"/name\"", "\"/nmae\"", "\"/incoming/port\"", "\"/incoming/host\""}) {
    EXPECT_NE(std::string::npos, reply.body.find(pointer)) << pointer << reply.body;
  }
  EXPECT_EQ(reply.header("x-request-id"), text_at(reply, "/request_id"));
}

TEST_F(IntegrationApi, A_name_is_taken_once) {
  make_integration("Support");

  const auto reply = post("/api/v1/integrations", R"({"name":"Support"})");

  EXPECT_EQ(409, reply.status);
  EXPECT_EQ("name_taken", text_at(reply, "/code"));
}

TEST_F(IntegrationApi, The_default_moves) {
  const auto first = make_integration("First");
  make_integration("Second");
  EXPECT_EQ("false", text_at(get("/api/v1/integrations/First"), "/is_default"));

  EXPECT_EQ(200, post("/api/v1/integrations/" + first + "/make-default").status);

  EXPECT_EQ("true", text_at(get("/api/v1/integrations/First"), "/is_default"));
  EXPECT_EQ("false", text_at(get("/api/v1/integrations/Second"), "/is_default"));
}

TEST_F(IntegrationApi, Acts_reach_the_flows) {
  make_integration("Support");

  EXPECT_EQ("false", text_at(post("/api/v1/integrations/Support/disable"), "/enabled"));
  EXPECT_EQ("true", text_at(post("/api/v1/integrations/Support/enable", "{}"), "/enabled"));
  EXPECT_EQ(202, post("/api/v1/integrations/Support/check").status);
  EXPECT_EQ(400, post("/api/v1/integrations/Support/check", R"({"x":1})").status);

  EXPECT_EQ(1, flows_.notes.count("disable"));
  EXPECT_EQ(1, flows_.notes.count("enable"));
  EXPECT_EQ(1, flows_.notes.count("check"));
}

TEST_F(IntegrationApi, A_test_mail_goes_to_the_integrations_address) {
  make_integration("Support");

  const auto reply = post("/api/v1/integrations/Support/send-test");

  EXPECT_EQ(200, reply.status) << reply.body;
  EXPECT_EQ("support@example.com", text_at(reply, "/per_recipient/0/address"));
  EXPECT_EQ(400, post("/api/v1/integrations/Support/send-test", R"({"to":"nobody"})").status);
}

TEST_F(IntegrationApi, The_test_streams_a_line_a_step_with_the_saved_passwords) {
  make_integration("Support");

  const auto reply = post("/api/v1/integrations/Support/test?directions=incoming",
                          R"({"incoming":{"host":"other.example.com"}})");

  EXPECT_EQ(200, reply.status);
  EXPECT_EQ("application/x-ndjson", reply.media());
  EXPECT_EQ("chunked", reply.header("transfer-encoding"));
  EXPECT_EQ(2, std::count(reply.body.begin(), reply.body.end(), '\n'));
  const std::lock_guard lock(flows_.mutex);
  EXPECT_EQ("other.example.com", flows_.tested.incoming.server.host);
  EXPECT_EQ("in-secret", flows_.test_secrets.incoming_password.reveal());
  EXPECT_EQ(flows::TestDirections::incoming, flows_.directions);
}

TEST_F(IntegrationApi, Unsaved_values_are_tested_and_not_saved) {
  const auto reply = post("/api/v1/integrations/test",
                          R"({"name":"n","incoming":{"enabled":true,"host":"imap.example.com",
                              "auth":{"username":"u","password":"p"}}})");

  EXPECT_EQ(200, reply.status) << reply.body;
  EXPECT_EQ("[]", text_at(get("/api/v1/integrations"), "/items"));
  const std::lock_guard lock(flows_.mutex);
  EXPECT_EQ("p", flows_.test_secrets.incoming_password.reveal());
}

}  // namespace
}  // namespace postern::web::test
