// The commands by which something changes in PlayedImap's folders.
#include "sim/played_imap_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace postern::sim {

void PlayedImap::slip_in(std::uint32_t uid, std::string bytes) {
  auto& folder = inbox();
  const auto at = std::ranges::lower_bound(folder.mails, uid, {}, &ImapMail::uid);
  folder.mails.insert(at, {uid, std::move(bytes), world_.now(), {}, ++folder.mod_seq});
}

void PlayedImap::deliver_under(std::uint32_t uid, std::string bytes) {
  auto& folder = inbox();
  const auto kept = std::exchange(folder.uid_next, uid);
  deliver(std::move(bytes));
  folder.uid_next = std::max(kept, folder.uid_next);
}

void PlayedImap::take_away(std::uint32_t uid) {
  const auto told = expunge(inbox(), {uid});
  const auto push = [](std::shared_ptr<Session> session, std::string words) -> net::Task<void> {
    co_await session->dialogue.say(std::move(words));
  };
  for (const auto& session : sessions_) {
    if (!session->idling || session->folder != "INBOX") continue;
    session->told = inbox().mails.size();
    world_.spawn(push(session, told));
  }
}

void PlayedImap::dismiss(const std::string& words) {
  const auto say = [](std::shared_ptr<Session> session, std::string last) -> net::Task<void> {
    co_await session->dialogue.say(std::move(last));
    session->dialogue.close();
  };
  for (const auto& session : sessions_) {
    if (session->idling) world_.spawn(say(session, words + "\r\n"));
  }
}

void PlayedImap::renumber_silently() {
  auto& folder = inbox();
  folder.uid_next = 1;
  for (auto& mail : folder.mails) mail.uid = folder.uid_next++;
  kick();
}

void PlayedImap::mark(std::uint32_t uid) {
  auto& folder = inbox();
  for (auto& mail : folder.mails) {
    if (mail.uid == uid) mail.mod_seq = ++folder.mod_seq;
  }
}

net::Task<bool> PlayedImap::enable(Session& session, const std::string& tag) {
  session.qresync = true;
  co_return co_await session.dialogue.say("* ENABLED QRESYNC\r\n" + tag + " OK\r\n");
}

std::string PlayedImap::changes_since(const ImapFolder& folder, std::uint64_t mod_seq) {
  std::string told;
  for (std::size_t i = 0; i < folder.mails.size(); ++i) {
    const auto& mail = folder.mails[i];
    if (mail.mod_seq <= mod_seq) continue;
    told +=
        fmt::format("* {} FETCH (UID {} FLAGS () MODSEQ ({}))\r\n", i + 1, mail.uid, mail.mod_seq);
  }
  return told;
}

/// UID FETCH 1:4294967295 (UID FLAGS) (CHANGEDSINCE n)
net::Task<bool> PlayedImap::fetch_changed(Session& session, const std::string& tag,
                                          std::string_view arguments) {
  if (!manners.offers_condstore && !manners.offers_qresync) foul_ = arguments;
  const auto word = arguments.find("CHANGEDSINCE ");
  std::uint64_t since = 0;
  for (const char c : arguments.substr(word + 13)) {
    if (c < '0' || c > '9') break;
    since = since * 10 + static_cast<std::uint64_t>(c - '0');
  }
  co_return co_await session.dialogue.say(changes_since(selected(session), since) + tag +
                                          " OK\r\n");
}

ImapFolder* PlayedImap::folder(const std::string& name) {
  const auto found = folders_.find(name);
  return found == folders_.end() ? nullptr : &found->second;
}

std::string PlayedImap::expunge(ImapFolder& folder, const std::set<std::uint32_t>& uids) {
  std::string told;
  for (std::size_t i = 0; i < folder.mails.size();) {
    if (!uids.contains(folder.mails[i].uid)) {
      ++i;
      continue;
    }
    folder.mails.erase(folder.mails.begin() + static_cast<std::ptrdiff_t>(i));
    told += fmt::format("* {} EXPUNGE\r\n", i + 1);
  }
  return told;
}

std::string PlayedImap::copy(Session& session, std::string_view arguments, bool moves) {
  const auto space = arguments.find(' ');
  std::string name(arguments.substr(space + 1));
  std::erase(name, '"');
  auto* to = folder(name);
  if (to == nullptr) return "{} NO [TRYCREATE] no such folder\r\n";
  auto& from = folders_.at(session.folder);
  const auto wanted = uids_in(from, arguments.substr(0, space));
  for (const auto& mail : from.mails) {
    if (!wanted.contains(mail.uid)) continue;
    auto made = mail;
    made.uid = to->uid_next++;
    to->mails.push_back(std::move(made));
  }
  if (!moves) return "{} OK copied\r\n";
  const auto told = expunge(from, wanted);
  session.told = from.mails.size();
  return told + "{} OK moved\r\n";
}

/// What a command that changes something is answered, "{}" for its tag; nothing for the others.
std::optional<std::string> PlayedImap::change(Session& session, std::string_view command) {
  const bool is_create = takes_word(command, "CREATE ");
  if (is_create) {
    std::string name(command);
    std::erase(name, '"');
    folders_[name];
    return "{} OK made\r\n";
  }
  const bool is_subscribe = takes_word(command, "SUBSCRIBE ");
  if (is_subscribe) {
    std::string name(command);
    std::erase(name, '"');
    subscribed_.insert(name);
    return "{} OK shown\r\n";
  }
  const bool changes = command.starts_with("UID STORE ") || command.starts_with("UID COPY ") ||
                       command.starts_with("UID MOVE ") || command.starts_with("UID EXPUNGE ");
  if (!changes) return std::nullopt;
  if (session.folder.empty() || session.read_only) foul_ = command;
  auto& open = folders_.at(session.folder);
  if (takes_word(command, "UID COPY ")) return copy(session, command, false);
  if (takes_word(command, "UID MOVE ")) return copy(session, command, true);
  if (takes_word(command, "UID EXPUNGE ")) {
    auto wanted = uids_in(open, command);
    for (const auto& mail : open.mails) {
      if (!mail.flags.contains("\\Deleted")) wanted.erase(mail.uid);
    }
    const auto told = expunge(open, wanted);
    session.told = open.mails.size();
    return told + "{} OK\r\n";
  }
  takes_word(command, "UID STORE ");
  const auto wanted = uids_in(open, command.substr(0, command.find(' ')));
  const auto left = command.find('(') + 1;
  const std::string flag(command.substr(left, command.find(')') - left));
  for (auto& mail : open.mails) {
    if (wanted.contains(mail.uid)) mail.flags.insert(flag);
  }
  return "{} OK\r\n";
}

}  // namespace postern::sim
