#include "sim/played_pop3.hpp"

#include "core/base64.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace postern::sim {
namespace {

using net::Task;

/// As it goes over the line: dots stuffed, CRLF . CRLF at its end.
std::string stuffed(std::string_view mail) {
  std::string wire;
  bool line_start = true;
  for (const char c : mail) {
    if (line_start && c == '.') wire += '.';
    wire += c;
    line_start = c == '\n';
  }
  if (!line_start) wire += "\r\n";
  return wire + ".\r\n";
}

std::size_t number_in(std::string_view command) {
  const auto at = command.find(' ');
  std::size_t number = 0;
  if (at == std::string_view::npos) return 0;
  std::from_chars(command.data() + at + 1, command.data() + command.size(), number);
  return number;
}

}  // namespace

struct PlayedPop3::Session {
  explicit Session(std::unique_ptr<net::Stream> stream) : dialogue(std::move(stream)) {}
  Dialogue dialogue;
  std::vector<PopMail> mails;     // as at the login
  std::set<std::string> deleted;  // marked
  std::string user;
  std::size_t retrieved = 0;
  bool logged_in = false;
};

PlayedPop3::PlayedPop3(World& world, std::string host, std::string user, std::string password)
    : world_(world),
      host_(std::move(host)),
      user_(std::move(user)),
      password_(std::move(password)) {}

void PlayedPop3::serve() {
  world_.serve(host_ + ":995", [this](std::unique_ptr<net::Stream> stream) -> Task<void> {
    return play(std::move(stream));
  });
}

std::string PlayedPop3::deliver(std::string bytes) {
  mails_.push_back({fmt::format("uid-{}", next_uid_++), std::move(bytes)});
  return mails_.back().uid;
}

void PlayedPop3::remove(const std::string& uid) {
  std::erase_if(mails_, [&](const PopMail& mail) { return mail.uid == uid; });
}

void PlayedPop3::renumber() {
  for (auto& mail : mails_) mail.uid = fmt::format("uid-{}", next_uid_++);
}

std::string PlayedPop3::capabilities() const {
  if (!manners.knows_capa) return "-ERR what?\r\n";
  return std::string("+OK\r\nUSER\r\nRESP-CODES\r\nSASL PLAIN\r\n") +
         (manners.has_uidl ? "UIDL\r\n" : "") + (manners.has_top ? "TOP\r\n" : "") + ".\r\n";
}

Task<void> PlayedPop3::play(std::unique_ptr<net::Stream> stream) {
  Session session(std::move(stream));
  auto& dialogue = session.dialogue;
  const bool protected_line = co_await dialogue.hear_tls();
  if (!protected_line) co_return;
  struct Seat {
    std::size_t& seats;
    ~Seat() { --seats; }
  };
  most_at_once_ = std::max(most_at_once_, ++at_once_);
  const Seat seat{at_once_};
  bool goes_on = co_await dialogue.say("+OK " + manners.greeting + "\r\n");
  while (goes_on) {
    const auto line = co_await dialogue.line();
    if (!line) co_return;
    if (!session.logged_in) {
      goes_on = co_await log_in(session, *line);
      continue;
    }
    if (manners.falls_silent || manners.drips) {
      co_await be_slow(session);
      co_return;
    }
    goes_on = co_await obey(session, *line);
  }
}

Task<void> PlayedPop3::be_slow(Session& session) {
  const auto begun = world_.steady();
  if (manners.falls_silent) {
    co_await session.dialogue.gone_within(std::chrono::hours(2));
  } else {
    for (bool here = true; here && world_.steady() - begun < std::chrono::hours(2);) {
      here = co_await session.dialogue.say("+");
      if (!here) break;
      const bool left = co_await session.dialogue.gone_within(std::chrono::seconds(30));
      here = !left;
    }
  }
  last_silence_ = world_.steady() - begun;
}

