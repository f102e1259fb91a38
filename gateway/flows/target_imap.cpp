#include "flows/target_imap.hpp"

#include "flows/imap_link.hpp"
#include "flows/limits.hpp"
#include "flows/verdict.hpp"
#include "imap/refusal.hpp"

namespace postern::flows {
namespace {

constexpr std::size_t written_at_once = 64 * 1024;

Incoming incoming_of(const Target& target) {
  Incoming incoming;
  incoming.enabled = true;
  incoming.server = target.server;
  incoming.auth = target.auth;
  incoming.tls = target.tls;
  return incoming;
}

net::Task<Result<void>> ready(ImapLink& link) {
  for (;;) {
    POSTERN_CO_TRY(const auto step, co_await link.next(limits::imap_command));
    if (std::holds_alternative<imap::Ready>(step)) co_return success();
  }
}

/// False where there is no such folder.
net::Task<Result<bool>> open(ImapLink& link, std::string folder) {
  POSTERN_CO_TRY(link.session().select(folder, imap::Access::read_only));
  for (;;) {
    const auto step = co_await link.next(limits::imap_command);
    if (!step) {
      if (step.error().code == imap::errc::folder_missing && link.session().alive()) {
        co_return false;
      }
      co_return step.error();
    }
    if (std::holds_alternative<imap::Selected>(step.value())) co_return true;
  }
}

net::Task<Result<bool>> is_there(ImapLink& link, std::string folder, std::string message_id) {
  POSTERN_CO_TRY(const bool opened, co_await open(link, std::move(folder)));
  if (!opened) co_return false;
  imap::SearchCriteria criteria;
  criteria.headers.emplace_back("Message-ID", std::move(message_id));
  POSTERN_CO_TRY(link.session().search(criteria));
  for (;;) {
    POSTERN_CO_TRY(const auto step, co_await link.next(limits::imap_command));
    const auto* done = std::get_if<imap::SearchDone>(&step);
    if (done == nullptr) continue;
    if (done->error) co_return *done->error;
    co_return !done->uids.empty();
  }
}

net::Task<Result<void>> make_folder(ImapLink& link, std::string folder) {
  POSTERN_CO_TRY(const auto making, link.session().create(folder));
  POSTERN_CO_TRY(const auto showing, link.session().subscribe(folder));
  for (;;) {
    POSTERN_CO_TRY(const auto step, co_await link.next(limits::imap_command));
    const auto* done = std::get_if<imap::CommandDone>(&step);
    if (done == nullptr) continue;
    const bool exists = done->error && done->error->code == imap::errc::folder_exists;
    if (done->command == making && done->error && !exists) co_return *done->error;
    // A refused SUBSCRIBE is nothing: the folder is there.
    if (done->command == showing) co_return success();
  }
}

bool is_8bit(std::string_view bytes) {
  for (const char c : bytes) {
    if ((c & 0x80) != 0) return true;
  }
  return false;
}

net::Task<Result<void>> append(ImapLink& link, const std::string& folder, const std::string& bytes,
                               Instant received_at) {
  imap::NewMessage message;
  message.size_bytes = bytes.size();
  message.internal_date = received_at;
  message.utf8_header = link.session().enabled("UTF8=ACCEPT") &&
                        is_8bit(std::string_view(bytes).substr(0, bytes.find("\r\n\r\n")));
  POSTERN_CO_TRY(link.session().append(folder, message));
  link.line().enter("append");
  for (;;) {
    POSTERN_CO_TRY(const auto step, co_await link.next(limits::imap_command));
    if (std::holds_alternative<imap::SendBody>(step)) {
      for (std::string_view rest = bytes; !rest.empty();) {
        const auto part = rest.substr(0, written_at_once);
        POSTERN_CO_TRY(co_await link.line().write(part, limits::write, Wire::body));
        rest.remove_prefix(part.size());
      }
    }
    const auto* done = std::get_if<imap::AppendDone>(&step);
    if (done == nullptr) continue;
    if (done->error) co_return *done->error;
    co_return success();
  }
}

/// True: it was there already.
net::Task<Result<bool>> converse(Context& context, ImapLink& link, const TargetMail& mail,
                                 Instant received_at, std::string message_id, bool search,
                                 HandoverId handover) {
  const auto folder = mail.target.folder;
  POSTERN_CO_TRY(co_await link.connect());
  POSTERN_CO_TRY(co_await ready(link));
  if (search && !message_id.empty()) {
    POSTERN_CO_TRY(const bool there, co_await is_there(link, folder, std::move(message_id)));
    if (there) co_return true;
  }
  POSTERN_CO_TRY(
      co_await context.store.handovers().note_progress(handover, std::string(append_begun)));
  auto added = co_await append(link, folder, mail.bytes, received_at);
  if (!added && added.error().code == imap::errc::folder_to_create) {
    POSTERN_CO_TRY(co_await make_folder(link, folder));
    added = co_await append(link, folder, mail.bytes, received_at);
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
