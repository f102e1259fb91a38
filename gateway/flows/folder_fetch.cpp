// How a folder is fetched: ranges in windows, two of them on the way, into the intake.
#include "flows/folder_visit.hpp"
#include "flows/isolation.hpp"
#include "flows/limits.hpp"
#include "flows/uid_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>

namespace postern::flows {
namespace {

// Windows of UIDs: sparse folders are crossed in long strides, dense ones in short steps.
constexpr std::uint32_t window_first = 512;
constexpr std::uint32_t window_max = 1U << 20;
constexpr std::size_t sparse = 64;
constexpr std::size_t dense = 2048;
constexpr std::size_t fetches_on_the_way = 2;
constexpr std::uint32_t search_window = 5000;  // a plain SEARCH answer is one line of 64 KiB

/// "2026-01-31" as IMAP wants it, "31-Jan-2026". Source: RFC 9051 §9, date.
std::string imap_date(std::string_view iso) {
  static constexpr std::array<std::string_view, 12> months = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  POSTERN_ASSERT(iso.size() == 10);
  const int month = (iso[5] - '0') * 10 + (iso[6] - '0');
  POSTERN_ASSERT(month >= 1 && month <= 12);
  const auto index = static_cast<std::size_t>(month) - 1;
  return fmt::format("{}-{}-{}", iso.substr(8, 2), months[index], iso.substr(0, 4));
}

}  // namespace

net::Task<Result<void>> FolderVisit::follow(const MailboxPlan& plan) {
  switch (plan.step) {
    case PlanStep::nothing:
      co_return success();
    case PlanStep::search_since:
      co_return co_await fetch_since(plan);
    case PlanStep::fetch:
      break;
  }
  const auto first = next_uid();
  told_.add(memory_.taken);
  holds_cursor_ = true;
  // Windows where the end is known, so that the cursor moves as they end; what comes meanwhile is
  // announced by EXISTS.
  const auto uid_next = selected_.uid_next;
  if (memory_.cautious) {
    POSTERN_CO_TRY(co_await fetch_with_care(uid_next));
  } else if (uid_next && *uid_next > first) {
    POSTERN_CO_TRY(co_await fetch_range(first, *uid_next - 1));
  } else {
    POSTERN_CO_TRY(co_await fetch_open());
  }
  // Some servers leave out a mail they cannot read, and say OK.
  POSTERN_CO_TRY(co_await verify(first));
  POSTERN_CO_TRY(co_await release_cursor());
  told_.clear();
  accounted_ = exists_;
  co_return success();
}

/// What was fetched was verified: until then a line that is cut would have the cursor pass what the
/// server left out.
net::Task<Result<void>> FolderVisit::release_cursor() {
  holds_cursor_ = false;
  intake_->fetched_below(position_.next_uid);
  co_return co_await intake_->settle();
}

net::Task<Result<void>> FolderVisit::fetch_range(std::uint32_t first, std::uint32_t last) {
  struct Asked {
    UidRanges uids;
    std::uint32_t covered;  // the UID up to which all is asked for
  };
  std::uint64_t ask = first;
  std::uint32_t window = window_first;
  std::deque<Asked> asked;  // the commands on the way
  first_wanted_ = first;
  while (ask <= last || !asked.empty()) {
    while (ask <= last && asked.size() < fetches_on_the_way && !troubled()) {
      const auto end = static_cast<std::uint32_t>(std::min<std::uint64_t>(ask + window - 1, last));
      const auto wanted = UidRanges(static_cast<std::uint32_t>(ask), end).without(memory_.taken);
      const auto sets = to_sets(wanted);
      if (sets.empty() && !asked.empty()) break;
      if (sets.empty()) {
        here_below(end);
        ask = std::uint64_t(end) + 1;
        continue;
      }
      POSTERN_CO_TRY(link_.session().fetch(sets.front(), {}));
      ++fetching_;
      const auto covered = sets.size() == 1 ? end : sets[1].ranges().front().first - 1;
      asked.push_back({to_ranges(sets.front()), covered});
      ask = std::uint64_t(covered) + 1;
    }
    if (asked.empty()) continue;
    const auto mails_before = told_count_;
    POSTERN_CO_TRY(auto done, co_await one_done());
    const auto mails = told_count_ - mails_before;
    if (done.error) {
      if (!is_of_a_mail(*done.error)) co_return std::move(*done.error);
      refused_.push_back(std::move(asked.front().uids));
    }
    const auto covered = asked.front().covered;
    asked.pop_front();
    if (troubled() && asked.empty()) {
      POSTERN_CO_TRY(co_await mend());
    }
    if (!troubled()) here_below(covered);
    if (mails < sparse) window = std::min(window * 4, window_max);
    if (mails > dense) window = std::max(window / 2, window_first);
  }
  co_return co_await intake_->settle();
}

/// Everything up to and including `uid` is in the intake, stored, or quarantined: the cursor may
/// pass it.
void FolderVisit::here_below(std::uint32_t uid) {
  position_ = advanced(position_, uid);
  if (!holds_cursor_) intake_->fetched_below(position_.next_uid);
  if (uid == uid_max) {
    memory_.taken.clear();
  } else {
    memory_.taken = memory_.taken.from(uid + 1);
  }
}

net::Task<Result<void>> FolderVisit::fetch_new() {
  // What a cut line left behind is asked for by name first, so that a line which is cut again and
  // again makes progress.
  const auto& taken = memory_.taken.ranges();
  if (!taken.empty() && taken.back().last >= position_.next_uid) {
    const auto from = next_uid();
    const auto to = taken.back().last;
    told_.add(memory_.taken);
    holds_cursor_ = true;
    POSTERN_CO_TRY(co_await fetch_range(from, to));
    POSTERN_CO_TRY(co_await verify(from));
    POSTERN_CO_TRY(co_await release_cursor());
    told_.clear();
  }
  const auto first = next_uid();
  POSTERN_CO_TRY(co_await fetch_open());
  const auto came = told_.from(first);
  // EXISTS promised more than was told: some servers leave out a mail they cannot read. A gap is
  // usual where mail was deleted; or the server told a UID that is none of its mails'.
  const bool gap =
      !came.empty() && (came.ranges().size() > 1 || came.ranges().front().first > first);
  if (gap || (!news_ && accounted_ + came.count() < exists_)) {
    POSTERN_CO_TRY(co_await verify(first));
    if (!news_ && accounted_ + told_.from(first).count() < exists_) {
      POSTERN_CO_TRY(co_await fetch_below(exists_ - accounted_));
    }
  } else if (!came.empty()) {
    here_below(came.ranges().back().last);
  }
  accounted_ += static_cast<std::uint32_t>(came.count());
  accounted_ = news_ ? std::min(accounted_, exists_) : exists_;
  told_.clear();
  co_return co_await intake_->settle();
}

/// From the cursor to wherever the end is by then. The cursor stays: verify() moves it.
net::Task<Result<void>> FolderVisit::fetch_open() {
  if (position_.next_uid > uid_max) co_return success();
  const auto first = next_uid();
  first_wanted_ = first;
  news_ = false;
  POSTERN_CO_TRY(link_.session().fetch_from(first, {}));
  ++fetching_;
  POSTERN_CO_TRY(auto done, co_await one_done());
  if (done.error) {
    if (!is_of_a_mail(*done.error)) co_return std::move(*done.error);
    POSTERN_CO_TRY(auto there, co_await uids_from(first));
    refused_.push_back(std::move(there));
  }
  if (troubled()) {
    POSTERN_CO_TRY(co_await mend());
  }
  co_return success();
}

net::Task<Result<UidRanges>> FolderVisit::search(std::string criteria) {
  POSTERN_CO_TRY(link_.session().search(criteria));
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next(limits::imap_command));
    if (const auto* change = std::get_if<imap::MailboxChanged>(&step)) note(*change);
    auto* done = std::get_if<imap::SearchDone>(&step);
    if (done == nullptr) continue;
    if (done->error) co_return std::move(*done->error);
    co_return to_ranges(done->uids);
  }
}

