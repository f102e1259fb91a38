// See event_rules_table.hpp: the rules themselves.
#include "storage/event_rules_table.hpp"

#include "storage/action_secrets.hpp"
#include "storage/columns.hpp"
#include "storage/secret_rows.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace postern::storage {
namespace {

constexpr std::string_view owner = "event_rule";
constexpr const char* select_rule =
    "SELECT id, name, config, version, created_at, modified_at, modified_by, fired, last_fired, "
    "last_result, last_error FROM event_rule";

StoredEventRule read_row(Query& query) {
  StoredEventRule row;
  EventRuleId id;
  std::string name, config;
  query.read(id, name, config, row.version, row.created_at, row.modified_at, row.modified_by,
             row.status.times_fired, row.status.last_fired, row.status.last_result,
             row.status.last_error);
  auto parsed = parse_event_rule(boost::json::parse(config));
  if (const auto* problems = std::get_if<FieldProblems>(&parsed)) {
    throw std::runtime_error("the row of " + id.str() + ": " + problems->front().pointer + ": " +
                             problems->front().detail);
  }
  row.value = std::move(std::get<EventRuleDraft>(parsed).value);
  row.value.id = id;
  row.value.name = std::move(name);
  return row;
}

Result<StoredEventRule> read_rule(Transaction& transaction, EventRuleId id) {
  auto query = transaction.query(std::string(select_rule) + " WHERE id = ?1", id);
  if (!query.step()) return Error{errc::not_found, "event rule " + id.str()};
  return read_row(query);
}

Result<void> check_name(Transaction& transaction, EventRuleId id, const std::string& name) {
  const bool taken =
      transaction.query("SELECT 1 FROM event_rule WHERE name = ?1 AND id <> ?2", name, id).step();
  if (taken) return Error{errc::name_taken, name};
  return success();
}

std::string config_of(EventRule value) {
  value.id = {};  // the row's own
  return boost::json::serialize(to_json(value));
}

/// What waits for actions that the rule no longer has.
void drop_actions_from(Transaction& transaction, EventRuleId id, std::size_t count) {
  transaction.run("DELETE FROM event_pace WHERE rule = ?1 AND action >= ?2", id, count);
  transaction.run(
      "UPDATE event_run SET state = 'dropped', ended_at = due, error = 'the rule was changed' "
      "WHERE rule = ?1 AND action >= ?2 AND state = 'waiting'",
      id, count);
}

}  // namespace

net::Task<Result<std::vector<StoredEventRule>>> EventRulesTable::list() {
  return engine_.read([](Transaction& transaction) -> Result<std::vector<StoredEventRule>> {
    std::vector<StoredEventRule> rows;
    auto query = transaction.query(std::string(select_rule) + " ORDER BY id");
    while (query.step()) rows.push_back(read_row(query));
    return rows;
  });
}

net::Task<Result<StoredEventRule>> EventRulesTable::find(std::string id_or_name) {
  return engine_.read(
      [id_or_name = std::move(id_or_name)](Transaction& transaction) -> Result<StoredEventRule> {
        const auto id = EventRuleId::parse(id_or_name).value_or(EventRuleId());
        auto query = transaction.query(
            std::string(select_rule) + " WHERE id = ?1 OR name = ?2 ORDER BY id = ?1 DESC", id,
            id_or_name);
        if (!query.step()) return Error{errc::not_found, "event rule " + id_or_name};
        return read_row(query);
      });
}

net::Task<Result<StoredEventRule>> EventRulesTable::create(EventRuleDraft draft, std::string by,
                                                           Instant at) {
  auto job = [draft = std::move(draft), by = std::move(by), at,
              &engine = engine_](Transaction& transaction) -> Result<StoredEventRule> {
    auto value = draft.value;
    const auto id = transaction.new_id<EventRuleId>();
    POSTERN_TRY(check_name(transaction, id, value.name));
    POSTERN_TRY(
        put_action_secrets(transaction, engine, owner, id.value, {}, value.then, draft.secrets));
    transaction.run(
        "INSERT INTO event_rule (id, name, config, version, created_at, modified_at, modified_by, "
        "fired, last_result, last_error) VALUES (?1, ?2, ?3, 1, ?4, ?4, ?5, 0, '', '')",
        id, value.name, config_of(value), at, by);
    return read_rule(transaction, id);
  };
  auto stored = co_await engine_.write(std::move(job));
  ++changes_;
  co_return stored;
}

net::Task<Result<StoredEventRule>> EventRulesTable::replace(EventRuleId id, EventRuleDraft draft,
                                                            std::optional<std::uint64_t> if_version,
                                                            std::string by, Instant at) {
  auto job = [id, draft = std::move(draft), if_version, by = std::move(by), at,
              &engine = engine_](Transaction& transaction) -> Result<StoredEventRule> {
    auto value = draft.value;
    POSTERN_TRY(const auto former, read_rule(transaction, id));
    if (if_version && *if_version != former.version) return Error{errc::version_mismatch, {}};
    POSTERN_TRY(check_name(transaction, id, value.name));
    POSTERN_TRY(put_action_secrets(transaction, engine, owner, id.value, former.value.then,
                                   value.then, draft.secrets));
    drop_actions_from(transaction, id, value.then.size());
    transaction.run(
        "UPDATE event_rule SET name = ?2, config = ?3, version = version + 1, modified_at = ?4, "
        "modified_by = ?5 WHERE id = ?1",
        id, value.name, config_of(value), at, by);
    return read_rule(transaction, id);
  };
  auto stored = co_await engine_.write(std::move(job));
  ++changes_;
  co_return stored;
}

net::Task<Result<void>> EventRulesTable::remove(EventRuleId id,
                                                std::optional<std::uint64_t> if_version) {
  auto job = [id, if_version](Transaction& transaction) -> Result<void> {
    POSTERN_TRY(const auto former, read_rule(transaction, id));
    if (if_version && *if_version != former.version) return Error{errc::version_mismatch, {}};
    remove_secrets(transaction, owner, id.value);
    transaction.run("DELETE FROM event_run WHERE rule = ?1", id);
    transaction.run("DELETE FROM event_pace WHERE rule = ?1", id);
    transaction.run("DELETE FROM event_rule WHERE id = ?1", id);
    return success();
  };
  auto removed = co_await engine_.write(std::move(job));
  ++changes_;
  co_return removed;
}

net::Task<Result<std::vector<Secret>>> EventRulesTable::secrets(EventRuleId id) {
  return engine_.read(
      [id, &keys = engine_.keys](Transaction& transaction) -> Result<std::vector<Secret>> {
        POSTERN_TRY(const auto stored, read_rule(transaction, id));
        return get_action_secrets(transaction, keys, owner, id.value, stored.value.then);
      });
}

}  // namespace postern::storage
