// The driver of the plays: answers the session's questions as the transcript's head says.
#include "smtp_server_player.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace postern::smtp::test {
namespace {

constexpr int steps_max = 400'000;  // a play that needs more hangs
constexpr std::size_t shown_body_max = 120;

std::string shown_body(const std::string& body) {
  if (body.size() > shown_body_max) return std::to_string(body.size()) + " octets";
  std::string text;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const auto c = static_cast<unsigned char>(body[i]);
    if (body.compare(i, 2, "\r\n") == 0) {
      text += "\\n";
      ++i;
    } else if (c < 0x20 || c >= 0x7f) {
      constexpr const char* digits = "0123456789abcdef";
      text += std::string("\\x") + digits[c >> 4] + digits[c & 15];
    } else {
      text += body[i];
    }
  }
  return text;
}

class Player {
 public:
  Player(const ServerTranscript& transcript, std::size_t octets_at_once, ClientCut cut)
      : transcript_(transcript),
        octets_at_once_(octets_at_once),
        cut_(cut),
        session_(transcript.settings) {}

  ServerPlay run() {
    std::size_t line = 0;
    for (const auto& turn : transcript_.turns) {
      if (over_) break;
      std::string input;
      bool cut = false;
      for (const auto& text : turn.lines) {
        cut = line == cut_.lines;
        if (cut && cut_.half_of_next) input += text.substr(0, text.size() / 2);
        if (cut) break;
        ++line;
        input += text;
      }
      play_.answers.emplace_back();
      feed(input);
      if (cut) break;
    }
    return std::move(play_);
  }

 private:
  void feed(std::string_view input) {
    do {
      drain(input.size());
      const auto piece = octets_at_once_ == 0 ? input : input.substr(0, octets_at_once_);
      if (over_) return;
      session_.receive(piece);
      input.remove_prefix(piece.size());
      drain(input.size());
    } while (!input.empty() && !over_);
  }

  /// Until more input is wanted. `unread` octets of this turn are still on the line.
  void drain(std::size_t unread) {
    for (bool awaits = false; !awaits && !over_;) {
      if (++steps_ > steps_max) {
        play_.hangs = over_ = true;
        return;
      }
      auto step = session_.next();
      awaits = std::holds_alternative<AwaitInput>(step);
      if (std::holds_alternative<StartTls>(step) && unread > 0) {
        event("handshake failed");  // it meets what is no handshake
        over_ = true;
        return;
      }
      std::visit([this](auto& s) { on(s); }, step);
    }
  }

  void event(std::string text) { play_.events.push_back(std::move(text)); }
  void on(const AwaitInput&) {}
  void on(const Send& send) { play_.answers.back() += send.bytes; }
  void on(const StartTls&) {
    play_.answers.back() += "[tls]\r\n";
    event("tls");
    session_.tls_begun();
  }
  void on(const CheckLogin& check) {
    if (transcript_.refuse_login) {
      event("undecided " + check.login);
      return session_.refuse(*transcript_.refuse_login);
    }
    const bool right =
        check.login == transcript_.login && check.password == Secret(transcript_.word);
    event((right ? "login " : "wrong ") + check.login);
    if (right) return session_.accept();
    session_.refuse({535, "5.7.8", "Authentication credentials invalid"});
  }
  void on(const CheckSender& check) {
    if (transcript_.refuse_sender && check.address == transcript_.foreign) {
      event("foreign " + check.address);
      return session_.refuse(*transcript_.refuse_sender);
    }
    session_.accept();
  }
  void on(const BeginBody&) {
    body_.clear();
    if (transcript_.refuse_body) return session_.refuse(*transcript_.refuse_body);
    session_.accept();
  }
  void on(const BodyPiece& piece) { body_ += piece.bytes; }
  void on(const EndBody&) {
    std::string text = "mail <" + session_.envelope().sender + "> ->";
    const auto& recipients = session_.envelope().recipients;
    if (recipients.size() > 5) {
      text += " " + std::to_string(recipients.size()) + " recipients";
    } else {
      for (const auto& recipient : recipients) text += " " + recipient;
    }
    if (const auto& wishes = session_.wishes(); wishes != TransportWishes()) {
      const auto dsn = boost::json::serialize(to_json(wishes.dsn));
      event("wishes " + dsn + (wishes.require_tls ? " require_tls" : ""));
    }
    event(text + ": " + shown_body(body_));
    if (transcript_.refuse_mail) return session_.refuse(*transcript_.refuse_mail);
    session_.accept("Ok: queued as 1");
  }
  void on(const DropBody&) { event("dropped"); }
  void on(const Closed&) {
    play_.answers.back() += "[closed]\r\n";
    over_ = true;
  }

  const ServerTranscript& transcript_;
  const std::size_t octets_at_once_;
  const ClientCut cut_;
  ServerSession session_;
  ServerPlay play_;
  std::string body_;
  int steps_ = 0;
  bool over_ = false;
};

}  // namespace

ServerPlay play(const ServerTranscript& transcript, std::size_t octets_at_once, ClientCut cut) {
  return Player(transcript, octets_at_once, cut).run();
}

}  // namespace postern::smtp::test
