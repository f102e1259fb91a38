// The client of POP3. The keys of a script's head:
//   tls: established | stls | none          plain-login: yes      limit: BYTES of a mail
//   login: password NAME WORD               or: xoauth2 BASE64, oauthbearer BASE64, none
//   do: COMMAND                             stat, list, uidl, top N L, retr N, dele N, noop, rset;
//                                           in this order, each after the one before is done
//   at-once: yes                            all are queued at Ready, QUIT too
//   end: leave                              no QUIT after the last
#include "core/base64.hpp"
#include "pop3/session.hpp"
#include "transcripts/stage.hpp"

#include <array>
#include <sstream>
#include <utility>

namespace postern::transcripts {
namespace {

using namespace pop3;

constexpr std::size_t shown_max = 60;

struct Plan {
  Options options;
  std::vector<std::string> commands;
  bool at_once = false;
  bool quit = true;
};

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

std::string refused(const std::optional<Error>& error) {
  return error ? " " + name_of(error->code) : "";
}

/// A mail in one line: its size and its front.
std::string summary(std::string_view mail) {
  return std::to_string(mail.size()) + " <" + escaped(mail.substr(0, shown_max)) + ">";
}

Credentials parse_login(const std::string& value) {
  std::istringstream words(value);
  std::string kind, first, second;
  words >> kind >> first >> second;
  Credentials credentials;
  if (kind == "none") {
    credentials.mechanism = Mechanism::none;
  } else if (kind == "password") {
    credentials.username = unescape(first);
    credentials.password = Secret(unescape(second));
  } else if (kind == "xoauth2" || kind == "oauthbearer") {
    credentials.mechanism = kind == "xoauth2" ? Mechanism::xoauth2 : Mechanism::oauthbearer;
    credentials.sasl = Secret(from_base64(first).value());
  } else {
    unknown_key("login", value);
  }
  return credentials;
}

Tls parse_tls(const std::string& value) {
  if (value == "established") return Tls::established;
  if (value == "stls") return Tls::must_stls;
  if (value == "none") return Tls::none;
  unknown_key("tls", value);
}

Plan read_plan(const Script& script) {
  Plan plan;
  plan.options.credentials = parse_login("password bob secret");
  for (const auto& [key, value] : script.head) {
    if (key == "tls") {
      plan.options.tls = parse_tls(value);
    } else if (key == "login") {
      plan.options.credentials = parse_login(value);
    } else if (key == "plain-login") {
      plan.options.allow_plain_password = value == "yes";
    } else if (key == "limit") {
      plan.options.body_bytes_max = std::stoull(value);
    } else if (key == "at-once") {
      plan.at_once = value == "yes";
    } else if (key == "end") {
      plan.quit = value != "leave";
    } else if (key == "do") {
      plan.commands.push_back(value);
    } else {
      unknown_key(key, value);
    }
  }
  return plan;
}

class Player {
 public:
  Player(const Script& script, Way way)
      : stage_(script, way), plan_(read_plan(script)), session_(plan_.options) {}

  Play run() {
    while (stage_.goes_on()) {
      auto step = session_.next();
      if (!step) {
        on_error(step.error());
      } else {
        std::visit([this](auto& s) { on(s); }, step.value());
      }
    }
    return stage_.end();
  }

 private:
  void on_error(const Error& error) {
    stage_.tell("error " + name_of(error.code));
    stage_.detail(error.detail);
    stage_.finish();
    auto again = session_.next();
    if (again || again.error().code != error.code) stage_.mistake("the error did not stay");
  }

  void on(const Send& send) {
    if (!send.bytes.ends_with("\r\n")) stage_.mistake("not a line: " + send.bytes);
    stage_.said(send.bytes, send.secret);
  }

  void on(const StartTls&) {
    if (stage_.does("[tls]")) return;
    stage_.tell("error handshake");
    stage_.finish();
  }

  void on(const NeedInput&) {
    const auto bytes = stage_.listen();
    if (bytes) return session_.receive(*bytes);
    session_.end_of_input();
  }

  void on(const Ready& ready) {
    stage_.tell("ready " + ready.capabilities.words());
    go_on();
  }

  /// The next command, all of them with at-once, or QUIT behind the last.
  void go_on() {
    do {
      if (command_ == plan_.commands.size()) {
        if (plan_.quit) return session_.quit();
        return stage_.finish();
      }
      queue(plan_.commands[command_++]);
    } while (plan_.at_once);
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
    if (!session_.busy()) stage_.mistake("no such command: " + words);
  }

  void after_command() {
    if (!plan_.at_once) go_on();
  }

  void on(const StatDone& done) {
    stage_.tell(done.error ? "stat" + refused(done.error)
                           : "stat " + std::to_string(done.drop.count) + " " +
                                 std::to_string(done.drop.size_bytes));
    after_command();
  }
  void on(const ListedSize& listed) {
    stage_.tell("size " + std::to_string(listed.entry.number) + " " +
                std::to_string(listed.entry.size_bytes));
  }
  void on(const ListedUid& listed) {
    stage_.tell("uid " + std::to_string(listed.entry.number) + " <" + listed.entry.uid + ">");
  }
  void on(const RetrievedPiece& piece) {
    if (piece.bytes.empty()) stage_.mistake("an empty piece");
    mail_ += piece.bytes;
  }
  void on(const RetrieveDone& done) {
    stage_.tell(done.error ? "mail" + refused(done.error) : "mail " + summary(mail_));
    if (done.size_bytes != mail_.size()) stage_.mistake("another size is told");
    mail_.clear();
    after_command();
  }
  void on(const CommandDone& done) {
    stage_.tell("done" + refused(done.error));
    after_command();
  }
  void on(const Closed& closed) {
    stage_.tell(closed.updated ? "closed updated" : "closed");
    stage_.finish();
  }

  Stage stage_;
  const Plan plan_;
  Session session_;
  std::size_t command_ = 0;
  std::string mail_;
};

}  // namespace

const Protocol protocol{'S', 40, "mail ",
                        [](const Script& script, Way way) { return Player(script, way).run(); }};

}  // namespace postern::transcripts
