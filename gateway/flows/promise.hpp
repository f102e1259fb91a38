// What every way of submitting a mail shares: whose mail it is and may be, and the promise made.
#pragma once

#include "flows/send_draft.hpp"
#include "flows/submission.hpp"

#include <optional>
#include <string>
#include <variant>

namespace postern::flows {

Refusal from_storage(const Error& error);

std::string lower_case(std::string_view text);

/// The integration of this id or name, or the default one; fit for sending.
net::Task<std::variant<storage::StoredIntegration, Refusal>> sending_integration(
    Context& context, std::optional<std::string> name);

/// What the first call with this key was answered, or nothing when it is the first.
net::Task<std::optional<std::variant<SendAnswer, Refusal>>> known_answer(
    Context& context, std::optional<storage::IdempotencyKey> idempotency);

/// After the commit: wakes the queue; or sends at once within `left` (sync mode) and tells the end.
net::Task<std::variant<SendAnswer, Refusal>> promised(Hub& hub,
                                                      Result<storage::CreatedDelivery> created,
                                                      Duration left);

}  // namespace postern::flows
