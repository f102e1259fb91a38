// How targets fare: noted with each attempt, in its transaction, so that no list of attempts has to
// be read for it.
#include "storage/handover_rows.hpp"
#include "storage/targets_table.hpp"

namespace postern::storage {
namespace {

void read_notes(Transaction& transaction, TargetStatuses& all) {
  auto query = transaction.query(
      "SELECT target, last_success, error_at, error_status, error, error_hint, errors FROM "
      "target_status");
  while (query.step()) {
    TargetId target;
    TargetStatus status;
    std::optional<Instant> at;
    std::optional<int> answer;
    std::optional<std::string> error, hint;
    query.read(target, status.last_success, at, answer, error, hint, status.consecutive_errors);
    if (at) {
      status.last_error =
          TargetFailure{*at, answer.value_or(0), error.value_or(""), hint.value_or("")};
    }
    all[target] = std::move(status);
  }
}

void count(Transaction& transaction, TargetStatuses& all, std::string_view state,
           std::uint64_t TargetStatus::*into) {
  auto query = transaction.query("SELECT target, count(*) FROM handover WHERE state = '" +
                                 std::string(state) + "' GROUP BY target");
  while (query.step()) {
    TargetId target;
    std::uint64_t number = 0;
    query.read(target, number);
    all[target].*into = number;
  }
}

}  // namespace

net::Task<Result<TargetStatuses>> TargetsTable::statuses() {
  return engine_.read([](Transaction& transaction) -> Result<TargetStatuses> {
    TargetStatuses all;
    read_notes(transaction, all);
    count(transaction, all, "waiting", &TargetStatus::waiting);
    count(transaction, all, "parked", &TargetStatus::parked);
    return all;
  });
}

void note_target_success(Transaction& transaction, TargetId target, Instant at) {
  transaction.run(
      "INSERT INTO target_status (target, last_success, errors) VALUES (?1, ?2, 0) "
      "ON CONFLICT DO UPDATE SET last_success = excluded.last_success, errors = 0",
      target, at);
}

void note_target_answered(Transaction& transaction, TargetId target) {
  transaction.run("UPDATE target_status SET errors = 0 WHERE target = ?1 AND errors > 0", target);
}

void note_target_failure(Transaction& transaction, TargetId target, const TargetFailure& failure) {
  transaction.run(
      "INSERT INTO target_status (target, error_at, error_status, error, error_hint, errors) "
      "VALUES (?1, ?2, ?3, ?4, ?5, 1) ON CONFLICT DO UPDATE SET error_at = excluded.error_at, "
      "error_status = excluded.error_status, error = excluded.error, "
      "error_hint = excluded.error_hint, errors = errors + 1",
      target, failure.at, failure.status, failure.message, failure.hint);
}

}  // namespace postern::storage
