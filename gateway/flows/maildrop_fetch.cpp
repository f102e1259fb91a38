// How a maildrop is fetched, and what becomes of mails that cannot be.
#include "core/log.hpp"
#include "flows/limits.hpp"
#include "flows/maildrop_visit.hpp"
#include "message/received_date.hpp"

#include <fmt/format.h>

#include <deque>

namespace postern::flows {
namespace {

using storage::MaildropMail;
using storage::MaildropState;

constexpr std::size_t retrieves_ahead = 4;    // asked for; the engine sends what may be sent
constexpr std::size_t passed_over_max = 500;  // gathered before they are written

MaildropMail row_of(const ListedMail& mail, MaildropState state) {
  MaildropMail row;
  row.key = mail.key;
  row.state = state;
  row.attempts = mail.attempts;
  return row;
}

std::vector<MaildropMail> one(MaildropMail row) {
  std::vector<MaildropMail> rows;
  rows.push_back(std::move(row));
  return rows;
}

}  // namespace

net::Task<Result<void>> MaildropVisit::follow(MaildropPlan plan) {
  auto& maildrops = world_.context.store.maildrops();
  const auto id = world_.integration.id;
  if (!plan.gone.empty() || !plan.back.empty()) {
    const Instant now = world_.context.env.now();
    POSTERN_CO_TRY(
        co_await maildrops.record_listing(id, std::move(plan.gone), std::move(plan.back), now));
  }
  POSTERN_CO_TRY(co_await sort_by_date(plan));
  POSTERN_CO_TRY(co_await too_large(std::move(plan.too_large)));
  co_return co_await fetch(std::move(plan.fetch));
}

/// Those of the first look: the older ones are passed over, the others wanted as new ones are. A
/// mail without a date is wanted.
net::Task<Result<void>> MaildropVisit::sort_by_date(MaildropPlan& plan) {
  const auto& incoming = world_.integration.incoming;
  // It may have been changed to "now" or "all" since that first look.
  const auto from = parse_rfc3339(incoming.start_from + "T00:00:00Z");
  const bool none_wanted = incoming.start_from == "now";
  std::vector<MaildropMail> passed_over;
  auto& maildrops = world_.context.store.maildrops();
  for (auto& mail : plan.undated) {
    std::optional<std::string> head;
    if (from) {
      POSTERN_CO_TRY(head, co_await head_of(mail));
    }
    const auto at = head ? message::find_received_date(*head) : std::nullopt;
    if (none_wanted || (from && at && *at < *from)) {
      passed_over.push_back(row_of(mail, MaildropState::passed_over));
    } else if (mail.size_bytes > incoming.message_bytes_max) {
      plan.too_large.push_back(std::move(mail));
    } else {
      plan.fetch.push_back(std::move(mail));
    }
    if (passed_over.size() < passed_over_max) continue;
    POSTERN_CO_TRY(
        co_await maildrops.record(world_.integration.id, std::exchange(passed_over, {}), {}));
  }
  if (passed_over.empty()) co_return success();
  co_return co_await maildrops.record(world_.integration.id, std::move(passed_over), {});
}

net::Task<Result<void>> MaildropVisit::fetch(std::vector<ListedMail> mails) {
  std::size_t asked = 0;
  bool begun = false;
  for (auto& mail : mails) {
    for (; asked < mails.size() && asked < fetched_ + retrieves_ahead; ++asked) {
      link_.session().retrieve(mails[asked].number);
    }
    under_way_ = mail;
    begun = false;
    for (;;) {
      POSTERN_CO_TRY(auto step, co_await link_.next());
      if (auto* done = std::get_if<pop3::RetrieveDone>(&step)) {
        if (!begun && !done->error) {
          POSTERN_CO_TRY(intake_->begin(0));
        }
        POSTERN_CO_TRY(co_await fetched(mail, std::move(done->error)));
        break;
      }
      const auto* piece = std::get_if<pop3::RetrievedPiece>(&step);
      if (piece == nullptr) continue;
      if (!std::exchange(begun, true)) {
        POSTERN_CO_TRY(intake_->begin(mail.size_bytes));
      }
      POSTERN_CO_TRY(intake_->piece(piece->bytes));
    }
  }
  co_return success();
}

net::Task<Result<void>> MaildropVisit::fetched(const ListedMail& mail, std::optional<Error> error) {
  under_way_.reset();
  ++fetched_;
  if (!error) co_return co_await intake_->end_of_maildrop_mail(mail.key);
  if (error->code != pop3::errc::command_refused) co_return std::move(*error);
  co_return co_await refused(mail, *error);
}

/// One try less; after the last one the mail is left alone.
net::Task<Result<void>> MaildropVisit::refused(ListedMail mail, const Error& error) {
  const bool last = ++mail.attempts >= limits::download_attempts_max;
  unfinished_ = unfinished_ || !last;
  log::warn("{}: a mail was not downloaded ({} of {} tries): {}", world_.integration.name,
            mail.attempts, limits::download_attempts_max, describe(error));
  std::vector<NewEvent> events;
  const auto tell = [&](const char* kind, std::string hint) {
    auto event =
        world_.board.event(kind, Direction::incoming,
                           "a mail could not be downloaded: " + describe(error), std::move(hint));
    event.data["key"] = mail.key.substr(2);
    event.data["size_bytes"] = mail.size_bytes;
    event.data["attempts"] = mail.attempts;
    events.push_back(std::move(event));
  };
  if (last) {
    tell("message.quarantined", "It stays in the mailbox; look at it there, then check again.");
  } else if (mail.attempts == 1) {
    tell("pop3.download_failed", "It is tried again; the other mails go on.");
  }
  const auto state = last ? MaildropState::quarantined : MaildropState::failed;
  co_return co_await world_.context.store.maildrops().record(
      world_.integration.id, one(row_of(mail, state)), std::move(events));
}

net::Task<Result<void>> MaildropVisit::too_large(std::vector<ListedMail> mails) {
  if (mails.empty()) co_return success();
  std::vector<MaildropMail> rows;
  std::vector<NewEvent> events;
  for (const auto& mail : mails) {
    rows.push_back(row_of(mail, MaildropState::too_large));
    auto event = world_.board.event("pop3.download_failed", Direction::incoming,
                                    fmt::format("a mail is larger than {} bytes",
                                                world_.integration.incoming.message_bytes_max),
                                    "Raise message_bytes_max to take such mails; it stays in the "
                                    "mailbox.");
    event.data["key"] = mail.key.substr(2);
    event.data["size_bytes"] = mail.size_bytes;
    events.push_back(std::move(event));
  }
  co_return co_await world_.context.store.maildrops().record(world_.integration.id, std::move(rows),
                                                             std::move(events));
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
    std::vector<ListedMail> mails;
    mails.push_back(mail);
    recorded = co_await too_large(std::move(mails));
    excused_ = true;
  } else {
    excused_ = fetched_ > 0 || mail.attempts > 0;
    recorded = co_await refused(mail, error);
  }
  if (!recorded) {
    excused_ = false;
    log::error("{}: a failed download was not recorded: {}", world_.integration.name,
               describe(recorded.error()));
  }
}

}  // namespace postern::flows
