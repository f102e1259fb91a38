// See delivery_rows.hpp.
#include "storage/delivery_rows.hpp"

#include "core/result_codes.hpp"
#include "storage/columns.hpp"

namespace postern::storage {

std::string select_delivery(std::string_view rest) {
  std::string sql(
      "SELECT id, integration, sender, recipients, message_id, subject, size_bytes, sync, "
      "possibly_duplicated, attempts, unknown_attempts, created_at, notes, state, result_code, "
      "result_message, smtp_code, enhanced_code, retryable, next_attempt_at, recipient_results, "
      "priority, tags, needs_smtputf8, wishes FROM delivery ");
  sql += rest;
  return sql;
}

Delivery read_delivery(Query& query) {
  Delivery row;
  auto& outcome = row.outcome;
  std::string recipients, notes, state, results, tags, wishes;
  int priority = 0;
  query.read(row.id, row.integration, row.envelope.sender, recipients, row.message_id, row.subject,
             row.size_bytes, row.sync, row.possibly_duplicated, row.attempts, row.unknown_attempts,
             row.created_at, notes, state, outcome.result_code, outcome.result_message,
             outcome.smtp_code, outcome.enhanced_code, outcome.retryable, outcome.next_attempt_at,
             results, priority, tags, row.needs_smtputf8, wishes);
  row.envelope.recipients = strings_from_json(recipients);
  row.notes = strings_from_json(notes);
  row.priority = static_cast<Priority>(priority);
  row.tags = strings_from_json(tags);
  if (!wishes.empty()) row.wishes = wishes_from_json(wishes);
  outcome.state = known(parse_delivery_state(state), state);
  outcome.recipients = results_from_json(results);
  return row;
}

Result<Delivery> get_delivery(Transaction& transaction, DeliveryId id) {
  auto query = transaction.query(select_delivery("WHERE id = ?1"), id);
  if (!query.step()) return Error{errc::not_found, "delivery " + id.str()};
  return read_delivery(query);
}

void insert_delivery(Transaction& transaction, const Delivery& delivery,
                     const std::optional<std::string>& spool_file) {
  const auto& outcome = delivery.outcome;
  transaction.run(
      "INSERT INTO delivery (id, integration, sender, recipients, message_id, subject, size_bytes, "
      "sync, possibly_duplicated, attempts, unknown_attempts, created_at, notes, state, "
      "result_code, result_message, smtp_code, enhanced_code, retryable, next_attempt_at, "
      "recipient_results, spool_file, priority, tags, needs_smtputf8, wishes) VALUES (?1, ?2, ?3, "
      "?4, ?5, "
      "?6, ?7, ?8, ?9, ?10, ?11, ?12, "
      "?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26)",
      delivery.id, delivery.integration, delivery.envelope.sender,
      strings_to_json(delivery.envelope.recipients), delivery.message_id, delivery.subject,
      delivery.size_bytes, delivery.sync, delivery.possibly_duplicated, delivery.attempts,
      delivery.unknown_attempts, delivery.created_at, strings_to_json(delivery.notes),
      to_string(outcome.state), outcome.result_code, outcome.result_message, outcome.smtp_code,
      outcome.enhanced_code, outcome.retryable, outcome.next_attempt_at,
      results_to_json(outcome.recipients), spool_file, static_cast<int>(delivery.priority),
      strings_to_json(delivery.tags), delivery.needs_smtputf8, wishes_to_json(delivery.wishes));
  for (const auto& tag : delivery.tags) {
    transaction.run("INSERT OR IGNORE INTO delivery_tag (tag, delivery) VALUES (?1, ?2)", tag,
                    delivery.id);
  }
}

void update_delivery(Transaction& transaction, const Delivery& delivery) {
  const auto& outcome = delivery.outcome;
  transaction.run(
      "UPDATE delivery SET sync = ?2, possibly_duplicated = ?3, attempts = ?4, "
      "unknown_attempts = ?5, state = ?6, result_code = ?7, result_message = ?8, smtp_code = ?9, "
      "enhanced_code = ?10, retryable = ?11, next_attempt_at = ?12, recipient_results = ?13 "
      "WHERE id = ?1",
      delivery.id, delivery.sync, delivery.possibly_duplicated, delivery.attempts,
      delivery.unknown_attempts, to_string(outcome.state), outcome.result_code,
      outcome.result_message, outcome.smtp_code, outcome.enhanced_code, outcome.retryable,
      outcome.next_attempt_at, results_to_json(outcome.recipients));
}

DeliveryOutcome queued_outcome(Instant at) {
  DeliveryOutcome outcome;
  outcome.state = DeliveryState::queued;
  outcome.result_code = static_cast<int>(ResultCode::queued);
  outcome.next_attempt_at = at;
  return outcome;
}

void open_unknown(Delivery& delivery) {
  bool any = false;
  for (auto& result : delivery.outcome.recipients) {
    if (result.result_code != static_cast<int>(ResultCode::outcome_unknown)) continue;
    result.result_code = static_cast<int>(ResultCode::queued);
    any = true;
  }
  delivery.possibly_duplicated = delivery.possibly_duplicated || any;
}

}  // namespace postern::storage
