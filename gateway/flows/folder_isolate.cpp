// One bad mail and all the others: those that a server refuses, leaves out, answers without bytes
// or breaks the connection over are found, and put into quarantine.
#include "core/log.hpp"
#include "flows/bisection.hpp"
#include "flows/folder_visit.hpp"
#include "flows/isolation.hpp"
#include "flows/limits.hpp"
#include "flows/uid_sets.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

// Those MESSAGE tells of.
const std::vector<std::string> shown_fields{
    "From",         "Sender",        "Reply-To",   "To",          "Cc",
    "Subject",      "Date",          "Message-ID", "In-Reply-To", "References",
    "Delivered-To", "X-Original-To", "List-Id",    "Precedence",  "Auto-Submitted"};
constexpr std::size_t isolate_max = 1U << 20;
constexpr std::size_t ranges_max = 1U << 20;
constexpr std::size_t window_costs_ranges = 8;  // as much memory, beside its own
constexpr std::uint32_t search_window = 5000;   // a plain SEARCH answer is one line of 64 KiB

}  // namespace

BadMail FolderVisit::bad_mail(std::uint32_t uid, std::string reason,
                              const imap::MailFacts& facts) const {
  BadMail bad;
  bad.folder = memory_.name;
  bad.uid_validity = position_.uid_validity;
  bad.uid = uid;
  bad.reason = std::move(reason);
  bad.received_at = facts.internal_date;
  bad.size_bytes = facts.rfc822_size.value_or(0);
  return bad;
}

LargeMail FolderVisit::large_mail(const imap::MailFacts& facts) const {
  LargeMail large;
  large.folder = memory_.name;
  large.uid_validity = position_.uid_validity;
  large.uid = facts.uid.value_or(0);
  large.received_at = facts.internal_date;
  large.size_bytes = facts.rfc822_size.value_or(0);
  return large;
}

std::vector<std::uint32_t> FolderVisit::not_told(const std::vector<std::uint32_t>& uids) const {
  std::vector<std::uint32_t> left;
  std::copy_if(uids.begin(), uids.end(), std::back_inserter(left),
               [this](std::uint32_t uid) { return !told_.contains(uid); });
  return left;
}

/// After the fetches: what went wrong in them gets its rows, durable when this returns. A mail is
/// taken once it has its row: the line may be cut at its header.
net::Task<Result<void>> FolderVisit::mend() {
  auto refused = std::exchange(refused_, {});
  for (auto& candidates : refused) {
    POSTERN_CO_TRY(co_await isolate(std::move(candidates)));
  }
  for (auto& large : std::exchange(large_, {})) {
    const auto uid = large.uid;
    POSTERN_CO_TRY(co_await fetch_header(large));
    POSTERN_CO_TRY(co_await world_.quarantine.put(std::move(large)));
    memory_.taken.add(uid);
    world_.digester.mails_stored();  // its header is handed over
  }
  for (auto& bad : std::exchange(bad_, {})) {
    const auto uid = bad.uid;
    POSTERN_CO_TRY(co_await world_.quarantine.put(std::move(bad)));
    memory_.taken.add(uid);
  }
  co_return success();
}

net::Task<Result<void>> FolderVisit::isolate(UidRanges candidates) {
  auto wanted = candidates.without(told_).without(memory_.taken);
  POSTERN_CO_TRY(auto there, co_await present(wanted));
  co_return co_await isolate_there(std::move(there));
}

