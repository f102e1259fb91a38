#include "flows/raw_submission.hpp"

#include "flows/hub.hpp"
#include "flows/promise.hpp"
#include "message/address.hpp"
#include "message/errc.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace postern::flows {
namespace {

/// Bare CRs and LFs as CRLF, as DotStuffer would send them.
std::string with_crlf(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 32);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (c != '\r' && c != '\n') {
      out += c;
      continue;
    }
    out += "\r\n";
    if (c == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n') ++i;
  }
  return out;
}

Refusal from_header(const Error& error) {
  if (error.code == message::errc::from_not_allowed) {
    return refusal(ResultCode::from_not_allowed, describe(error),
                   "Use the integration's address, add this one to its from_addresses, or set its "
                   "from_policy to rewrite.");
  }
  return refusal(ResultCode::attachment, describe(error), "Nothing was queued.");
}

/// The recipients of call and header, each once. Refusals: 10 (none), 11.
std::variant<std::vector<std::string>, Refusal> recipients(const RawSendRequest& request,
                                                           const message::RawHeader& header) {
  std::vector<std::string> all = request.to;
  if (request.header_recipients) {
    all.insert(all.end(), header.recipients.begin(), header.recipients.end());
  }
  std::vector<std::string> result;
  std::set<std::string> known;
  for (auto& each : all) {
    if (!message::is_addr_spec(each)) {
      return refusal(ResultCode::bad_address,
                     fmt::format("{} is not an address", each.substr(0, 80)),
                     "An address has a local part, @ and a domain.", "?to");
    }
    if (known.insert(lower_case(each)).second) result.push_back(std::move(each));
  }
  if (result.empty()) {
    return refusal(ResultCode::bad_address, "the mail has no recipient",
                   "Name them in ?to=, or say header_recipients=true.", "?to");
  }
  if (result.size() > recipients_max) {
    return refusal(ResultCode::bad_request, fmt::format("over {} recipients", recipients_max),
                   "Send it in parts.", "?to");
  }
  return result;
}

}  // namespace

message::RawHeaderPolicy header_policy(Context& context, const Integration& integration) {
  message::RawHeaderPolicy policy;
  policy.own = own_address(integration);
  for (const auto* address : {&integration.address, &integration.outgoing.auth.username}) {
    if (!address->empty()) policy.allowed.push_back(lower_case(*address));
  }
  for (const auto& address : integration.outgoing.from_addresses) {
    policy.allowed.push_back(lower_case(from_entry(address).address));
  }
  policy.refuse_foreign = integration.outgoing.from_policy == FromPolicy::refuse;
  policy.now = context.env.now();
  policy.random_hex = fmt::format("{:016x}{:016x}", context.env.random(), context.env.random());
  return policy;
}

net::Task<std::variant<SendAnswer, Refusal>> submit_raw(
    Hub& hub, RawSendRequest request, std::optional<storage::IdempotencyKey> idempotency) {
  Context& context = hub.context();
  const Duration begun = context.env.steady();
  if (auto known = co_await known_answer(context, idempotency)) co_return std::move(*known);
  auto found = co_await sending_integration(context, request.integration);
  if (auto* refused = std::get_if<Refusal>(&found)) co_return std::move(*refused);
  const auto& integration = std::get<storage::StoredIntegration>(found).value;
  storage::NewDelivery fresh;
  fresh.integration = integration.id;
  fresh.envelope.sender = own_address(integration).address;
  const bool has_domain = request.from && request.from->find('@') != std::string::npos;
  if (has_domain && !may_send_as(integration, *request.from)) {
    co_return refusal(
        ResultCode::from_not_allowed,
        fmt::format("{} may not be the sender of {}", *request.from, integration.name),
        "Use the integration's address, or add this one to its from_addresses.", "?from");
  }
  if (has_domain) fresh.envelope.sender = *request.from;
  if (request.bytes.find('\0') != std::string::npos) {
    co_return refusal(ResultCode::bad_request, "the mail holds a NUL", "No mail server takes one.");
  }
  const auto mail = with_crlf(request.bytes);
  auto header = message::prepare_header(mail, header_policy(context, integration));
  if (!header) co_return from_header(header.error());
  auto to = recipients(request, header.value());
  if (auto* refused = std::get_if<Refusal>(&to)) co_return std::move(*refused);
  fresh.envelope.recipients = std::get<std::vector<std::string>>(std::move(to));
  fresh.bytes = std::move(header.value().bytes);
  fresh.bytes.append(mail, header.value().consumed);
  fresh.message_id = std::move(header.value().message_id);
  fresh.subject = std::move(header.value().subject);
  fresh.notes = std::move(header.value().notes);
  fresh.sync = request.sync;
  fresh.wishes = std::move(request.wishes);
  fresh.priority = request.priority;
  fresh.tags = std::move(request.tags);
  fresh.at = context.env.now();
  fresh.due = std::max(request.not_before.value_or(fresh.at), fresh.at);
  fresh.idempotency = std::move(idempotency);
  auto created = co_await context.store.deliveries().create(std::move(fresh));
  const Duration budget = request.timeout.value_or(integration.outgoing.timeout);
  const Duration left = budget - (context.env.steady() - begun);
  co_return co_await promised(hub, std::move(created), left);
}

net::Task<std::variant<Delivery, Refusal>> submit_mail(Hub& hub, RawMail mail) {
  Context& context = hub.context();
  storage::NewDelivery fresh;
  fresh.integration = mail.integration;
  fresh.envelope = std::move(mail.envelope);
  fresh.wishes = std::move(mail.wishes);
  fresh.message_id = std::move(mail.message_id);
  fresh.subject = std::move(mail.subject);
  fresh.notes = std::move(mail.notes);
  fresh.at = fresh.due = context.env.now();
  fresh.bytes = std::move(mail.bytes);
  std::optional<Result<storage::CreatedDelivery>> created;
  if (mail.file) {
    created = co_await context.store.deliveries().create_spooled(
        std::move(fresh), std::move(mail.file), mail.size_bytes);
  } else {
    created = co_await context.store.deliveries().create(std::move(fresh));
  }
  auto answer = co_await promised(hub, std::move(*created), Duration(0));
  if (auto* refused = std::get_if<Refusal>(&answer)) co_return std::move(*refused);
  co_return std::move(std::get<SendAnswer>(answer).delivery);
}

}  // namespace postern::flows
