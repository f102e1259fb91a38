// What a bounce does to the delivery that it tells of: its recipients, and what they make together.
//
// A server's 250 is no arrival: the mail may come back hours later, in another mail. Pure; used
// inside the store's transaction, so that no attempt and no second bounce is overwritten.
#pragma once

#include "core/delivery.hpp"

#include <string_view>

namespace postern {

/// Whether both are one mailbox to us: ASCII letters' case aside.
bool same_address(std::string_view one, std::string_view other);

/// Puts `result` (with bounced_at) in the place of its recipient's, and sets what the delivery has
/// come to: with a 250 left it is sent to some (52), without one failed (51). A delivery that has
/// not ended only keeps the mark. False, and nothing is changed, when there was no attempt, when
/// the address is none of the envelope's, or when it was refused or came back before.
bool mark_bounced(Delivery& delivery, RecipientResult result);

/// `fresh`, the outcome of an attempt, with the marks that `before` was given while it lasted.
DeliveryOutcome keep_bounces(const DeliveryOutcome& before, DeliveryOutcome fresh);

}  // namespace postern
