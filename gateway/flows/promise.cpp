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

/// Whether someone still waits for the end of this sync mail.
bool is_running(const Delivery& delivery) {
  const auto state = delivery.outcome.state;
  return delivery.sync && (state == DeliveryState::queued || state == DeliveryState::sending);
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
  if (!sent) co_return from_storage(sent.error());
  answer.delivery = std::move(sent).value();
  co_return answer;
}

}  // namespace postern::flows