/// Fetches mails of which something went wrong together: in halves, and at last one by one.
net::Task<Result<void>> FolderVisit::isolate_there(UidRanges there) {
  Bisection work(there.first_uids(isolate_max));
  UidRanges silent;
  int in_a_row = 0;
  while (const auto uids = work.next()) {
    const auto told_before = told_count_;
    POSTERN_CO_TRY(auto done, co_await ask(*uids));
    auto& refusal = done.error;
    const auto missing = not_told(*uids);
    if (told_count_ > told_before) in_a_row = 0;
    if (refusal && !is_of_a_mail(*refusal)) co_return std::move(*refusal);
    if (missing.empty()) continue;
    if (uids->size() > 1) {
      if (refusal) work.refused(missing);
      if (!refusal) work.missing(missing);
      if (refusal && missing.size() == 1) work.missing(missing);
      continue;
    }
    if (++in_a_row > refused_in_a_row_max) {
      if (refusal) co_return std::move(*refusal);
      co_return Error{imap::errc::command_refused, "the server answers with none of its mails"};
    }
    if (refusal) {
      told_.add(uids->front());
      bad_.push_back(bad_mail(uids->front(), describe(*refusal), {}));
    } else {
      silent.add(uids->front());
    }
  }
  if (silent.empty()) co_return success();
  POSTERN_CO_TRY(const auto still_there, co_await present(silent));
  for (const auto uid : still_there.first_uids(isolate_max)) {
    told_.add(uid);
    bad_.push_back(
        bad_mail(uid, "the server has the mail, and says nothing when asked for it", {}));
  }
  co_return success();
}

/// Fetches these, in one command.
net::Task<Result<imap::FetchDone>> FolderVisit::ask(const std::vector<std::uint32_t>& uids,
                                                    bool any_size) {
  const auto sets = to_sets(uids);
  POSTERN_ASSERT(sets.size() == 1);
  if (uids.size() == 1) alone_ = uids.front();
  imap::FetchItems items;
  items.any_size = any_size;
  POSTERN_CO_TRY(link_.session().fetch(sets.front(), items));
  ++fetching_;
  POSTERN_CO_TRY(auto done, co_await one_done());
  alone_.reset();
  co_return done;
}

/// Of a mail that is too large, so that people see what it is; a refusal leaves it empty.
net::Task<Result<void>> FolderVisit::fetch_header(LargeMail& mail) {
  const imap::NumberSet one(mail.uid, mail.uid);
  imap::FetchItems items;
  items.internal_date = items.rfc822_size = items.flags = false;
  POSTERN_CO_TRY(link_.session().fetch_headers(one, shown_fields, items));
  ++fetching_;
  under_way_ = mail.uid;
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next(limits::imap_command));
    if (const auto* piece = std::get_if<imap::FetchedPiece>(&step)) mail.header += piece->bytes;
    if (const auto* news = std::get_if<imap::MailboxChanged>(&step)) note(*news);
    if (!std::holds_alternative<imap::FetchDone>(step)) continue;
    --fetching_;
    under_way_.reset();
    co_return success();
  }
}

/// What a server says is in a folder is kept in memory: 8 MiB of it, then it is not believed.
Result<void> FolderVisit::check_size(std::size_t ranges) {
  if (ranges <= ranges_max) return success();
  return Error{imap::errc::set_too_large, "the folder has too many gaps between its UIDs"};
}

/// Those of the candidates that are in the folder.
net::Task<Result<UidRanges>> FolderVisit::present(const UidRanges& candidates) {
  UidRanges there;
  if (candidates.empty()) co_return there;
  UidRanges asked = candidates;
  if (exists_ <= search_window && candidates.ranges().size() > ranges_per_command_max) {
    asked = UidRanges(candidates.ranges().front().first, candidates.ranges().back().last);
  }
  for (const auto& set : to_sets(asked)) {
    for (const auto& range : set.ranges()) {
      const bool whole = exists_ <= search_window;
      if (whole) {
        POSTERN_CO_TRY(const auto found, co_await search("UID " + set.str()));
        there.add(found);
        break;
      }
      for (std::uint64_t first = range.first; first <= range.last; first += search_window) {
        const auto last = std::min<std::uint64_t>(first + search_window - 1, range.last);
        POSTERN_CO_TRY(const auto found, co_await search(fmt::format("UID {}:{}", first, last)));
        there.add(found);
        POSTERN_CO_TRY(check_size(there.ranges().size()));
      }
    }
  }
  co_return there.without(there.without(candidates));
}

