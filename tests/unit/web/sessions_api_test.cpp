// Signing in and out, the first start, people and their passwords, sessions here and elsewhere.
#include "unit/web/people_fixture.hpp"
#include "web/first_start.hpp"
#include "web/password_rules.hpp"

#include <boost/json/array.hpp>

namespace postern::web::test {
namespace {

class SignIn : public PeopleApiTest {
 protected:
  SignIn() {
    add("ann", "admin");
    add("bob", "viewer");
  }
};

TEST_F(SignIn, The_page_learns_who_it_is_and_its_csrf_token_again) {
  const auto nobody = call(port(), "GET", "/api/v1/session");
  const auto bob = browser("bob");
  const auto me = as(bob, "GET", "/api/v1/session");
  const auto by_token = get("/api/v1/session");

  EXPECT_EQ("signed_out", text_at(nobody, "/state"));
  EXPECT_EQ("signed_in", text_at(me, "/state"));
  EXPECT_EQ("bob", text_at(me, "/name"));
  EXPECT_EQ("viewer", text_at(me, "/role"));
  EXPECT_EQ(R"(["read","metrics"])", text_at(me, "/may"));
  EXPECT_EQ(bob.csrf, text_at(me, "/csrf_token"));
  EXPECT_EQ("null", text_at(by_token, "/role"));
  EXPECT_EQ(
      "signed_out",
      text_at(call(port(), "GET", "/api/v1/session", {{"Cookie", "postern_session=x"}}), "/state"));
  EXPECT_EQ(401, call(port(), "GET", "/api/v1/session", {{"Authorization", "Bearer x"}}).status);
}

TEST_F(SignIn, A_session_outlives_a_restart_of_the_server) {
  const auto bob = browser("bob");

  restart({});

  EXPECT_EQ(200, as(bob, "GET", "/api/v1/integrations").status);
  EXPECT_EQ(204, as(bob, "DELETE", "/api/v1/session").status);
  EXPECT_EQ(401, as(bob, "GET", "/api/v1/integrations").status);
}

TEST_F(SignIn, The_cookie_is_for_tls_alone_where_there_is_tls) {
  ServerOptions options;
  options.public_url = "https://mail.example.com";
  restart(std::move(options));

  const auto cookie = log_in("bob").header("set-cookie");

  for (const char* mark : {"; HttpOnly", "; SameSite=Strict", "; Secure", "; Path=/"}) {
    EXPECT_NE(std::string::npos, cookie.find(mark)) << mark;
  }
}

TEST_F(SignIn, Sessions_are_listed_and_ended_here_there_and_everywhere) {
  const auto desk = browser("bob");
  const auto phone = browser("bob");
  const auto ann = browser("ann");
  const auto own = as(desk, "GET", "/api/v1/sessions").json().at("items").as_array();

  ASSERT_EQ(2U, own.size());
  EXPECT_FALSE(own[0].at("current").as_bool());
  EXPECT_TRUE(own[1].at("current").as_bool());
  EXPECT_EQ("127.0.0.1", own[0].at("address").as_string());
  const std::string other(own[0].at("id").as_string());
  EXPECT_EQ(204, as(desk, "DELETE", "/api/v1/sessions/" + other).status);
  EXPECT_EQ(401, as(phone, "GET", "/api/v1/sessions").status);
  const auto anns = text_at(as(ann, "GET", "/api/v1/sessions"), "/items/0/id");
  EXPECT_EQ(404, as(desk, "DELETE", "/api/v1/sessions/" + anns).status) << "not his";
  EXPECT_EQ(403, as(desk, "GET", "/api/v1/sessions?user=ann").status);
  EXPECT_EQ(403, as(desk, "DELETE", "/api/v1/sessions?user=ann").status);
  EXPECT_EQ(204, as(desk, "DELETE", "/api/v1/sessions").status);
  EXPECT_EQ(401, as(desk, "GET", "/api/v1/sessions").status);

  const auto again = browser("bob");
  EXPECT_EQ(204, as(ann, "DELETE", "/api/v1/sessions?user=bob").status);
  EXPECT_EQ(401, as(again, "GET", "/api/v1/sessions").status);
  EXPECT_EQ(200, as(ann, "GET", "/api/v1/sessions").status);
  EXPECT_EQ(409, remove("/api/v1/sessions").status) << "a token is nobody's session";
}

TEST_F(SignIn, The_own_password_changes_with_the_former_one_and_ends_other_sessions) {
  const auto desk = browser("bob");
  const auto phone = browser("bob");
  const auto change = [&](const std::string& current, const std::string& fresh) {
    return as(desk, "POST", "/api/v1/session/password",
              R"({"current_password":")" + current + R"(","new_password":")" + fresh + "\"}");
  };

