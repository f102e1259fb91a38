// The overview's figures, the list of integrations as a page wants it, backups, what runs here.
#include "unit/web/people_fixture.hpp"
#include "web/integration_list.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <filesystem>
#include <set>

namespace postern::web::test {
namespace {

class OverviewApi : public ApiTest {
 protected:
  /// An integration whose incoming direction is in `state` after `errors`.
  IntegrationId add(const std::string& name, DirectionState state, int errors) {
    const auto made = post("/api/v1/integrations",
                           R"({"name":")" + name + R"(","address":")" + name + R"(@example.com",
      "incoming":{"enabled":true,"host":"imap.example.com","port":993,"security":"tls",
        "auth":{"method":"password","username":"u","password":"p"}}})");
    EXPECT_EQ(201, made.status) << made.body;
    const auto id = *IntegrationId::parse(text_at(made, "/id"));
    IntegrationStatus status;
    status.incoming_state = state;
    status.consecutive_incoming_errors = errors;
    EXPECT_TRUE(run(store_->integrations().record_status(id, status, {})));
    return id;
  }
  std::vector<std::string> names(const std::string& query) {
    std::vector<std::string> result;
    const auto reply = get("/api/v1/integrations" + query);
    EXPECT_EQ(200, reply.status) << reply.body;
    const auto body = reply.json();
    for (const auto& each : body.at("items").as_array()) {
      result.emplace_back(each.at("name").as_string());
    }
    return result;
  }
};

using Names = std::vector<std::string>;

TEST_F(OverviewApi, What_is_in_trouble_comes_first) {
  add("well", DirectionState::ok, 0);
  add("bad", DirectionState::failing, 3);
  add("Worse", DirectionState::failing, 30);
  add("asks", DirectionState::needs_consent, 1);
  add("waits", DirectionState::waiting, 1);

  EXPECT_EQ((Names{"Worse", "bad", "asks", "waits", "well"}), names("?sort=trouble"));
  EXPECT_EQ((Names{"asks", "bad", "waits", "well", "Worse"}), names("?sort=name"));
  EXPECT_EQ((Names{"well", "bad", "Worse", "asks", "waits"}), names(""));
  EXPECT_EQ((Names{"bad", "Worse"}), names("?state=failing"));
  EXPECT_EQ((Names{"bad"}), names("?q=BAD@"));
  EXPECT_EQ(Names(), names("?direction=outgoing"));
  EXPECT_EQ(5U, names("?direction=incoming&provider=custom").size());
}

TEST_F(OverviewApi, A_sorted_list_goes_on_page_by_page_and_inserts_shift_nothing) {
  for (const char* name : {"d", "b", "a", "c", "e"}) add(name, DirectionState::ok, 0);
  for (const std::string sort : {"name", "trouble"}) {
    const auto first = get("/api/v1/integrations?limit=2&sort=" + sort);
    const auto cursor = text_at(first, "/next_cursor");
    EXPECT_EQ("b", text_at(first, "/items/1/name"));

    const auto id = add("aa", DirectionState::ok, 0);

    EXPECT_EQ((Names{"c", "d", "e"}), names("?limit=5&sort=" + sort + "&cursor=" + cursor));
    EXPECT_TRUE(run(store_->integrations().remove(id, std::nullopt, "ann", env_.now())));
  }
  EXPECT_EQ(400, get("/api/v1/integrations?sort=size").status);
  EXPECT_EQ(400, get("/api/v1/integrations?state=well").status);
  EXPECT_EQ(400, get("/api/v1/integrations?sort=name&cursor=!").status);
}

TEST_F(OverviewApi, The_index_sorts_as_the_search_does) {
  const DirectionState states[] = {DirectionState::waiting,  DirectionState::ok,
                                   DirectionState::failing,  DirectionState::needs_consent,
                                   DirectionState::disabled, DirectionState::off};
  int number = 0;
  for (const auto state : states) {
    for (const int errors : {0, 7, 2'000'000}) {
      add((number % 2 == 0 ? "Name-" : "name-") + std::to_string(100 - number), state, errors);
      ++number;
    }
  }
  EXPECT_EQ(200, patch("/api/v1/integrations/Name-98", R"({"enabled":false})").status);
  for (const std::string sort : {"age", "name", "trouble"}) {
    const auto searched = names("?limit=100&direction=incoming&sort=" + sort);
    ASSERT_EQ(18U, searched.size());
    EXPECT_EQ(searched, names("?limit=100&sort=" + sort));
    Names paged;
    std::string cursor;
    do {
      const auto reply = get("/api/v1/integrations?limit=5&sort=" + sort + cursor);
      const auto body = reply.json();
      for (const auto& each : body.at("items").as_array()) {
        paged.emplace_back(each.at("name").as_string());
      }
      const auto& next = body.at("next_cursor");
      cursor = next.is_null() ? "" : "&cursor=" + text_at(reply, "/next_cursor");
    } while (!cursor.empty() && paged.size() < 100);
    EXPECT_EQ(searched, paged);
  }
  EXPECT_EQ(400, get("/api/v1/integrations?cursor=int_1").status);
  EXPECT_EQ(400, get("/api/v1/integrations?sort=trouble&cursor=MDEy").status);
}

TEST_F(OverviewApi, Past_checks_come_with_the_integration_when_they_are_asked_for) {
  add("well", DirectionState::ok, 0);

  const auto checks = get("/api/v1/integrations/well/checks");

  EXPECT_EQ("true", text_at(checks, "/incoming/0/ok"));
  EXPECT_EQ("false", text_at(checks, "/incoming/1/ok"));
  EXPECT_EQ("[]", text_at(checks, "/outgoing"));
  EXPECT_EQ("true",
            text_at(get("/api/v1/integrations?checks=true"), "/items/0/checks/incoming/0/ok"));
  EXPECT_EQ("", text_at(get("/api/v1/integrations"), "/items/0/checks"));
}

TEST_F(OverviewApi, How_much_waits_to_be_sent_comes_with_the_list_when_it_is_asked_for) {
  make_integration("Support");
  add("other", DirectionState::ok, 0);
  for (int i = 0; i < 3; ++i) post("/api/v1/send", R"({"to":"a@example.com","text":"t"})");

  const auto list = get("/api/v1/integrations?queue=true&sort=name");

  EXPECT_EQ("0", text_at(list, "/items/0/queued")) << list.body;
  EXPECT_EQ("3", text_at(list, "/items/1/queued"));
  EXPECT_EQ("", text_at(get("/api/v1/integrations"), "/items/0/queued"));
  EXPECT_EQ(400, get("/api/v1/integrations?queue=yes").status);
}

TEST_F(OverviewApi, The_figures_of_a_day_are_there_hour_by_hour) {
  const auto integration = make_integration("Support");
  make_target("Desk");
  make_message(integration, 1);
  post("/api/v1/send", R"({"to":"a@example.com","text":"t","mode":"sync"})");

  const auto reply = get("/api/v1/stats");

  ASSERT_EQ(200, reply.status) << reply.body;
  EXPECT_EQ(24U, reply.json().at("hours").as_array().size());
  EXPECT_EQ("1", text_at(reply, "/totals/received"));
  EXPECT_EQ("1", text_at(reply, "/totals/sent"));
  EXPECT_EQ("0", text_at(reply, "/queues/queued"));
  EXPECT_EQ("1", text_at(reply, "/queues/handovers_waiting"));
  EXPECT_EQ("1", text_at(reply, "/integrations/total"));
  EXPECT_EQ(2U, get("/api/v1/stats?hours=2").json().at("hours").as_array().size());
  EXPECT_EQ(400, get("/api/v1/stats?hours=0").status);
  EXPECT_EQ(400, get("/api/v1/stats?hours=169").status);
}

TEST_F(OverviewApi, What_runs_here_is_told_without_secrets) {
  const auto reply = get("/api/v1/about");

  EXPECT_EQ("1.2.3", text_at(reply, "/version"));
  EXPECT_EQ("GPL-3.0-or-later", text_at(reply, "/licence"));
  EXPECT_EQ(folder_.string(), text_at(reply, "/storage/data_dir"));
  EXPECT_NE("null", text_at(reply, "/storage/database_bytes"));
  EXPECT_NE("", text_at(reply, "/libraries/OpenSSL"));
  EXPECT_EQ(std::string::npos, reply.body.find(admin_token));
}

TEST_F(OverviewApi, A_backup_is_a_download_and_leaves_nothing_behind) {
  make_integration("Support");
  std::set<std::string> before;
  for (const auto& each : std::filesystem::directory_iterator(folder_)) {
    before.insert(each.path().filename());
  }

  const auto reply = post("/api/v1/backup");

  ASSERT_EQ(200, reply.status);
  EXPECT_EQ("application/octet-stream", reply.media());
  EXPECT_NE(std::string::npos, reply.header("content-disposition").find("attachment; filename="));
  EXPECT_NE(std::string::npos, reply.body.find("SHA256SUMS"));
  EXPECT_NE(std::string::npos, reply.body.find("postern.db"));
  EXPECT_EQ(std::string::npos, reply.body.find("secret.key"));
  for (const auto& each : std::filesystem::directory_iterator(folder_)) {
    const std::string name = each.path().filename();
    EXPECT_TRUE(before.contains(name) || name.starts_with("postern.db")) << name;
  }
  EXPECT_EQ("POST /backup", text_at(get("/api/v1/audit"), "/items/0/act"));
}

}  // namespace
}  // namespace postern::web::test