/// The UIDs in the folder from `first` on. Windows go by sequence numbers, the newest mails first,
/// so that each answer is bounded however sparse the UIDs are. They are put together at the end,
/// the lowest first: what it costs grows with what was told, in whatever order. A server that gives
/// the same answer again is not asked for ever, however many mails there are by its EXISTS.
net::Task<Result<UidRanges>> FolderVisit::uids_from(std::uint32_t first) {
  std::vector<UidRanges> windows;
  std::size_t told = 0;
  std::uint32_t last = exists_;
  while (last > 0) {
    const auto begin = last > search_window ? last - search_window + 1 : 1;
    POSTERN_CO_TRY(const auto found,
                   co_await search(fmt::format("{}:{} UID {}:*", begin, last, first)));
    auto wanted = found.from(first);
    if (wanted.empty() || (!windows.empty() && wanted == windows.back())) break;
    told += wanted.ranges().size() + window_costs_ranges;
    POSTERN_CO_TRY(check_size(told));
    windows.push_back(std::move(wanted));
    last = begin - 1;
  }
  std::ranges::sort(windows, {}, [](const UidRanges& each) { return each.ranges().front().first; });
  UidRanges there;
  for (const auto& window : windows) there.add(window);
  co_return there;
}

/// Whether all from `first` on was told, and nothing else; what was left out is fetched, or
/// quarantined. Leaves in told_ what is there.
net::Task<Result<void>> FolderVisit::verify(std::uint32_t first) {
  POSTERN_CO_TRY(const auto there, co_await uids_from(first));
  POSTERN_CO_TRY(co_await drop_false(told_.from(first).without(there)));
  auto left_out = there.without(told_).without(memory_.taken);
  // What came after the last fetch was asked for is news, and not left out.
  const auto& told = told_.ranges();
  if (news_) left_out = left_out.without(left_out.from(told.empty() ? first : told.back().last));
  if (!left_out.empty()) {
    log::info("{}: {} mails of {} were left out by the server", world_.integration.name,
              left_out.count(), memory_.name);
    first_wanted_ = first;
    POSTERN_CO_TRY(co_await isolate_there(std::move(left_out)));
    POSTERN_CO_TRY(co_await mend());
  }
  if (!told_.empty()) here_below(told_.ranges().back().last);
  co_return co_await intake_->settle();
}

/// Mails were told under UIDs that are nobody's (or just went): the next mails will have them.
net::Task<Result<void>> FolderVisit::drop_false(UidRanges uids) {
  if (uids.empty()) co_return success();
  POSTERN_CO_TRY(co_await intake_->settle());
  told_ = told_.without(uids);
  memory_.taken = memory_.taken.without(uids);
  co_return co_await world_.context.store.messages().disown(
      world_.integration.id, memory_.name, position_.uid_validity, std::move(uids));
}

/// After a connection broke before it was told at which mail: the next ones alone, and nothing is
/// asked for above the last mail there is, since a server may never answer that (Yahoo).
net::Task<Result<void>> FolderVisit::fetch_with_care(std::optional<std::uint32_t> uid_next) {
  POSTERN_CO_TRY(co_await fetch_one_by_one());
  POSTERN_CO_TRY(const auto there, co_await uids_from(next_uid()));
  const auto left = there.without(memory_.taken);
  if (!left.empty()) {
    POSTERN_CO_TRY(co_await fetch_range(next_uid(), left.ranges().back().last));
  }
  if (uid_next && *uid_next > next_uid()) here_below(*uid_next - 1);
  co_return co_await intake_->settle();
}

