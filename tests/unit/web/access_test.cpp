// Who may do what: every route with every kind of token, sessions with CSRF, wrong logins.
#include "web/access.hpp"
#include "unit/web/api_fixture.hpp"
#include "web/password.hpp"
#include "web/router.hpp"

#include <array>
#include <map>

namespace postern::web::test {
namespace {

using AccessTest = ApiTest;

std::string filled(std::string_view pattern) {
  std::string target;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '{') {
      target += pattern[i];
      continue;
    }
    target += "none";
    i = pattern.find('}', i);
  }
  return target;
}

Lines bearer(const std::string& token) {
  return {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}};
}

TEST_F(AccessTest, Every_route_takes_the_right_scope_and_no_other) {
  constexpr std::array scopes = {scope_admin, scope_read, scope_send, scope_pull, scope_metrics};
  std::map<Scope, std::string> tokens;
  for (const auto scope : scopes) {
    const auto word = scope_words(scope);
    tokens[scope] = make_token("[\"" + word + "\"]", word);
  }
  for (const auto& route : all_routes()) {
    const auto where = std::string(route.verb) + " " + std::string(route.pattern);
    const auto target = filled(route.pattern);
    const auto nobody =
        call(port(), route.verb, target, {{"Content-Type", "application/json"}}, "");
    if (route.scopes == scope_none) {
      EXPECT_NE(403, nobody.status) << where;
      continue;
    }
    EXPECT_EQ(401, nobody.status) << where;
    EXPECT_NE("", nobody.header("www-authenticate")) << where;
    for (const auto scope : scopes) {
      const auto reply = call(port(), route.verb, target, bearer(tokens[scope]), "");
      const bool right = scope == scope_admin || (route.scopes & scope) != 0;
      EXPECT_EQ(!right, reply.status == 403) << where << " with " << scope_words(scope);
      EXPECT_NE(401, reply.status) << where;
      if (right) continue;
      EXPECT_EQ("missing_scope", text_at(reply, "/code"));
      EXPECT_NE(std::string::npos,
                text_at(reply, "/detail").find(scope_words(route.scopes | scope_admin)))
          << reply.body;
    }
  }
}

TEST_F(AccessTest, A_token_of_several_scopes_has_each_of_them) {
  const auto token = make_token(R"(["read","metrics"])", "both");

  EXPECT_EQ(200, call(port(), "GET", "/metrics", bearer(token)).status);
  EXPECT_EQ(200, call(port(), "GET", "/api/v1/integrations", bearer(token)).status);
  EXPECT_EQ(403, call(port(), "GET", "/api/v1/tokens", bearer(token)).status);
}

TEST_F(AccessTest, A_deleted_token_and_one_that_has_expired_are_refused) {
  const auto deleted = make_token(R"(["read"])", "deleted");
  const auto id = text_at(get("/api/v1/tokens"), "/items/0/id");
  const auto soon = to_rfc3339(env_.now() + std::chrono::hours(1));
  const auto expiring = text_at(
      post("/api/v1/tokens", R"({"name":"soon","scopes":["read"],"expires_at":")" + soon + "\"}"),
      "/token");
  EXPECT_EQ(200, call(port(), "GET", "/api/v1/events", bearer(deleted)).status);
  EXPECT_EQ(200, call(port(), "GET", "/api/v1/events", bearer(expiring)).status);

  EXPECT_EQ(204, remove("/api/v1/tokens/" + id).status);
  env_.advance(std::chrono::hours(2));

  EXPECT_EQ(401, call(port(), "GET", "/api/v1/events", bearer(deleted)).status);
  EXPECT_EQ(401, call(port(), "GET", "/api/v1/events", bearer(expiring)).status);
}

TEST_F(AccessTest, A_token_is_shown_once_and_never_again) {
  const auto token = make_token(R"(["read"])", "once");
  const auto id = text_at(get("/api/v1/tokens"), "/items/0/id");

  EXPECT_TRUE(token.starts_with("pst_"));
  EXPECT_EQ(std::string::npos, get("/api/v1/tokens").body.find(token));
  EXPECT_EQ(std::string::npos, get("/api/v1/tokens/" + id).body.find(token));
}

TEST_F(AccessTest, More_than_ten_wrong_tokens_a_minute_are_told_to_wait) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(401, call(port(), "GET", "/api/v1/events", bearer("pst_wrong")).status) << i;
  }

  const auto reply = call(port(), "GET", "/api/v1/events", bearer("pst_wrong"));

  EXPECT_EQ(429, reply.status);
  EXPECT_NE("", reply.header("retry-after"));
  EXPECT_EQ(200, get("/api/v1/events").status) << "the right token still passes";
  env_.advance(std::chrono::seconds(61));
  EXPECT_EQ(401, call(port(), "GET", "/api/v1/events", bearer("pst_wrong")).status);
}