net::Task<Result<void>> FolderVisit::fetch_since(const MailboxPlan& plan) {
  // SINCE goes by the server's idea of the day; nothing older than the date is wanted, and a day
  // that is ambiguous by its time zone counts as wanted.
  const auto date = imap_date(plan.since);
  const std::uint64_t end = std::max<std::uint64_t>(position_.next_uid, 1);
  for (std::uint64_t first = 1; first < end; first += search_window) {
    const auto last = std::min<std::uint64_t>(first + search_window - 1, end - 1);
    POSTERN_CO_TRY(const auto found,
                   co_await search(fmt::format("UID {}:{} SINCE {}", first, last, date)));
    POSTERN_CO_TRY(co_await fetch_all(found.without(memory_.taken)));
  }
  intake_->fetched_below(position_.next_uid);
  memory_.taken.clear();
  told_.clear();
  accounted_ = exists_;
  co_return co_await intake_->settle();
}

/// The UIDs of mails since a day, in windows of sequence numbers.
net::Task<Result<UidRanges>> FolderVisit::uids_since(std::string date) {
  UidRanges there;
  const auto day = imap_date(date);
  const std::uint64_t end = exists_;
  for (std::uint64_t first = 1; first <= end; first += search_window) {
    const auto last = std::min<std::uint64_t>(first + search_window - 1, end);
    POSTERN_CO_TRY(const auto found,
                   co_await search(fmt::format("{}:{} SINCE {}", first, last, day)));
    there.add(found);
    POSTERN_CO_TRY(check_size(there.ranges().size()));
  }
  co_return there;
}

