#include "sim/played_imap.hpp"

#include "core/base64.hpp"
#include "sim/played_imap_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace postern::sim {
namespace {

using net::Task;

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

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

PlayedImap::PlayedImap(World& world, std::string host, std::string user, std::string password)
    : world_(world),
      host_(std::move(host)),
      user_(std::move(user)),
      password_(std::move(password)) {}

void PlayedImap::serve() {
  world_.serve(host_ + ":993", [this](std::unique_ptr<net::Stream> stream) -> Task<void> {
    return play(std::move(stream));
  });
}

std::string PlayedImap::news(Session& session) const {
  const auto& mails = selected(session).mails;
  if (session.told == mails.size()) return "";
  session.told = mails.size();
  return fmt::format("* {} EXISTS\r\n", session.told);
}

const ImapFolder& PlayedImap::selected(const Session& session) const {
  static const ImapFolder none;
  const auto found = folders_.find(session.folder);
  return found == folders_.end() ? none : found->second;
}

std::uint32_t PlayedImap::deliver(std::string bytes, Instant internal_date) {
  return put("INBOX", std::move(bytes), internal_date);
}

std::uint32_t PlayedImap::deliver_to(const std::string& folder, std::string bytes) {
  return put(folder, std::move(bytes), world_.now());
}

std::uint32_t PlayedImap::put(const std::string& name, std::string bytes, Instant internal_date) {
  auto& folder = folders_[name];
  const auto uid = folder.uid_next++;
  folder.mails.push_back({uid, std::move(bytes), internal_date, {}, ++folder.mod_seq});
  const auto push = [](std::shared_ptr<Session> session, std::string words) -> Task<void> {
    co_await session->dialogue.say(std::move(words));
  };
  for (const auto& session : sessions_) {
    if (session->idling && session->folder == name && manners.announces)
      world_.spawn(push(session, news(*session)));
  }
  return uid;
}

void PlayedImap::kick() {
  for (const auto& session : sessions_) session->dialogue.close();
}

void PlayedImap::renumber() {
  auto& folder = inbox();
  ++folder.uid_validity;
  folder.uid_next = 1;
  for (auto& mail : folder.mails) mail.uid = folder.uid_next++;
  world_.note(host_ + " renumbers");
  kick();
}

std::string PlayedImap::capabilities() const {
  return std::string("IMAP4rev1 SASL-IR") + (manners.offers_idle ? " IDLE" : "") +
         (manners.offers_move ? " MOVE" : "") + (manners.offers_uidplus ? " UIDPLUS" : "") +
         (manners.offers_condstore ? " CONDSTORE" : "") +
         (manners.offers_qresync ? " ENABLE CONDSTORE QRESYNC" : "") +
         (takes_token            ? " AUTH=XOAUTH2"
          : manners.offers_plain ? " AUTH=PLAIN"
                                 : "");
}

Task<void> PlayedImap::play(std::unique_ptr<net::Stream> stream) {
  const auto session = std::make_shared<Session>(std::move(stream));
  auto& dialogue = session->dialogue;
  const bool protected_line = co_await dialogue.hear_tls();
  if (!protected_line) co_return;
  if (manners.greets_with_bye) {
    co_await dialogue.say("* BYE come back later\r\n");
    co_return;
  }
  struct Seat {
    std::set<std::shared_ptr<Session>>& all;
    const std::shared_ptr<Session>& mine;
    ~Seat() { all.erase(mine); }
  };
  sessions_.insert(session);
  const Seat seat{sessions_, session};
  bool goes_on = co_await dialogue.say("* OK [CAPABILITY " + capabilities() + "] ready\r\n");
  bool logged_in = false;
  while (goes_on) {
    const auto line = co_await dialogue.line();
    if (!line) co_return;
    const auto space = line->find(' ');
    const auto tag = line->substr(0, space);
    const auto command = std::string_view(*line).substr(std::min(space, line->size() - 1) + 1);
    if (!logged_in) {
      goes_on = co_await log_in(*session, tag, command);
      logged_in = goes_on && session->logged_in;
      continue;
    }
    if (manners.falls_silent) {
      co_await be_silent(*session);
      co_return;
    }
    if (session->commands++ == manners.commands_before_cut) co_return;
    goes_on = co_await obey(*session, tag, command);
  }
}

Task<void> PlayedImap::be_silent(Session& session) {
  const auto begun = world_.steady();
  const bool left = co_await session.dialogue.gone_within(std::chrono::hours(2));
  last_silence_ = left ? world_.steady() - begun : std::chrono::hours(2);
}

Task<bool> PlayedImap::log_in(Session& session, const std::string& tag, std::string_view command) {
  auto& dialogue = session.dialogue;
  if (command == "CAPABILITY") {
    co_return co_await dialogue.say("* CAPABILITY " + capabilities() + "\r\n" + tag + " OK\r\n");
  }
  bool right = false;
  if (takes_word(command, "AUTHENTICATE PLAIN ")) {
    using namespace std::string_literals;
    right = from_base64(command) == "\0"s + user_ + "\0"s + password_;
  } else if (takes_word(command, "LOGIN ")) {
    std::string plain(command);
    std::erase(plain, '"');
    right = plain == user_ + " " + password_;
  }
  if (takes_token) {
    right = takes_word(command, "AUTHENTICATE XOAUTH2 ") &&
            takes_token(token_in(from_base64(command).value_or(""), user_));
    if (!right) {
      static_cast<void>(co_await dialogue.say("+ eyJzdGF0dXMiOiI0MDEifQ==\r\n"));
      static_cast<void>(co_await dialogue.line());
    }
  }
  if (!right || manners.refuses_login) {
    co_return co_await dialogue.say(tag + " NO [AUTHENTICATIONFAILED] wrong name or password\r\n");
  }
  const auto inside = static_cast<std::size_t>(std::count_if(
      sessions_.begin(), sessions_.end(), [](const auto& each) { return each->logged_in; }));
  if (manners.logins_at_once > 0 && inside >= manners.logins_at_once) {
    co_return co_await dialogue.say(
        tag + " NO [LIMIT] Maximum number of connections from user+IP exceeded\r\n");
  }
  session.logged_in = true;
  ++logins_;
  world_.note(host_ + " lets in");
  co_return co_await dialogue.say(tag + " OK [CAPABILITY " + capabilities() + "] welcome\r\n");
}

Task<bool> PlayedImap::obey(Session& session, const std::string& tag, std::string_view command) {
  auto& dialogue = session.dialogue;
  if (takes_word(command, "EXAMINE ")) co_return co_await select(session, tag, command, true);
  if (takes_word(command, "SELECT ")) co_return co_await select(session, tag, command, false);
  const bool refused = !manners.refuses.empty() && command.starts_with(manners.refuses);
  if (refused) co_return co_await dialogue.say(tag + " NO not for you\r\n");
  const bool cut = !manners.cuts_after.empty() && command.starts_with(manners.cuts_after);
  if (const auto changed = change(session, command)) {
    if (cut) co_return false;
    co_return co_await dialogue.say(fmt::format(fmt::runtime(*changed), tag));
  }
  if (manners.offers_qresync && command == "ENABLE QRESYNC")
    co_return co_await enable(session, tag);
  const bool of_changes = command.find("(CHANGEDSINCE ") != std::string_view::npos;
  if (of_changes) co_return co_await fetch_changed(session, tag, command);
  if (takes_word(command, "UID FETCH ")) co_return co_await fetch(session, tag, command);
  if (takes_word(command, "UID SEARCH ")) co_return co_await search(session, tag, command);
  if (command == "IDLE" && manners.offers_idle) co_return co_await idle(session, tag);
  if (command == "NOOP") co_return co_await dialogue.say(news(session) + tag + " OK\r\n");
  if (command == "CAPABILITY") {
    co_return co_await dialogue.say("* CAPABILITY " + capabilities() + "\r\n" + tag + " OK\r\n");
  }
  if (command.starts_with("STATUS ")) {
    const auto& folder = selected(session);
    co_return co_await dialogue.say(
        fmt::format("* STATUS INBOX (MESSAGES {} UIDNEXT {} UIDVALIDITY {} UNSEEN 0)\r\n{} OK\r\n",
                    folder.mails.size(), folder.uid_next, folder.uid_validity, tag));
  }
  if (command == "LOGOUT") {
    co_await dialogue.say("* BYE bye\r\n" + tag + " OK\r\n");
    co_return false;
  }
  foul_ = command;
  co_return co_await dialogue.say(tag + " BAD what?\r\n");
}

Task<bool> PlayedImap::select(Session& session, const std::string& tag, std::string_view name,
                              bool read_only) {
  session.read_only = read_only;
  if (!read_only) ++selects_;
  std::optional<std::uint64_t> since;  // QRESYNC
  const auto parameters = name.find(" (");
  if (parameters != std::string_view::npos) {
    const auto words = name.substr(parameters + 2);
    if (words.starts_with("QRESYNC (")) since = number(words.substr(words.find(' ', 9) + 1));
    if (since && !session.qresync) foul_ = name;
    name = name.substr(0, parameters);
  }
  session.folder = name;
  std::erase(session.folder, '"');
  const auto found = folders_.find(session.folder);
  if (found == folders_.end()) {
    session.folder.clear();
    co_return co_await session.dialogue.say(tag + " NO [NONEXISTENT] no such folder\r\n");
  }
  const auto& folder = found->second;
  session.told = folder.mails.size();
  auto answer = fmt::format("* {} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n", session.told);
  answer += fmt::format("* OK [UIDVALIDITY {}] valid\r\n", folder.uid_validity);
  if (manners.tells_uid_next) {
    answer += fmt::format("* OK [UIDNEXT {}] next\r\n", folder.uid_next);
  }
  if (manners.offers_condstore || manners.offers_qresync) {
    answer += fmt::format("* OK [HIGHESTMODSEQ {}] highest\r\n", folder.mod_seq);
  }
  if (since) answer += changes_since(folder, *since);
  co_return co_await session.dialogue.say(
      answer + tag + (read_only ? " OK [READ-ONLY] open\r\n" : " OK [READ-WRITE] open\r\n"));
}

std::set<std::uint32_t> PlayedImap::uids_in(const ImapFolder& folder, std::string_view set) {
  std::set<std::uint32_t> found;
  const auto newest = folder.mails.empty() ? 0 : folder.mails.back().uid;
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
  const auto shown = std::min(session.told, selected(session).mails.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& mail = selected(session).mails[i];
    if (!wanted.contains(mail.uid) || fault_of(mail) != MailFault::refused) continue;
    co_return co_await session.dialogue.say(tag + " NO [SERVERBUG] it cannot be read\r\n");
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
  if (fault == MailFault::other_uid) mail.uid += 1000;
  const auto size = mail.bytes.size() * (fault == MailFault::false_size ? 3 : 1);
  auto facts = fmt::format("UID {} INTERNALDATE \"{}\" RFC822.SIZE {} FLAGS ()", mail.uid,
                           date_time(mail.internal_date), size);
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
  if (fault == MailFault::twice) answer += answer;
  co_return co_await session.dialogue.say(std::move(answer));
}

// The criteria we are asked with: "UID set", a set of sequence numbers, "SINCE date".
Task<bool> PlayedImap::search(Session& session, const std::string& tag,
                              std::string_view arguments) {
  ++searches_;
  const auto& mails = selected(session).mails;
  std::set<std::uint32_t> found;
  for (const auto& mail : mails) found.insert(mail.uid);
  const auto next_word = [&arguments] {
    const auto word = arguments.substr(0, arguments.find(' '));
    arguments.remove_prefix(std::min(arguments.size(), word.size() + 1));
    return word;
  };
  const auto keep = [&](auto wanted) {
    for (const auto& mail : mails) {
      if (!wanted(mail)) found.erase(mail.uid);
    }
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
  std::string answer = news(session) + "* SEARCH";
  for (const auto uid : found) answer += fmt::format(" {}", uid);
  co_return co_await session.dialogue.say(answer + "\r\n" + tag + " OK\r\n");
}

Task<bool> PlayedImap::idle(Session& session, const std::string& tag) {
  ++idles_;
  if (manners.refuses_idle) co_return co_await session.dialogue.say(tag + " NO not now\r\n");
  if (manners.ends_idle) {
    co_return co_await session.dialogue.say("+ idling\r\n" + tag + " OK\r\n");
  }
  const auto begun = world_.steady();
  const bool said = co_await session.dialogue.say("+ idling\r\n" + news(session));
  if (!said) co_return false;
  session.idling = true;
  const auto line = co_await session.dialogue.line();
  session.idling = false;
  longest_idle_ = std::max(longest_idle_, world_.steady() - begun);
  if (!line || *line != "DONE") co_return false;
  co_return co_await session.dialogue.say(tag + " OK\r\n");
}

}  // namespace postern::sim
