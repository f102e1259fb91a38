// The set-up of the stories of OAuth: ann's mailbox, an authorization server, a target.
#pragma once

#include "oauth/errc.hpp"
#include "sim/stage.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern::sim {

class OAuthStory : public ::testing::Test {
 protected:
  OAuthStory() : stage(7) {
    flows::FlowOptions options;
    options.public_url = "https://gate.test";
    stage.set_options(options);
    authority = &stage.add_authority("auth.localhost");
    account = &stage.add_account("ann", [&](Integration& value) { stage.log_in_by_token(value); });
    hook = &stage.add_target("desk");
  }

  oauth::AuthorizationAnswer answer_to(const std::string& url) {
    const auto query = "&" + authority->authorise(url);
    const auto value = [&](const std::string& name) {
      const auto at = query.find("&" + name + "=");
      if (at == std::string::npos) return std::string();
      const auto begin = at + name.size() + 2;
      return query.substr(begin, query.find('&', begin) - begin);
    };
    oauth::AuthorizationAnswer answer;
    answer.code = value("code");
    answer.state = value("state");
    answer.issuer = value("iss");
    return answer;
  }

  flows::AuthorisationWish wish(const std::string& integration = "ann") {
    flows::AuthorisationWish made;
    made.app = "auth.localhost";
    made.integration = integration;
    made.by = "admin";
    return made;
  }

  std::string begin(const std::string& integration = "ann") {
    auto begun = stage.world.run(stage.gateway->hub().authoriser().begin(wish(integration)));
    EXPECT_TRUE(begun) << describe(begun.error());
    return begun ? begun.value().url.value_or("") : "";
  }

  Result<flows::Authorised> finish(oauth::AuthorizationAnswer answer, std::string session = "") {
    return stage.world.run(
        stage.gateway->hub().authoriser().finish(std::move(answer), std::move(session), ""));
  }

  void authorise(const std::string& integration = "ann") {
    const auto done = finish(answer_to(begin(integration)));
    EXPECT_TRUE(done) << describe(done.error());
  }

  bool handed_over(const std::string& mail) {
    return stage.run_until([&] { return !hook->ids_of(mail).empty(); }, std::chrono::minutes(5));
  }

  bool comes_to(DirectionState state) {
    return stage.run_until([&] { return stage.status(*account).incoming_state == state; },
                           std::chrono::minutes(10));
  }

  Stage stage;
  PlayedAuthority* authority = nullptr;
  Account* account = nullptr;
  PlayedWebhook* hook = nullptr;
};

}  // namespace postern::sim
