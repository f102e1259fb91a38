// Activity and transcripts over HTTP.
#include "unit/web/api_fixture.hpp"

namespace postern::web::test {
namespace {

class ActivityApiTest : public ApiTest {
 protected:
  void keep(std::string_view id, const std::string& direction, const std::string& words) {
    Transcript transcript;
    transcript.at = env_.now();
    transcript.protocol = direction == "incoming" ? "imap" : "smtp";
    transcript.direction = direction;
    transcript.step = "login";
    transcript.message = words;
    transcript.lines.push_back({env_.now(), Side::server, words, 0});
    store().activity().keep_transcript(*IntegrationId::parse(id), transcript);
    settle();
  }
  /// What was written in the background is there.
  void settle() { EXPECT_TRUE(run(store().probe())); }
};

TEST_F(ActivityApiTest, Tells_the_last_failing_session_of_each_direction) {
  const auto id = make_integration("Support");
  const auto where = "/api/v1/integrations/Support/transcript";
  EXPECT_TRUE(get(where).json().at("at").is_null());

  keep(id, "incoming", "first");
  keep(id, "incoming", "second");
  env_.advance(std::chrono::seconds(1));
  keep(id, "outgoing", "third");

  EXPECT_EQ("third", text_at(get(where), "/lines/0/text"));
  const auto incoming = get(std::string(where) + "?direction=incoming");
  EXPECT_EQ("second", text_at(incoming, "/lines/0/text"));
  EXPECT_EQ("server", text_at(incoming, "/lines/0/from"));
  EXPECT_EQ("imap", text_at(incoming, "/protocol"));
  EXPECT_EQ("login", text_at(incoming, "/step"));
  EXPECT_EQ(400, get(std::string(where) + "?direction=sideways").status);
  EXPECT_EQ(400, get(std::string(where) + "?recorded=perhaps").status);
}

TEST_F(ActivityApiTest, Records_when_asked) {
  make_integration("Support");
  const std::string where = "/api/v1/integrations/Support/transcript";
  EXPECT_TRUE(get(where + "?recorded=true").json().at("at").is_null());

  const auto begun = post(where, R"({"direction":"incoming"})");
  EXPECT_EQ(202, begun.status) << begun.body;
  EXPECT_EQ(1, flows_.notes.count("record incoming 300000"));
  EXPECT_EQ(0, flows_.notes.count("record outgoing 300000"));
  EXPECT_EQ("* OK ready", text_at(get(where + "?recorded=true"), "/lines/0/text"));

  EXPECT_EQ(400, post(where, R"({"seconds":3601})").status);
  EXPECT_EQ(400, post(where, R"({"second":10})").status);
  EXPECT_EQ(400, post(where, R"({"direction":"both"})").status);
}

TEST_F(ActivityApiTest, Lists_what_people_did_page_by_page) {
  make_integration("Support");
  const std::string where = "/api/v1/integrations/Support";
  for (int i = 0; i < 5; ++i) {
    env_.advance(std::chrono::seconds(1));
    EXPECT_EQ(202, post(where + "/check").status);
  }
  EXPECT_EQ(200, post(where + "/disable").status);
  settle();

  std::vector<std::string> kinds;
  std::string cursor;
  do {
    const auto page =
        get(where + "/activity?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(200, page.status) << page.body;
    const auto body = page.json();
    for (const auto& item : body.at("items").as_array()) {
      kinds.emplace_back(item.at("kind").as_string());
    }
    cursor = text_at(page, "/next_cursor");
  } while (cursor != "null");

  const auto count = [&](std::string_view kind) {
    return std::count(kinds.begin(), kinds.end(), kind);
  };
  EXPECT_EQ(5, count("check.requested"));
  EXPECT_EQ(1, count("integration.switched_off"));
  EXPECT_EQ(1, count("integration.created"));
  EXPECT_EQ(400, get(where + "/activity?cursor=x").status);
}

TEST_F(ActivityApiTest, Keeps_so_many_acts_and_no_more) {
  const auto id = *IntegrationId::parse(make_integration("Support"));
  for (int i = 0; i < storage::acts_max + 50; ++i) {
    Activity act;
    act.at = env_.now();
    act.kind = "check.requested";
    act.text = std::to_string(i);
    store().activity().add_act(id, act);
  }
  settle();
  const auto all = run(store().activity().recent(id));
  ASSERT_TRUE(all);
  EXPECT_EQ(static_cast<std::size_t>(storage::acts_max), all.value().size());
}

}  // namespace
}  // namespace postern::web::test
