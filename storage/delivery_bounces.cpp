// Bounces in the rows: which delivery a Message-ID is of, and recipients whose mail came back.
#include "core/bounce.hpp"
#include "storage/deliveries_table.hpp"
#include "storage/delivery_rows.hpp"
#include "storage/events_table.hpp"

namespace postern::storage {

net::Task<Result<std::vector<Delivery>>> DeliveriesTable::of_message_id(std::string message_id) {
  return engine_.read([message_id = std::move(message_id)](
                          Transaction& transaction) -> Result<std::vector<Delivery>> {
    auto query = transaction.query(
        select_delivery("WHERE message_id = ?1 ORDER BY id DESC LIMIT 10"), message_id);
    std::vector<Delivery> rows;
    while (query.step()) rows.push_back(read_delivery(query));
    return rows;
  });
}

net::Task<Result<int>> DeliveriesTable::record_bounce(DeliveryId id,
                                                      std::vector<BounceMark> marks) {
  return engine_.write([id, marks = std::move(marks)](Transaction& transaction) -> Result<int> {
    POSTERN_TRY(auto row, get_delivery(transaction, id));
    std::vector<NewEvent> events;
    for (const auto& mark : marks) {
      if (mark_bounced(row, mark.result)) events.push_back(mark.event);
    }
    if (events.empty()) return 0;
    update_delivery(transaction, row);
    append_events(transaction, events);
    return static_cast<int>(events.size());
  });
}

}  // namespace postern::storage
