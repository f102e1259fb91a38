// The hand-overs' rows, read and written by messages_table and handovers_table.
#pragma once

#include "core/delivery.hpp"
#include "storage/handovers.hpp"
#include "storage/submit.hpp"

#include <vector>

namespace postern::storage {

/// For SELECT; read_handover reads these.
constexpr std::string_view handover_columns =
    "id, message, target, attempts, due, state, last_status, last_error, created_at";
Handover read_handover(Query& query);

/// Oldest first.
std::vector<Handover> handovers_of(Transaction& transaction, MessageId message);

/// A waiting hand-over, due at `at`; nothing when the target is gone.
std::optional<Handover> insert_handover(Transaction& transaction, MessageId message,
                                        TargetId target, Instant at);

/// Whether a consumer of a pull target holds it at `now`.
bool on_lease(Transaction& transaction, HandoverId id, Instant now);

/// Makes a `stored` message handed_over when the newest hand-over to each required target is
/// acknowledged; when no required one is among them, to each target. Cancelled ones do not count.
void settle_message(Transaction& transaction, MessageId message);

/// What the target's status tells of an attempt: it took a mail; it refused one, as it may; it, or
/// the way to it, is at fault.
void note_target_success(Transaction& transaction, TargetId target, Instant at);
void note_target_answered(Transaction& transaction, TargetId target);
void note_target_failure(Transaction& transaction, TargetId target, const TargetFailure& failure);

}  // namespace postern::storage
