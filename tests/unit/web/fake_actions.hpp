// The fake gateway's side of event rules: it takes notes; hosts named "broken" answer 500.
#pragma once

#include "unit/web/fake_oauth.hpp"

#include <string>

namespace postern::web::test {

class FakeActions : public FakeOAuth {
 public:
  FakeActions(FakeFlows& flows, storage::Store& store, net::Env& env)
      : FakeOAuth(flows, store, env), notes_(flows.notes) {}

  net::Task<flows::ActionResult> perform(Action action, Secret,
                                         flows::ActionNotice notice) override {
    notes_.add("perform " + std::string(to_string(action.type)) + " " + action.url +
               (notice.is_test ? " test" : ""));
    flows::ActionResult result;
    result.ok = action.url.find("broken") == std::string::npos;
    result.status = result.ok ? 204 : 500;
    if (!result.ok) result.error = "HTTP 500";
    co_return result;
  }

 private:
  Notes& notes_;
};

}  // namespace postern::web::test
