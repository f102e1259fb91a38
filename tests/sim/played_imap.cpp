#include "sim/played_imap.hpp"

#include "core/base64.hpp"
#include "sim/played_imap_session.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::sim {

using net::Task;

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
  const auto gmail_id = std::hash<std::string>()(bytes) >> 1;
  folder.mails.push_back({uid, std::move(bytes), internal_date, {}, ++folder.mod_seq, gmail_id});
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
         (manners.offers_gmail ? " X-GM-EXT-1" : "") +
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
    if (session->commands++ == manners.commands_before_cut) {
      if (!manners.last_words.empty()) co_await dialogue.say(manners.last_words + "\r\n");
      co_return;
    }
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
    co_return co_await dialogue.say(tag + " " + manners.login_refusal + "\r\n");
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
  if (refused) co_return co_await dialogue.say(tag + " NO " + manners.refusal + "\r\n");
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

Task<bool> PlayedImap::idle(Session& session, const std::string& tag) {
  ++idles_;
  if (manners.refuses_idle) co_return co_await session.dialogue.say(tag + " NO not now\r\n");
  if (manners.ignores_idle) {
    for (bool gone = false; !gone;) {
      gone = co_await session.dialogue.gone_within(std::chrono::seconds(30));
    }
    co_return false;
  }
  if (manners.ends_idle) {
    co_return co_await session.dialogue.say("+ idling\r\n" + tag + " OK\r\n");
  }
  const auto begun = world_.steady();
  const bool said = co_await session.dialogue.say("+ idling\r\n" + news(session));
  if (!said) co_return false;
  if (manners.mutes_idle) {
    for (bool there = true; there;) {
      const bool heard = co_await session.dialogue.say("* OK Still here\r\n");
      const bool gone = co_await session.dialogue.gone_within(std::chrono::seconds(30));
      there = heard && !gone;
    }
    last_silence_ = world_.steady() - begun;
    co_return false;
  }
  if (manners.floods_idle) {
    std::string flood;
    for (int i = 0; i < 200; ++i) flood += "* OK Still here\r\n";
    for (bool there = true; there;) there = co_await session.dialogue.say(flood);
    co_return false;
  }
  session.idling = true;
  const auto line = co_await session.dialogue.line();
  session.idling = false;
  longest_idle_ = std::max(longest_idle_, world_.steady() - begun);
  if (!line || *line != "DONE") co_return false;
  co_return co_await session.dialogue.say(tag + " OK\r\n");
}

}  // namespace postern::sim
