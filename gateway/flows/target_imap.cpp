#include "flows/target_imap.hpp"

#include "flows/imap_put.hpp"
#include "flows/limits.hpp"
#include "flows/verdict.hpp"
#include "imap/refusal.hpp"

namespace postern::flows {
namespace {

Incoming incoming_of(const Target& target) {
  Incoming incoming;
  incoming.enabled = true;
  incoming.server = target.server;
  incoming.auth = target.auth;
  incoming.tls = target.tls;
  return incoming;
}

bool is_8bit(std::string_view bytes) {
  for (const char c : bytes) {
    if ((c & 0x80) != 0) return true;
  }
  return false;
}

imap::NewMessage arrived_at(ImapLink& link, std::string_view bytes, Instant received_at) {
  imap::NewMessage message;
  message.internal_date = received_at;
  message.utf8_header =
      link.session().enabled("UTF8=ACCEPT") && is_8bit(bytes.substr(0, bytes.find("\r\n\r\n")));
  return message;
}

/// True: it was there already.
net::Task<Result<bool>> converse(Context& context, ImapLink& link, const TargetMail& mail,
                                 Instant received_at, std::string message_id, bool search,
                                 HandoverId handover) {
  const auto folder = mail.target.folder;
  POSTERN_CO_TRY(co_await link.connect());
  POSTERN_CO_TRY(co_await until_ready(link));
  if (search && !message_id.empty()) {
    POSTERN_CO_TRY(const bool opened, co_await open_to_put(link, folder));
    bool there = false;
    if (opened) {
      POSTERN_CO_TRY(there, co_await holds(link, std::move(message_id)));
    }
    if (there) co_return true;
  }
  POSTERN_CO_TRY(
      co_await context.store.handovers().note_progress(handover, std::string(append_begun)));
  const auto message = arrived_at(link, mail.bytes, received_at);
  auto added = co_await append(link, folder, message, mail.bytes);
  if (!added && added.error().code == imap::errc::folder_to_create) {
    POSTERN_CO_TRY(co_await make_folder(link, folder));
    added = co_await append(link, folder, message, mail.bytes);
  }
  if (!added) co_return added.error();
  link.session().logout();
  static_cast<void>(co_await link.next(limits::imap_command));
  co_return false;
}

}  // namespace

TargetAnswer judge_append_error(const Error& error, std::string_view step) {
  const auto verdict = judge(error, Direction::incoming, step);
  TargetAnswer answer;
  answer.words = describe(error);
  answer.hint = verdict.hint;
  answer.wait_at_least = verdict.wait_at_least.value_or(Duration(0));
  const auto& code = error.code;
  if (code == imap::errc::too_large || code == imap::errc::bad_argument) {
    answer.fate = TargetFate::refused;
    answer.hint = "The server takes no such mail.";
  } else if (code == imap::errc::over_quota || code == imap::errc::no_permission) {
    answer.fate = TargetFate::paused;
  } else if (verdict.outcome == Outcome::auth_rejected ||
             verdict.outcome == Outcome::needs_consent || verdict.outcome == Outcome::throttled) {
    answer.fate = TargetFate::paused;
  }
  return answer;
}

net::Task<TargetAnswer> append_mail(Context& context, TargetMail& mail, Instant received_at,
                                    std::string message_id, bool search, HandoverId handover) {
  const auto incoming = incoming_of(mail.target);
  IntegrationSecrets secrets;
  secrets.incoming_password = mail.secrets.credential;
  ImapLink link(context, incoming, secrets, false);
  link.line().set_deadline(context.env.steady() + mail.target.timeout);
  const auto there =
      co_await converse(context, link, mail, received_at, std::move(message_id), search, handover);
  if (!there) co_return judge_append_error(there.error(), link.line().step());
  TargetAnswer answer;
  answer.fate = TargetFate::taken;
  if (there.value()) answer.words = "it was in the folder already";
  co_return answer;
}

}  // namespace postern::flows
