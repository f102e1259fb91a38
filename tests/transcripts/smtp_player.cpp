#include "smtp_player.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

namespace postern::smtp::test {
namespace {

constexpr int steps_max = 400'000;  // a play that needs more hangs
constexpr std::string_view no_deed = "[none]";

std::string name_of(const error_code& code) {
  static const std::array<std::pair<errc, const char*>, 20> names{{
      {errc::not_smtp, "not_smtp"},
      {errc::greeting_refused, "greeting_refused"},
      {errc::starttls_not_offered, "starttls_not_offered"},
      {errc::starttls_refused, "starttls_refused"},
      {errc::bytes_before_tls, "bytes_before_tls"},
      {errc::plaintext_auth_refused, "plaintext_auth_refused"},
      {errc::no_mechanism, "no_mechanism"},
      {errc::auth_refused, "auth_refused"},
      {errc::auth_deferred, "auth_deferred"},
      {errc::malformed_reply, "malformed_reply"},
      {errc::reply_too_long, "reply_too_long"},
      {errc::unexpected_reply, "unexpected_reply"},
      {errc::service_closing, "service_closing"},
      {errc::closed, "closed"},
      {errc::too_large, "too_large"},
      {errc::smtputf8_not_offered, "smtputf8_not_offered"},
      {errc::bad_address, "bad_address"},
      {errc::nul_in_message, "nul_in_message"},
      {errc::require_tls_not_offered, "require_tls_not_offered"},
      {errc::chunk_not_understood, "chunk_not_understood"},
  }};
  for (const auto& [value, name] : names) {
    if (code == value) return name;
  }
  return "foreign error";
}

std::string with_enhanced(int code, const std::string& enhanced) {
  return std::to_string(code) + (enhanced.empty() ? "" : "/" + enhanced);
}

std::string event_of(const TransactionDone& done) {
  std::string event = done.accepted ? "done accepted " : "done refused ";
  event += with_enhanced(done.reply.code, done.reply.enhanced_code);
  event += " at " + std::string(to_string(done.decided_at));
  for (const auto& recipient : done.recipients) {
    event += "; " + recipient.address + (recipient.accepted ? " + " : " - ") +
             with_enhanced(recipient.code, recipient.enhanced_code);
  }
  return event;
}

/// What may be logged: no command that can hold a credential.
bool is_harmless(std::string_view bytes) {
  constexpr std::array<std::string_view, 10> commands{
      "BDAT ", "EHLO ",    "HELO ",    "STARTTLS\r\n", "MAIL ",
      "RCPT ", "DATA\r\n", "RSET\r\n", "NOOP\r\n",     "QUIT\r\n"};
  return bytes == ".\r\n" || std::any_of(commands.begin(), commands.end(),
                                         [&](auto c) { return bytes.starts_with(c); });
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
    if (session_.outcome_unknown() != awaiting_final_reply_) {
      play_.mistakes.push_back("outcome_unknown() is wrong");
    }
    play_.challenge = session_.auth_challenge();
    return std::move(play_);
  }

 private:
  bool at_server_line() const {
    return at_ < transcript_.dialogue.size() && transcript_.dialogue[at_].server;
  }

  void on_error(const Error& error) {
    std::string event = "error " + name_of(error.code);
    if (const auto& reply = session_.refusal()) {
      event += ' ' + with_enhanced(reply->code, reply->enhanced_code);
    }
    if (session_.outcome_unknown()) event += " unknown";
    if (error.code == errc::chunk_not_understood) awaiting_final_reply_ = false;  // it is refused
    play_.events.push_back(event);
    play_.detail = error.detail;
    over_ = true;
    auto again = session_.next();
    if (again || again.error().code != error.code)
      play_.mistakes.push_back("the error did not stay");
  }

  void on(const Send& send) {
    if (!send.secret && !is_harmless(send.bytes)) play_.mistakes.push_back("not marked secret");
    if (!strict_) {
      if (at_server_line()) play_.diverged = true;
      return;
    }
    std::string expected;
    while (at_ < transcript_.dialogue.size() && !at_server_line() &&
           !transcript_.dialogue[at_].text.starts_with("[")) {
      expected += transcript_.dialogue[at_++].text + "\r\n";
    }
    if (send.bytes != expected) {
      play_.mistakes.push_back("said <" + send.bytes + "> instead of <" + expected + ">");
      over_ = true;
    }
  }

  void expect_deed(std::string_view deed) {
    const bool there = at_ < transcript_.dialogue.size() && transcript_.dialogue[at_].text == deed;
    if (there) {
      ++at_;
    } else if (strict_) {
      play_.mistakes.push_back("does " + std::string(deed) + ", which is not written");
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
    if (!at_server_line()) return expect_deed("[tls]");
    play_.diverged = true;  // the rest would be taken for a handshake, which fails
    play_.events.push_back("error handshake");
    over_ = true;
  }

  void on(const SendBody& body) {
    skip_session_lines("[body]");
    if (at_server_line() && server_lines_ < cut_.server_lines) return deliver();
    if (at_server_line()) return session_.end_of_input();
    Send before, behind;
    before.bytes = body.chunk_command;
    if (!before.bytes.empty()) on(before);
    expect_deed("[body]");
    behind.bytes = line_up();
    session_.final_dot_leaving();
    session_.body_sent();
    awaiting_final_reply_ = true;
    if (!behind.bytes.empty()) on(behind);
  }

  std::string line_up() {
    if (job_ == transcript_.jobs.size() || !transcript_.jobs[job_].behind) return {};
    auto bytes = session_.line_up(transcript_.jobs[job_].transaction);
    if (!bytes) play_.events.push_back("line up " + name_of(bytes.error().code));
    if (!bytes || bytes.value().empty()) return {};
    ++job_;
    return std::move(bytes).value();
  }

  void on(const NeedInput&) {
    skip_session_lines(no_deed);
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

  void on(const Ready&) {
    if (job_ == 0 && !std::exchange(ready_told_, true)) play_.events.push_back("ready");
    if (job_ == transcript_.jobs.size()) {
      if (transcript_.quit) return session_.quit();
      over_ = true;
      return;
    }
    const Job& job = transcript_.jobs[job_++];
    Result<void> begun = success();
    switch (job.kind) {
      case Job::Kind::mail:
        begun = session_.begin(job.transaction);
        break;
      case Job::Kind::probe:
        begun = session_.begin_probe(job.transaction.envelope.sender);
        break;
      case Job::Kind::noop:
        session_.noop();
        break;
    }
    if (!begun) {
      play_.events.push_back("begin " + name_of(begun.error().code));
      if (!session_.ready()) play_.mistakes.push_back("not ready after a refused begin()");
    }
  }

  void on(const TransactionDone& done) {
    awaiting_final_reply_ = false;
    play_.events.push_back(event_of(done));
    if (event_of(session_.transaction()) != event_of(done)) {
      play_.mistakes.push_back("transaction() tells another result");
    }
  }

  void on(const Closed&) {
    play_.events.push_back("closed");
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
  std::size_t job_ = 0;
  bool ready_told_ = false;
  bool awaiting_final_reply_ = false;
  bool ended_ = false;
  bool over_ = false;
};

}  // namespace

Play play(const Transcript& transcript, std::size_t octets_at_once, Cut cut) {
  return Player(transcript, octets_at_once, cut).run();
}

}  // namespace postern::smtp::test
