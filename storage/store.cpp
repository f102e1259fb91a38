// The Store: the tables over one Engine.
#include "storage/store.hpp"

#include "storage/accounts_table.hpp"
#include "storage/activity_table.hpp"
#include "storage/after_fetch_table.hpp"
#include "storage/audit_table.hpp"
#include "storage/certificates_table.hpp"
#include "storage/compares_table.hpp"
#include "storage/deliveries_table.hpp"
#include "storage/event_rules_table.hpp"
#include "storage/events_table.hpp"
#include "storage/figures_table.hpp"
#include "storage/gauges_table.hpp"
#include "storage/handovers_table.hpp"
#include "storage/id_source.hpp"
#include "storage/integrations_table.hpp"
#include "storage/maildrops_table.hpp"
#include "storage/messages_table.hpp"
#include "storage/oauth_table.hpp"
#include "storage/open_engine.hpp"
#include "storage/past_checks_table.hpp"
#include "storage/people_table.hpp"
#include "storage/problems_table.hpp"
#include "storage/profiles_table.hpp"
#include "storage/providers_table.hpp"
#include "storage/pull_table.hpp"
#include "storage/purge.hpp"
#include "storage/quarantine_table.hpp"
#include "storage/retention_jobs.hpp"
#include "storage/rules_table.hpp"
#include "storage/silences_table.hpp"
#include "storage/submission_logins_table.hpp"
#include "storage/targets_table.hpp"
#include "storage/threads_table.hpp"

#include <sys/statvfs.h>

namespace postern::storage {
namespace {

// The log has room of its own for a while after the disk is full; below this we say so before.
constexpr std::uint64_t free_bytes_min = 1024 * 1024;

Result<void> check_free_space(const std::string& directory) {
  struct statvfs facts {};
  if (::statvfs(directory.c_str(), &facts) != 0) return system_error("statvfs", directory);
  if (std::uint64_t{facts.f_bavail} * facts.f_frsize >= free_bytes_min) return success();
  return Error{errc::disk_full, "less than 1 MiB is free at " + directory};
}

class SqliteStore final : public Store {
 public:
  SqliteStore(std::string data_dir, bool simulated, OpenEngine opened)
      : data_dir_(std::move(data_dir)),
        simulated_(simulated),
        serving_lock_(std::move(opened.serving_lock)),
        engine_(std::move(opened.engine)) {}
  ~SqliteStore() override { close(); }

  Integrations& integrations() override { return integrations_; }
  Messages& messages() override { return messages_; }
  Quarantine& quarantine() override { return quarantine_; }
  Compares& compares() override { return compares_; }
  Maildrops& maildrops() override { return maildrops_; }
  Targets& targets() override { return targets_; }
  Handovers& handovers() override { return handovers_; }
  Rules& rules() override { return rules_; }
  Threads& threads() override { return threads_; }
  AfterFetches& after_fetches() override { return after_fetches_; }
  Pull& pull() override { return pull_; }
  Retention& retention() override { return retention_; }
  Deliveries& deliveries() override { return deliveries_; }
  Events& events() override { return events_; }
  Problems& problems() override { return problems_; }
  Silences& silences() override { return silences_; }
  Settings& settings() override { return settings_; }
  Accounts& accounts() override { return accounts_; }
  ActivityLog& activity() override { return activity_; }
  SubmissionLogins& submission_logins() override { return submission_logins_; }
  Providers& providers() override { return providers_; }
  OAuth& oauth() override { return oauth_; }
  People& people() override { return people_; }
  Audit& audit() override { return audit_; }
  Figures& figures() override { return figures_; }
  EventRules& event_rules() override { return event_rules_; }
  Profiles& profiles() override { return profiles_; }
  Certificates& certificates() override { return certificates_; }
  Gauges& gauges() override { return gauges_; }
  PastChecks& past_checks() override { return past_checks_; }

  Result<std::optional<DiskSpace>> disk_space() override {
    if (simulated_) return std::optional<DiskSpace>();
    struct statvfs facts {};
    if (::statvfs(data_dir_.c_str(), &facts) != 0) return system_error("statvfs", data_dir_);
    DiskSpace space;
    space.free_bytes = std::uint64_t{facts.f_bavail} * facts.f_frsize;
    space.total_bytes = std::uint64_t{facts.f_blocks} * facts.f_frsize;
    return std::optional(space);
  }

  net::Task<Result<void>> probe() override {
    const auto now = engine_->chance.now();
    return engine_->write([now, directory = data_dir_](Transaction& transaction) -> Result<void> {
      POSTERN_TRY(check_free_space(directory));
      transaction.run("INSERT OR REPLACE INTO probe (id, at) VALUES (1, ?1)", now);
      return success();
    });
  }

  net::Task<Result<void>> purge(Instant now) override { return purge_aged_rows(*engine_, now); }

  void close() override {
    engine_->readers.close();
    engine_->writer.close();
    serving_lock_.close();
  }

 private:
  std::string data_dir_;
  bool simulated_;  // then the disk is nobody's concern
  Fd serving_lock_;
  std::unique_ptr<Engine> engine_;
  IntegrationsTable integrations_{*engine_};
  MessagesTable messages_{*engine_};
  QuarantineTable quarantine_{*engine_};
  ComparesTable compares_{*engine_};
  MaildropsTable maildrops_{*engine_};
  TargetsTable targets_{*engine_};
  HandoversTable handovers_{*engine_};
  RulesTable rules_{*engine_};
  ThreadsTable threads_{*engine_};
  AfterFetchTable after_fetches_{*engine_};
  PullTable pull_{*engine_};
  RetentionJobs retention_{*engine_};
  DeliveriesTable deliveries_{*engine_};
  EventsTable events_{*engine_};
  ProblemsTable problems_{*engine_};
  SilencesTable silences_{*engine_};
  SettingsTable settings_{*engine_};
  AccountsTable accounts_{*engine_};
  ActivityTable activity_{*engine_};
  SubmissionLoginsTable submission_logins_{*engine_};
  ProvidersTable providers_{*engine_};
  OAuthTable oauth_{*engine_};
  PeopleTable people_{*engine_};
  AuditTable audit_{*engine_};
  FiguresTable figures_{*engine_};
  EventRulesTable event_rules_{*engine_};
  ProfilesTable profiles_{*engine_};
  CertificatesTable certificates_{*engine_};
  GaugesTable gauges_{*engine_};
  PastChecksTable past_checks_{*engine_};
};

}  // namespace

Result<std::unique_ptr<Store>> open_store(StoreOptions options) {
  POSTERN_TRY(auto opened, open_engine(options, migrations()));
  return std::unique_ptr<Store>(std::make_unique<SqliteStore>(
      std::move(options.data_dir), options.inline_mode, std::move(opened)));
}

}  // namespace postern::storage
