// Recipients: each has a state of its own. One with a 250 in a completed transaction, or refused
// for good, is not tried again; an attempt is for the others.
#pragma once

#include "core/delivery.hpp"
#include "smtp/ehlo.hpp"

#include <cstddef>

namespace postern::flows {

/// Whether this result is this recipient's last: taken, refused with 5yz, or unknown: who may have
/// got it gets it again only as the whole delivery's unknown outcome is due (begin_attempt), or by
/// a person's hand.
bool is_settled(const RecipientResult& result);

/// The envelope of the next attempt: those whose result is open, in the envelope's order.
Envelope open_envelope(const Delivery& delivery);

/// How many of the first recipients go into one transaction with a server of these limits; at least
/// one. Source: RFC 9422 §4.2, §4.3.
std::size_t fitting(const Envelope& envelope, const smtp::ServerLimits& limits);

/// What the delivery has come to after an attempt for open_envelope(delivery) that ended with
/// `attempt`: the results of all recipients in the envelope's order, and the state they make
/// together. Sent is a mail that at least one recipient got and nobody waits for any more; unknown
/// one that nobody waits for while it may or may not have reached somebody.
DeliveryOutcome together(const Delivery& delivery, DeliveryOutcome attempt);

}  // namespace postern::flows
