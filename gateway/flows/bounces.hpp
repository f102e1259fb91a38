// Bounces that find their mail: a received bounce → the delivery's recipient, and message.bounced.
//
// Anyone can write a bounce. It is believed only of a mail that we gave to a server: the delivery
// is found by the Message-ID of the returned header, which only who had the mail can know; the
// bounce came to the integration that sent it, or to the address it was sent from; and the
// recipient is one of the envelope's. A delay changes nothing: the server still tries.
#pragma once

#include "flows/context.hpp"

#include <vector>

namespace postern::flows {

/// Whether a bounce that `integration` received as `seen` may speak of `delivery`.
bool may_tell_of(const Delivery& delivery, IntegrationId integration, const MessageSummary& seen);

/// What `bounce` says of the recipients of `delivery`: a result and an event for each that failed.
/// The mail `message` is the bounce; `at` is now.
std::vector<storage::BounceMark> marks_of(const Delivery& delivery, const BounceSummary& bounce,
                                          MessageId message, Instant at);

/// Looks for the delivery that `seen.bounce` is about, names it there, and records what became of
/// its recipients with one event each. Called again it changes nothing.
net::Task<Result<void>> settle_bounce(Context& context, IntegrationId integration,
                                      MessageId message, MessageSummary& seen);

}  // namespace postern::flows
