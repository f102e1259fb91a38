// A delivery: a promise to send one mail to its recipients. A handover: a promise to give one
// received mail to one target.
#pragma once

#include "core/dsn.hpp"
#include "core/ids.hpp"
#include "core/mail.hpp"
#include "core/time.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

enum class DeliveryState { queued, sending, sent, failed, unknown, held, cancelled };
std::string_view to_string(DeliveryState state);
std::optional<DeliveryState> parse_delivery_state(std::string_view text);

/// Who goes first among what is due at one integration. The numbers stand in the database.
enum class Priority { high = 0, normal = 1, low = 2 };
std::string_view to_string(Priority priority);
std::optional<Priority> parse_priority(std::string_view text);

struct RecipientResult {
  std::string address;
  int result_code = 1;  // core/result_codes
  int smtp_code = 0;    // 0: no reply
  std::string enhanced_code;
  std::string message;                     // the server's words
  std::optional<Instant> bounced_at = {};  // when a bounce told that it did not arrive after all
};

/// What is known of a delivery after its last attempt.
struct DeliveryOutcome {
  DeliveryState state = DeliveryState::queued;
  int result_code = 1;
  std::string result_message;
  int smtp_code = 0;
  std::string enhanced_code;
  bool retryable = false;
  std::optional<Instant> next_attempt_at;
  std::vector<RecipientResult> recipients;
};

struct Delivery {
  DeliveryId id;
  IntegrationId integration;
  Envelope envelope;
  std::string message_id;  // the header's, with < >
  std::string subject;
  std::uint64_t size_bytes = 0;
  bool sync = false;
  bool possibly_duplicated = false;
  int attempts = 0;
  int unknown_attempts = 0;
  Instant created_at;
  std::vector<std::string> notes;
  Priority priority = Priority::normal;
  std::vector<std::string> tags;  // the sender's own words for it
  bool needs_smtputf8 = false;    // an address has a local part beyond ASCII
  TransportWishes wishes;
  DeliveryOutcome outcome;
};

/// The contract's answer of POST /send. `success` says that the mail was taken or sent (result 0, 1
/// or 52); a server that has said nothing is null, not 0. Recipients without a result of their own
/// yet are listed as queued.
boost::json::object to_json(const Delivery& delivery);

enum class HandoverState { waiting, acknowledged, parked, cancelled };
std::string_view to_string(HandoverState state);
std::optional<HandoverState> parse_handover_state(std::string_view text);

struct Handover {
  HandoverId id;
  MessageId message;
  TargetId target;
  int attempts = 0;
  Instant due;
  HandoverState state = HandoverState::waiting;
  int last_status = 0;  // HTTP's
  std::string last_error;
  Instant created_at;
};

}  // namespace postern