/// Mails that are there, by name.
net::Task<Result<void>> FolderVisit::fetch_all(UidRanges uids) {
  first_wanted_ = 1;
  for (const auto& set : to_sets(uids)) {
    POSTERN_CO_TRY(link_.session().fetch(set, {}));
    ++fetching_;
    POSTERN_CO_TRY(auto done, co_await one_done());
    if (done.error && !is_of_a_mail(*done.error)) co_return std::move(*done.error);
    auto silent = to_ranges(set).without(told_);
    if (!silent.empty()) refused_.push_back(std::move(silent));
    if (troubled()) {
      POSTERN_CO_TRY(co_await mend());
    }
  }
  co_return success();
}

/// What the fetches under way bring, until the first of them is done.
net::Task<Result<imap::FetchDone>> FolderVisit::one_done() {
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next(limits::imap_command));
    if (auto* done = std::get_if<imap::FetchDone>(&step)) {
      --fetching_;
      co_return std::move(*done);
    }
    POSTERN_CO_TRY(co_await take(std::move(step)));
  }
}

net::Task<Result<void>> FolderVisit::take(imap::Step step) {
  if (const auto* started = std::get_if<imap::FetchStarted>(&step)) {
    // A server repeats its last mail when asked for UIDs beyond it: that one is not ours to blame.
    const auto uid = started->facts.uid;
    under_way_ = uid && *uid >= first_wanted_ ? uid : alone_;
    if (started->over_limit) co_return success();
    co_return intake_->begin(started->literal_size_bytes);
  }
  if (const auto* piece = std::get_if<imap::FetchedPiece>(&step)) {
    co_return intake_->piece(piece->bytes);
  }
  if (const auto* news = std::get_if<imap::MailboxChanged>(&step)) {
    note(*news);
    co_return success();
  }
  if (const auto* mail = std::get_if<imap::FetchedMail>(&step)) {
    under_way_.reset();
    co_return co_await take_mail(*mail);
  }
  co_return success();
}

net::Task<Result<void>> FolderVisit::take_mail(const imap::FetchedMail& mail) {
  auto facts = mail.facts;
  if (!facts.uid) facts.uid = alone_;
  const auto uid = facts.uid.value_or(0);
  // A server repeats its last mail when asked for UIDs beyond it; what is ours already is dropped,
  // and so is one that was told instead of the only one asked for.
  const bool wanted = uid >= first_wanted_ && uid != 0 && (!alone_ || uid == *alone_);
  if (!wanted) {
    if (mail.body == imap::Body::whole) intake_->drop();
    co_return success();
  }
  if (!told_.contains(uid)) ++told_count_;
  told_.add(uid);
  switch (mail.body) {
    case imap::Body::none:
      bad_.push_back(bad_mail(uid, "the server's answer has no BODY[]", facts));
      co_return success();
    case imap::Body::nil:
      bad_.push_back(bad_mail(uid, "the server says BODY[] NIL", facts));
      co_return success();
    case imap::Body::over_limit:
      large_.push_back(large_mail(facts));
      co_return success();
    case imap::Body::whole:
      break;
  }
  POSTERN_CO_TRY(co_await intake_->end(facts, first_wanted_));
  // The same one again and again is no progress.
  if (!memory_.taken.contains(uid)) memory_.breaks_in_a_row = 0;
  memory_.taken.add(uid);
  co_return success();
}

}  // namespace postern::flows
