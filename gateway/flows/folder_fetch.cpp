// How a folder is fetched: ranges in windows, two of them on the way, into the intake.
#include "flows/folder_visit.hpp"
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
  // Windows where the end is known, so that the cursor moves as they end; what comes meanwhile is
  // announced by EXISTS.
  const auto uid_next = selected_.uid_next;
  if (uid_next && *uid_next > plan.first_uid) {
    co_return co_await fetch_range(plan.first_uid, *uid_next - 1);
  }
  co_return co_await fetch_new();
}

net::Task<Result<void>> FolderVisit::fetch_range(std::uint32_t first, std::uint32_t last) {
  std::uint64_t ask = first;
  std::uint32_t window = window_first;
  std::deque<std::uint32_t> asked;  // for each command on the way, the UID below which all is here
  std::size_t mails = 0;
  std::uint32_t highest = 0;
  first_wanted_ = first;
  while (ask <= last || !asked.empty()) {
    while (ask <= last && asked.size() < fetches_on_the_way) {
      const auto end = static_cast<std::uint32_t>(std::min<std::uint64_t>(ask + window - 1, last));
      const auto sets =
          sets_without(imap::NumberSet(static_cast<std::uint32_t>(ask), end), memory_.taken);
      if (sets.empty() && !asked.empty()) break;
      if (sets.empty()) {
        here_below(end);
        ask = std::uint64_t(end) + 1;
        continue;
      }
      POSTERN_CO_TRY(link_.session().fetch(sets.front(), {}));
      const auto covered = sets.size() == 1 ? end : sets[1].ranges().front().first - 1;
      asked.push_back(covered);
      ask = std::uint64_t(covered) + 1;
    }
    if (asked.empty()) continue;
    POSTERN_CO_TRY(auto step, co_await link_.next(limits::imap_command));
    if (std::holds_alternative<imap::FetchedMail>(step)) ++mails;
    if (auto* done = std::get_if<imap::FetchDone>(&step)) {
      if (done->error) co_return std::move(*done->error);
      here_below(asked.front());
      asked.pop_front();
      if (mails < sparse) window = std::min(window * 4, window_max);
      if (mails > dense) window = std::max(window / 2, window_first);
      mails = 0;
      continue;
    }
    POSTERN_CO_TRY(co_await take(std::move(step), highest));
  }
  co_return co_await intake_->settle();
}

/// Everything up to and including `uid` is in the intake or stored: the cursor may pass it.
void FolderVisit::here_below(std::uint32_t uid) {
  position_ = advanced(position_, uid);
  intake_->fetched_below(position_.next_uid);
  memory_.taken.erase(memory_.taken.begin(), memory_.taken.upper_bound(uid));
}

net::Task<Result<void>> FolderVisit::fetch_new() {
  // What a cut line left behind is asked for by name first, so that a line which is cut again and
  // again makes progress.
  if (!memory_.taken.empty() && *memory_.taken.rbegin() >= position_.next_uid) {
    const auto from = static_cast<std::uint32_t>(position_.next_uid);
    POSTERN_CO_TRY(co_await fetch_range(from, *memory_.taken.rbegin()));
  }
  const auto first = position_.next_uid;
  if (first > uid_max) co_return success();
  first_wanted_ = static_cast<std::uint32_t>(first);
  news_ = false;
  POSTERN_CO_TRY(link_.session().fetch_from(static_cast<std::uint32_t>(first), {}));
  std::uint32_t highest = 0;
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next(limits::imap_command));
    if (auto* done = std::get_if<imap::FetchDone>(&step)) {
      if (done->error) co_return std::move(*done->error);
      break;
    }
    POSTERN_CO_TRY(co_await take(std::move(step), highest));
  }
  if (highest >= first) here_below(highest);
  co_return co_await intake_->settle();
}

net::Task<Result<imap::NumberSet>> FolderVisit::search(std::string criteria) {
  POSTERN_CO_TRY(link_.session().search(criteria));
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next(limits::imap_command));
    if (const auto* change = std::get_if<imap::MailboxChanged>(&step)) note(*change);
    auto* done = std::get_if<imap::SearchDone>(&step);
    if (done == nullptr) continue;
    if (done->error) co_return std::move(*done->error);
    co_return std::move(done->uids);
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
    for (const auto& uids : sets_without(found, memory_.taken)) {
      POSTERN_CO_TRY(co_await fetch_set(uids));
    }
  }
  intake_->fetched_below(position_.next_uid);
  memory_.taken.clear();
  co_return co_await intake_->settle();
}

net::Task<Result<void>> FolderVisit::fetch_set(const imap::NumberSet& uids) {
  POSTERN_CO_TRY(link_.session().fetch(uids, {}));
  std::uint32_t highest = 0;
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next(limits::imap_command));
    if (auto* done = std::get_if<imap::FetchDone>(&step)) {
      if (done->error) co_return std::move(*done->error);
      co_return success();
    }
    POSTERN_CO_TRY(co_await take(std::move(step), highest));
  }
}

net::Task<Result<void>> FolderVisit::take(imap::Step step, std::uint32_t& highest_uid) {
  if (const auto* started = std::get_if<imap::FetchStarted>(&step)) {
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
  const auto* mail = std::get_if<imap::FetchedMail>(&step);
  if (mail == nullptr) co_return success();
  if (mail->facts.uid) highest_uid = std::max(highest_uid, *mail->facts.uid);
  switch (mail->body) {
    case imap::Body::none:  // flags that changed meanwhile
      co_return success();
    case imap::Body::nil:
    case imap::Body::over_limit:
      co_return co_await not_downloaded(*mail);
    case imap::Body::whole:
      break;
  }
  // A server repeats its last mail when asked for UIDs beyond it; what is ours already is dropped.
  const auto uid = mail->facts.uid.value_or(0);
  if (uid >= first_wanted_) memory_.taken.insert(uid);
  co_return co_await intake_->end(mail->facts, first_wanted_);
}

net::Task<Result<void>> FolderVisit::not_downloaded(const imap::FetchedMail& mail) {
  const bool large = mail.body == imap::Body::over_limit;
  auto event = world_.board.event(
      "imap.download_failed", Direction::incoming,
      large ? fmt::format("a mail is larger than {} bytes",
                          world_.integration.incoming.message_bytes_max)
            : "the server has no bytes of a mail",
      large ? "Raise message_bytes_max to take such mails; it stays in the mailbox."
            : "It stays in the mailbox; look at it there.");
  event.data["uid"] = mail.facts.uid.value_or(0);
  event.data["size_bytes"] = mail.facts.rfc822_size.value_or(0);
  std::vector<NewEvent> events;
  events.push_back(std::move(event));
  co_return co_await world_.context.store.events().append(std::move(events));
}

}  // namespace postern::flows
