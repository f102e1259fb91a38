// Gateway: what the API asks of the flows. An interface, so that the API is tested without them.
#pragma once

#include "core/integration.hpp"
#include "flows/actions.hpp"
#include "flows/authoriser.hpp"
#include "flows/check_book.hpp"
#include "flows/connection_test.hpp"
#include "flows/hub.hpp"
#include "flows/message_parts.hpp"
#include "flows/pull_desk.hpp"
#include "flows/raw_submission.hpp"
#include "flows/submission.hpp"
#include "flows/target_test.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace postern::flows {
class Metrics;
}  // namespace postern::flows

namespace postern::web {

/// As flows::Hub and its neighbours; see there. Comes back to the caller's executor.
class Gateway {
 public:
  virtual ~Gateway() = default;

  virtual bool ready() const = 0;
  virtual std::string metrics_text() const = 0;

  virtual net::Task<Result<void>> integration_changed(IntegrationId id) = 0;
  virtual net::Task<Result<void>> target_changed(TargetId id) = 0;
  virtual net::Task<Result<storage::StoredIntegration>> set_enabled(IntegrationId id, bool enabled,
                                                                    std::string by) = 0;
  virtual net::Task<Result<void>> check(IntegrationId id) = 0;
  virtual void act_now(IntegrationId id) = 0;
  virtual void handovers_queued() = 0;
  virtual net::Task<Result<storage::Leases>> lease(TargetId target, storage::LeaseTerms terms,
                                                   flows::PullWait wait) = 0;
  virtual net::Task<Result<std::vector<storage::LeaseFate>>> acknowledge(
      TargetId target, std::vector<LeaseId> leases) = 0;
  virtual void look_for_leases() = 0;
  /// For the metrics: `count` leases of the target ended so ("acknowledged", "retried").
  virtual void count_handovers(const std::string& target, std::string_view result, int count) = 0;
  virtual net::Task<Result<postern::Problem>> acknowledge_problem(ProblemId id, std::string by) = 0;
  /// A hint: settings or silences changed.
  virtual void monitoring_changed() = 0;
  /// As configured, without what was changed since.
  virtual MonitoringSettings configured_monitoring() const = 0;
  virtual net::Task<Result<flows::TargetTest>> test_target(postern::Target target,
                                                           storage::TargetSecrets secrets) = 0;

  virtual net::Task<std::variant<flows::SendAnswer, flows::Refusal>> submit(
      flows::SendRequest request, std::optional<storage::IdempotencyKey> idempotency) = 0;
  virtual net::Task<std::variant<flows::SendAnswer, flows::Refusal>> submit_raw(
      flows::RawSendRequest request, std::optional<storage::IdempotencyKey> idempotency) = 0;
  virtual net::Task<std::variant<flows::SendPreview, flows::Refusal>> preview(
      flows::SendRequest request) = 0;
  virtual net::Task<bool> test(Integration integration, IntegrationSecrets secrets,
                               flows::TestDirections directions, bool with_transcript,
                               std::function<net::Task<void>(flows::TestStep)> tell) = 0;
  virtual flows::CheckBook::Past past_checks(IntegrationId id) const = 0;
  virtual net::Task<Result<std::vector<Activity>>> remembered(IntegrationId id) = 0;
  virtual net::Task<Result<void>> record(IntegrationId id, flows::Direction direction,
                                         Duration duration) = 0;
  virtual net::Task<Result<flows::Recorded>> recorded(IntegrationId id,
                                                      flows::Direction direction) = 0;

  // See flows::Authoriser.
  virtual net::Task<Result<flows::AuthorisationBegun>> authorise(flows::AuthorisationWish wish) = 0;
  virtual net::Task<Result<flows::Authorised>> finish_authorisation(
      oauth::AuthorizationAnswer answer, std::string session_sha256,
      std::string browser_sha256) = 0;
  virtual net::Task<Result<flows::DeviceAuthorisation>> authorise_device(
      flows::AuthorisationWish wish) = 0;
  virtual net::Task<Result<flows::DeviceAuthorisation>> device_authorisation(std::string id) = 0;
  virtual net::Task<Result<void>> revoke_grant(OAuthGrantId grant, std::string by) = 0;
  virtual std::string redirect_uri() const = 0;
  /// A hint: who uses it tries again now.
  virtual void oauth_app_changed(OAuthAppId app) = 0;

  /// One try of an action of an event rule, or of a channel.
  virtual net::Task<flows::ActionResult> perform(Action action, Secret secret,
                                                 flows::ActionNotice notice) = 0;

  virtual net::Task<Result<std::string>> attachment(MessageId id, int index) = 0;
  virtual net::Task<Result<std::string>> body_part(MessageId id, flows::BodyPart part) = 0;
};

/// The real one. Hub and metrics outlive it.
std::unique_ptr<Gateway> make_gateway(flows::Hub& hub, flows::Metrics& metrics);

}  // namespace postern::web
