// The rules' rows, and the book.
#pragma once

#include "storage/engine.hpp"
#include "storage/rules.hpp"

#include <mutex>

namespace postern::storage {

class RulesTable final : public Rules {
 public:
  explicit RulesTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<std::vector<StoredRule>>> list() override;
  net::Task<Result<StoredRule>> find(std::string id_or_name) override;
  net::Task<Result<StoredRule>> create(Rule rule, std::string by, Instant at) override;
  net::Task<Result<StoredRule>> replace(RuleId id, Rule rule,
                                        std::optional<std::uint64_t> if_version, std::string by,
                                        Instant at) override;
  net::Task<Result<void>> remove(RuleId id, std::optional<std::uint64_t> if_version) override;
  net::Task<Result<void>> reorder(std::vector<RuleId> ids, std::string by, Instant at) override;
  net::Task<Result<std::shared_ptr<const RouteBook>>> book() override;

 private:
  Engine& engine_;
  // The book is shared by the shards that route by it; a change makes a new one beside it.
  std::mutex mutex_;
  std::shared_ptr<const RouteBook> book_;
  std::uint64_t book_revision_ = 0;
};

}  // namespace postern::storage
