// See rules_table.hpp.
#include "storage/rules_table.hpp"

#include "storage/target_rows.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace postern::storage {
namespace {

constexpr const char* select_rule =
    "SELECT id, name, position, config, version, created_at, modified_at, modified_by FROM rule";

StoredRule read_row(Query& query) {
  StoredRule row;
  RuleId id;
  std::int64_t position = 0;
  std::string name, config;
  query.read(id, name, position, config, row.version, row.created_at, row.modified_at,
             row.modified_by);
  auto parsed = parse_rule(boost::json::parse(config));
  if (auto* rule = std::get_if<Rule>(&parsed)) {
    row.value = std::move(*rule);
  } else {
    // One that an earlier version could read stops no mail: it matches none, and says so.
    row.value.condition = "unreadable";
  }
  row.value.id = id;
  row.value.name = std::move(name);
  row.value.position = position;
  return row;
}

std::vector<StoredRule> all_rules(Transaction& transaction) {
  std::vector<StoredRule> rows;
  auto query = transaction.query(std::string(select_rule) + " ORDER BY position, id");
  while (query.step()) rows.push_back(read_row(query));
  return rows;
}

Result<StoredRule> read_rule(Transaction& transaction, RuleId id) {
  auto query = transaction.query(std::string(select_rule) + " WHERE id = ?1", id);
  if (!query.step()) return Error{errc::not_found, "rule " + id.str()};
  return read_row(query);
}

Result<void> check_version(Transaction& transaction, RuleId id,
                           std::optional<std::uint64_t> if_version) {
  auto query = transaction.query("SELECT version FROM rule WHERE id = ?1", id);
  if (!query.step()) return Error{errc::not_found, "rule " + id.str()};
  std::uint64_t version = 0;
  query.read(version);
  if (if_version && *if_version != version) return Error{errc::version_mismatch, {}};
  return success();
}

Result<void> check_name(Transaction& transaction, RuleId id, const std::string& name) {
  const bool taken =
      transaction.query("SELECT 1 FROM rule WHERE name = ?1 AND id <> ?2", name, id).step();
  if (taken) return Error{errc::name_taken, name};
  return success();
}

/// The row has its own id and position.
std::string config_of(Rule rule) {
  rule.id = {};
  rule.position.reset();
  return boost::json::serialize(to_json(rule));
}

Result<std::int64_t> next_position(Transaction& transaction) {
  auto query = transaction.query("SELECT count(*), coalesce(max(position), 0) FROM rule");
  std::uint64_t count = 0;
  std::int64_t last = 0;
  if (query.step()) query.read(count, last);
  if (count >= rules_max) {
    return Error{errc::wrong_state,
                 "There are " + std::to_string(count) + " rules already: that is the limit."};
  }
  return last + 1;
}

}  // namespace

net::Task<Result<std::vector<StoredRule>>> RulesTable::list() {
  return engine_.read([](Transaction& transaction) -> Result<std::vector<StoredRule>> {
    return all_rules(transaction);
  });
}

net::Task<Result<StoredRule>> RulesTable::find(std::string id_or_name) {
  return engine_.read(
      [id_or_name = std::move(id_or_name)](Transaction& transaction) -> Result<StoredRule> {
        const auto id = RuleId::parse(id_or_name).value_or(RuleId());
        auto query = transaction.query(
            std::string(select_rule) + " WHERE id = ?1 OR name = ?2 ORDER BY id = ?1 DESC LIMIT 1",
            id, id_or_name);
        if (!query.step()) return Error{errc::not_found, "rule " + id_or_name};
        return read_row(query);
      });
}

net::Task<Result<StoredRule>> RulesTable::create(Rule rule, std::string by, Instant at) {
  auto made = co_await engine_.write([rule = std::move(rule), by = std::move(by),
                                      at](Transaction& transaction) -> Result<StoredRule> {
    const auto id = transaction.new_id<RuleId>();
    POSTERN_TRY(check_name(transaction, id, rule.name));
    POSTERN_TRY(const auto last, next_position(transaction));
    transaction.run(
        "INSERT INTO rule (id, name, position, config, version, created_at, modified_at, "
        "modified_by) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5, ?6)",
        id, rule.name, rule.position.value_or(last), config_of(rule), at, by);
    return read_rule(transaction, id);
  });
  engine_.routes_changed();
  co_return made;
}

net::Task<Result<StoredRule>> RulesTable::replace(RuleId id, Rule rule,
                                                  std::optional<std::uint64_t> if_version,
                                                  std::string by, Instant at) {
  auto made = co_await engine_.write([id, rule = std::move(rule), if_version, by = std::move(by),
                                      at](Transaction& transaction) -> Result<StoredRule> {
    POSTERN_TRY(check_version(transaction, id, if_version));
    POSTERN_TRY(check_name(transaction, id, rule.name));
    transaction.run(
        "UPDATE rule SET name = ?2, position = coalesce(?3, position), config = ?4, "
        "version = version + 1, modified_at = ?5, modified_by = ?6 WHERE id = ?1",
        id, rule.name, rule.position, config_of(rule), at, by);
    return read_rule(transaction, id);
  });
  engine_.routes_changed();
  co_return made;
}

net::Task<Result<void>> RulesTable::remove(RuleId id, std::optional<std::uint64_t> if_version) {
  auto removed = co_await engine_.write([id, if_version](Transaction& transaction) -> Result<void> {
    POSTERN_TRY(check_version(transaction, id, if_version));
    transaction.run("DELETE FROM rule WHERE id = ?1", id);
    return success();
  });
  engine_.routes_changed();
  co_return removed;
}

net::Task<Result<void>> RulesTable::reorder(std::vector<RuleId> ids, std::string by, Instant at) {
  auto ordered = co_await engine_.write(
      [ids = std::move(ids), by = std::move(by), at](Transaction& transaction) -> Result<void> {
        auto rows = all_rules(transaction);
        std::int64_t position = 0;
        const auto put = [&](const StoredRule& row) {
          ++position;
          if (row.value.position == position) return;
          transaction.run(
              "UPDATE rule SET position = ?2, version = version + 1, modified_at = ?3, "
              "modified_by = ?4 WHERE id = ?1",
              row.value.id, position, at, by);
        };
        for (const auto id : ids) {
          const auto found =
              std::ranges::find_if(rows, [&](const auto& row) { return row.value.id == id; });
          if (found == rows.end()) return Error{errc::not_found, "rule " + id.str()};
          put(*found);
          rows.erase(found);
        }
        for (const auto& row : rows) put(row);
        return success();
      });
  engine_.routes_changed();
  co_return ordered;
}

net::Task<Result<std::shared_ptr<const RouteBook>>> RulesTable::book() {
  const auto revision = engine_.routes_revision.load();
  {
    const std::lock_guard lock(mutex_);
    if (book_ && book_revision_ == revision) co_return book_;
  }
  POSTERN_CO_TRY(auto book, co_await engine_.read([](Transaction& transaction)
                                                      -> Result<std::shared_ptr<const RouteBook>> {
    std::vector<Rule> rules;
    for (auto& row : all_rules(transaction)) rules.push_back(std::move(row.value));
    std::vector<Target> targets;
    for (auto& row : all_targets(transaction)) targets.push_back(std::move(row.value));
    return std::make_shared<const RouteBook>(std::move(rules), std::move(targets));
  }));
  const std::lock_guard lock(mutex_);
  // A book read before the revision was raised may be the former one: it is read once more then.
  if (!book_ || book_revision_ <= revision) {
    book_ = book;
    book_revision_ = revision;
  }
  co_return book;
}

}  // namespace postern::storage
