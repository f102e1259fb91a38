// The hand-overs' rows and their attempts.
#pragma once

#include "storage/engine.hpp"
#include "storage/handovers.hpp"

namespace postern::storage {

class HandoversTable final : public Handovers {
 public:
  explicit HandoversTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<std::vector<Handover>>> due(TargetId target, Instant now, int limit,
                                               HandoverChoice choice) override;
  net::Task<Result<std::optional<Instant>>> next_due(TargetId target, std::optional<Instant> after,
                                                     HandoverChoice choice) override;
  net::Task<Result<std::string>> progress(HandoverId id) override;
  net::Task<Result<void>> note_progress(HandoverId id, std::string progress) override;
  net::Task<Result<std::string>> ticket_of(TargetId target, std::string thread) override;
  net::Task<Result<std::vector<std::optional<Error>>>> record_attempts(
      std::vector<EndedAttempt> ended) override;
  net::Task<Result<Handover>> retry(HandoverId id, Instant now) override;
  net::Task<Result<std::vector<Handover>>> hand_over_again(MessageId message,
                                                           std::vector<TargetId> targets,
                                                           Instant now) override;
  net::Task<Result<ReplayPage>> replay(TargetId target, ReplaySpan span, int limit,
                                       Instant now) override;
  net::Task<Result<Page<Handover>>> list(HandoverFilter filter, PageRequest page) override;
  net::Task<Result<std::uint64_t>> waiting(TargetId target) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
