#include "flows/target_call.hpp"

#include "core/syntax.hpp"
#include "flows/byte_gate.hpp"
#include "flows/limits.hpp"
#include "flows/message_json.hpp"
#include "flows/message_parts.hpp"
#include "flows/target_answers.hpp"
#include "flows/target_imap.hpp"
#include "flows/target_smtp.hpp"
#include "flows/target_zammad.hpp"
#include "message/onward.hpp"

#include <algorithm>

namespace postern::flows {
namespace {

constexpr std::size_t parts_bytes_max = 64 * 1024 * 1024;  // decoded, of one mail in one request

bool is_header_alone(const storage::MessageDetail& detail) {
  return detail.state == storage::MessageState::too_large;
}

/// The raw mail as this target is given it.
net::Task<Result<std::string>> bytes_for(Context& context, const Target& target,
                                         const storage::MessageDetail& detail, bool as_stored) {
  POSTERN_CO_TRY(auto bytes, co_await context.store.messages().raw(detail.id));
  if (is_header_alone(detail)) {
    bytes =
        message::header_with_notice(bytes, too_large_notice(detail, context.options.public_url));
  }
  if (as_stored || target.allow_control_headers) co_return std::move(bytes);
  co_return message::without_control_headers(std::move(bytes));
}

net::Task<Result<void>> add_parts(Context& context, const Target& target,
                                  const storage::MessageDetail& detail, TargetMail& mail) {
  const auto* thread = mail.data.if_contains("thread_id");
  mail.thread = thread != nullptr && thread->is_string() ? std::string(thread->get_string())
                                                         : detail.id.str();
  POSTERN_CO_TRY(mail.ticket, co_await context.store.handovers().ticket_of(target.id, mail.thread));
  if (is_header_alone(detail)) co_return success();
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < detail.summary.attachments.size(); ++i) {
    bytes += detail.summary.attachments[i].size_bytes;
    if (bytes > parts_bytes_max) break;  // the ticket has the others' names in MESSAGE only
    auto part = co_await attachment(context, detail.id, static_cast<int>(i));
    if (!part && !is_no_such_part(part.error())) co_return part.error();
    mail.attachments.push_back(part ? std::move(part).value() : std::string());
  }
  co_return success();
}

/// Who relays: the target's own word, the login when it is an address, the mailbox it came to.
net::Task<Result<std::string>> sender_for(Context& context, const Target& target,
                                          const storage::MessageDetail& detail) {
  if (!target.sender.empty()) co_return target.sender;
  const bool logs_in = target.auth.method != AuthMethod::none;
  if (logs_in && valid_addr_spec(target.auth.username)) co_return target.auth.username;
  const auto stored = co_await context.store.integrations().get(detail.integration);
  if (stored) co_return stored.value().value.address;
  if (stored.error().code != storage::errc::not_found) co_return stored.error();
  co_return std::string();
}

/// The right to have the mail in memory, where it is large.
net::Task<ByteShare> share_for(Context& context, const Target& target, const TargetKind& kind,
                               const storage::MessageDetail& detail) {
  const bool read = kind.takes_bytes || kind.takes_parts || target.raw;
  const bool large = detail.size_bytes >= limits::large_mail_bytes && !is_header_alone(detail);
  if (context.handover_bytes == nullptr || !read || !large) co_return ByteShare();
  co_return co_await context.handover_bytes->take(target.id.value,
                                                  detail.size_bytes * limits::large_mail_copies);
}

net::Task<Result<TargetAnswer>> call_by_http(net::HttpClient& http, const TargetKind& kind,
                                             TargetMail& mail) {
  POSTERN_CO_TRY(auto request, kind.request(mail));
  auto response =
      co_await http.call(std::move(request), tls_of(mail.target), limits_of(mail.target));
  if (!response) co_return judge_silence(response.error());
  co_return kind.judge(mail, response.value());
}

/// To Zammad once, also when an answer was lost.
net::Task<Result<TargetAnswer>> call_zammad(Context& context, net::HttpClient& http,
                                            const TargetKind& kind, TargetMail& mail,
                                            HandoverId handover) {
  auto& handovers = context.store.handovers();
  POSTERN_CO_TRY(const auto progress, co_await handovers.progress(handover));
  if (progress == zammad_asked) {
    auto found = co_await find_in_zammad(http, mail);
    if (found) co_return std::move(*found);
  } else {
    POSTERN_CO_TRY(co_await handovers.note_progress(handover, std::string(zammad_asked)));
  }
  co_return co_await call_by_http(http, kind, mail);
}

}  // namespace

TlsPolicy tls_of(const Target& target) {
  TlsPolicy tls;
  tls.ca_pem = target.ca_pem;
  return tls;
}

net::HttpLimits limits_of(const Target& target) {
  net::HttpLimits limits;
  limits.whole = target.timeout;
  limits.connect = std::min<Duration>(limits.connect, target.timeout);
  return limits;
}

net::Task<Result<TargetAnswer>> give_mail(Context& context, net::HttpClient& http,
                                          TargetLines& lines, const Target& target,
                                          const storage::TargetSecrets& secrets, DueMail due) {
  const auto& [handover, detail] = due;
  const auto& kind = kind_of(target);
  const auto carrier = type_of(target).carrier;
  const auto share = co_await share_for(context, target, kind, detail);
  TargetMail mail(target, secrets, message_json(detail, context.options.public_url));
  mail.handover = handover.id.str();
  mail.attempt = handover.attempts + 1;
  mail.now = context.env.now();
  mail.chance = context.env.random();
  mail.integration = detail.integration.str();
  mail.message = detail.id.str();
  mail.told_at = to_rfc3339(detail.stored_at);
  if (is_header_alone(detail)) mail.notice = too_large_notice(detail, context.options.public_url);
  if (kind.takes_bytes || target.raw) {
    const bool as_stored = !type_of(target).has(setting_control_headers);
    POSTERN_CO_TRY(mail.bytes, co_await bytes_for(context, target, detail, as_stored));
  }
  if (kind.takes_parts) {
    POSTERN_CO_TRY(co_await add_parts(context, target, detail, mail));
  }
  if (target.type == "zammad") {
    co_return co_await call_zammad(context, http, kind, mail, handover.id);
  }
  if (carrier == TargetCarrier::http) co_return co_await call_by_http(http, kind, mail);
  POSTERN_CO_TRY(auto progress, co_await context.store.handovers().progress(handover.id));
  if (carrier == TargetCarrier::imap) {
    const bool search = progress == append_begun;
    co_return co_await append_mail(context, lines, mail, detail.received_at, detail.message_id,
                                   search, handover.id);
  }
  POSTERN_CO_TRY(auto sender, co_await sender_for(context, target, detail));
  co_return co_await relay_mail(context, lines, mail, std::move(sender), std::move(progress));
}

}  // namespace postern::flows
