// See pull.hpp. A hand-over under lease stays `waiting`, due at the lease's end: when that passes,
// nothing has to be done for it to be available again.
#include "storage/pull_table.hpp"

#include "storage/columns.hpp"
#include "storage/events_table.hpp"
#include "storage/handover_rows.hpp"

#include <algorithm>
#include <variant>

namespace postern::storage {
namespace {

constexpr std::string_view ran_out = "the lease ran out";

struct Candidate {
  HandoverId handover;
  MessageId message;
  int attempts = 0;
};

/// The target's name.
Result<std::string> pull_target(Transaction& transaction, TargetId target, bool must_be_enabled) {
  auto query = transaction.query(
      "SELECT name, json_extract(config, '$.type'), json_extract(config, '$.enabled') FROM target "
      "WHERE id = ?1 AND removed_at IS NULL",
      target);
  if (!query.step()) return Error{errc::not_found, "target " + target.str()};
  std::string name, type;
  bool enabled = false;
  query.read(name, type, enabled);
  if (type != "pull") {
    return Error{errc::wrong_state, "The target " + name + " is of the type " + type + "."};
  }
  if (must_be_enabled && !enabled) {
    return Error{errc::wrong_state, "The target " + name + " is disabled."};
  }
  return name;
}

std::vector<Candidate> available(Transaction& transaction, TargetId target, const LeaseTerms& terms,
                                 Instant now) {
  std::vector<Candidate> found;
  std::uint64_t bytes = 0;
  // The index by age: the planner would take the one by due time and sort all that waits.
  auto query = transaction.query(
      "SELECT h.id, h.message, h.attempts, m.size_bytes FROM handover h INDEXED BY "
      "handover_waiting JOIN message m ON m.id = h.message "
      "WHERE h.target = ?1 AND h.state = 'waiting' AND h.due <= ?2 "
      "ORDER BY h.message, h.id LIMIT ?3",
      target, now, terms.limit);
  while (query.step()) {
    Candidate one;
    std::uint64_t size_bytes = 0;
    query.read(one.handover, one.message, one.attempts, size_bytes);
    bytes += size_bytes;
    if (!found.empty() && bytes > terms.bytes_max) break;
    found.push_back(one);
  }
  return found;
}

/// How the hand-over's last try ended, when that is not known yet.
void end_attempt(Transaction& transaction, HandoverId handover, int number,
                 std::string_view error) {
  if (number == 0) return;
  transaction.run(
      "UPDATE handover_attempt SET error = ?3 WHERE handover = ?1 AND number = ?2 AND error = ''",
      handover, number, error);
}

Lease put_lease(Transaction& transaction, const Candidate& one, Instant now, Instant until) {
  bool lost = false;
  {
    auto former = transaction.query(
        "SELECT 1 FROM pull_lease WHERE handover = ?1 AND state = 'held'", one.handover);
    lost = former.step();
  }
  if (lost) end_attempt(transaction, one.handover, one.attempts, ran_out);
  Lease lease;
  lease.id = transaction.new_id<LeaseId>();
  lease.handover = one.handover;
  lease.message = one.message;
  lease.until = until;
  lease.attempts = one.attempts + 1;
  transaction.run(
      "INSERT OR REPLACE INTO pull_lease (handover, id, until, state) VALUES (?1, ?2, ?3, 'held')",
      one.handover, lease.id, until);
  transaction.run("UPDATE handover SET due = ?2, attempts = ?3 WHERE id = ?1", one.handover, until,
                  lease.attempts);
  if (lost) {
    transaction.run("UPDATE handover SET last_error = ?2 WHERE id = ?1", one.handover, ran_out);
  }
  transaction.run(
      "INSERT INTO handover_attempt (handover, number, at, status, error) "
      "VALUES (?1, ?2, ?3, 0, '')",
      one.handover, lease.attempts, now);
  transaction.run("DELETE FROM handover_attempt WHERE handover = ?1 AND number <= ?2", one.handover,
                  lease.attempts - pull_attempts_kept);
  return lease;
}

struct Held {
  HandoverId handover;
  MessageId message;
  int attempts = 0;
};

/// The hand-over whose last lease `id` is, when it is held; else why nothing can be done with it.
std::variant<Held, LeaseFate> held(Transaction& transaction, TargetId target, LeaseId id) {
  auto query = transaction.query(
      "SELECT l.state, h.state, h.id, h.message, h.attempts FROM pull_lease l "
      "JOIN handover h ON h.id = l.handover WHERE l.id = ?1 AND h.target = ?2",
      id, target);
  if (!query.step()) return LeaseFate::unknown;
  std::string lease, handover;
  Held row;
  query.read(lease, handover, row.handover, row.message, row.attempts);
  if (lease == "acknowledged") return LeaseFate::acknowledged;
  if (lease == "given_back") return LeaseFate::given_back;
  if (handover != "waiting") return LeaseFate::cancelled;
  return row;
}

void end_lease(Transaction& transaction, LeaseId id, std::string_view state) {
  transaction.run("UPDATE pull_lease SET state = ?2 WHERE id = ?1", id, state);
}

void add_owner(Transaction& transaction, MessageId message, std::vector<IntegrationId>& owners) {
  auto query = transaction.query("SELECT integration FROM message WHERE id = ?1", message);
  if (!query.step()) return;
  IntegrationId owner;
  query.read(owner);
  if (std::ranges::find(owners, owner) == owners.end()) owners.push_back(owner);
}

NewEvent first_failure(const std::string& target, const Held& row, const std::string& reason,
                       Instant now) {
  NewEvent event;
  event.kind = "handover.failed";
  event.at = now;
  event.message = reason;
  event.hint = "The consumer gave a mail back; it is offered again.";
  event.data["target"] = target;
  event.data["handover"] = row.handover.str();
  event.data["message"] = row.message.str();
  return event;
}

}  // namespace

net::Task<Result<Leases>> PullTable::lease(TargetId target, LeaseTerms terms, Instant now) {
  return engine_.write([target, terms, now](Transaction& transaction) -> Result<Leases> {
    POSTERN_TRY(pull_target(transaction, target, true));
    Leases leases;
    for (const auto& one : available(transaction, target, terms, now)) {
      leases.items.push_back(put_lease(transaction, one, now, now + terms.time));
    }
    if (!leases.items.empty()) return leases;
    auto query = transaction.query(
        "SELECT min(due) FROM handover WHERE target = ?1 AND state = 'waiting' AND due > ?2",
        target, now);
    if (query.step()) query.read(leases.next_due);
    return leases;
  });
}

net::Task<Result<Acknowledged>> PullTable::acknowledge(TargetId target, std::vector<LeaseId> leases,
                                                       Instant now) {
  return engine_.write(
      [target, leases = std::move(leases), now](Transaction& transaction) -> Result<Acknowledged> {
        POSTERN_TRY(pull_target(transaction, target, false));
        Acknowledged all;
        for (const auto id : leases) {
          const auto found = held(transaction, target, id);
          if (const auto* fate = std::get_if<LeaseFate>(&found)) {
            all.fates.push_back(*fate == LeaseFate::acknowledged ? LeaseFate::done : *fate);
            continue;
          }
          const auto& row = std::get<Held>(found);
          end_lease(transaction, id, "acknowledged");
          transaction.run(
              "UPDATE handover SET state = 'acknowledged', due = ?2, last_error = '' WHERE id = ?1",
              row.handover, now);
          settle_message(transaction, row.message);
          note_target_success(transaction, target, now);
          add_owner(transaction, row.message, all.owners);
          all.fates.push_back(LeaseFate::done);
        }
        return all;
      });
}

net::Task<Result<std::vector<LeaseFate>>> PullTable::give_back(TargetId target,
                                                               std::vector<LeaseId> leases,
                                                               std::string reason, Instant now) {
  return engine_.write([target, leases = std::move(leases), reason = std::move(reason),
                        now](Transaction& transaction) -> Result<std::vector<LeaseFate>> {
    POSTERN_TRY(const auto name, pull_target(transaction, target, false));
    std::vector<LeaseFate> fates;
    std::vector<NewEvent> events;
    for (const auto id : leases) {
      const auto found = held(transaction, target, id);
      if (const auto* fate = std::get_if<LeaseFate>(&found)) {
        fates.push_back(*fate == LeaseFate::given_back ? LeaseFate::done : *fate);
        continue;
      }
      const auto& row = std::get<Held>(found);
      end_lease(transaction, id, "given_back");
      end_attempt(transaction, row.handover, row.attempts, reason);
      transaction.run("UPDATE handover SET due = min(due, ?2), last_error = ?3 WHERE id = ?1",
                      row.handover, now, reason);
      note_target_failure(transaction, target, {now, 0, reason, ""});
      if (row.attempts == 1) events.push_back(first_failure(name, row, reason, now));
      fates.push_back(LeaseFate::done);
    }
    append_events(transaction, events);
    return fates;
  });
}

}  // namespace postern::storage
