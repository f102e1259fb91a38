#include "flows/submission.hpp"

#include "core/log.hpp"
#include "flows/hub.hpp"
#include "flows/limits.hpp"
#include "flows/metrics.hpp"
#include "flows/promise.hpp"
#include "message/errc.hpp"
#include "message/mime_protocol.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

Refusal from_compose(const Error& error) {
  const auto code = [&] {
    if (error.code == message::errc::bad_address) return ResultCode::bad_address;
    if (error.code == message::errc::message_too_big) return ResultCode::attachment;
    if (error.code == message::errc::charset_does_not_fit) return ResultCode::charset;
    if (error.code == message::errc::unknown_charset) return ResultCode::bad_request;
    if (error.code == message::errc::header_injection) return ResultCode::injection;
    if (error.code == message::errc::bad_header_name) return ResultCode::bad_request;
    if (error.code == message::errc::bad_request) return ResultCode::bad_request;
    return ResultCode::internal;
  }();
  return refusal(code, describe(error), "Nothing was queued.");
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
        return lower_case(other) == lower_case(address.address);
      });
      if (!known) recipients.push_back(address.address);
    }
  }
  return recipients;
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

}  // namespace

net::Task<std::variant<SendAnswer, Refusal>> submit(
    Hub& hub, SendRequest request, std::optional<storage::IdempotencyKey> idempotency) {
  Context& context = hub.context();
  const Duration begun = context.env.steady();
  if (auto known = co_await known_answer(context, idempotency)) co_return std::move(*known);
  auto found = co_await sending_integration(context, request.integration);
  if (auto* refused = std::get_if<Refusal>(&found)) co_return std::move(*refused);
  const auto& stored = std::get<storage::StoredIntegration>(found);
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
  // One budget for the whole call: composing and storing have used some of it.
  const Duration left = timeout - (context.env.steady() - begun);
  co_return co_await promised(hub, std::move(created), left);
}

}  // namespace postern::flows
