// /providers through real HTTP.
#include "unit/web/api_fixture.hpp"

#include "oauth/providers.hpp"

#include <set>

namespace postern::web::test {
namespace {

constexpr const char* own = R"({"id":"corp","name":"Our own","logins":["password"],
    "smtp":{"host":"smtp.corp.example","port":587,"security":"starttls"},
    "domains":["corp.example"]})";

class ProvidersApi : public ApiTest {
 protected:
  std::size_t count(const std::string& query) {
    std::size_t found = 0;
    std::string cursor;
    for (;;) {
      const auto page = get("/api/v1/providers?limit=7" + query + cursor);
      EXPECT_EQ(200, page.status) << page.body;
      while (!text_at(page, "/items/" + std::to_string(found % 7) + "/id").empty()) {
        ids_.insert(text_at(page, "/items/" + std::to_string(found % 7) + "/id"));
        if (++found % 7 == 0) break;
      }
      const auto next = text_at(page, "/next_cursor");
      if (next.empty() || next == "null") return found;
      cursor = "&cursor=" + next;
    }
  }
  std::set<std::string> ids_;
};

TEST_F(ProvidersApi, Are_all_there_with_their_servers) {
  EXPECT_EQ(oauth::known_providers().size(), count(""));
  EXPECT_EQ(oauth::known_providers().size(), ids_.size());

  const auto google = get("/api/v1/providers/google");

  ASSERT_EQ(200, google.status) << google.body;
  EXPECT_EQ("imap.gmail.com", text_at(google, "/imap/host"));
  EXPECT_EQ("993", text_at(google, "/imap/port"));
  EXPECT_EQ("tls", text_at(google, "/smtp/security"));
  EXPECT_EQ("https://mail.google.com/", text_at(google, "/oauth/scopes/imap/0"));
  EXPECT_EQ("true", text_at(google, "/built_in"));
  EXPECT_EQ(404, get("/api/v1/providers/nowhere").status);
}

TEST_F(ProvidersApi, Admins_add_their_own) {
  const auto made = post("/api/v1/providers", own);
  ASSERT_EQ(201, made.status) << made.body;
  EXPECT_EQ("false", text_at(made, "/built_in"));
  EXPECT_EQ(409, post("/api/v1/providers", own).status);

  const auto changed = patch("/api/v1/providers/corp",
                             R"({"smtp":{"port":465,"security":"tls"},"notes":"Ask IT."})");
  ASSERT_EQ(200, changed.status) << changed.body;
  EXPECT_EQ("465", text_at(changed, "/smtp/port"));
  EXPECT_EQ("smtp.corp.example", text_at(changed, "/smtp/host"));
  const auto renamed = patch("/api/v1/providers/corp", R"({"id":"other"})");
  EXPECT_EQ(400, renamed.status) << renamed.body;
  EXPECT_EQ("/id", text_at(renamed, "/errors/0/pointer"));
  const auto replaced = put("/api/v1/providers/corp", own);
  ASSERT_EQ(200, replaced.status) << replaced.body;
  EXPECT_EQ("587", text_at(replaced, "/smtp/port"));
  EXPECT_EQ(oauth::known_providers().size() + 1, count(""));

  EXPECT_EQ(204, remove("/api/v1/providers/corp").status);
  EXPECT_EQ(404, get("/api/v1/providers/corp").status);
}

TEST_F(ProvidersApi, A_built_in_one_is_hidden_and_never_changed) {
  const auto hidden = patch("/api/v1/providers/yandex", R"({"hidden":true})");
  ASSERT_EQ(200, hidden.status) << hidden.body;
  EXPECT_EQ(oauth::known_providers().size() - 1, count(""));
  EXPECT_EQ(0U, ids_.count("yandex"));
  EXPECT_EQ(oauth::known_providers().size(), count("&hidden=true"));
  EXPECT_EQ("true", text_at(get("/api/v1/providers/yandex"), "/hidden"));

  const auto changed = patch("/api/v1/providers/yandex", R"({"name":"Mine"})");
  EXPECT_EQ(409, changed.status) << changed.body;
  EXPECT_FALSE(text_at(changed, "/hint").empty());
  EXPECT_EQ(409, remove("/api/v1/providers/yandex").status);
  EXPECT_EQ(409, post("/api/v1/providers", R"({"id":"google","name":"G","logins":["password"],
      "smtp":{"host":"a.example","port":465,"security":"tls"}})")
                     .status);

  EXPECT_EQ(200, patch("/api/v1/providers/yandex", R"({"hidden":false})").status);
  EXPECT_EQ(oauth::known_providers().size(), count(""));
}

TEST_F(ProvidersApi, Mistakes_are_named_with_their_place) {
  const auto wrong = post("/api/v1/providers", R"({"id":"X","name":"X","logins":["password"],
      "smtp":{"host":"a b","port":465,"security":"tls"},"hidden":3,"more":1})");

  EXPECT_EQ(400, wrong.status);
  for (const auto* pointer : {"/id", "/smtp/host", "/hidden", "/more"}) {
    EXPECT_NE(wrong.body.find(std::string("\"") + pointer + "\""), std::string::npos) << pointer;
  }
  EXPECT_EQ(400, get("/api/v1/providers?hidden=perhaps").status);
}

}  // namespace
}  // namespace postern::web::test
