// People who sign in at the test's server.
#pragma once

#include "unit/web/api_fixture.hpp"
#include "web/password.hpp"

#include <string>

namespace postern::web::test {

/// One browser: its cookie and CSRF token.
struct Browser {
  std::string cookie, csrf;

  Lines lines() const {
    return {{"Cookie", cookie}, {"X-CSRF-Token", csrf}, {"Content-Type", "application/json"}};
  }
};

class PeopleApiTest : public ApiTest {
 protected:
  static constexpr const char* password = "correct horse";

  void add(const std::string& name, const std::string& role) {
    // One hash for all: a hash takes its time by intent.
    static const std::string hash = hash_password(Secret(password)).value();
    storage::Person person;
    person.name = name;
    person.role = role;
    person.password_hash = hash;
    person.created_at = env_.now();
    ASSERT_TRUE(run(store_->people().create(std::move(person), false)));
  }

  Reply log_in(const std::string& name, const std::string& with = password) {
    return call(port(), "POST", "/api/v1/session", {{"Content-Type", "application/json"}},
                R"({"name":")" + name + R"(","password":")" + with + "\"}");
  }

  static Browser browser_of(const Reply& reply) {
    const auto header = reply.header("set-cookie");
    return {header.substr(0, header.find(';')), text_at(reply, "/csrf_token")};
  }

  Browser browser(const std::string& name) {
    const auto reply = log_in(name);
    EXPECT_EQ(200, reply.status) << reply.body;
    return browser_of(reply);
  }

  Reply as(const Browser& who, std::string_view verb, std::string_view target,
           std::string_view body = "") {
    auto lines = who.lines();
    if (body.empty()) lines.erase("Content-Type");
    return call(port(), verb, target, lines, body);
  }
};

}  // namespace postern::web::test