class SessionTest : public ApiTest {
 protected:
  SessionTest() {
    storage::UserRow row;
    row.name = "ann";
    row.password_hash = hash_password(Secret("correct horse")).value();
    EXPECT_TRUE(run(store_->accounts().set_user(row, env_.now())));
  }

  Reply log_in(const std::string& password, const std::string& name = "ann") {
    return call(port(), "POST", "/api/v1/session", {{"Content-Type", "application/json"}},
                R"({"name":")" + name + R"(","password":")" + password + "\"}");
  }

  static std::string cookie_of(const Reply& reply) {
    const auto header = reply.header("set-cookie");
    return header.substr(0, header.find(';'));
  }
};

TEST_F(SessionTest, A_login_gives_a_strict_cookie_and_a_csrf_token) {
  const auto reply = log_in("correct horse");

  ASSERT_EQ(200, reply.status) << reply.body;
  EXPECT_NE("", text_at(reply, "/csrf_token"));
  const auto cookie = reply.header("set-cookie");
  EXPECT_NE(std::string::npos, cookie.find("HttpOnly"));
  EXPECT_NE(std::string::npos, cookie.find("SameSite=Strict"));
  EXPECT_EQ(std::string::npos, reply.body.find(cookie_of(reply)));
}

TEST_F(SessionTest, A_cookie_reads_but_writes_only_with_its_csrf_token) {
  const auto session = log_in("correct horse");
  const auto cookie = cookie_of(session);
  const std::string body = R"({"name":"by ann","scopes":["read"]})";
  Lines lines{{"Cookie", "a=b; " + cookie}, {"Content-Type", "application/json"}};
  EXPECT_EQ(200, call(port(), "GET", "/api/v1/tokens", lines).status);

  const auto without = call(port(), "POST", "/api/v1/tokens", lines, body);
  lines["X-CSRF-Token"] = "wrong";
  const auto wrong = call(port(), "POST", "/api/v1/tokens", lines, body);
  lines["X-CSRF-Token"] = text_at(session, "/csrf_token");
  const auto right = call(port(), "POST", "/api/v1/tokens", lines, body);

  EXPECT_EQ(403, without.status);
  EXPECT_EQ("csrf_token_missing", text_at(without, "/code"));
  EXPECT_EQ(403, wrong.status);
  EXPECT_EQ(201, right.status) << right.body;
}

TEST_F(SessionTest, Logging_out_and_time_end_a_session) {
  const auto first = log_in("correct horse");
  const auto second = log_in("correct horse");
  Lines lines{{"Cookie", cookie_of(first)}};
  EXPECT_EQ(403, call(port(), "DELETE", "/api/v1/session", lines).status);
  lines["X-CSRF-Token"] = text_at(first, "/csrf_token");

  EXPECT_EQ(204, call(port(), "DELETE", "/api/v1/session", lines).status);

  EXPECT_EQ(401, call(port(), "GET", "/api/v1/events", lines).status);
  EXPECT_EQ(200, call(port(), "GET", "/api/v1/events", {{"Cookie", cookie_of(second)}}).status);
  env_.advance(std::chrono::hours(12));
  EXPECT_EQ(401, call(port(), "GET", "/api/v1/events", {{"Cookie", cookie_of(second)}}).status);
}

TEST_F(SessionTest, Wrong_passwords_are_slowed_and_the_right_one_with_them) {
  EXPECT_EQ(401, log_in("wrong", "nobody").status);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(401, log_in("wrong").status) << i;

  const auto reply = log_in("correct horse");

  EXPECT_EQ(429, reply.status);
  EXPECT_NE("", reply.header("retry-after"));
  env_.advance(std::chrono::seconds(61));
  EXPECT_EQ(200, log_in("correct horse").status);
}

TEST_F(SessionTest, Right_logins_are_not_counted) {
  for (int i = 0; i < 12; ++i) EXPECT_EQ(200, log_in("correct horse").status) << i;
}

TEST_F(AccessTest, Metrics_may_be_made_public) {
  EXPECT_EQ(401, call(port(), "GET", "/metrics").status);
  ServerOptions options;
  options.metrics_public = true;

  restart(options);

  const auto reply = call(port(), "GET", "/metrics");
  EXPECT_EQ(200, reply.status);
  EXPECT_EQ("text/plain; version=0.0.4; charset=utf-8", reply.header("content-type"));
}

}  // namespace
}  // namespace postern::web::test
