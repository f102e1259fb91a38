#include "flows/submission.hpp"

#include "core/log.hpp"
#include "flows/hub.hpp"
#include "flows/limits.hpp"
#include "flows/metrics.hpp"
#include "message/errc.hpp"
#include "message/mime_protocol.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

using storage::errc;

Refusal refusal(ResultCode code, std::string message, std::string hint, std::string pointer = {}) {
  Refusal result;
  result.code = code;
  result.message = std::move(message);
  result.hint = std::move(hint);
  if (!pointer.empty()) result.problems.push_back({std::move(pointer), result.message});
  return result;
}

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

Refusal from_compose(const Error& error) {
  const auto code = [&] {
    if (error.code == message::errc::bad_address) return ResultCode::bad_address;
    if (error.code == message::errc::message_too_big) return ResultCode::attachment;
    if (error.code == message::errc::charset_does_not_fit) return ResultCode::charset;
    if (error.code == message::errc::header_injection) return ResultCode::injection;
    if (error.code == message::errc::bad_header_name) return ResultCode::bad_request;
    if (error.code == message::errc::bad_request) return ResultCode::bad_request;
    return ResultCode::internal;
  }();
  return refusal(code, describe(error), "Nothing was queued.");
}

/// What is wrong with sending through this integration at all.
std::optional<Refusal> unfit(const storage::StoredIntegration& stored) {
  const auto& integration = stored.value;
  if (!integration.enabled) {
    return refusal(ResultCode::integration_disabled,
                   fmt::format("the integration {} is disabled", integration.name),
                   "Enable it, or send through another one.");
  }
  if (!integration.outgoing.enabled) {
    return refusal(ResultCode::outgoing_off,
                   fmt::format("the integration {} does not send", integration.name),
                   "Switch its outgoing direction on, or send through another one.");
  }
  if (stored.status.outgoing_state == DirectionState::disabled) {
    return refusal(ResultCode::integration_disabled,
                   fmt::format("{} sends no more: {}", integration.name,
                               stored.status.disabled_reason.value_or("it failed too often")),
                   "Mend the cause, then enable the integration again.");
  }
  return std::nullopt;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

/// Whether this From may be used: the integration's address, its login, or one of its list.
bool may_send_as(const Integration& integration, const std::string& address) {
  const auto wanted = lower(address);
  const auto& list = integration.outgoing.from_addresses;
  return wanted == lower(integration.address) ||
         wanted == lower(integration.outgoing.auth.username) ||
         std::any_of(list.begin(), list.end(),
                     [&](const auto& allowed) { return lower(allowed) == wanted; });
}

MailAddress own_address(const Integration& integration) {
  MailAddress own;
  own.name = integration.display_name;
  own.address = integration.address;
  if (own.address.empty() && !integration.outgoing.from_addresses.empty()) {
    own.address = integration.outgoing.from_addresses.front();
  }
  if (own.address.empty()) own.address = integration.outgoing.auth.username;
  return own;
}

/// The call's Reply-To, else by mode: the default reply address, else the login.
std::optional<MailAddress> reply_address(const Integration& integration,
                                         const SendRequest& request) {
  if (request.reply_to) return request.reply_to;
  if (integration.outgoing.reply_to_mode == ReplyToMode::none) return std::nullopt;
  MailAddress address;
  address.address = integration.outgoing.default_reply_to.value_or("");
  if (address.address.empty()) address.address = integration.outgoing.auth.username;
  if (address.address.empty()) return std::nullopt;
  return address;
}

Draft draft_of(const Integration& integration, SendRequest& request) {
  Draft draft;
  const auto reply = reply_address(integration, request);
  MailAddress from = request.from.value_or(own_address(integration));
  if (from.name.empty() && from.address == integration.address) {
    from.name = integration.display_name;
  }
  if (integration.outgoing.reply_to_mode == ReplyToMode::from && reply) {
    from.address = reply->address;
  } else if (reply) {
    draft.reply_to.push_back(*reply);
  }
  draft.from.push_back(std::move(from));
  draft.to = request.to;
  draft.cc = request.cc;
  draft.subject = request.subject;
  draft.text = std::move(request.text);
  draft.html = std::move(request.html);
  draft.charset = request.encoding.value_or(integration.outgoing.encoding);
  draft.attachments = std::move(request.attachments);
  draft.headers = std::move(request.headers);
  draft.in_reply_to = std::move(request.in_reply_to);
  draft.references = std::move(request.references);
  return draft;
}

std::vector<std::string> recipients_of(const SendRequest& request) {
  std::vector<std::string> recipients;
  for (const auto* list : {&request.to, &request.cc, &request.bcc}) {
    for (const auto& address : *list) {
      const bool known = std::any_of(recipients.begin(), recipients.end(), [&](const auto& other) {
        return lower(other) == lower(address.address);
      });
      if (!known) recipients.push_back(address.address);
    }
  }
  return recipients;
}

/// Whether someone still waits for the end of this sync mail.
bool is_running(const Delivery& delivery) {
  const auto state = delivery.outcome.state;
  return delivery.sync && (state == DeliveryState::queued || state == DeliveryState::sending);
}

net::Task<Result<ComposedMail>> compose(Context& context, Draft draft, bool strict) {
  message::ComposeContext about;
  about.now = context.env.now();
  const auto& sender = draft.from.front().address;
  about.message_id_domain = sender.substr(sender.rfind('@') + 1);
  about.random_hex = fmt::format("{:016x}{:016x}", context.env.random(), context.env.random());
  about.strict_encoding = strict;
  net::WorkerFrame frame;
  frame.kind = message::mime_compose_kind;
  frame.payload = message::encode_compose_request(draft, about);
  POSTERN_CO_TRY(const auto reply, co_await context.workers.ask(std::move(frame), limits::compose));
  co_return message::decode_compose_reply(reply.payload);
}

net::Task<Result<std::optional<storage::StoredIntegration>>> find_integration(
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

net::Task<std::variant<SendAnswer, Refusal>> submit(
    Hub& hub, SendRequest request, std::optional<storage::IdempotencyKey> idempotency) {
  Context& context = hub.context();
  const Duration begun = context.env.steady();
  if (idempotency) {
    auto known = co_await context.store.deliveries().find_key(*idempotency);
    if (!known) co_return from_storage(known.error());
    if (known.value() && is_running(*known.value())) {
      co_return from_storage(Error{errc::key_running, "the first request has not ended"});
    }
    if (known.value()) co_return SendAnswer{std::move(*known.value()), true};
  }
  auto found = co_await find_integration(context, request.integration);
  if (!found) co_return from_storage(found.error());
  if (!found.value()) co_return no_integration(request.integration);
  const auto& stored = *found.value();
  if (auto refused = unfit(stored)) co_return std::move(*refused);
  if (request.from && !may_send_as(stored.value, request.from->address)) {
    co_return refusal(
        ResultCode::from_not_allowed,
        fmt::format("{} may not be the From of {}", request.from->address, stored.value.name),
        "Use the integration's address, or add this one to its from_addresses.", "/from");
  }
  storage::NewDelivery fresh;
  fresh.integration = stored.value.id;
  fresh.envelope.sender = own_address(stored.value).address;
  if (request.from) fresh.envelope.sender = request.from->address;
  fresh.envelope.recipients = recipients_of(request);
  fresh.subject = request.subject;
  fresh.sync = request.sync;
  fresh.at = context.env.now();
  fresh.due = std::max(request.not_before.value_or(fresh.at), fresh.at);
  fresh.idempotency = std::move(idempotency);
  const Duration timeout = request.timeout;
  auto draft = draft_of(stored.value, request);
  auto composed = co_await compose(context, std::move(draft), request.strict_encoding);
  if (!composed) co_return from_compose(composed.error());
  fresh.bytes = std::move(composed.value().bytes);
  fresh.message_id = std::move(composed.value().message_id);
  fresh.notes = std::move(composed.value().notes);
  auto created = co_await context.store.deliveries().create(std::move(fresh));
  if (!created) co_return from_storage(created.error());
  SendAnswer answer{std::move(created.value().delivery), created.value().replayed};
  if (answer.replayed) co_return answer;
  if (!request.sync) {
    hub.delivery_queued(stored.value.id);
    co_return answer;
  }
  // One budget for the whole call: composing and storing have used some of it.
  const Duration left = std::max(timeout - (context.env.steady() - begun), Duration(1));
  auto sent = co_await hub.send_now(answer.delivery.id, left);
  if (!sent) co_return from_storage(sent.error());
  answer.delivery = std::move(sent).value();
  co_return answer;
}

}  // namespace postern::flows
