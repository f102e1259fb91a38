// How PlayedImap tells of its mails: FETCH with all that may be wrong with one of them, and SEARCH.
#include "sim/played_imap_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace postern::sim {
namespace {

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::chrono::sys_days day_of(std::string_view text) {  // "31-Jan-2026"
  const auto month = std::find(months.begin(), months.end(), text.substr(3, 3)) - months.begin();
  return std::chrono::sys_days(std::chrono::year(static_cast<int>(number(text.substr(7, 4)))) /
                               std::chrono::month(static_cast<unsigned>(month + 1)) /
                               std::chrono::day(number(text.substr(0, 2))));
}

std::string date_time(Instant at) {  // RFC 9051 §9, date-time
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at - day).count();
  return fmt::format("{:02}-{}-{} {:02}:{:02}:{:02} +0000", static_cast<unsigned>(date.day()),
                     months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace

using net::Task;

std::set<std::uint32_t> PlayedImap::uids_in(const ImapFolder& folder, std::string_view set) {
  std::set<std::uint32_t> found;
  std::uint32_t newest = 0;
  for (const auto& mail : folder.mails) newest = std::max(newest, mail.uid);
  while (!set.empty()) {
    const auto range = set.substr(0, set.find(','));
    set.remove_prefix(std::min(set.size(), range.size() + 1));
    const auto colon = range.find(':');
    auto first = number(range.substr(0, colon));
    auto last = first;
    if (colon != std::string_view::npos) {
      const auto end = range.substr(colon + 1);
      last = end == "*" ? newest : number(end);
    }
    if (first > last) std::swap(first, last);  // 999:* is the last mail
    for (const auto& mail : folder.mails) {
      if (mail.uid >= first && mail.uid <= last) found.insert(mail.uid);
    }
  }
  return found;
}

std::optional<MailFault> PlayedImap::fault_of(const ImapMail& mail) const {
  for (const auto& [text, fault] : manners.faults) {
    if (mail.bytes.find(text) != std::string::npos) return fault;
  }
  return std::nullopt;
}

Task<bool> PlayedImap::fetch(Session& session, const std::string& tag, std::string_view arguments) {
  const auto wanted = uids_in(selected(session), arguments.substr(0, arguments.find(' ')));
  ++fetches_;
  if (wanted.empty() && manners.hangs_above) {
    co_await be_silent(session);
    co_return false;
  }
  session.tells_gmail = arguments.find("X-GM-MSGID") != std::string_view::npos;
  session.tells_body = arguments.find("BODY") != std::string_view::npos;
  if (session.tells_gmail && !manners.offers_gmail) foul_ = arguments;
  const auto shown = std::min(session.told, selected(session).mails.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& mail = selected(session).mails[i];
    if (!wanted.contains(mail.uid)) continue;
    const auto fault = fault_of(mail);
    if (fault == MailFault::refused) {
      co_return co_await session.dialogue.say(tag + " NO [SERVERBUG] it cannot be read\r\n");
    }
    if (fault == MailFault::not_understood) {
      co_return co_await session.dialogue.say(tag + " BAD Command Argument Error. 11\r\n");
    }
  }
  for (std::size_t i = 0; i < shown; ++i) {
    const auto mail = selected(session).mails[i];  // a copy: others may come while we speak
    if (!wanted.contains(mail.uid)) continue;
    if (arguments.find("HEADER.FIELDS") != std::string_view::npos) {
      const auto header = mail.bytes.substr(0, mail.bytes.find("\r\n\r\n") + 4);
      co_await session.dialogue.say(
          fmt::format("* {} FETCH (UID {} BODY[HEADER.FIELDS (SUBJECT)] {{{}}}\r\n{})\r\n", i + 1,
                      mail.uid, header.size(), header));
      continue;
    }
    const bool said = co_await tell_mail(session, mail, i + 1);
    if (!said) co_return false;
  }
  co_return co_await session.dialogue.say(news(session) + tag + " OK\r\n");
}

Task<bool> PlayedImap::tell_mail(Session& session, ImapMail mail, std::size_t sequence) {
  const auto fault = fault_of(mail);
  if (fault == MailFault::left_out) co_return true;
  if (fault == MailFault::breaks_before) co_return false;
  if (fault == MailFault::silent) {
    co_await be_silent(session);
    co_return false;
  }
  if (fault == MailFault::other_uid) mail.uid += 1000;
  auto size = mail.bytes.size() * (fault == MailFault::false_size ? 3 : 1);
  if (fault == MailFault::small_size) size = 1;
  auto facts = fmt::format("UID {} INTERNALDATE \"{}\" RFC822.SIZE {} FLAGS ()", mail.uid,
                           date_time(mail.internal_date), size);
  if (session.tells_gmail) facts += fmt::format(" X-GM-MSGID {}", mail.gmail_id);
  if (!session.tells_body) {
    co_return co_await session.dialogue.say(fmt::format("* {} FETCH ({})\r\n", sequence, facts));
  }
  if (fault == MailFault::no_bytes) {
    co_return co_await session.dialogue.say(
        fmt::format("* {} FETCH ({} BODY[] NIL)\r\n", sequence, facts));
  }
  std::string answer;
  if (fault == MailFault::split) {
    answer = fmt::format("* {0} FETCH ({1})\r\n* {0} FETCH (FLAGS (\\Seen))\r\n", sequence, facts);
    facts = fmt::format("UID {}", mail.uid);
  }
  answer += fmt::format("* {} FETCH ({} BODY[] {{{}}}\r\n", sequence, facts, mail.bytes.size());
  const bool cut = ++session.fetched == manners.fetched_before_cut;
  if (cut || fault == MailFault::breaks_inside) {
    co_await session.dialogue.say(answer + mail.bytes.substr(0, mail.bytes.size() / 2));
    co_return false;
  }
  answer += mail.bytes + ")\r\n";
  ++bodies_;
  if (fault == MailFault::twice) answer += answer;
  co_return co_await session.dialogue.say(std::move(answer));
}

// The criteria we are asked with: "UID set", a set of sequence numbers, "SINCE date".
Task<bool> PlayedImap::search(Session& session, const std::string& tag,
                              std::string_view arguments) {
  ++searches_;
  const auto& mails = selected(session).mails;
  std::vector<bool> fits(mails.size(), true);  // two mails may have one UID
  const auto next_word = [&arguments] {
    const auto word = arguments.substr(0, arguments.find(' '));
    arguments.remove_prefix(std::min(arguments.size(), word.size() + 1));
    return word;
  };
  const auto keep = [&](auto wanted) {
    for (std::size_t i = 0; i < mails.size(); ++i) fits[i] = fits[i] && wanted(mails[i]);
  };
  while (!arguments.empty()) {
    const auto word = next_word();
    if (word == "UID") {
      const auto uids = uids_in(selected(session), next_word());
      keep([&](const ImapMail& mail) { return uids.contains(mail.uid); });
    } else if (word == "SINCE") {
      const auto since = day_of(next_word());
      keep([&](const ImapMail& mail) { return mail.internal_date >= since; });
    } else {
      const auto first = number(word), last = number(word.substr(word.find(':') + 1));
      keep([&](const ImapMail& mail) {
        const auto sequence = static_cast<std::uint32_t>(&mail - mails.data()) + 1;
        return sequence >= first && sequence <= last;
      });
    }
  }
  std::set<std::uint32_t> found;
  for (std::size_t i = 0; i < mails.size(); ++i) {
    if (fits[i]) found.insert(mails[i].uid);
  }
  std::string answer = news(session) + "* SEARCH";
  for (const auto uid : found) answer += fmt::format(" {}", uid);
  co_return co_await session.dialogue.say(answer + "\r\n" + tag + " OK\r\n");
}

}  // namespace postern::sim
