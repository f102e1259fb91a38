// What a person does with a delivery that is held, and how its attempts went.
//
//   held → queued (due)           release
//   held → held, other recipients set_recipients
#include "storage/columns.hpp"
#include "storage/deliveries_table.hpp"
#include "storage/delivery_rows.hpp"

#include <algorithm>

namespace postern::storage {
namespace {

Result<Delivery> get_held(Transaction& transaction, DeliveryId id) {
  POSTERN_TRY(auto row, get_delivery(transaction, id));
  if (row.outcome.state == DeliveryState::held) return row;
  return Error{errc::wrong_state,
               "the delivery is " + std::string(to_string(row.outcome.state)) + ", not held"};
}

bool has(const std::vector<std::string>& addresses, const std::string& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

}  // namespace

net::Task<Result<Delivery>> DeliveriesTable::release(DeliveryId id, Instant at) {
  return engine_.write([id, at](Transaction& transaction) -> Result<Delivery> {
    POSTERN_TRY(auto row, get_held(transaction, id));
    auto outcome = queued_outcome(at);
    outcome.recipients = std::move(row.outcome.recipients);
    row.outcome = std::move(outcome);
    row.sync = false;  // nobody waits for it any more
    update_delivery(transaction, row);
    return row;
  });
}

net::Task<Result<Delivery>> DeliveriesTable::set_recipients(DeliveryId id,
                                                            std::vector<std::string> recipients) {
  return engine_.write([id, recipients = std::move(recipients)](
                           Transaction& transaction) -> Result<Delivery> {
    POSTERN_TRY(auto row, get_held(transaction, id));
    auto& results = row.outcome.recipients;
    for (const auto& result : results) {
      if (result.result_code == 0 && !has(recipients, result.address)) {
        return Error{errc::wrong_state, result.address + " got the mail already"};
      }
    }
    std::erase_if(results, [&](const auto& result) { return !has(recipients, result.address); });
    row.envelope.recipients = recipients;
    transaction.run("UPDATE delivery SET recipients = ?2 WHERE id = ?1", id,
                    strings_to_json(recipients));
    update_delivery(transaction, row);
    return row;
  });
}

net::Task<Result<std::vector<DeliveryAttempt>>> DeliveriesTable::attempts(DeliveryId id) {
  return engine_.read([id](Transaction& transaction) -> Result<std::vector<DeliveryAttempt>> {
    POSTERN_TRY(get_delivery(transaction, id));
    auto query = transaction.query(
        "SELECT number, began_at, ended_at, state, result_code, result_message "
        "FROM delivery_attempt WHERE delivery = ?1 ORDER BY number",
        id);
    std::vector<DeliveryAttempt> all;
    while (query.step()) {
      DeliveryAttempt attempt;
      query.read(attempt.number, attempt.began_at, attempt.ended_at, attempt.state,
                 attempt.result_code, attempt.result_message);
      all.push_back(std::move(attempt));
    }
    return all;
  });
}

}  // namespace postern::storage
