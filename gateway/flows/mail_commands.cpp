#include "flows/mail_commands.hpp"

#include "flows/limits.hpp"
#include "flows/verdict.hpp"

#include <variant>

namespace postern::flows {
namespace {

template <class Step>
concept Ends = requires(Step step) {
  step.command;
  step.error;
};

/// What `step` says of the end of `command`; nothing when it is about something else.
std::optional<ServerAnswer> answer_in(imap::Step& step, imap::CommandId command) {
  std::optional<ServerAnswer> answer;
  std::visit(
      [&](auto& news) {
        if constexpr (Ends<std::remove_reference_t<decltype(news)>>) {
          if (news.command == command) answer = ServerAnswer{std::move(news.error)};
        }
      },
      step);
  return answer;
}

/// A server that asks for patience has refused nothing for good; one whose folder is full has.
bool asks_for_patience(const Error& refusal) {
  if (refusal.code == imap::errc::over_quota) return false;
  return judge(refusal, Direction::incoming, "after_fetch").outcome == Outcome::throttled;
}

net::Task<Result<ServerAnswer>> end_of(ImapLink& link, imap::CommandId command) {
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link.next(limits::imap_command));
    if (std::holds_alternative<imap::Closed>(step)) {
      co_return Error{imap::errc::connection_closed, "the server closed the line"};
    }
    auto answer = answer_in(step, command);
    if (!answer) continue;
    if (answer->refusal && asks_for_patience(*answer->refusal)) {
      co_return std::move(*answer->refusal);
    }
    co_return std::move(*answer);
  }
}

/// The folder is there afterwards, unless that is refused.
net::Task<Result<ServerAnswer>> make_folder(ImapLink& link, std::string folder) {
  auto& session = link.session();
  POSTERN_CO_TRY(const auto making, session.create(folder));
  POSTERN_CO_TRY(auto answer, co_await end_of(link, making));
  const bool there = answer.refusal && answer.refusal->code == imap::errc::folder_exists;
  if (there) co_return ServerAnswer();
  if (answer.refusal) co_return answer;
  // So that people see it; a server that has no subscriptions has the folder nevertheless.
  POSTERN_CO_TRY(const auto showing, session.subscribe(folder));
  POSTERN_CO_TRY(co_await end_of(link, showing));
  co_return ServerAnswer();
}

}  // namespace

net::Task<Result<imap::Selected>> open_to_change(ImapLink& link, std::string folder) {
  POSTERN_CO_TRY(link.session().select(folder, imap::Access::read_write));
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link.next(limits::imap_command));
    if (auto* selected = std::get_if<imap::Selected>(&step)) co_return std::move(*selected);
    if (std::holds_alternative<imap::Closed>(step)) {
      co_return Error{imap::errc::connection_closed, "the server closed the line"};
    }
  }
}

net::Task<Result<ServerAnswer>> add_flag(ImapLink& link, imap::NumberSet uids, std::string flag) {
  POSTERN_CO_TRY(const auto command, link.session().add_flags(uids, flag));
  co_return co_await end_of(link, command);
}

net::Task<Result<ServerAnswer>> put_into(ImapLink& link, imap::NumberSet uids, std::string folder) {
  auto& session = link.session();
  const bool moves = session.capabilities().has("MOVE");
  for (bool made = false;; made = true) {
    auto command = moves ? session.move(uids, folder) : session.copy(uids, folder);
    if (!command) co_return std::move(command).error();
    POSTERN_CO_TRY(auto answer, co_await end_of(link, command.value()));
    const bool missing = answer.refusal && answer.refusal->code == imap::errc::folder_to_create;
    if (!missing || made) co_return answer;
    POSTERN_CO_TRY(answer, co_await make_folder(link, folder));
    if (answer.refusal) co_return answer;
  }
}

net::Task<Result<ServerAnswer>> remove_mails(ImapLink& link, imap::NumberSet uids) {
  auto& session = link.session();
  POSTERN_CO_TRY(auto answer, co_await add_flag(link, uids, "\\Deleted"));
  // A plain EXPUNGE would take what others marked with it.
  if (answer.refusal || !session.capabilities().has("UIDPLUS")) co_return answer;
  POSTERN_CO_TRY(const auto expunging, session.expunge(uids));
  co_return co_await end_of(link, expunging);
}

}  // namespace postern::flows
