#include "flows/submission.hpp"

#include "core/log.hpp"
#include "flows/hub.hpp"
#include "flows/limits.hpp"
#include "flows/metrics.hpp"
#include "flows/promise.hpp"
#include "flows/send_draft.hpp"
#include "message/domain.hpp"
#include "message/errc.hpp"
#include "message/mime_protocol.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

Refusal from_compose(const Error& error) {
  using message::errc;
  const auto refused = [&](ResultCode code, const char* hint, const char* pointer) {
    return refusal(code, describe(error), std::string(hint) + " Nothing was queued.", pointer);
  };
  if (error.code == errc::bad_address) {
    return refused(ResultCode::bad_address, "Correct the address.", "");
  }
  if (error.code == errc::message_too_big) {
    return refused(ResultCode::attachment, "Send less in one mail.", "/attachments");
  }
  if (error.code == errc::charset_does_not_fit) {
    return refused(ResultCode::charset,
                   "Take another encoding, or leave strict_encoding out for UTF-8.", "/encoding");
  }
  if (error.code == errc::unknown_charset) {
    return refused(ResultCode::bad_request,
                   "Take a name of the IANA registry, such as iso-8859-15; utf-8 holds any text.",
                   "/encoding");
  }
  if (error.code == errc::header_injection) {
    return refused(ResultCode::injection, "Leave control characters out.", "");
  }
  if (error.code == errc::bad_header_name || error.code == errc::bad_request) {
    return refused(ResultCode::bad_request, "Correct the request.", "");
  }
  return refused(ResultCode::internal, "Try again.", "");
}

net::Task<Result<ComposedMail>> compose(Context& context, Draft draft, bool strict,
                                        bool charset_asked) {
  message::ComposeContext about;
  about.now = context.env.now();
  const auto& sender = draft.from.front().address;
  about.message_id_domain = sender.substr(sender.rfind('@') + 1);
  about.random_hex = fmt::format("{:016x}{:016x}", context.env.random(), context.env.random());
  about.strict_encoding = strict;
  // The caller can correct his own word, not the integration's.
  about.unknown_charset_falls_back = !charset_asked;
  net::WorkerFrame frame;
  frame.kind = message::mime_compose_kind;
  frame.payload = message::encode_compose_request(draft, about);
  POSTERN_CO_TRY(const auto reply, co_await context.workers.ask(std::move(frame), limits::compose));
  co_return message::decode_compose_reply(reply.payload);
}

net::Task<Result<MessageSummary>> digest(Context& context, std::string_view bytes) {
  net::WorkerFrame frame;
  frame.kind = message::mime_digest_kind;
  frame.payload = message::encode_digest_request(bytes);
  POSTERN_CO_TRY(const auto reply, co_await context.workers.ask(std::move(frame), limits::compose));
  co_return message::decode_digest_reply(reply.payload);
}

/// A mail that could be sent: what submit stores and preview shows.
struct Prepared {
  storage::StoredIntegration stored;
  Envelope envelope;
  ComposedMail mail;
};

/// Bcc stands in no header, so composing knows nothing of it.
void note_hidden_recipients(const SendRequest& request, ComposedMail& mail) {
  for (const auto& address : request.bcc) {
    if (!message::needs_smtputf8(address.address)) continue;
    mail.needs_smtputf8 = true;
    mail.notes.push_back(address.address + " needs a server with SMTPUTF8");
  }
}

storage::NewDelivery new_delivery(Prepared prepared, const SendRequest& request, Instant now) {
  storage::NewDelivery fresh;
  fresh.integration = prepared.stored.value.id;
  fresh.envelope = std::move(prepared.envelope);
  fresh.bytes = std::move(prepared.mail.bytes);
  fresh.message_id = std::move(prepared.mail.message_id);
  fresh.notes = std::move(prepared.mail.notes);
  fresh.subject = request.subject;
  fresh.sync = request.sync;
  fresh.at = now;
  fresh.due = std::max(request.not_before.value_or(now), now);
  fresh.priority = request.priority;
  fresh.tags = request.tags;
  fresh.needs_smtputf8 = prepared.mail.needs_smtputf8;
  fresh.wishes = request.wishes;
  return fresh;
}

/// `request` loses its large fields. It outlives the call.
net::Task<std::variant<Prepared, Refusal>> prepare(Context& context, SendRequest& request) {
  auto found = co_await sending_integration(context, request.integration);
  if (auto* refused = std::get_if<Refusal>(&found)) co_return std::move(*refused);
  Prepared prepared;
  prepared.stored = std::get<storage::StoredIntegration>(std::move(found));
  const Integration& integration = prepared.stored.value;
  if (request.from) {
    auto from = allowed_from(integration, *request.from);
    if (!from) {
      co_return refusal(
          ResultCode::from_not_allowed,
          fmt::format("{} may not be the From of {}", request.from->address, integration.name),
          "Use the integration's address, or add this one to its from_addresses.", "/from");
    }
    request.from = std::move(from);
  }
  prepared.envelope = envelope_of(integration, request);
  const bool charset_asked = request.encoding.has_value();
  auto draft = draft_of(integration, request);
  auto composed =
      co_await compose(context, std::move(draft), request.strict_encoding, charset_asked);
  if (!composed) co_return from_compose(composed.error());
  prepared.mail = std::move(composed).value();
  note_hidden_recipients(request, prepared.mail);
  co_return prepared;
}

}  // namespace

net::Task<std::variant<SendPreview, Refusal>> preview(Hub& hub, SendRequest request) {
  Context& context = hub.context();
  auto made = co_await prepare(context, request);
  if (auto* refused = std::get_if<Refusal>(&made)) co_return std::move(*refused);
  auto& prepared = std::get<Prepared>(made);
  auto seen = co_await digest(context, prepared.mail.bytes);
  if (!seen) {
    co_return refusal(ResultCode::internal, describe(seen.error()), "Try again.");
  }
  SendPreview result;
  result.integration = prepared.stored.value.id;
  result.envelope = std::move(prepared.envelope);
  result.mail = std::move(prepared.mail);
  result.seen = std::move(seen).value();
  co_return result;
}

net::Task<std::variant<SendAnswer, Refusal>> submit(
    Hub& hub, SendRequest request, std::optional<storage::IdempotencyKey> idempotency) {
  Context& context = hub.context();
  const Duration begun = context.env.steady();
  if (auto known = co_await known_answer(context, idempotency)) co_return std::move(*known);
  auto made = co_await prepare(context, request);
  if (auto* refused = std::get_if<Refusal>(&made)) co_return std::move(*refused);
  auto& prepared = std::get<Prepared>(made);
  const Duration budget = request.timeout.value_or(prepared.stored.value.outgoing.timeout);
  auto fresh = new_delivery(std::move(prepared), request, context.env.now());
  fresh.idempotency = std::move(idempotency);
  auto created = co_await context.store.deliveries().create(std::move(fresh));
  // One budget for the whole call: composing and storing have used some of it.
  const Duration left = budget - (context.env.steady() - begun);
  co_return co_await promised(hub, std::move(created), left);
}

}  // namespace postern::flows
