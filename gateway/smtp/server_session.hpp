// One connection of a client to our submission listener, as a machine without I/O.
//
// The driver asks next() what to do, does it, and asks again:
//
//   AwaitInput   read; receive(bytes). The client is gone: drop the session
//   Send         write all bytes
//   StartTls     handshake as server, nothing read in between; then tls_begun()
//   CheckLogin   is this who they say they are? accept() or refuse()
//   CheckSender  may they send with this envelope sender? accept() or refuse()
//   BeginBody    is there room for a message to envelope()? accept() or refuse()
//   BodyPiece    a piece of the message, dots unstuffed; keep it
//   EndBody      the message is whole. accept(words) once it is durable, or refuse()
//   DropBody     the message was refused; forget the pieces
//   Closed       close the line
//
// It knows no clock; limits in number and size are all here. No mail is begun without a login, no
// login is heard without TLS but from this machine itself, and nothing that was said before TLS is
// believed. RFC 5321, RFC 6409 (submission), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 2920
// (PIPELINING), RFC 1870 (SIZE), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8), RFC 2034.
#pragma once

#include "core/mail.hpp"
#include "smtp/dot_unstuff.hpp"
#include "smtp/server_auth.hpp"
#include "smtp/server_command.hpp"
#include "smtp/session.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postern::smtp {

/// What one session may ask of us; a transcript or a test reaches each.
namespace server_limits {
inline constexpr std::size_t command_bytes_max = 2048;  // RFC 5321 §4.5.3.1.4 and its extensions
inline constexpr std::size_t auth_line_bytes_max = 12288;     // RFC 4954 §4
inline constexpr std::size_t line_swallowed_max = 64 * 1024;  // of a line too long, then the end
inline constexpr std::size_t recipients_max = 1000;           // of a mail; 452 beyond
inline constexpr int errors_max = 20;                         // then 421
inline constexpr int idle_commands_max = 100;  // between two mails and without an error; then 421
inline constexpr int wrong_logins_max = 3;     // then 421
inline constexpr std::size_t replies_bytes_max = 4096;  // gathered before they are written
}  // namespace server_limits

struct ServerSettings {
  std::string hostname = "localhost";  // in the greeting
  std::uint64_t size_bytes_max = 50 * 1024 * 1024;
  bool tls_active = false;           // before the first byte
  bool starttls_offered = false;     // there is a certificate
  bool plain_login_allowed = false;  // the peer is on this machine
};

struct AwaitInput {
  bool in_body = false;
};
struct CheckLogin {
  std::string login;
  Secret password;
};
struct CheckSender {
  std::string address;  // empty: the null path
};
struct BeginBody {};
struct BodyPiece {
  std::string bytes;
};
struct EndBody {};
struct DropBody {};
using ServerStep = std::variant<AwaitInput, Send, StartTls, CheckLogin, CheckSender, BeginBody,
                                BodyPiece, EndBody, DropBody, Closed>;

class ServerSession {
 public:
  explicit ServerSession(ServerSettings settings);

  /// What to do next. Needs: the last step's question is answered.
  ServerStep next();

  /// Bytes the client sent. They are looked at by next().
  void receive(std::string_view bytes) { input_.append(bytes); }
  /// The handshake that StartTls asked for went well.
  void tls_begun();

  /// Yes to the last CheckLogin, CheckSender, BeginBody or EndBody. `words` are those of the reply
  /// to EndBody: "Ok: queued as …".
  void accept(std::string_view words = "Ok");
  /// No, in these words; 421 ends the session.
  void refuse(const ServerReply& reply);

  /// Who logged in, or empty.
  const std::string& login() const { return login_; }
  /// Sender and recipients of the mail under way.
  const Envelope& envelope() const { return envelope_; }
  /// What it asks of the servers behind ours.
  const TransportWishes& wishes() const { return wishes_; }
  /// Whether a message is on its way in: a stop may wait for its end.
  bool in_body() const { return state_ == State::body || question_ == Question::body_end; }
  /// The line that ends a session from our side, between two replies.
  ServerReply closing(std::string_view enhanced, std::string_view why) const;

 private:
  enum class State {
    greeting,  // 220 is to be said
    command,   // a command is awaited
    auth,      // the answer to a challenge is awaited
    too_long,  // the rest of a line that is too long is awaited
    starttls,  // the 220 to STARTTLS is to be written
    tls,       // the driver does the handshake
    body,      // the message comes in
    closing,   // the last reply is to be written
    closed,
  };
  enum class Question { none, login, sender, body, body_end };

  std::optional<ServerStep> advance();
  std::optional<ServerStep> flush_or_await();
  std::optional<std::string> take_line(std::size_t bytes_max);
  void swallow_line();

  // server_session.cpp: the session
  std::optional<ServerStep> take_command();
  std::optional<ServerStep> obey(const ServerCommand& command);
  void greet(const ServerCommand& command);
  std::optional<ServerStep> start_tls(const ServerCommand& command);
  std::optional<ServerStep> begin_auth(const ServerCommand& command);
  std::optional<ServerStep> on_auth(AuthStep step);
  bool may_log_in() const { return tls_active_ || settings_.plain_login_allowed; }

  // server_session_mail.cpp: its mails
  std::optional<ServerStep> begin_mail(const ServerCommand& command);
  void add_recipient(const ServerCommand& command);
  std::optional<ServerStep> begin_data(const ServerCommand& command);
  std::optional<ServerStep> take_body();
  std::optional<ServerStep> end_of_body();
  void forget_mail();

  ServerStep ask(Question question, ServerStep step);
  void say(const ServerReply& reply) { output_ += line_of(reply); }
  void fail(const ServerReply& reply);
  void idle(const ServerReply& reply);
  void close(std::string_view enhanced, std::string_view why);

  const ServerSettings settings_;
  State state_ = State::greeting;
  Question question_ = Question::none;
  std::string input_, output_;
  std::size_t swallowed_ = 0;
  bool tls_active_;
  bool greeted_ = false;   // HELO or EHLO was said (under TLS again)
  bool extended_ = false;  // it was EHLO
  std::string login_, login_asked_;
  int errors_ = 0, idle_commands_ = 0, wrong_logins_ = 0;
  ServerAuth auth_;

  bool mail_begun_ = false, smtputf8_ = false;
  Envelope envelope_;
  TransportWishes wishes_;
  MailArgument mail_asked_;
  DotUnstuffer unstuffer_;
  std::uint64_t body_bytes_ = 0;
  bool body_ended_ = false, body_refused_ = false;
};

}  // namespace postern::smtp
