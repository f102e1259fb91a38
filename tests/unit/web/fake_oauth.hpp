// The OAuth side of the fake gateway: it takes notes, and says what it was told to.
#pragma once

#include "unit/web/api_fixture.hpp"

#include <mutex>
#include <string>
#include <utility>

namespace postern::web::test {

class FakeOAuth : public Gateway {
 public:
  FakeOAuth(FakeFlows& flows, storage::Store& store, net::Env& env)
      : flows_(flows), store_(store), env_(env) {}

  net::Task<Result<postern::Problem>> acknowledge_problem(ProblemId id, std::string by) override {
    flows_.notes.add("acknowledge " + by);
    POSTERN_CO_TRY(auto problem, co_await store_.problems().get(id));
    problem.acknowledged_by = by;
    problem.acknowledged_at = env_.now();
    storage::AlertChanges changes;
    changes.problems = {problem};
    POSTERN_CO_TRY(co_await store_.problems().keep(std::move(changes)));
    co_return problem;
  }
  void monitoring_changed() override { flows_.notes.add("monitoring changed"); }
  MonitoringSettings configured_monitoring() const override { return {}; }

  net::Task<Result<flows::AuthorisationBegun>> authorise(flows::AuthorisationWish wish) override {
    flows_.notes.add("authorise " + wish.app + " " + wish.integration +
                     (wish.shared_mailbox ? " shared" : ""));
    const std::lock_guard lock(flows_.mutex);
    flows_.wish = std::move(wish);
    flows::AuthorisationBegun begun;
    begun.url = "https://login.example.com/authorize?state=x";
    co_return begun;
  }
  net::Task<Result<flows::Authorised>> finish_authorisation(oauth::AuthorizationAnswer answer,
                                                            std::string session_sha256,
                                                            std::string browser_sha256) override {
    const std::lock_guard lock(flows_.mutex);
    flows_.answer = std::move(answer);
    flows_.answer_session = std::move(session_sha256);
    flows_.answer_browser = std::move(browser_sha256);
    if (flows_.authorisation_error) co_return *flows_.authorisation_error;
    flows::Authorised authorised;
    authorised.name = "Support & <Sales>";
    authorised.grant.identity = "ann@example.com";
    co_return authorised;
  }
  net::Task<Result<flows::DeviceAuthorisation>> authorise_device(
      flows::AuthorisationWish wish) override {
    flows_.notes.add("device " + wish.app);
    flows::DeviceAuthorisation device;
    device.id = "d1";
    device.user_code = "WDJB-MJHT";
    device.verification_uri = "https://login.example.com/device";
    co_return device;
  }
  net::Task<Result<flows::DeviceAuthorisation>> device_authorisation(std::string id) override {
    if (id != "d1") co_return Error{storage::errc::not_found, id};
    flows::DeviceAuthorisation device;
    device.id = id;
    co_return device;
  }
  net::Task<Result<void>> revoke_grant(OAuthGrantId grant, std::string by) override {
    POSTERN_CO_TRY(co_await store_.oauth().remove_grant(grant, std::move(by), env_.now()));
    co_return success();
  }
  std::string redirect_uri() const override {
    return "https://gate.example.com/api/v1/oauth/callback";
  }
  void oauth_app_changed(OAuthAppId) override { flows_.notes.add("oauth_app_changed"); }

 private:
  FakeFlows& flows_;
  storage::Store& store_;
  net::Env& env_;
};

}  // namespace postern::web::test
