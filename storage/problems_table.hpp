// See problems.hpp.
#pragma once

#include "storage/engine.hpp"
#include "storage/problems.hpp"

namespace postern::storage {

extern const char* const problems_schema;

class ProblemsTable final : public Problems {
 public:
  explicit ProblemsTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<std::vector<Problem>>> recent(Instant since) override;
  net::Task<Result<KeptAlerts>> keep(AlertChanges changes) override;
  net::Task<Result<Page<Problem>>> list(ProblemFilter filter, PageRequest page) override;
  net::Task<Result<Problem>> get(ProblemId id) override;
  net::Task<Result<std::vector<StoredNotice>>> due_notices(int limit) override;
  net::Task<Result<void>> queue_mail(NewNotice mail) override;
  net::Task<Result<bool>> was_told(std::string thread) override;
  net::Task<Result<void>> notice_done(NoticeId id, std::string state, int tries,
                                      boost::json::array channels) override;
  net::Task<Result<std::vector<DueTelling>>> due_tellings(Instant now, int limit) override;
  net::Task<Result<std::optional<Instant>>> next_telling() override;
  net::Task<Result<void>> telling_done(TellingId id, TellingEnd end) override;
  net::Task<Result<std::vector<ChannelBegun>>> channels_begun(std::string thread,
                                                              ProfileId profile) override;
  net::Task<Result<void>> bring_forward(NoticeId notice, Instant now) override;
  net::Task<Result<Page<StoredNotice>>> notices(std::optional<ProblemId> problem,
                                                PageRequest page) override;
  net::Task<Result<std::map<IntegrationId, int>>> quarantined() override;
  net::Task<Result<std::map<TargetId, int>>> parked() override;
  net::Task<Result<void>> forget(Instant before) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
