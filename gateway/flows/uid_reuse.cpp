#include "flows/uid_reuse.hpp"

#include "core/mailbox_plan.hpp"
#include "flows/isolation.hpp"
#include "flows/limits.hpp"
#include "flows/uid_sets.hpp"
#include "message/scan.hpp"

#include <set>

namespace postern::flows {
namespace {

constexpr std::size_t dates_at_once = 2000;
constexpr std::size_t ids_at_once = 200;
constexpr std::size_t doubted_max = 5000;  // more is a server that tells all dates differently

std::vector<std::uint32_t> take_first(UidRanges& uids, std::size_t limit) {
  auto taken = uids.first_uids(limit);
  const bool all = taken.empty() || taken.back() == uid_max;
  uids = all ? UidRanges() : uids.from(taken.back() + 1);
  return taken;
}

UidRanges ranges_of(const std::vector<std::uint32_t>& uids) {
  UidRanges ranges;
  for (const auto uid : uids) ranges.add(uid);
  return ranges;
}

}  // namespace

UidReuse::UidReuse(ImapLink& link, storage::Messages& messages, Folder folder, Note note)
    : link_(link), messages_(messages), folder_(std::move(folder)), note_(std::move(note)) {}

net::Task<Result<UidRanges>> UidReuse::replaced(UidRanges ours) {
  std::map<std::uint32_t, std::set<std::string>> doubted;  // and the Message-IDs it may have
  UidRanges left;
  while (!ours.empty() && doubted.size() < doubted_max) {
    const auto batch = take_first(ours, dates_at_once);
    POSTERN_CO_TRY(const auto dates, co_await dates_of(batch));
    POSTERN_CO_TRY(const auto placed,
                   co_await messages_.placed(folder_.integration, folder_.name,
                                             folder_.uid_validity, ranges_of(batch)));
    std::set<std::uint32_t> certain;
    for (const auto& mail : placed) {
      const auto date = dates.find(mail.uid);
      const bool same = date == dates.end() || !mail.received_at ||
                        std::chrono::floor<std::chrono::seconds>(*mail.received_at) == date->second;
      if (same) certain.insert(mail.uid);
      doubted[mail.uid].insert(mail.message_id);
    }
    for (const auto uid : certain) doubted.erase(uid);
  }
  for (const auto& [uid, ids] : doubted) left.add(uid);
  UidRanges others;
  while (!left.empty()) {
    POSTERN_CO_TRY(const auto told, co_await message_ids_of(take_first(left, ids_at_once)));
    for (const auto& [uid, id] : told) {
      if (id.empty() || !doubted.at(uid).contains(id)) others.add(uid);
    }
  }
  co_return others;
}

net::Task<Result<UidRanges>> UidReuse::come_since(UidRanges uids, Instant since) {
  UidRanges come;
  while (!uids.empty()) {
    POSTERN_CO_TRY(const auto dates, co_await dates_of(take_first(uids, dates_at_once)));
    for (const auto& [uid, date] : dates) {
      if (date > since) come.add(uid);
    }
  }
  co_return come;
}

/// INTERNALDATEs, as far as the server tells them.
net::Task<Result<UidReuse::Dates>> UidReuse::dates_of(std::vector<std::uint32_t> uids) {
  Dates dates;
  imap::FetchItems items;
  items.rfc822_size = items.flags = items.body = items.gmail_message_id = false;
  const auto asked = ranges_of(uids);
  for (const auto& set : to_sets(asked)) {
    POSTERN_CO_TRY(link_.session().fetch(set, items));
    for (bool over = false; !over;) {
      POSTERN_CO_TRY(auto step, co_await link_.next(limits::imap_command));
      if (const auto* change = std::get_if<imap::MailboxChanged>(&step)) note_(*change);
      if (const auto* mail = std::get_if<imap::FetchedMail>(&step)) {
        const auto& facts = mail->facts;
        const bool told = facts.uid && facts.internal_date && asked.contains(*facts.uid);
        if (told) dates[*facts.uid] = *facts.internal_date;
      }
      auto* done = std::get_if<imap::FetchDone>(&step);
      over = done != nullptr;
      if (over && done->error && !is_of_a_mail(*done->error)) co_return std::move(*done->error);
    }
  }
  co_return dates;
}

/// Message-IDs, empty where a mail has none; nothing of what the server will not tell.
net::Task<Result<UidReuse::Ids>> UidReuse::message_ids_of(std::vector<std::uint32_t> uids) {
  Ids ids;
  imap::FetchItems items;
  items.internal_date = items.rfc822_size = items.flags = items.gmail_message_id = false;
  const std::vector<std::string> fields{"Message-ID"};
  const auto asked = ranges_of(uids);
  std::string header;
  for (const auto& set : to_sets(asked)) {
    POSTERN_CO_TRY(link_.session().fetch_headers(set, fields, items));
    for (bool over = false; !over;) {
      POSTERN_CO_TRY(auto step, co_await link_.next(limits::imap_command));
      if (const auto* change = std::get_if<imap::MailboxChanged>(&step)) note_(*change);
      if (std::holds_alternative<imap::FetchStarted>(step)) header.clear();
      if (const auto* piece = std::get_if<imap::FetchedPiece>(&step)) header += piece->bytes;
      if (const auto* mail = std::get_if<imap::FetchedMail>(&step)) {
        const auto uid = mail->facts.uid.value_or(0);
        const bool told = mail->body == imap::Body::whole && asked.contains(uid);
        if (told) ids[uid] = message::find_message_id(header).value_or("");
      }
      auto* done = std::get_if<imap::FetchDone>(&step);
      over = done != nullptr;
      if (over && done->error && !is_of_a_mail(*done->error)) co_return std::move(*done->error);
    }
  }
  co_return ids;
}

}  // namespace postern::flows