  EXPECT_EQ("/current_password", text_at(change("wrong", "a long new one"), "/errors/0/pointer"));
  EXPECT_EQ("/new_password", text_at(change(password, "short"), "/errors/0/pointer"));
  EXPECT_EQ(204, change(password, "a long new one").status);

  EXPECT_EQ(200, as(desk, "GET", "/api/v1/integrations").status);
  EXPECT_EQ(401, as(phone, "GET", "/api/v1/integrations").status);
  EXPECT_EQ(401, log_in("bob").status);
  EXPECT_EQ(200, log_in("bob", "a long new one").status);
  EXPECT_EQ(409, post("/api/v1/session/password",
                      R"({"current_password":"x","new_password":"a long new one"})")
                     .status);
}

TEST_F(SignIn, One_account_is_guessed_at_slowly_from_many_addresses) {
  ServerOptions options;
  options.trusted_proxies = {"127.0.0.1"};
  restart(std::move(options));
  const auto from = [&](const std::string& address, const std::string& with) {
    return call(port(), "POST", "/api/v1/session",
                {{"Content-Type", "application/json"}, {"X-Forwarded-For", address}},
                R"({"name":"bob","password":")" + with + "\"}")
        .status;
  };
  EXPECT_EQ(200, from("198.51.100.1", password)) << "bob's own place";
  for (int i = 0; i < 10; ++i) EXPECT_EQ(401, from("192.0.2." + std::to_string(i), "wrong")) << i;

  EXPECT_EQ(429, from("192.0.2.99", "wrong"));
  EXPECT_EQ(429, from("192.0.2.99", password)) << "slowed, right or wrong";
  EXPECT_EQ(200, from("198.51.100.1", password)) << "where bob is signed in he is not shut out";
  env_.advance(std::chrono::seconds(61));

  EXPECT_EQ(200, from("192.0.2.99", password));
}

class Users : public SignIn {};

TEST_F(Users, Are_made_changed_and_removed_by_an_admin) {
  const auto ann = browser("ann");
  const auto made = as(ann, "POST", "/api/v1/users",
                       R"({"name":"eve b","role":"operator","password":"correct horse"})");

  ASSERT_EQ(201, made.status) << made.body;
  EXPECT_EQ("/api/v1/users/eve%20b", made.header("location"));
  EXPECT_EQ("ann", text_at(made, "/modified_by"));
  EXPECT_EQ(std::string::npos, made.body.find("scrypt"));
  const auto eve = browser("eve b");
  EXPECT_EQ("null", text_at(as(ann, "GET", "/api/v1/users/bob"), "/signed_in_at"));
  EXPECT_NE("null", text_at(as(ann, "GET", "/api/v1/users/eve%20b"), "/signed_in_at"));
  auto lines = ann.lines();
  lines["If-Match"] = "\"7\"";
  EXPECT_EQ(412, call(port(), "PATCH", "/api/v1/users/bob", lines, R"({"role":"admin"})").status);
  EXPECT_EQ(409, as(ann, "POST", "/api/v1/users",
                    R"({"name":"bob","role":"viewer","password":"correct horse"})")
                     .status);
  EXPECT_EQ(204, as(ann, "DELETE", "/api/v1/users/eve%20b").status);

  EXPECT_EQ(401, as(eve, "GET", "/api/v1/integrations").status) << "the session went with her";
  EXPECT_EQ(404, as(ann, "GET", "/api/v1/users/eve%20b").status);
  EXPECT_EQ(2U, as(ann, "GET", "/api/v1/users").json().at("items").as_array().size());
}

TEST_F(Users, The_last_admin_is_kept) {
  const auto ann = browser("ann");

  const auto less = as(ann, "PATCH", "/api/v1/users/ann", R"({"role":"viewer"})");
  const auto gone = as(ann, "DELETE", "/api/v1/users/ann");

  EXPECT_EQ(409, less.status);
  EXPECT_NE(std::string::npos, text_at(less, "/detail").find("last admin"));
  EXPECT_EQ(409, gone.status);
}

