// Monitor: watches the event log and the integrations' status, and keeps the problems that follow
// from them (core/alerting); words the notices that are due, keeps them, and has them sent.
//
// Lives on one executor. Rows are the truth: a problem, its notices and the place in the event log
// are kept in one transaction, and a new life goes on from there.
#pragma once

#include "core/alerting.hpp"
#include "core/notice_habits.hpp"
#include "core/silence.hpp"
#include "flows/channels.hpp"
#include "flows/context.hpp"
#include "flows/event_feed.hpp"
#include "flows/notice_post.hpp"
#include "flows/verdict.hpp"
#include "net/scope.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace postern::flows {

class Hub;

/// Who uses a server's certificate: integrations that are switched on, the first one that is well.
struct CertificateUser {
  std::vector<std::string> names;
  std::vector<IntegrationId> ids;
  IntegrationId well;  // 0: none
};
using CertificateUsers = std::map<std::string, CertificateUser>;  // by "host:port"
void add_users(CertificateUsers& users, const storage::StoredIntegration& stored);

/// The stages of a certificate's end: 0 it is far, 1 to 4 it comes (30, 14, 7, 1 days), 5 it is
/// over.
int certificate_stage(Duration left);

namespace limits {
inline constexpr Duration certificate_look_again =
    std::chrono::hours(20);  // a line may have been open since before it was renewed
inline constexpr Duration certificate_look_again_last = std::chrono::hours(1);  // of its last day
inline constexpr Duration certificate_kept = std::chrono::hours(24 * 90);
inline constexpr Duration monitor_sweep =
    std::chrono::seconds(60);  // all rows, for what is no event
inline constexpr Duration stale_min = std::chrono::minutes(5);
inline constexpr Duration clock_jump = std::chrono::seconds(5);
inline constexpr Duration problems_kept = std::chrono::hours(24 * 90);
inline constexpr std::uint64_t space_low_bytes = 1024ULL * 1024 * 1024;  // and
inline constexpr int space_low_percent = 5;
}  // namespace limits

/// The settings before anybody changed them over the API.
MonitoringSettings configured(const FlowOptions& options);

class Monitor {
 public:
  Monitor(Hub& hub, Context& context, boost::asio::any_io_executor executor);

  // On the executor.
  void start();
  net::Task<void> stop();
  /// The status of this integration changed.
  void note(IntegrationId id);
  /// A mail of Postern's own was queued.
  void mail_queued() { post_.notify(); }
  /// Settings or silences changed: they are read again at once.
  void settings_changed();
  /// Errors: not_found (no such problem, or it is closed).
  net::Task<Result<Problem>> acknowledge(ProblemId id, std::string by);

 private:
  /// Of one integration's incoming: when a check last succeeded, by the steady clock.
  struct Success {
    std::optional<Instant> at;  // as in the row
    Duration seen{0};
    int missed = 0;  // intervals since, as told
  };

  net::Task<void> run();
  net::Task<void> begin();
  net::Task<Result<void>> refresh();
  net::Task<Result<void>> sweep();
  net::Task<Result<void>> look_at_dirty();
  net::Task<Result<void>> sweep_others();
  void take(const Event& event);
  void take_status(const storage::StoredIntegration& stored);
  void take_direction(const storage::StoredIntegration& stored, Direction direction);
  void take_stale(const storage::StoredIntegration& stored);
  void drop_removed(const std::set<IntegrationId>& there);
  void drop_direction(IntegrationId id, const std::string& direction);
  void look_at_disk();
  // monitor_certificates.cpp
  net::Task<Result<void>> sweep_certificates(const CertificateUsers& users);
  net::Task<Result<void>> note_certificates(const CertificateUsers& users);
  void take_certificate(const storage::SeenCertificate& seen, const CertificateUsers& users);
  net::Task<void> look_anew(const storage::SeenCertificate& seen, const CertificateUsers& users);
  // monitor_calendar.cpp
  net::Task<Result<void>> keep_calendar();
  net::Task<Result<void>> note_digest(Instant due);
  net::Task<Result<void>> note_test(Instant due);
  net::Task<Result<bool>> was_noted(std::string thread, Instant since);
  net::Task<Result<void>> find_ways();
  bool has_other_way(const Problem& problem) const;
  void take_channel(const std::string& channel, bool ok, std::string detail);
  net::Task<void> keep(std::optional<EventId> last);
  void follow_clock();
  Instant now() { return context_.env.now(); }

  Hub& hub_;
  Context& context_;
  EventFeed feed_;
  NoticePost post_;
  Channels channels_;
  ProblemBook book_;
  const MonitoringSettings configured_;
  MonitoringSettings settings_;  // with what was changed since
  NoticeHabits habits_;
  std::optional<Instant> habits_since_;   // when they were changed
  std::optional<Instant> calendar_done_;  // the last time that was looked at
  std::vector<Silence> silences_;
  std::map<IntegrationId, Success> successes_;
  std::size_t directions_ = 0;                                    // incoming ones that are on
  std::map<std::string, storage::SeenCertificate> certificates_;  // by server, first seen
  struct Shown {
    std::uint64_t times = 0;  // as of the last look
    Duration at{0};           // the last time, or the last look anew; by the steady clock
  };
  std::map<std::string, Shown> certificates_shown_;
  bool certificates_read_ = false;
  std::set<std::string> ways_;  // by which notices go, as told_name names them
  std::set<IntegrationId> dirty_;
  std::vector<NewEvent> events_;  // to be written with the next changes
  std::optional<EventId> place_;  // in the event log
  bool refresh_due_ = true;
  Duration swept_{0}, forgot_{0};
  bool sweep_due_ = true;
  Instant wall_;  // at the last look, to see the clock jump
  Duration steady_{0};
  net::Scope scope_;
};

}  // namespace postern::flows