/// The first of those that wait.
net::Task<Result<void>> FolderVisit::fetch_one_by_one() {
  const auto first = next_uid();
  POSTERN_CO_TRY(auto there, co_await uids_from(first));
  first_wanted_ = first;
  const auto next_ones = there.without(memory_.taken).first_uids(cautious_mails_max);
  for (const auto uid : next_ones) {
    const std::vector<std::uint32_t> one{uid};
    POSTERN_CO_TRY(auto done, co_await ask(one));
    auto& refusal = done.error;
    if (refusal && !is_of_a_mail(*refusal)) co_return std::move(*refusal);
    if (!told_.contains(uid)) refused_.push_back(UidRanges(uid, uid));
    if (troubled()) {
      POSTERN_CO_TRY(co_await mend());
    }
    here_below(uid);
  }
  memory_.cautious = false;
  co_return co_await intake_->settle();
}

net::Task<Blame> FolderVisit::blame(const Error& error) {
  if (fetching_ == 0 || !may_be_broken_by_a_mail(error)) co_return Blame::server;
  if (retrying_) {
    auto noted = co_await world_.quarantine.failed(*retrying_, describe(error));
    if (!noted) log::error("a failed try was not noted: {}", describe(noted.error()));
    co_return Blame::mail;
  }
  memory_.broke_with = describe(error);
  const auto at = under_way_ ? under_way_ : alone_;
  if (at) {
    ++memory_.breaks[*at];
  } else {
    memory_.cautious = true;
  }
  const auto now = world_.context.env.steady();
  if (memory_.breaks_in_a_row == 0) memory_.broke_first = now;
  if (++memory_.breaks_in_a_row > breaks_in_a_row_max) co_return Blame::server;
  const bool silent = error.code == net::errc::timeout;
  const bool long_ago = now - memory_.broke_first >= breaks_untold_max;
  co_return silent || long_ago ? Blame::stalled : Blame::mail;
}

/// Mails that broke their connection every time are not asked for again for now.
net::Task<Result<void>> FolderVisit::quarantine_breakers() {
  for (auto at = memory_.breaks.begin(); at != memory_.breaks.end();) {
    const auto [uid, count] = *at;
    if (count < breaks_before_quarantine) {
      ++at;
      continue;
    }
    auto bad = bad_mail(uid, "the connection breaks at it: " + memory_.broke_with, {});
    bad.tries = count;
    POSTERN_CO_TRY(co_await world_.quarantine.put(std::move(bad)));
    memory_.taken.add(uid);
    at = memory_.breaks.erase(at);
  }
  co_return success();
}

net::Task<Result<void>> FolderVisit::retry(storage::Trouble trouble) {
  auto& quarantine = world_.quarantine;
  POSTERN_CO_TRY(co_await quarantine.begin_try(trouble));
  if (trouble.uid_validity != position_.uid_validity) {
    co_return co_await quarantine.gave_up(trouble, "the folder has other UIDs now");
  }
  const std::vector<std::uint32_t> one{trouble.uid};
  POSTERN_CO_TRY(const auto there, co_await present(UidRanges(trouble.uid, trouble.uid)));
  if (there.empty()) {
    co_return co_await quarantine.gave_up(trouble, "the mail is no longer in the folder");
  }
  told_.clear();
  first_wanted_ = 1;
  retrying_ = trouble;
  POSTERN_CO_TRY(auto done, co_await ask(one, trouble.any_size));
  auto& refusal = done.error;
  retrying_.reset();
  auto bad = std::exchange(bad_, {});
  auto large = std::exchange(large_, {});
  const bool came = told_.contains(trouble.uid) && bad.empty() && large.empty();
  told_.clear();
  if (came) co_return co_await intake_->settle();
  if (refusal && !is_of_a_mail(*refusal)) co_return std::move(*refusal);
  std::string reason = "the server has the mail, and says nothing when asked for it";
  if (refusal) reason = describe(*refusal);
  if (!bad.empty()) reason = bad.front().reason;
  if (!large.empty()) reason = "it is larger than message_bytes_max";
  co_return co_await quarantine.failed(trouble, std::move(reason));
}

}  // namespace postern::flows
