// Submission: from a call of POST /send to the durable promise (queue) or to its end (sync).
#pragma once

#include "flows/context.hpp"
#include "flows/send_request.hpp"

#include <optional>
#include <string>
#include <variant>

namespace postern::flows {

struct SendAnswer {
  Delivery delivery;
  bool replayed = false;
};

/// What would be sent: the mail as composed, and as its reader sees it.
struct SendPreview {
  IntegrationId integration;
  Envelope envelope;
  ComposedMail mail;
  MessageSummary seen;  // our own digest of it
};

class Hub;

/// Composes in a worker, stores, and wakes the integration's outbound; in sync mode waits for the
/// end of the one attempt, at most request.timeout or else the integration's. From any executor.
net::Task<std::variant<SendAnswer, Refusal>> submit(
    Hub& hub, SendRequest request, std::optional<storage::IdempotencyKey> idempotency);

/// The same up to the composed mail; nothing is stored and nobody is told. Refused as submit would.
net::Task<std::variant<SendPreview, Refusal>> preview(Hub& hub, SendRequest request);

}  // namespace postern::flows
