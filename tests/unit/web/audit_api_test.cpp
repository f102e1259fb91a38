// The audit log: what is kept of a call, and what never is.
#include "unit/web/people_fixture.hpp"
#include "web/audit.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace postern::web::test {
namespace {

using Pointers = std::vector<std::string>;

boost::json::object object(std::string_view text) {
  return boost::json::parse(text).as_object();
}

TEST(Audit, Names_the_fields_that_differ) {
  const auto before = object(R"({"a":1,"b":{"c":[1,2],"d":null},"gone":{"x":1}})");
  const auto after = object(R"({"a":1,"b":{"c":[1,3],"d":null},"new/er":true})");

  EXPECT_EQ((Pointers{"/b/c", "/gone/x", "/new~1er"}), differences(before, after));
  EXPECT_EQ(Pointers(), differences(before, before));
  EXPECT_EQ((Pointers{"/a", "/b/c", "/b/d", "/gone/x"}), leaves(before));
}

TEST(Audit, Every_write_is_kept_but_the_traffic_itself) {
  int kept = 0, passed = 0;
  for (const auto& route : all_routes()) {
    if (route.verb == "GET") EXPECT_FALSE(audited(route)) << route.pattern;
    kept += audited(route);
    passed += route.writes() && !audited(route);
  }
  EXPECT_GT(kept, 30);
  EXPECT_GE(passed, 8);
}

class AuditApi : public PeopleApiTest {
 protected:
  AuditApi() { add("ann", "admin"); }
  std::string newest(std::string_view field, std::string_view query = "") {
    return text_at(get("/api/v1/audit" + std::string(query)), "/items/0" + std::string(field));
  }
};

TEST_F(AuditApi, A_change_is_kept_with_who_from_where_and_which_fields) {
  const auto id = make_integration("Support");
  const auto ann = browser("ann");

  const auto reply = as(ann, "PATCH", "/api/v1/integrations/Support",
                        R"({"description":"new words","is_default":true,
                            "incoming":{"host":"other.example.com",
                              "auth":{"password":"s3cret-in"}}})");

  ASSERT_EQ(200, reply.status) << reply.body;
  EXPECT_EQ("ann", newest("/who"));
  EXPECT_EQ("session", newest("/via"));
  EXPECT_EQ("127.0.0.1", newest("/address"));
  EXPECT_EQ("PATCH /integrations/{integration}", newest("/act"));
  EXPECT_EQ("/api/v1/integrations/" + id, newest("/resource"));
  EXPECT_EQ(R"(["/description","/incoming/host","/incoming/auth/password"])", newest("/fields"))
      << "what was given as it was is no change";
  EXPECT_EQ(reply.header("x-request-id"), newest("/request_id"));
  EXPECT_EQ("ann", text_at(get("/api/v1/integrations/Support"), "/modified_by"));
}

TEST_F(AuditApi, What_was_made_and_who_signed_in_is_kept_but_no_secret_and_no_refusal) {
  const auto ann = browser("ann");
  EXPECT_EQ("POST /session", newest("/act"));
  EXPECT_EQ("ann", newest("/who"));
  make_target("Desk");
  EXPECT_EQ("POST /targets", newest("/act"));
  EXPECT_EQ("token", newest("/via"));
  EXPECT_NE(std::string::npos, newest("/resource").find("/api/v1/targets/tgt_"));
  as(ann, "POST", "/api/v1/users", R"({"name":"eve","role":"viewer","password":"hush hush hush"})");
  EXPECT_EQ(R"(["/name","/password","/role"])", newest("/fields"));
  EXPECT_EQ(400, post("/api/v1/users", R"({"name":"eve"})").status);
  EXPECT_EQ("/api/v1/users/eve", newest("/resource")) << "the refused call is not there";
  EXPECT_EQ(401, log_in("ann", "wrong").status);
  EXPECT_EQ("/api/v1/users/eve", newest("/resource"));

  const auto all = get("/api/v1/audit").body;
  for (const char* secret : {"hush", "correct horse", "wrong"}) {
    EXPECT_EQ(std::string::npos, all.find(secret)) << secret;
  }
  EXPECT_EQ("POST /session", newest("/act", "?resource=/api/v1/session"));
  EXPECT_EQ("POST /targets", newest("/act", "?who=admin"));
}

TEST_F(AuditApi, A_body_with_many_fields_is_kept_in_part) {
  std::string body = R"({"name":"x")";
  for (int i = 0; i < 150; ++i) body += ",\"f" + std::to_string(1000 + i) + "\":1";
  Call call;
  call.request.body = body + "}";
  call.request.headers.emplace_back("content-type", "application/json");
  const auto& routes = all_routes();
  const auto route = std::ranges::find_if(
      routes, [](const Route& each) { return each.verb == "POST" && each.body == BodyKind::json; });

  const auto entry = audit_entry(*route, call, Response(), Instant());

  ASSERT_EQ(audited_fields_max + 1, entry.fields.size());
  EXPECT_EQ("…", entry.fields.back());
}

}  // namespace
}  // namespace postern::web::test
