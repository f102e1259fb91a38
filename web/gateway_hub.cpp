// Gateway over flows::Hub: each call goes to the function of the same name.
#include "flows/hub.hpp"
#include "flows/metrics.hpp"
#include "flows/monitor.hpp"
#include "web/gateway.hpp"
#include "web/server.hpp"

#include <utility>

namespace postern::web {
namespace {

class HubGateway final : public Gateway {
 public:
  HubGateway(flows::Hub& hub, flows::Metrics& metrics) : hub_(hub), metrics_(metrics) {}

  bool ready() const override { return hub_.ready(); }
  std::string metrics_text() const override { return metrics_.text(); }
  flows::CheckBook::Past past_checks(IntegrationId id) const override {
    return metrics_.checks().past(id);
  }

  net::Task<Result<void>> integration_changed(IntegrationId id) override {
    return hub_.integration_changed(id);
  }
  net::Task<Result<void>> target_changed(TargetId id) override { return hub_.target_changed(id); }
  net::Task<Result<storage::StoredIntegration>> set_enabled(IntegrationId id, bool enabled,
                                                            std::string by) override {
    return hub_.set_enabled(id, enabled, std::move(by));
  }
  net::Task<Result<void>> check(IntegrationId id) override { return hub_.check(id); }
  void act_now(IntegrationId id) override { hub_.act_now(id); }
  void handovers_queued() override { hub_.handovers_queued(); }
  net::Task<Result<storage::Leases>> lease(TargetId target, storage::LeaseTerms terms,
                                           flows::PullWait wait) override {
    return hub_.lease(target, terms, std::move(wait));
  }
  net::Task<Result<std::vector<storage::LeaseFate>>> acknowledge(
      TargetId target, std::vector<LeaseId> leases) override {
    return hub_.acknowledge(target, std::move(leases));
  }
  void look_for_leases() override { hub_.look_for_leases(); }
  void count_handovers(const std::string& target, std::string_view result, int count) override {
    for (int i = 0; i < count; ++i) metrics_.handover(target, result);
  }
  net::Task<Result<postern::Problem>> acknowledge_problem(ProblemId id, std::string by) override {
    return hub_.acknowledge_problem(id, std::move(by));
  }
  void monitoring_changed() override { hub_.monitoring_changed(); }
  MonitoringSettings configured_monitoring() const override {
    return flows::configured(hub_.context().options);
  }
  net::Task<Result<flows::TargetTest>> test_target(postern::Target target,
                                                   storage::TargetSecrets secrets) override {
    return flows::test_target(hub_.context(), std::move(target), std::move(secrets));
  }

  net::Task<std::variant<flows::SendAnswer, flows::Refusal>> submit(
      flows::SendRequest request, std::optional<storage::IdempotencyKey> idempotency) override {
    return flows::submit(hub_, std::move(request), std::move(idempotency));
  }
  net::Task<std::variant<flows::SendAnswer, flows::Refusal>> submit_raw(
      flows::RawSendRequest request, std::optional<storage::IdempotencyKey> idempotency) override {
    return flows::submit_raw(hub_, std::move(request), std::move(idempotency));
  }
  net::Task<std::variant<flows::SendPreview, flows::Refusal>> preview(
      flows::SendRequest request) override {
    return flows::preview(hub_, std::move(request));
  }
  net::Task<bool> test(Integration integration, IntegrationSecrets secrets,
                       flows::TestDirections directions, bool with_transcript,
                       std::function<net::Task<void>(flows::TestStep)> tell) override {
    return flows::run_connection_test(hub_.context(), std::move(integration), std::move(secrets),
                                      directions, with_transcript, std::move(tell));
  }
  net::Task<Result<std::vector<Activity>>> remembered(IntegrationId id) override {
    return hub_.remembered(id);
  }
  net::Task<Result<void>> record(IntegrationId id, flows::Direction direction,
                                 Duration duration) override {
    return hub_.record(id, direction, duration);
  }
  net::Task<Result<flows::Recorded>> recorded(IntegrationId id,
                                              flows::Direction direction) override {
    return hub_.recorded(id, direction);
  }
  net::Task<Result<flows::AuthorisationBegun>> authorise(flows::AuthorisationWish wish) override {
    return hub_.authoriser().begin(std::move(wish));
  }
  net::Task<Result<flows::Authorised>> finish_authorisation(oauth::AuthorizationAnswer answer,
                                                            std::string session_sha256,
                                                            std::string browser_sha256) override {
    return hub_.authoriser().finish(std::move(answer), std::move(session_sha256),
                                    std::move(browser_sha256));
  }
  net::Task<Result<flows::DeviceAuthorisation>> authorise_device(
      flows::AuthorisationWish wish) override {
    return hub_.authoriser().begin_device(std::move(wish));
  }
  net::Task<Result<flows::DeviceAuthorisation>> device_authorisation(std::string id) override {
    return hub_.authoriser().device(std::move(id));
  }
  net::Task<Result<void>> revoke_grant(OAuthGrantId grant, std::string by) override {
    return hub_.authoriser().revoke(grant, std::move(by));
  }
  std::string redirect_uri() const override { return hub_.authoriser().redirect_uri(); }
  void oauth_app_changed(OAuthAppId app) override { hub_.oauth_app_changed(app); }
  net::Task<flows::ActionResult> perform(Action action, Secret secret,
                                         flows::ActionNotice notice) override {
    return flows::perform(hub_.context(), std::move(action), std::move(secret), std::move(notice));
  }
  net::Task<Result<std::string>> attachment(MessageId id, int index) override {
    return flows::attachment(hub_.context(), id, index);
  }
  net::Task<Result<std::string>> body_part(MessageId id, flows::BodyPart part) override {
    return flows::body_part(hub_.context(), id, part);
  }

 private:
  flows::Hub& hub_;
  flows::Metrics& metrics_;
};

}  // namespace

std::unique_ptr<Gateway> make_gateway(flows::Hub& hub, flows::Metrics& metrics) {
  return std::make_unique<HubGateway>(hub, metrics);
}

Server::Server(ServerOptions options, flows::Hub& hub, storage::Store& store,
               flows::Metrics& metrics, net::Env& env)
    : Server(std::move(options), make_gateway(hub, metrics), store, env) {}

}  // namespace postern::web
