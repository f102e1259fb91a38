// What every way of submitting a mail shares: whose mail it is and may be, and the promise made.
#pragma once

#include "flows/submission.hpp"

#include <optional>
#include <string>
#include <variant>

namespace postern::flows {

/// `pointer`: the JSON field to blame, if any.
Refusal refusal(ResultCode code, std::string message, std::string hint, std::string pointer = {});
Refusal from_storage(const Error& error);

std::string lower_case(std::string_view text);

/// Why nothing can be sent through this integration at all, or nothing.
std::optional<Refusal> unfit(const storage::StoredIntegration& stored);

/// Whether this From may be used: the integration's address, its login, or one of its list.
bool may_send_as(const Integration& integration, const std::string& address);

/// From what a mail is that names no sender.
MailAddress own_address(const Integration& integration);

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
