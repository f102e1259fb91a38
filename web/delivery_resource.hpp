// A delivery as a resource, and a refusal to send as a problem.
#pragma once

#include "core/delivery.hpp"
#include "flows/submission.hpp"
#include "storage/deliveries.hpp"
#include "web/problem.hpp"

#include <boost/json/array.hpp>

namespace postern::web {

Response delivery_response(const Delivery& delivery, int status = 200);

/// How its attempts went.
boost::json::array history_json(const std::vector<storage::DeliveryAttempt>& attempts);

/// `delivery` as it was when it was queued: what a call in queue mode is answered, at first and
/// whenever its Idempotency-Key comes again.
Delivery as_queued(Delivery delivery, std::optional<Instant> not_before);

/// The composed mail's header fields, texts, attachments and bytes. Bytes over
/// preview_raw_bytes_max are cut, and `raw_truncated` says so.
Response preview_response(const flows::SendPreview& preview);
inline constexpr std::size_t preview_raw_bytes_max = 1024 * 1024;

/// With result_code. 400 for what the caller wrote, 409 for an integration that does not send,
/// 422 and 409 for keys, 507 for a full disk.
Problem to_problem(const flows::Refusal& refusal);

}  // namespace postern::web
