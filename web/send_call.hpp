// What the ways of POST /send share: its key, its answer; and the way of message/rfc822.
#pragma once

#include "web/api.hpp"
#include "web/delivery_resource.hpp"

#include <optional>
#include <string_view>

namespace postern::web {

/// The Idempotency-Key of the call, bound to the caller and to `content`; nothing without one.
Answer<std::optional<storage::IdempotencyKey>> idempotency_key(const Call& call,
                                                               std::string_view content);

Problem with_code(Problem problem, ResultCode code);

/// 202 for a queued mail, 200 for one in sync mode.
Response send_answer(const flows::SendAnswer& sent, std::optional<Instant> not_before);

/// Whether the body is a mail as it is.
bool is_mail(const Request& request);

/// POST /send of such a body; the query names envelope and integration.
net::Task<Answer<Response>> send_mail(Api& api, Call& call);

}  // namespace postern::web