TEST_F(Users, Every_fault_of_a_new_one_is_told_beside_its_field) {
  const auto reply =
      post("/api/v1/users", R"({"name":" x","role":"king","password":"password","more":1})");

  EXPECT_EQ(400, reply.status);
  for (const char* pointer : {"/name", "/role", "/password", "/more"}) {
    EXPECT_NE(std::string::npos, reply.body.find("\"pointer\":\"" + std::string(pointer) + "\""))
        << pointer;
  }
  EXPECT_EQ(std::string::npos, reply.body.find("\"password\":\"password\""));
}

class FirstStartApi : public PeopleApiTest {
 protected:
  FirstStartApi() {
    ServerOptions options;
    options.tell_first_start = [this](const Secret& code) {
      const std::lock_guard lock(mutex_);
      codes_.emplace_back(code.reveal());
    };
    restart(std::move(options));
    // The code is told by the time the server answers.
    EXPECT_EQ("first_start", text_at(call(port(), "GET", "/api/v1/session"), "/state"));
  }
  ~FirstStartApi() override { server_.reset(); }
  std::vector<std::string> codes() {
    const std::lock_guard lock(mutex_);
    return codes_;
  }
  Reply set_up(const std::string& code, const std::string& with = password) {
    return call(port(), "POST", "/api/v1/session/first-start",
                {{"Content-Type", "application/json"}},
                R"({"code":")" + code + R"(","name":"ann","password":")" + with + "\"}");
  }

  std::mutex mutex_;
  std::vector<std::string> codes_;
};

TEST_F(FirstStartApi, The_code_of_the_console_makes_the_first_admin_and_is_used_up) {
  ASSERT_EQ(1U, codes().size());
  const auto code = codes().front();
  EXPECT_EQ(14U, code.size());

  const auto weak = set_up(code, "12345678");
  const auto reply = set_up(code);

  EXPECT_EQ(400, weak.status) << "and the code is still good";
  EXPECT_EQ("/password", text_at(weak, "/errors/0/pointer"));
  ASSERT_EQ(200, reply.status) << reply.body;
  EXPECT_EQ("admin", text_at(reply, "/role"));
  EXPECT_EQ(200, as(browser_of(reply), "GET", "/api/v1/users").status);
  EXPECT_EQ(409, set_up(code).status);
  EXPECT_EQ("signed_out", text_at(call(port(), "GET", "/api/v1/session"), "/state"));
  ASSERT_LE(2U, codes().size());
  EXPECT_EQ("", codes()[1]) << "it is needed no more";
  EXPECT_EQ("", codes().back());
  EXPECT_EQ(200, log_in("ann").status);
}

TEST_F(FirstStartApi, A_wrong_code_opens_nothing_and_guessing_is_slow) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(401, set_up("0000-0000-0000").status) << i;

  EXPECT_EQ(429, set_up(codes().front()).status);
  EXPECT_EQ("first_start", text_at(call(port(), "GET", "/api/v1/session"), "/state"));
  EXPECT_EQ(2U, codes().size()) << "ten wrong tries made a new one";
  env_.advance(std::chrono::seconds(61));
  EXPECT_EQ(401, set_up(codes().front()).status);
  EXPECT_EQ(200, set_up(codes().back()).status);
}

TEST(FirstStart, A_code_is_typed_as_one_likes_and_is_good_for_a_day) {
  std::vector<std::string> told;
  FirstStart first([&](const Secret& code) { told.emplace_back(code.reveal()); });
  first.offer(Duration(0));
  const std::string code = told.at(0);
  std::string typed = " " + code;
  for (char& c : typed) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    if (c == '-') c = ' ';
  }

  EXPECT_TRUE(first.fits(typed, Duration(1)));
  EXPECT_TRUE(first.fits(code, first_start_code_lifetime - Duration(1)));
  EXPECT_FALSE(first.fits(code, first_start_code_lifetime));
  ASSERT_EQ(2U, told.size()) << "another one has been told";
  EXPECT_NE(code, told[1]);
  EXPECT_FALSE(first.fits("", Duration(1)));
}

TEST(PasswordRules, Say_what_is_wrong_in_words) {
  EXPECT_FALSE(password_fault("correct horse", "ann"));
  EXPECT_TRUE(password_fault("short", "ann"));
  EXPECT_TRUE(password_fault("aaaaaaaaaaaa", "ann"));
  EXPECT_TRUE(password_fault("Ann.Smith", "ann.smith"));
  EXPECT_TRUE(password_fault("PassWord123", "ann"));
  EXPECT_TRUE(password_fault(std::string(1025, 'a') + "b", "ann"));
  EXPECT_EQ(3U, password_rules().size());
}

}  // namespace
}  // namespace postern::web::test