Task<bool> PlayedPop3::log_in(Session& session, const std::string& command) {
  using namespace std::string_literals;
  auto& dialogue = session.dialogue;
  if (command == "CAPA") co_return co_await dialogue.say(capabilities());
  if (command == "QUIT") co_return false;
  if (command.starts_with("USER ")) {
    session.user = command.substr(5);
    co_return co_await dialogue.say("+OK\r\n");
  }
  bool right = false;
  if (command.starts_with("AUTH PLAIN ")) {
    right = from_base64(command.substr(11)) == "\0"s + user_ + "\0"s + password_;
  } else if (command.starts_with("PASS ")) {
    right = session.user == user_ && command.substr(5) == password_;
  }
  if (!right || manners.refuses_login) {
    co_return co_await dialogue.say("-ERR [AUTH] wrong name or password\r\n");
  }
  if (manners.is_in_use) co_return co_await dialogue.say("-ERR [IN-USE] another session\r\n");
  ++logins_;
  session.logged_in = true;
  session.mails = mails_;
  co_return co_await dialogue.say("+OK welcome\r\n");
}

Task<bool> PlayedPop3::obey(Session& session, const std::string& command) {
  auto& dialogue = session.dialogue;
  const auto& mails = session.mails;
  const auto number = number_in(command);
  const bool there = number >= 1 && number <= mails.size();
  if (command == "CAPA") co_return co_await dialogue.say(capabilities());
  if (command == "QUIT") co_return co_await quit(session);
  if (command == "STAT") {
    std::size_t size = 0;
    for (const auto& mail : mails) size += mail.bytes.size();
    co_return co_await dialogue.say(fmt::format("+OK {} {}\r\n", mails.size(), size));
  }
  const bool uids = command == "UIDL" && manners.has_uidl;
  if (uids || command == "LIST") {
    std::string answer = "+OK\r\n";
    for (std::size_t i = 0; i < mails.size(); ++i) {
      const bool lies = manners.belittles.contains(mails[i].uid);
      answer += uids ? fmt::format("{} {}\r\n", i + 1, mails[i].uid)
                     : fmt::format("{} {}\r\n", i + 1, lies ? 10 : mails[i].bytes.size());
    }
    co_return co_await dialogue.say(answer + ".\r\n");
  }
  if (command.starts_with("DELE ") && there) {
    ++deletions_asked_;
    if (manners.keeps.contains(mails[number - 1].uid)) {
      co_return co_await dialogue.say("-ERR it stays\r\n");
    }
    session.deleted.insert(mails[number - 1].uid);
    co_return co_await dialogue.say("+OK\r\n");
  }
  const bool top = command.starts_with("TOP ") && manners.has_top;
  if (there && (top || command.starts_with("RETR "))) {
    co_return co_await retrieve(session, number - 1, top);
  }
  const bool optional = command == "UIDL" || command.starts_with("TOP ");
  if (!optional) foul_ = command;
  co_return co_await dialogue.say("-ERR what?\r\n");
}

Task<bool> PlayedPop3::retrieve(Session& session, std::size_t index, bool head) {
  const auto mail = session.mails[index];  // a copy: others may come while we speak
  if (head) {
    const auto end = mail.bytes.find("\r\n\r\n");
    co_return co_await session.dialogue.say("+OK\r\n" + stuffed(mail.bytes.substr(0, end + 4)));
  }
  if (manners.refuses.contains(mail.uid)) {
    co_return co_await session.dialogue.say("-ERR cannot open that file\r\n");
  }
  const bool cut = ++session.retrieved == manners.retrieved_before_cut;
  if (cut || manners.cuts_at.contains(mail.uid)) {
    co_await session.dialogue.say("+OK\r\n" + mail.bytes.substr(0, mail.bytes.size() / 2));
    co_return false;
  }
  ++retrieved_;
  co_return co_await session.dialogue.say("+OK\r\n" + stuffed(mail.bytes));
}

Task<bool> PlayedPop3::quit(Session& session) {
  if (manners.cuts_at_quit) co_return false;
  if (!manners.quit_refusal.empty()) {
    co_await session.dialogue.say("-ERR " + manners.quit_refusal + "\r\n");
    co_return false;
  }
  std::erase_if(mails_, [&](const PopMail& mail) { return session.deleted.contains(mail.uid); });
  if (!manners.cuts_after_update) co_await session.dialogue.say("+OK bye\r\n");
  co_return false;
}

}  // namespace postern::sim
