// How a maildrop is fetched.
#include "flows/maildrop_visit.hpp"
#include "message/received_date.hpp"

#include <fmt/format.h>

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

}  // namespace

net::Task<Result<void>> MaildropVisit::follow(MaildropPlan plan) {
  auto& maildrops = world_.context.store.maildrops();
  const auto id = world_.integration.id;
  if (plan.renumbered) {
    POSTERN_CO_TRY(co_await note_renumbering(plan));
  }
  if (!plan.gone.empty() || !plan.back.empty()) {
    const Instant now = world_.context.env.now();
    POSTERN_CO_TRY(
        co_await maildrops.record_listing(id, std::move(plan.gone), std::move(plan.back), now));
  }
  for (const auto& trouble : plan.lost) {
    POSTERN_CO_TRY(co_await quarantine_.gave_up(trouble, "the mail is no longer in the maildrop"));
  }
  POSTERN_CO_TRY(co_await sort_by_date(plan));
  for (const auto& mail : plan.too_large) {
    POSTERN_CO_TRY(auto header, co_await head_by_top(mail));
    POSTERN_CO_TRY(co_await too_large(mail, header.value_or("")));
  }
  POSTERN_CO_TRY(co_await fetch(std::move(plan.fetch)));
  co_return co_await retry(std::move(plan.retry));
}

/// Before their old keys are told as gone: a visit that is cut begins again where this one did.
net::Task<Result<void>> MaildropVisit::note_renumbering(const MaildropPlan& plan) {
  std::vector<MaildropMail> rows;
  for (const auto& mail : plan.undated) rows.push_back(row_of(mail, MaildropState::undated));
  std::vector<NewEvent> events;
  events.push_back(world_.board.event(
      "mailbox.uidvalidity_changed", Direction::incoming,
      fmt::format("all {} mails of the maildrop have other unique-ids than before", rows.size()),
      "The server renumbered the maildrop; what it held before is told by its dates, and nothing "
      "is handed over twice."));
  co_return co_await world_.context.store.maildrops().record(world_.integration.id, std::move(rows),
                                                             std::move(events));
}

/// Those of the first look and of a renumbered maildrop: the older ones are passed over, the others
/// wanted as new ones are. A mail without a date is wanted.
net::Task<Result<void>> MaildropVisit::sort_by_date(MaildropPlan& plan) {
  const auto& incoming = world_.integration.incoming;
  // It may have been changed to "now" or "all" since that first look.
  const auto& since = incoming.start_from == "now" ? world_.watched_since : incoming.start_from;
  const auto from = parse_rfc3339(since + "T00:00:00Z");
  std::vector<MaildropMail> passed_over;
  auto& maildrops = world_.context.store.maildrops();
  for (auto& mail : plan.undated) {
    std::optional<std::string> head;
    if (from) {
      POSTERN_CO_TRY(head, co_await head_of(mail));
    }
    const auto at = head ? message::find_received_date(*head) : std::nullopt;
    if (from && at && *at < *from) {
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
  for (std::size_t done = 0; done < mails.size(); ++done) {
    for (; asked < mails.size() && asked < done + retrieves_ahead; ++asked) {
      link_.session().retrieve(mails[asked].number);
    }
    POSTERN_CO_TRY(co_await receive(mails[done]));
  }
  co_return success();
}

/// The answer to its RETR.
net::Task<Result<void>> MaildropVisit::receive(const ListedMail& mail) {
  under_way_ = mail;
  bool begun = false;
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next());
    if (auto* done = std::get_if<pop3::RetrieveDone>(&step)) {
      if (!begun && !done->error) {
        POSTERN_CO_TRY(intake_->begin(0));
      }
      co_return co_await fetched(mail, std::move(done->error));
    }
    const auto* piece = std::get_if<pop3::RetrievedPiece>(&step);
    if (piece == nullptr) continue;
    if (!std::exchange(begun, true)) {
      POSTERN_CO_TRY(intake_->begin(mail.size_bytes));
    }
    POSTERN_CO_TRY(intake_->piece(piece->bytes));
  }
}

net::Task<Result<void>> MaildropVisit::fetched(const ListedMail& mail, std::optional<Error> error) {
  under_way_.reset();
  ++fetched_;
  memory_.breaks_in_a_row = 0;
  if (!error) co_return co_await intake_->end_of_maildrop_mail(mail.key);
  if (error->code != pop3::errc::command_refused) co_return std::move(*error);
  co_return co_await refused(mail, *error);
}

}  // namespace postern::flows
