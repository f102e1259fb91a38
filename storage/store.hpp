// Store: everything worth keeping, behind one interface. Coroutines come back on the executor they
// were called from; writes return when they are durable.
//
// SQL stays behind it, and nothing above assumes a local file, so that another engine can stand
// in its place.
#pragma once

#include "storage/accounts.hpp"
#include "storage/activity.hpp"
#include "storage/after_fetch.hpp"
#include "storage/audit.hpp"
#include "storage/certificates.hpp"
#include "storage/compares.hpp"
#include "storage/deliveries.hpp"
#include "storage/event_rules.hpp"
#include "storage/events.hpp"
#include "storage/figures.hpp"
#include "storage/gauges.hpp"
#include "storage/handovers.hpp"
#include "storage/integrations.hpp"
#include "storage/maildrops.hpp"
#include "storage/messages.hpp"
#include "storage/oauth.hpp"
#include "storage/past_checks.hpp"
#include "storage/people.hpp"
#include "storage/problems.hpp"
#include "storage/profiles.hpp"
#include "storage/providers.hpp"
#include "storage/pull.hpp"
#include "storage/quarantine.hpp"
#include "storage/retention.hpp"
#include "storage/rules.hpp"
#include "storage/settings.hpp"
#include "storage/silences.hpp"
#include "storage/submission_logins.hpp"
#include "storage/threads.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace postern::storage {

struct DiskSpace {
  std::uint64_t free_bytes = 0, total_bytes = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual Integrations& integrations() = 0;
  virtual Messages& messages() = 0;
  virtual Quarantine& quarantine() = 0;
  virtual Compares& compares() = 0;
  virtual Maildrops& maildrops() = 0;
  virtual Targets& targets() = 0;
  virtual Handovers& handovers() = 0;
  virtual Rules& rules() = 0;
  virtual Threads& threads() = 0;
  virtual AfterFetches& after_fetches() = 0;
  virtual Pull& pull() = 0;
  virtual Retention& retention() = 0;
  virtual Deliveries& deliveries() = 0;
  virtual Events& events() = 0;
  virtual Problems& problems() = 0;
  virtual Silences& silences() = 0;
  virtual Settings& settings() = 0;
  virtual Accounts& accounts() = 0;
  virtual ActivityLog& activity() = 0;
  virtual SubmissionLogins& submission_logins() = 0;
  virtual Providers& providers() = 0;
  virtual OAuth& oauth() = 0;
  virtual People& people() = 0;
  virtual Audit& audit() = 0;
  virtual Figures& figures() = 0;
  virtual EventRules& event_rules() = 0;
  virtual Profiles& profiles() = 0;
  virtual Certificates& certificates() = 0;
  virtual Gauges& gauges() = 0;
  virtual PastChecks& past_checks() = 0;

  /// Room on the disk of the data directory. Nothing for the simulator. Errors: io.
  virtual Result<std::optional<DiskSpace>> disk_space() = 0;

  /// Whether a write would go through now: for /readyz. Errors: disk_full, io.
  virtual net::Task<Result<void>> probe() = 0;

  /// Forgets what is kept for a time only and is past it at `now`: idempotency keys (24 h), the
  /// duplicate rule's memory (90 days), the audit log (400 days), sessions that have ended.
  virtual net::Task<Result<void>> purge(Instant now) = 0;

  /// Waits until everything submitted is durable, then closes. No call may follow.
  virtual void close() = 0;
};

struct StoreOptions {
  std::string data_dir;
  std::string key_file;  // empty: data_dir/secret.key
  /// Everything runs on the calling thread and at once, without fsync: for the simulator.
  bool inline_mode = false;
  /// Called after each commit on the writer's thread, with its duration: for the metrics.
  std::function<void(std::chrono::microseconds)> on_commit;
  /// For serving: no second process may; files left in the spool by a crash are removed. The
  /// command line's tools leave it off and may work beside a running server.
  bool exclusive = false;
  /// How long another process is waited for.
  std::chrono::milliseconds lock_patience{2000};
  /// The clock and chance behind ids and generated secrets; empty: the real ones.
  std::function<Instant()> now;
  std::function<std::uint64_t()> random;
};

/// Opens or makes the data directory: lock file, key file, migrations (after a copy of the
/// database). Every executor whose coroutines use the store must outlive it, or its close().
/// Errors: schema_too_new, key_missing, key_file_mode, corrupt (also: not the key the secrets were
/// sealed with), busy (another process serves from the directory), io, disk_full; the detail names
/// the file.
Result<std::unique_ptr<Store>> open_store(StoreOptions options);

}  // namespace postern::storage
