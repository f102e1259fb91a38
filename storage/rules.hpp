// Routing rules in their order, and the book that is made of them and of the targets.
#pragma once

#include "core/route_book.hpp"
#include "core/rule.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct StoredRule {
  Rule value;
  std::uint64_t version = 0;
  Instant created_at, modified_at;
  std::string modified_by;
};

class Rules {
 public:
  virtual ~Rules() = default;

  /// In the order they are asked: by position, the older first where two are alike.
  virtual net::Task<Result<std::vector<StoredRule>>> list() = 0;
  /// Errors: not_found.
  virtual net::Task<Result<StoredRule>> find(std::string id_or_name) = 0;
  /// Without a position it becomes the last. Errors: name_taken, wrong_state (rules_max reached).
  virtual net::Task<Result<StoredRule>> create(Rule rule, std::string by, Instant at) = 0;
  /// Without a position it keeps its own. Errors: not_found, version_mismatch, name_taken.
  virtual net::Task<Result<StoredRule>> replace(RuleId id, Rule rule,
                                                std::optional<std::uint64_t> if_version,
                                                std::string by, Instant at) = 0;
  /// Errors: not_found, version_mismatch.
  virtual net::Task<Result<void>> remove(RuleId id, std::optional<std::uint64_t> if_version) = 0;
  /// The named ones first and in this order, the others behind them as they were; positions are
  /// 1, 2, 3, … then. Errors: not_found.
  virtual net::Task<Result<void>> reorder(std::vector<RuleId> ids, std::string by, Instant at) = 0;

  /// The present rules and targets, compiled. The same book until one of them is changed through
  /// this store; whoever has the former one may go on with it.
  virtual net::Task<Result<std::shared_ptr<const RouteBook>>> book() = 0;
};

}  // namespace postern::storage
