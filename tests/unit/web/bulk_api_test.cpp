// One act on many integrations: a result for each, and an entry in the audit log for each.
#include "unit/web/people_fixture.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <map>
#include <sstream>

namespace postern::web::test {
namespace {

class BulkApi : public PeopleApiTest {
 protected:
  BulkApi() {
    add("oli", "operator");
    for (const char* name : {"a", "b", "c"}) ids_[name] = make_integration(name);
  }

  /// The lines of the answer by the integration's name.
  static std::map<std::string, boost::json::value> lines(const Reply& reply) {
    EXPECT_EQ(200, reply.status) << reply.body;
    EXPECT_EQ("application/x-ndjson", reply.media());
    std::map<std::string, boost::json::value> all;
    std::istringstream text(reply.body);
    for (std::string line; std::getline(text, line);) {
      auto value = boost::json::parse(line);
      const auto& name = value.at("integration").at("name").as_string();
      all.emplace(std::string(name), std::move(value));
    }
    return all;
  }

  std::map<std::string, std::string> ids_;
};

TEST_F(BulkApi, Each_has_its_own_result) {
  const auto reply = post("/api/v1/integrations/bulk",
                          R"({"act":"disable","integrations":["a",")" + ids_["b"] + R"(","no"]})");

  const auto told = lines(reply);

  ASSERT_EQ(3U, told.size());
  EXPECT_TRUE(told.at("a").at("ok").as_bool());
  EXPECT_EQ(ids_["b"], told.at("b").at("integration").at("id").as_string());
  EXPECT_FALSE(told.at("no").at("ok").as_bool());
  EXPECT_EQ("not_found", told.at("no").at("problem").at("code").as_string());
  EXPECT_EQ("false", text_at(get("/api/v1/integrations/a"), "/enabled"));
  EXPECT_EQ("false", text_at(get("/api/v1/integrations/b"), "/enabled"));
  EXPECT_EQ("true", text_at(get("/api/v1/integrations/c"), "/enabled"));
}

TEST_F(BulkApi, A_test_tells_its_steps_and_a_check_is_asked_for) {
  const auto tested =
      lines(post("/api/v1/integrations/bulk", R"({"act":"test","integrations":["a","b"]})"));
  EXPECT_FALSE(tested.at("b").at("ok").as_bool());
  EXPECT_EQ("tcp", tested.at("b").at("steps").at(1).at("step").as_string());
  EXPECT_TRUE(tested.at("b").at("problem").is_null());

  post("/api/v1/integrations/bulk", R"({"act":"check","integrations":["a","b","c"]})");

  EXPECT_EQ(3, flows_.notes.count("check"));
}

TEST_F(BulkApi, Each_has_its_entry_in_the_audit_log_and_its_name_in_what_it_changed) {
  const auto oli = browser("oli");

  as(oli, "POST", "/api/v1/integrations/bulk", R"({"act":"disable","integrations":["a","b"]})");

  for (const char* name : {"a", "b"}) {
    const auto log = get("/api/v1/audit?resource=/api/v1/integrations/" + ids_[name]);
    EXPECT_EQ("POST /integrations/bulk disable", text_at(log, "/items/0/act")) << log.body;
    EXPECT_EQ("oli", text_at(log, "/items/0/who"));
    EXPECT_EQ("done", text_at(log, "/items/0/outcome"));
    EXPECT_EQ("oli", text_at(get(std::string("/api/v1/integrations/") + name), "/modified_by"));
  }
}

TEST_F(BulkApi, Deleting_is_an_admins) {
  const auto oli = browser("oli");
  const auto body = R"({"act":"delete","integrations":["a","b"]})";

  EXPECT_EQ(403, as(oli, "POST", "/api/v1/integrations/bulk", body).status);
  EXPECT_EQ(200, get("/api/v1/integrations/a").status);

  EXPECT_TRUE(lines(post("/api/v1/integrations/bulk", body)).at("a").at("ok").as_bool());
  EXPECT_EQ(404, get("/api/v1/integrations/a").status);
  EXPECT_EQ(404, get("/api/v1/integrations/b").status);
}

TEST_F(BulkApi, Says_what_is_wrong_with_the_call) {
  const auto status = [&](const char* body) {
    return post("/api/v1/integrations/bulk", body).status;
  };
  EXPECT_EQ(400, status(R"({"act":"paint","integrations":["a"]})"));
  EXPECT_EQ(400, status(R"({"act":"check","integrations":[]})"));
  EXPECT_EQ(400, status(R"({"act":"check"})"));
  EXPECT_EQ(400, status(R"({"integrations":["a"]})"));
  std::string many = R"({"act":"check","integrations":["a")";
  for (int i = 0; i < 10'000; ++i) many += R"(,"a")";
  EXPECT_EQ(400, post("/api/v1/integrations/bulk", many + "]}").status);
}

TEST_F(BulkApi, An_operator_tests_what_is_saved_and_nothing_else) {
  const auto oli = browser("oli");

  EXPECT_EQ(200, as(oli, "POST", "/api/v1/integrations/a/test").status);
  EXPECT_EQ(200, as(oli, "POST", "/api/v1/integrations/a/test", "{}").status);
  // The stored password would go to a server of the operator's choice.
  const auto elsewhere = R"({"incoming":{"host":"evil.example.com"}})";
  EXPECT_EQ(403, as(oli, "POST", "/api/v1/integrations/a/test", elsewhere).status);
  EXPECT_EQ(200, post("/api/v1/integrations/a/test", elsewhere).status);
}

}  // namespace
}  // namespace postern::web::test
