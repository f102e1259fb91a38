#include "pop3_player.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

namespace postern::pop3::test {
namespace {

constexpr int steps_max = 400'000;  // a play that needs more hangs
constexpr std::size_t shown_max = 60;

std::string refused(const std::optional<Error>& error) {
  return error ? " " + name_of(error->code) : "";
}

/// A mail in one line: its size and its front.
std::string summary(std::string_view mail) {
  std::string text = std::to_string(mail.size()) + " <";
  for (const char c : mail.substr(0, shown_max)) {
    if (c == '\r') {
      text += "\\r";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '\0') {
      text += "\\0";
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      text += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
    } else {
      text += c;
    }
  }
  return text + ">";
}

/// What may be logged: no command that can hold a credential.
bool is_harmless(std::string_view bytes) {
  constexpr std::array<std::string_view, 13> commands{
      "CAPA\r\n", "STLS\r\n", "UTF8\r\n", "USER ", "STAT\r\n", "LIST\r\n", "UIDL\r\n",
      "TOP ",     "RETR ",    "DELE ",    "NOOP",  "RSET",     "QUIT"};
  return std::ranges::any_of(commands, [&](auto c) { return bytes.starts_with(c); });
}

class Player {
 public:
  Player(const Transcript& transcript, std::size_t octets_at_once, Cut cut)
      : transcript_(transcript),
        octets_at_once_(octets_at_once),
        cut_(cut),
        strict_(octets_at_once == 0 && cut.server_lines == Cut().server_lines),
        session_(transcript.options) {}

  Play run() {
    for (int steps = 0; !over_; ++steps) {
      if (steps > steps_max) {
        play_.mistakes.push_back("it hangs");
        break;
      }
      auto step = session_.next();
      if (!step) {
        on_error(step.error());
      } else {
        std::visit([this](auto& s) { on(s); }, step.value());
      }
    }
    if (strict_ && at_ < transcript_.dialogue.size()) {
      play_.mistakes.push_back("never came to: " + transcript_.dialogue[at_].text);
    }
    return std::move(play_);
  }

 private:
  bool at_server_line() const {
    return at_ < transcript_.dialogue.size() && transcript_.dialogue[at_].server;
  }

  void tell(std::string event) { play_.events.push_back(std::move(event)); }

  void on_error(const Error& error) {
    tell("error " + name_of(error.code));
    play_.detail = error.detail;
    over_ = true;
    auto again = session_.next();
    if (again || again.error().code != error.code)
      play_.mistakes.push_back("the error did not stay");
  }

  void on(const Send& send) {
    if (!send.secret && !is_harmless(send.bytes)) play_.mistakes.push_back("not marked secret");
    if (!send.bytes.ends_with("\r\n")) play_.mistakes.push_back("not a line: " + send.bytes);
    if (!strict_) {
      if (at_server_line()) play_.diverged = true;
      return;
    }
    std::string expected;
    while (expected.size() < send.bytes.size() && at_ < transcript_.dialogue.size() &&
           !at_server_line() && !transcript_.dialogue[at_].text.starts_with("[")) {
      expected += transcript_.dialogue[at_++].text + "\r\n";
    }
    if (send.bytes != expected) {
      play_.mistakes.push_back("said <" + send.bytes + "> instead of <" + expected + ">");
      over_ = true;
    }
  }

  /// Lines of the session that a loose play has passed already.
  void skip_session_lines(std::string_view up_to) {
    while (!strict_ && at_ < transcript_.dialogue.size() && !at_server_line() &&
           transcript_.dialogue[at_].text != up_to) {
      ++at_;
    }
  }

  void on(const StartTls&) {
    skip_session_lines("[tls]");
    const bool there =
        at_ < transcript_.dialogue.size() && transcript_.dialogue[at_].text == "[tls]";
    if (there) {
      ++at_;
      return;
    }
    if (strict_) play_.mistakes.push_back("does [tls], which is not written");
    play_.diverged = true;  // the rest would be taken for a handshake, which fails
    tell("error handshake");
    over_ = true;
  }

  void on(const NeedInput&) {
    skip_session_lines("[none]");
    if (at_server_line()) return deliver();
    if (strict_ && at_ < transcript_.dialogue.size()) {
      play_.mistakes.push_back("waits instead of: " + transcript_.dialogue[at_].text);
    }
    end();
  }

  void end() {
    if (std::exchange(ended_, true)) {
      play_.mistakes.push_back("waits after the end");
      over_ = true;
    }
    session_.end_of_input();
  }

