// Reading and writing one delivery's row; deliveries_table and delivery_steps put transactions
// around it.
#pragma once

#include "storage/deliveries.hpp"
#include "storage/submit.hpp"

#include <string>
#include <string_view>

namespace postern::storage {

/// "SELECT … FROM delivery " and `rest`; read_delivery reads its rows.
std::string select_delivery(std::string_view rest);
Delivery read_delivery(Query& query);

/// Errors: not_found.
Result<Delivery> get_delivery(Transaction& transaction, DeliveryId id);

void insert_delivery(Transaction& transaction, const Delivery& delivery,
                     const std::optional<std::string>& spool_file);

/// All that changes in the life of a delivery: outcome, attempts, marks.
void update_delivery(Transaction& transaction, const Delivery& delivery);

/// Queued and due at `at`.
DeliveryOutcome queued_outcome(Instant at);

/// Whose result is unknown is open again, and may get it twice.
void open_unknown(Delivery& delivery);

}  // namespace postern::storage
