#include "flows/target_imap.hpp"

#include "flows/imap_put.hpp"
#include "flows/limits.hpp"
#include "flows/verdict.hpp"
#include "imap/refusal.hpp"

namespace postern::flows {
namespace {

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

/// What is put, and under which names.
struct Putting {
  const TargetMail& mail;
  HandoverId handover;
  Instant received_at;
  std::string message_id;
  bool search = false;  // it may be there already
};

/// Over an open line. True: it was there already.
net::Task<Result<bool>> put(Context& context, ImapLink& link, const Putting& what) {
  const auto folder = what.mail.target.folder;
  if (what.search && !what.message_id.empty()) {
    POSTERN_CO_TRY(const bool opened, co_await open_to_put(link, folder));
    bool there = false;
    if (opened) {
      POSTERN_CO_TRY(there, co_await holds(link, what.message_id));
    }
    if (there) co_return true;
  }
  POSTERN_CO_TRY(
      co_await context.store.handovers().note_progress(what.handover, std::string(append_begun)));
  const auto message = arrived_at(link, what.mail.bytes, what.received_at);
  auto added = co_await append(link, folder, message, what.mail.bytes);
  if (!added && added.error().code == imap::errc::folder_to_create) {
    POSTERN_CO_TRY(co_await make_folder(link, folder));
    added = co_await append(link, folder, message, what.mail.bytes);
  }
  if (!added) co_return added.error();
  co_return false;
}

/// `renewed`: the token was refused and is another one now; worth one more connection.
net::Task<Result<void>> open_folder_line(FolderLine& line, bool& renewed) {
  auto opened = co_await line.link.connect();
  if (opened) opened = co_await until_ready(line.link);
  if (opened || renewed) co_return opened;
  auto fresh_token = co_await line.link.renew_token(opened.error());
  if (!fresh_token) co_return std::move(fresh_token).error();
  renewed = fresh_token.value();
  co_return opened;
}

/// Whether the server's end of the line is as it was: it only said no.
bool still_open(FolderLine& line, const Error& error) {
  return line.link.session().alive() && !line.link.line().past_deadline() &&
         error.code.category() == make_error_code(imap::errc::too_large).category();
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
  } else if (code == imap::errc::over_quota || code == imap::errc::no_permission ||
             verdict.outcome == Outcome::auth_rejected ||
             verdict.outcome == Outcome::needs_consent || verdict.outcome == Outcome::throttled) {
    answer.fate = TargetFate::paused;
  }
  return answer;
}

net::Task<TargetAnswer> append_mail(Context& context, TargetLines& lines, TargetMail& mail,
                                    Instant received_at, std::string message_id, bool search,
                                    HandoverId handover) {
  Putting what{mail, handover, received_at, std::move(message_id), search};
  bool renewed = false;  // the token, once
  for (;;) {
    auto line = lines.kept_folder();
    const bool kept = line != nullptr;
    if (!kept) line = lines.fresh_folder();
    line->link.line().set_deadline(context.env.steady() + mail.target.timeout);
    if (!kept) {
      const bool had_renewed = renewed;
      const auto opened = co_await open_folder_line(*line, renewed);
      if (!opened && renewed && !had_renewed) continue;
      if (!opened) co_return judge_append_error(opened.error(), line->link.line().step());
    }
    const auto there = co_await put(context, line->link, what);
    if (!there && !still_open(*line, there.error())) {
      const bool late = line->link.line().past_deadline();
      if (!kept || late) co_return judge_append_error(there.error(), line->link.line().step());
      what.search = true;  // the server ended a kept line, perhaps behind the APPEND
      continue;
    }
    const auto step = std::string(line->link.line().step());
    lines.keep(std::move(line));
    if (!there) co_return judge_append_error(there.error(), step);
    TargetAnswer answer;
    answer.fate = TargetFate::taken;
    if (there.value()) answer.words = "it was in the folder already";
    co_return answer;
  }
}

}  // namespace postern::flows