  void deliver() {
    if (server_lines_ >= cut_.server_lines) {
      const auto& text = transcript_.dialogue[at_].text;
      if (cut_.half_of_next) session_.receive(std::string_view(text).substr(0, text.size() / 2));
      return end();
    }
    if (octets_at_once_ > 0) {
      const auto& text = transcript_.dialogue[at_].text;
      session_.receive(std::string_view(text).substr(offset_, octets_at_once_));
      offset_ += octets_at_once_;
      if (offset_ >= text.size()) next_server_line();
      return;
    }
    std::string run;
    while (at_server_line() && server_lines_ < cut_.server_lines) {
      run += transcript_.dialogue[at_].text;
      next_server_line();
    }
    session_.receive(run);
  }

  void next_server_line() {
    offset_ = 0;
    ++at_;
    ++server_lines_;
  }

  void on(const Ready& ready) {
    tell("ready " + ready.capabilities.words());
    go_on();
  }

  /// The next command, all of them with at-once, or QUIT behind the last.
  void go_on() {
    do {
      if (command_ == transcript_.commands.size()) {
        if (transcript_.quit) return session_.quit();
        over_ = true;
        return;
      }
      queue(transcript_.commands[command_++]);
    } while (transcript_.at_once);
  }

  void queue(const std::string& words) {
    std::istringstream in(words);
    std::string name;
    std::uint32_t number = 0, lines = 0;
    in >> name >> number >> lines;
    if (name == "stat") session_.stat();
    if (name == "list") session_.list();
    if (name == "uidl") session_.uidl();
    if (name == "top") session_.top(number, lines);
    if (name == "retr") session_.retrieve(number);
    if (name == "dele") session_.dele(number);
    if (name == "noop") session_.noop();
    if (name == "rset") session_.rset();
    if (!session_.busy()) play_.mistakes.push_back("no such command: " + words);
  }

  void after_command() {
    if (!transcript_.at_once) go_on();
  }

  void on(const StatDone& done) {
    tell(done.error ? "stat" + refused(done.error)
                    : "stat " + std::to_string(done.drop.count) + " " +
                          std::to_string(done.drop.size_bytes));
    after_command();
  }
  void on(const ListedSize& listed) {
    tell("size " + std::to_string(listed.entry.number) + " " +
         std::to_string(listed.entry.size_bytes));
  }
  void on(const ListedUid& listed) {
    tell("uid " + std::to_string(listed.entry.number) + " <" + listed.entry.uid + ">");
  }
  void on(const RetrievedPiece& piece) {
    if (piece.bytes.empty()) play_.mistakes.push_back("an empty piece");
    mail_ += piece.bytes;
  }
  void on(const RetrieveDone& done) {
    tell(done.error ? "mail" + refused(done.error) : "mail " + summary(mail_));
    if (done.size_bytes != mail_.size()) play_.mistakes.push_back("another size is told");
    mail_.clear();
    after_command();
  }
  void on(const CommandDone& done) {
    tell("done" + refused(done.error));
    after_command();
  }
  void on(const Closed& closed) {
    tell(closed.updated ? "closed updated" : "closed");
    over_ = true;
  }

  const Transcript& transcript_;
  std::size_t octets_at_once_;
  Cut cut_;
  bool strict_;
  Session session_;
  Play play_;
  std::size_t at_ = 0;      // of the dialogue
  std::size_t offset_ = 0;  // in the server line at at_
  std::size_t server_lines_ = 0;
  std::size_t command_ = 0;
  std::string mail_;
  bool ended_ = false;
  bool over_ = false;
};

}  // namespace

std::string name_of(const error_code& code) {
  static const std::array<std::pair<errc, const char*>, 21> names{{
      {errc::not_pop3, "not_pop3"},
      {errc::greeting_refused, "greeting_refused"},
      {errc::stls_not_offered, "stls_not_offered"},
      {errc::stls_refused, "stls_refused"},
      {errc::bytes_before_tls, "bytes_before_tls"},
      {errc::plain_login_forbidden, "plain_login_forbidden"},
      {errc::login_refused, "login_refused"},
      {errc::login_unavailable, "login_unavailable"},
      {errc::mailbox_in_use, "mailbox_in_use"},
      {errc::login_too_soon, "login_too_soon"},
      {errc::login_disabled, "login_disabled"},
      {errc::no_mechanism, "no_mechanism"},
      {errc::command_refused, "command_refused"},
      {errc::server_trouble, "server_trouble"},
      {errc::bad_argument, "bad_argument"},
      {errc::malformed, "malformed"},
      {errc::line_too_long, "line_too_long"},
      {errc::mail_too_large, "mail_too_large"},
      {errc::flooded, "flooded"},
      {errc::farewell, "farewell"},
      {errc::connection_closed, "connection_closed"},
  }};
  for (const auto& [value, name] : names) {
    if (code == value) return name;
  }
  return "foreign error";
}

Play play(const Transcript& transcript, std::size_t octets_at_once, Cut cut) {
  return Player(transcript, octets_at_once, cut).run();
}

}  // namespace postern::pop3::test
