// A mail that another program wrote, sent as it is: POST /send with message/rfc822, and what the
// submission listener takes.
#pragma once

#include "flows/submission.hpp"
#include "message/raw_header.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace postern::flows {

struct RawSendRequest {
  std::optional<std::string> integration;  // id or name; none: the default one
  bool sync = false;
  std::optional<Duration> timeout;  // of the whole sync call; none: the integration's
  std::optional<std::string> from;  // the envelope's; none, or one without a domain: our own
  std::vector<std::string> to;      // the envelope's
  bool header_recipients = false;   // To, Cc and Bcc are recipients, too
  std::optional<Instant> not_before;
  Priority priority = Priority::normal;  // in the queue; the mail's own fields stay as they are
  std::vector<std::string> tags;
  TransportWishes wishes;
  std::string bytes;
};

/// As submit(): CRLF made of other line ends, the header prepared, stored, and woken or sent.
/// A NUL is refused, since no server takes one.
net::Task<std::variant<SendAnswer, Refusal>> submit_raw(
    Hub& hub, RawSendRequest request, std::optional<storage::IdempotencyKey> idempotency);

/// What prepare_header needs for a mail of this integration.
message::RawHeaderPolicy header_policy(Context& context, const Integration& integration);

/// A mail whose envelope was checked and whose header is prepared, in memory or in a finished file.
struct RawMail {
  IntegrationId integration;
  Envelope envelope;
  TransportWishes wishes;
  std::string message_id, subject;
  std::vector<std::string> notes;
  std::string bytes;
  std::unique_ptr<storage::SpoolFile> file;  // instead of bytes
  std::uint64_t size_bytes = 0;
};

/// Stores it, durably, and wakes the queue: when it returns, the promise holds.
net::Task<std::variant<Delivery, Refusal>> submit_mail(Hub& hub, RawMail mail);

}  // namespace postern::flows
