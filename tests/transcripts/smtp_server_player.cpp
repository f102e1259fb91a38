// The server of SMTP. The keys of a script's head:
//   tls: active | offered | none    plain-login: yes    size: 1000
//   login: NAME WORD                the one login that is right
//   refuse: login | sender ADDRESS | body | mail, then a reply: "452 4.3.1 No space"
#include "smtp/server_session.hpp"
#include "transcripts/stage.hpp"

#include <boost/json/serialize.hpp>

#include <sstream>

namespace postern::transcripts {
namespace {

using namespace smtp;

constexpr std::size_t shown_body_max = 120;

struct Plan {
  ServerSettings settings;
  std::string login = "int_1", word = "word";
  std::string foreign;  // the sender that is refused
  std::optional<ServerReply> refuse_login, refuse_sender, refuse_body, refuse_mail;
};

std::string shown_body(const std::string& body) {
  if (body.size() > shown_body_max) return std::to_string(body.size()) + " octets";
  return escaped(body);
}

ServerReply read_reply(std::istringstream& words) {
  ServerReply reply;
  words >> reply.code >> reply.enhanced;
  std::getline(words >> std::ws, reply.text);
  return reply;
}

void read_refusal(Plan& plan, const std::string& value) {
  std::istringstream words(value);
  std::string what;
  words >> what;
  if (what == "sender") {
    words >> plan.foreign;
    plan.refuse_sender = read_reply(words);
  } else if (what == "login") {
    plan.refuse_login = read_reply(words);
  } else if (what == "body") {
    plan.refuse_body = read_reply(words);
  } else if (what == "mail") {
    plan.refuse_mail = read_reply(words);
  } else {
    unknown_key("refuse", value);
  }
}

Plan read_plan(const Script& script) {
  Plan plan;
  plan.settings.hostname = "gw.test";
  for (const auto& [key, value] : script.head) {
    if (key == "tls") {
      plan.settings.tls_active = value == "active";
      plan.settings.starttls_offered = value == "offered";
    } else if (key == "plain-login") {
      plan.settings.plain_login_allowed = value == "yes";
    } else if (key == "size") {
      plan.settings.size_bytes_max = std::stoull(value);
    } else if (key == "login") {
      std::istringstream(value) >> plan.login >> plan.word;
    } else if (key == "refuse") {
      read_refusal(plan, value);
    } else {
      unknown_key(key, value);
    }
  }
  return plan;
}

/// Answers the session's questions as the script's head says.
class Player {
 public:
  Player(const Script& script, Way way)
      : stage_(script, way), plan_(read_plan(script)), session_(plan_.settings) {}

  Play run() {
    while (stage_.goes_on()) {
      auto step = session_.next();
      std::visit([this](auto& s) { on(s); }, step);
    }
    return stage_.end();
  }

 private:
  void on(const AwaitInput&) {
    const auto bytes = stage_.listen();
    if (!bytes) return stage_.finish();
    session_.receive(*bytes);
  }
  void on(const Send& send) { stage_.said(send.bytes); }
  void on(const StartTls&) {
    if (!stage_.does("[tls]")) {
      stage_.tell("handshake failed");  // it meets what is no handshake
      return stage_.finish();
    }
    stage_.tell("tls");
    session_.tls_begun();
  }
  void on(const CheckLogin& check) {
    if (plan_.refuse_login) {
      stage_.tell("undecided " + check.login);
      return session_.refuse(*plan_.refuse_login);
    }
    const bool right = check.login == plan_.login && check.password == Secret(plan_.word);
    stage_.tell((right ? "login " : "wrong ") + check.login);
    if (right) return session_.accept();
    session_.refuse({535, "5.7.8", "Authentication credentials invalid"});
  }
  void on(const CheckSender& check) {
    if (plan_.refuse_sender && check.address == plan_.foreign) {
      stage_.tell("foreign " + check.address);
      return session_.refuse(*plan_.refuse_sender);
    }
    session_.accept();
  }
  void on(const BeginBody&) {
    body_.clear();
    if (plan_.refuse_body) return session_.refuse(*plan_.refuse_body);
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
      stage_.tell("wishes " + dsn + (wishes.require_tls ? " require_tls" : ""));
    }
    stage_.tell(text + ": " + shown_body(body_));
    if (plan_.refuse_mail) return session_.refuse(*plan_.refuse_mail);
    session_.accept("Ok: queued as 1");
  }
  void on(const DropBody&) { stage_.tell("dropped"); }
  void on(const Closed&) {
    stage_.does("[closed]");
    stage_.finish();
  }

  Stage stage_;
  const Plan plan_;
  ServerSession session_;
  std::string body_;
};

}  // namespace

const Protocol protocol{'C', 80, "mail ",
                        [](const Script& script, Way way) { return Player(script, way).run(); }};

}  // namespace postern::transcripts
