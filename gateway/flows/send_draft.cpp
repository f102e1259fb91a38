#include "flows/send_draft.hpp"

#include "core/syntax.hpp"
#include "message/address.hpp"
#include "message/domain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace postern::flows {
namespace {

/// An address in the form in which two are the same: A-labels, ASCII letters small.
std::string key_of(std::string_view address) {
  std::string result = message::with_ascii_domain(address);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

/// The call's Reply-To, else by mode: the default reply address, else the login.
std::optional<MailAddress> reply_address(const Integration& integration,
                                         const SendRequest& request) {
  if (request.reply_to) return request.reply_to;
  const auto& outgoing = integration.outgoing;
  if (outgoing.reply_to_mode == ReplyToMode::none) return std::nullopt;
  MailAddress address;
  address.address = outgoing.default_reply_to.value_or("");
  if (address.address.empty()) address.address = outgoing.auth.username;
  if (!message::is_addr_spec(address.address)) return std::nullopt;  // a login may be a bare name
  return address;
}

void add_priority(Priority priority, Draft& draft) {
  switch (priority) {
    case Priority::high:
      draft.headers.emplace_back("X-Priority", "1");
      draft.headers.emplace_back("Importance", "high");
      return;
    case Priority::normal:
      return;
    case Priority::low:
      draft.headers.emplace_back("X-Priority", "5");
      draft.headers.emplace_back("Importance", "low");
      return;
  }
}

}  // namespace

std::string envelope_form(const std::string& address) {
  return message::with_ascii_domain(address);
}

MailAddress from_entry(const std::string& text) {
  auto parsed = message::parse_address(text);
  if (parsed) return std::move(parsed).value();
  return {"", std::string(without_name(text))};
}

std::optional<Refusal> unfit(const storage::StoredIntegration& stored) {
  const auto& integration = stored.value;
  if (!integration.enabled) {
    return refusal(ResultCode::integration_disabled,
                   fmt::format("the integration {} is disabled", integration.name),
                   "Enable it, or send through another one.", "/integration");
  }
  if (!integration.outgoing.enabled) {
    return refusal(
        ResultCode::outgoing_off, fmt::format("the integration {} does not send", integration.name),
        "Switch its outgoing direction on, or send through another one.", "/integration");
  }
  if (stored.status.outgoing_state == DirectionState::disabled) {
    return refusal(ResultCode::integration_disabled,
                   fmt::format("{} sends no more: {}", integration.name,
                               stored.status.disabled_reason.value_or("it failed too often")),
                   "Mend the cause, then enable the integration again.", "/integration");
  }
  return std::nullopt;
}

MailAddress own_address(const Integration& integration) {
  MailAddress own;
  own.address = integration.address;
  if (own.address.empty() && !integration.outgoing.from_addresses.empty()) {
    own = from_entry(integration.outgoing.from_addresses.front());
  }
  if (own.address.empty()) own.address = integration.outgoing.auth.username;
  if (own.name.empty()) own.name = integration.display_name;
  return own;
}

std::optional<MailAddress> allowed_from(const Integration& integration, const MailAddress& from) {
  const auto wanted = key_of(from.address);
  MailAddress named = from;
  const auto take_name = [&](const std::string& name) {
    if (named.name.empty()) named.name = name;
  };
  bool allowed = wanted == key_of(integration.outgoing.auth.username);
  for (const auto& text : integration.outgoing.from_addresses) {
    const auto entry = from_entry(text);
    if (wanted != key_of(entry.address)) continue;
    allowed = true;
    take_name(entry.name);
  }
  if (wanted == key_of(integration.address)) {
    allowed = true;
    take_name(integration.display_name);
  }
  if (!allowed) return std::nullopt;
  return named;
}

bool may_send_as(const Integration& integration, const std::string& address) {
  const MailAddress from{"", address};
  return allowed_from(integration, from).has_value();
}

Envelope envelope_of(const Integration& integration, const SendRequest& request) {
  Envelope envelope;
  const auto sender = request.from ? request.from->address : own_address(integration).address;
  envelope.sender = message::with_ascii_domain(sender);
  std::set<std::string> seen;
  for (const auto* list : {&request.to, &request.cc, &request.bcc}) {
    for (const auto& address : *list) {
      if (!seen.insert(key_of(address.address)).second) continue;
      envelope.recipients.push_back(message::with_ascii_domain(address.address));
    }
  }
  return envelope;
}

Draft draft_of(const Integration& integration, SendRequest& request) {
  Draft draft;
  const auto reply = reply_address(integration, request);
  MailAddress from = request.from.value_or(own_address(integration));
  if (integration.outgoing.reply_to_mode == ReplyToMode::from && reply) {
    from.address = reply->address;
    if (!reply->name.empty()) from.name = reply->name;
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
  add_priority(request.priority, draft);
  draft.in_reply_to = std::move(request.in_reply_to);
  draft.references = std::move(request.references);
  return draft;
}

}  // namespace postern::flows
