// The event rules' rows: configuration as the contract's JSON, secrets of the actions sealed; their
// runs and the frequency limit (event_runs.cpp).
#pragma once

#include "storage/engine.hpp"
#include "storage/event_rules.hpp"

#include <atomic>

namespace postern::storage {

class EventRulesTable final : public EventRules {
 public:
  explicit EventRulesTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<std::vector<StoredEventRule>>> list() override;
  net::Task<Result<StoredEventRule>> find(std::string id_or_name) override;
  net::Task<Result<StoredEventRule>> create(EventRuleDraft draft, std::string by,
                                            Instant at) override;
  net::Task<Result<StoredEventRule>> replace(EventRuleId id, EventRuleDraft draft,
                                             std::optional<std::uint64_t> if_version,
                                             std::string by, Instant at) override;
  net::Task<Result<void>> remove(EventRuleId id, std::optional<std::uint64_t> if_version) override;
  net::Task<Result<std::vector<Secret>>> secrets(EventRuleId id) override;
  std::uint64_t changes() const override { return changes_; }

  net::Task<Result<void>> fire(std::vector<Firing> firings, std::string consumer, EventId last,
                               Instant now) override;
  net::Task<Result<std::optional<Instant>>> release(Instant now) override;
  net::Task<Result<std::vector<EventRun>>> due(Instant now, int limit) override;
  net::Task<Result<std::optional<Instant>>> next_due() override;
  net::Task<Result<void>> record_attempt(EventRunId id, RunAttempt attempt,
                                         std::vector<NewEvent> events) override;
  net::Task<Result<std::optional<bool>>> went_well_before(EventRunId id) override;
  net::Task<Result<Page<EventRun>>> runs(std::optional<EventRuleId> rule,
                                         PageRequest page) override;
  net::Task<Result<Event>> event(EventId id) override;

 private:
  Engine& engine_;
  std::atomic<std::uint64_t> changes_{0};
};

}  // namespace postern::storage
