#include "flows/imap_put.hpp"

#include "flows/limits.hpp"

namespace postern::flows {
namespace {

constexpr std::size_t written_at_once = 64 * 1024;

}  // namespace

net::Task<Result<void>> until_ready(ImapLink& link) {
  for (;;) {
    POSTERN_CO_TRY(const auto step, co_await link.next(limits::imap_command));
    if (std::holds_alternative<imap::Ready>(step)) co_return success();
  }
}

net::Task<Result<bool>> open_to_put(ImapLink& link, std::string folder) {
  POSTERN_CO_TRY(link.session().select(folder, imap::Access::read_write));
  for (;;) {
    const auto step = co_await link.next(limits::imap_command);
    if (!step) {
      const bool missing = step.error().code == imap::errc::folder_missing;
      if (missing && link.session().alive()) co_return false;
      co_return step.error();
    }
    if (std::holds_alternative<imap::Selected>(step.value())) co_return true;
  }
}

net::Task<Result<bool>> holds(ImapLink& link, std::string message_id) {
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
    if (done->command == showing) co_return success();
  }
}

net::Task<Result<void>> append(ImapLink& link, std::string folder, imap::NewMessage message,
                               std::string_view bytes) {
  message.size_bytes = bytes.size();
  POSTERN_CO_TRY(link.session().append(folder, message));
  link.line().enter("append");
  for (;;) {
    POSTERN_CO_TRY(const auto step, co_await link.next(limits::imap_command));
    if (std::holds_alternative<imap::SendBody>(step)) {
      while (!bytes.empty()) {
        const auto part = bytes.substr(0, written_at_once);
        POSTERN_CO_TRY(co_await link.line().write(part, limits::write, Wire::body));
        bytes.remove_prefix(part.size());
      }
    }
    const auto* done = std::get_if<imap::AppendDone>(&step);
    if (done == nullptr) continue;
    if (done->error) co_return *done->error;
    co_return success();
  }
}

}  // namespace postern::flows
