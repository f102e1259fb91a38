// One POP3 connection as a state machine without I/O, from greeting to QUIT.
//
// The driver owns the stream and the clock: it calls next() and does what the step says. The
// session owns the dialogue: CAPA, STLS, login, answers in order. Nothing said before TLS is
// believed. Policy (retry, limits in time, which mails) belongs to flows/.
// RFC 1939, RFC 2449 (CAPA), RFC 2595 (STLS), RFC 3206 (codes), RFC 5034 (AUTH), RFC 6856 (UTF8).
#pragma once

#include "pop3/framer.hpp"
#include "pop3/login.hpp"
#include "pop3/steps.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace postern::pop3 {

enum class Tls {
  established,  // the stream is TLS from its first byte (port 995)
  must_stls,    // plain until STLS; no TLS, no login
  none,         // plain for ever; a password only with allow_plain_password
};

struct Options {
  Tls tls = Tls::established;
  Credentials credentials;
  bool allow_plain_password = false;
  std::uint64_t body_bytes_max = 50 * 1024 * 1024;  // a larger mail ends the session
};

/// The loop of a driver:
///
///     for (;;) {
///       POSTERN_CO_TRY(auto step, session.next());
///       NeedInput → read, receive(bytes) or end_of_input();  Send → write;  StartTls → handshake;
///       anything else is news: handle it, queue commands, go on.
///     }
///
/// Commands may be queued at any time, also before Ready; they are answered in order. Where the
/// server offers PIPELINING several are on the way at once. Each gives the id that its …Done
/// step carries. Call next() after Ready only while busy(), or after quit().
///
/// An Error from next() ends the session: each further next() gives it again. A command that is
/// refused is told in its …Done step and ends nothing.
class Session {
 public:
  static constexpr std::size_t on_the_way_max = 8;   // commands, with PIPELINING
  static constexpr std::size_t listed_max = 100000;  // lines of one LIST or UIDL

  explicit Session(Options options);

  /// What to do or to know next. Errors: any of errc but command_refused and server_trouble.
  Result<Step> next();

  /// Takes bytes read from the stream; they are copied. Call it only after NeedInput.
  void receive(std::string_view bytes) { framer_.receive(bytes); }
  /// The stream ended: what came is still told, then comes Closed or connection_closed.
  void end_of_input() { ended_ = true; }

  /// Whether a queued command is not yet answered.
  bool busy() const { return !queue_.empty(); }
  const Capabilities& capabilities() const { return capabilities_; }

  CommandId stat();  // → StatDone
  CommandId list();  // → ListedSize…, CommandDone
  CommandId uidl();  // → ListedUid…, CommandDone
  /// The header and `lines` lines of the body → RetrievedPiece…, RetrieveDone.
  CommandId top(std::uint32_t number, std::uint32_t lines);
  /// → RetrievedPiece…, RetrieveDone. `any_size`: body_bytes_max does not count.
  CommandId retrieve(std::uint32_t number, bool any_size = false);
  /// Marks a mail; it is removed at QUIT, and only then. → CommandDone
  CommandId dele(std::uint32_t number);
  CommandId noop();  // → CommandDone
  /// Takes all marks back. → CommandDone
  CommandId rset();
  /// After what is queued → Closed. Where the login is not done, just Closed.
  void quit();

 private:
  enum class State {
    start,            // nothing has happened
    greeting,         // awaiting the greeting
    capa,             // awaiting the status of CAPA
    capability_list,  // awaiting its lines
    stls,             // awaiting the +OK to STLS
    tls_begun,        // the driver does the handshake
    utf8,             // awaiting the answer to UTF8
    user,             // awaiting the +OK to USER
    login,            // awaiting the answer to PASS or AUTH
    ready,            // logged in: the queue is worked off
    closed,
    failed,
  };
  enum class Kind { stat, list, uidl, retrieve, simple, quit };
  struct Command {
    CommandId id = 0;
    Kind kind = Kind::simple;
    std::string line;
    bool any_size = false;
  };

  // session.cpp: the states up to the login
  Result<Step> advance();
  Result<Step> await_line();
  Result<Step> on_line(std::string_view line);
  Result<Step> start();
  Result<Step> on_greeting(std::string_view line);
  Result<Step> ask_capabilities();
  Result<Step> on_capa(const Status& status);
  Result<Step> on_capability(std::string_view line);
  Result<Step> after_capabilities();
  Result<Step> on_stls(const Status& status);
  Result<Step> after_handshake();
  Result<Step> log_in();
  Result<Step> on_user(const Status& status);
  Result<Step> on_login(const Status& status);
  Result<Step> say(std::string line, State awaiting, bool secret = false);
  Result<Step> need_input();

  // session_commands.cpp: the queue
  CommandId queue(Kind kind, std::string line);
  Result<Step> work();
  Result<std::optional<Step>> take_answer();
  Result<std::optional<Step>> on_answer(std::string_view line);
  Result<std::optional<Step>> on_listed(std::string_view line);
  Result<std::optional<Step>> take_mail();
  Step done(std::optional<Error> error);
  Error unasked(std::string_view line) const;

  Options options_;
  Framer framer_;
  State state_ = State::start;
  bool ended_ = false;  // nothing will be received any more
  bool tls_active_ = false;
  bool logged_in_ = false;
  Capabilities capabilities_;
  std::string greeting_;
  LoginPlan plan_;
  bool error_answered_ = false;
  std::string challenge_;  // the error a SASL challenge carried
  std::deque<Command> queue_;
  std::size_t on_the_way_ = 0;  // of the queue's front
  bool within_ = false;         // the front's answer has begun and goes on
  std::size_t listed_ = 0;
  std::uint64_t mail_bytes_ = 0;
  CommandId last_id_ = 0;
  std::optional<Error> error_;
};

}  // namespace postern::pop3
