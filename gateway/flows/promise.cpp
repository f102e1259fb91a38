#include "flows/promise.hpp"

#include "flows/hub.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {

using storage::errc;

Refusal from_storage(const Error& error) {
  Refusal result = refusal(ResultCode::internal, describe(error), "Nothing was queued; try again.");
  if (error.code == errc::disk_full) {
    result.disk_full = true;
    result.hint = "The gateway's disk is full; nothing was queued. Try again when there is space.";
  }
  if (error.code == errc::key_in_use) {
    result.key_in_use = true;
    result.code = ResultCode::bad_request;
    result.hint = "Use a new Idempotency-Key for another mail.";
  }
  if (error.code == errc::key_running) {
    result.key_running = true;
    result.code = ResultCode::bad_request;
    result.hint = "The first request with this Idempotency-Key is still running; ask again.";
  }
  return result;
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

namespace {

/// Longer than anybody may wait for a sync mail (timeout_ms is 15 min at most).
constexpr Duration sync_over = std::chrono::minutes(16);

/// Whether someone still waits for the end of this sync mail.
bool is_running(const Delivery& delivery) {
  const auto state = delivery.outcome.state;
  return delivery.sync && (state == DeliveryState::queued || state == DeliveryState::sending);
}

/// Whether nobody waits any more, and nothing was tried: its caller was refused, and that could not
/// be kept.
bool is_left(const Delivery& delivery, Instant now) {
  return delivery.outcome.state == DeliveryState::queued && now - delivery.created_at > sync_over;
}

/// Ends a sync mail that was stored and never tried, so that its Idempotency-Key has an answer;
/// gives it as it is now.
net::Task<Result<Delivery>> end_untried(Context& context, Delivery delivery, ResultCode code,
                                        std::string why) {
  DeliveryOutcome outcome;
  outcome.state = DeliveryState::failed;
  outcome.result_code = static_cast<int>(code);
  outcome.result_message = std::move(why);
  for (const auto& address : delivery.envelope.recipients) {
    RecipientResult recipient;
    recipient.address = address;
    recipient.result_code = outcome.result_code;
    recipient.message = outcome.result_message;
    outcome.recipients.push_back(std::move(recipient));
  }
  storage::AttemptEnd end;
  end.id = delivery.id;
  end.outcome = std::move(outcome);
  auto& deliveries = context.store.deliveries();
  POSTERN_CO_TRY(co_await deliveries.finish_attempt(std::move(end), context.env.now()));
  co_return co_await deliveries.get(delivery.id);
}

/// The mail is stored, and could not be handed on to be sent.
net::Task<std::variant<SendAnswer, Refusal>> not_sent(Context& context, Delivery delivery,
                                                      Error error) {
  auto known = co_await context.store.deliveries().get(delivery.id);
  if (known && known.value().outcome.state == DeliveryState::queued) {
    const bool gone = error.code == errc::not_found;
    known = co_await end_untried(context, std::move(known).value(),
                                 gone ? ResultCode::no_integration : ResultCode::internal,
                                 describe(error));
  }
  if (!known || is_running(known.value())) co_return from_storage(error);
  SendAnswer answer{std::move(known).value(), false};
  co_return answer;
}

net::Task<Result<std::optional<storage::StoredIntegration>>> look_up(
    Context& context, std::optional<std::string> name) {
  auto& table = context.store.integrations();
  if (!name) co_return co_await table.find_default();
  auto found = co_await table.find(*name);
  if (found) co_return std::optional(std::move(found).value());
  if (found.error().code == errc::not_found) co_return std::optional<storage::StoredIntegration>();
  co_return std::move(found).error();
}

Refusal no_integration(const std::optional<std::string>& name) {
  if (!name) {
    return refusal(ResultCode::no_integration, "there is no default integration",
                   "Name an integration, or make one the default.", "/integration");
  }
  return refusal(ResultCode::no_integration, fmt::format("there is no integration {}", *name),
                 "Name an existing integration, or none for the default one.", "/integration");
}

}  // namespace

net::Task<std::variant<storage::StoredIntegration, Refusal>> sending_integration(
    Context& context, std::optional<std::string> name) {
  auto found = co_await look_up(context, name);
  if (!found) co_return from_storage(found.error());
  if (!found.value()) co_return no_integration(name);
  if (auto refused = unfit(*found.value())) co_return std::move(*refused);
  co_return std::move(*found.value());
}

net::Task<std::optional<std::variant<SendAnswer, Refusal>>> known_answer(
    Context& context, std::optional<storage::IdempotencyKey> idempotency) {
  if (!idempotency) co_return std::nullopt;
  auto known = co_await context.store.deliveries().find_key(*idempotency);
  if (!known) co_return from_storage(known.error());
  if (!known.value()) co_return std::nullopt;
  if (is_running(*known.value()) && is_left(*known.value(), context.env.now())) {
    auto ended = co_await end_untried(context, std::move(*known.value()), ResultCode::time_budget,
                                      "it was not tried in its time");
    if (!ended) co_return from_storage(ended.error());
    SendAnswer left{std::move(ended).value(), true};
    co_return left;
  }
  if (is_running(*known.value())) {
    co_return from_storage(Error{errc::key_running, "the first request has not ended"});
  }
  SendAnswer answer{std::move(*known.value()), true};
  co_return answer;
}

net::Task<std::variant<SendAnswer, Refusal>> promised(Hub& hub,
                                                      Result<storage::CreatedDelivery> created,
                                                      Duration left) {
  if (!created) co_return from_storage(created.error());
  SendAnswer answer{std::move(created.value().delivery), created.value().replayed};
  if (answer.replayed) co_return answer;
  if (!answer.delivery.sync) {
    hub.delivery_queued(answer.delivery.integration);
    co_return answer;
  }
  auto sent = co_await hub.send_now(answer.delivery.id, std::max(left, Duration(1)));
  if (!sent) {
    auto error = std::move(sent).error();
    co_return co_await not_sent(hub.context(), std::move(answer.delivery), std::move(error));
  }
  answer.delivery = std::move(sent).value();
  co_return answer;
}

}  // namespace postern::flows
