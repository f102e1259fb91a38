// Handover: gives received mails to one target until each is acknowledged, refused or parked.
// How, and what the answer means, is target_kinds.hpp; a broken target is paused
// (target_pause.hpp). Standard Webhooks 1.0.
//
// What is due is read for several calls ahead, and what ended while one transaction was written is
// kept by the next: with a target that answers at once most of the cost is the way to the store.
#pragma once

#include "core/delivery.hpp"
#include "flows/context.hpp"
#include "flows/target_call.hpp"
#include "flows/target_kinds.hpp"
#include "flows/target_lines.hpp"
#include "flows/target_pause.hpp"
#include "net/errand.hpp"
#include "net/http_client.hpp"
#include "net/scope.hpp"
#include "net/wake.hpp"
#include "storage/handovers.hpp"

#include <list>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace postern::flows {

/// When attempt `attempts` + 1 follows after the last one failed; nothing: it is parked.
/// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, each with ±20 % chance.
std::optional<Duration> handover_delay(int attempts, std::uint64_t random);

/// The three headers' values. `secret` is "whsec_…". Source: Standard Webhooks 1.0, "Signature
/// scheme". Nothing when the secret is not base64.
std::optional<std::string> webhook_signature(const Secret& secret, std::string_view id,
                                             std::int64_t timestamp_s, std::string_view body);

/// The call that brings `body` to the target: its own headers, and those of Standard Webhooks.
/// Errors: io (the target's secret is not whsec_ and base64).
Result<net::HttpRequest> signed_request(const Target& target, const storage::TargetSecrets& secrets,
                                        const std::string& id, Instant now, std::string body,
                                        std::string_view content_type = "application/json");

class HandoverPump {
 public:
  HandoverPump(Context& context, storage::StoredTarget target, storage::TargetSecrets secrets,
               boost::asio::any_io_executor executor);

  void start() {
    keeping_.start();
    scope_.spawn(run());
  }
  void queued() { wake_.notify(); }
  /// Returns when no attempt runs any more.
  net::Task<void> stop();
  boost::asio::any_io_executor executor() const { return scope_.executor(); }

 private:
  /// How an attempt goes into the rows and the figures.
  struct Ended {
    storage::HandoverAttempt attempt;
    std::string_view result;  // of the metrics
    std::string hint;
  };
  /// One that waits to be kept.
  struct Kept {
    storage::EndedAttempt ended;
    IntegrationId owner;
    bool fresh = false;  // the mail was never tried before
  };

  net::Task<void> run();
  net::Task<Duration> start_due();
  net::Task<Result<bool>> choose();
  net::Task<Result<std::vector<Handover>>> choose_due(int limit);
  net::Task<Duration> until_next();
  net::Task<void> attempt(DueMail due);
  net::Task<Duration> keep_ended();
  net::Task<void> keep();
  net::Task<Result<void>> record(const std::list<Kept>& results);
  Ended weigh(const Handover& handover, TargetAnswer answer) const;
  void note_health(TargetFate fate, Duration asked);
  std::vector<NewEvent> events_of(const Handover& handover, const Ended& ended) const;
  net::Task<void> disable_target();

  Context& context_;
  Target target_;
  std::string by_ = "postern";
  storage::TargetSecrets secrets_;
  net::Wake wake_;
  net::HttpClient http_;
  std::list<DueMail> chosen_;       // to be called with next
  Duration chosen_at_{0};           // of Env::steady()
  int calling_ = 0;                 // calls under way
  std::list<Kept> results_;         // of calls that have ended
  std::set<HandoverId> in_flight_;  // from the call's beginning until its result is kept
  std::set<HandoverId> ended_;      // since the rows were last asked for: that answer may be older
  TargetPause pause_;
  int fresh_in_flight_ = 0;  // of mails that were never tried before
  bool gone_ = false;
  net::Scope scope_;
  net::Errand keeping_;
  TargetLines lines_;  // its work is the scope's, which is joined before
};

}  // namespace postern::flows
