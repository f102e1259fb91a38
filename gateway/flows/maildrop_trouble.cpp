// Mails of a maildrop that cannot be taken as they are: refused, too large, or the connection
// breaks at them. They get rows in quarantine, and are tried again one by one, after all others.
#include "core/log.hpp"
#include "flows/isolation.hpp"
#include "flows/limits.hpp"
#include "flows/maildrop_visit.hpp"

namespace postern::flows {
namespace {

// A quarantined mail waits a minute and more, which one that chance broke twice should not.
constexpr int breaks_max = breaks_before_quarantine + 1;
constexpr const char* grew_too_large = "it is larger than message_bytes_max";

}  // namespace

net::Task<Result<void>> MaildropVisit::retry(std::vector<MaildropRetry> mails) {
  if (mails.empty()) co_return success();
  unfinished_ = true;
  const auto limit = world_.integration.incoming.message_bytes_max;
  for (auto& [mail, trouble] : mails) {
    POSTERN_CO_TRY(co_await quarantine_.begin_try(trouble));
    if (mail.size_bytes > limit && !trouble.any_size) {
      POSTERN_CO_TRY(co_await quarantine_.failed(trouble, grew_too_large));
      continue;
    }
    retrying_ = trouble;
    link_.session().retrieve(mail.number, trouble.any_size);
    POSTERN_CO_TRY(co_await receive(mail));
    retrying_.reset();
  }
  co_return success();
}

/// The server said -ERR to RETR.
net::Task<Result<void>> MaildropVisit::refused(const ListedMail& mail, const Error& error) {
  unfinished_ = true;
  if (retrying_) co_return co_await quarantine_.failed(*retrying_, describe(error));
  BadMail bad;
  bad.folder = "INBOX";
  bad.uid_validity = storage::maildrop_uid_validity;
  bad.uid = intake_->take_maildrop_uid();
  bad.maildrop_key = mail.key;
  bad.reason = describe(error);
  bad.size_bytes = mail.size_bytes;
  bad.tries = mail.attempts + 1;
  co_return co_await quarantine_.put(std::move(bad));
}

net::Task<Result<void>> MaildropVisit::too_large(const ListedMail& mail, std::string header) {
  if (retrying_) co_return co_await quarantine_.failed(*retrying_, grew_too_large);
  LargeMail large;
  large.folder = "INBOX";
  large.uid_validity = storage::maildrop_uid_validity;
  large.uid = intake_->take_maildrop_uid();
  large.maildrop_key = mail.key;
  large.size_bytes = mail.size_bytes;
  large.header = std::move(header);
  POSTERN_CO_TRY(co_await quarantine_.put(std::move(large)));
  world_.digester.mails_stored();  // its header is handed over
  co_return success();
}

/// The connection broke at a mail: that may be chance, again and again it is the mail's doing.
net::Task<Result<void>> MaildropVisit::note_break(const ListedMail& mail, const Error& error) {
  if (retrying_ || mail.attempts + 1 >= breaks_max) {
    co_return co_await refused(mail, error);
  }
  storage::MaildropMail row;
  row.key = mail.key;
  row.state = storage::MaildropState::failed;
  row.attempts = mail.attempts + 1;
  std::vector<storage::MaildropMail> rows;
  rows.push_back(std::move(row));
  co_return co_await world_.context.store.maildrops().record(world_.integration.id, std::move(rows),
                                                             {});
}

/// A connection that ended in the middle of a mail: it may be that mail's doing. It counts as a
/// try of the mail, and not as a failed check where others came well or it was under suspicion.
net::Task<void> MaildropVisit::line_lost(const Error& error) {
  if (!under_way_) co_return;
  const auto& category = error.code.category();
  if (category != pop3::category() && category != net::net_category()) co_return;
  const auto mail = std::move(*under_way_);
  under_way_.reset();
  Result<void> recorded = success();
  if (error.code == pop3::errc::mail_too_large) {
    recorded = co_await too_large(mail, {});
    excused_ = true;
  } else {
    // One after the other, they are the server's doing.
    if (!retrying_ && ++memory_.breaks_in_a_row > breaks_in_a_row_max) co_return;
    excused_ = fetched_ > 0 || mail.attempts > 0 || retrying_;
    recorded = co_await note_break(mail, error);
  }
  if (recorded) co_return;
  excused_ = false;
  log::error("{}: a failed download was not recorded: {}", world_.integration.name,
             describe(recorded.error()));
}

}  // namespace postern::flows
