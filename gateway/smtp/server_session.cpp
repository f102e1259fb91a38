// The session: lines, greeting, STARTTLS, login, and what ends it. Its mails: server_session_mail.
#include "smtp/server_session.hpp"

#include <algorithm>
#include <utility>

namespace postern::smtp {

ServerSession::ServerSession(ServerSettings settings)
    : settings_(std::move(settings)), tls_active_(settings_.tls_active) {}

ServerStep ServerSession::next() {
  POSTERN_ASSERT(question_ == Question::none && state_ != State::tls);
  // Ends: each turn takes input, or writes what was said, or asks.
  for (;;) {
    if (output_.size() >= server_limits::replies_bytes_max)
      return Send{std::exchange(output_, {}), false};
    if (auto step = advance()) return std::move(*step);
  }
}

// greeting -> command; command -AUTH-> auth -> command;
// command -STARTTLS-> starttls -> tls -> command;
// command -a line too long-> too_long -> command; command -DATA-> body -> command;
// any -> closing -> closed.
std::optional<ServerStep> ServerSession::advance() {
  switch (state_) {
    case State::greeting:
      say({220, "", settings_.hostname + " ESMTP Postern"});
      state_ = State::command;
      return std::nullopt;
    case State::command:
      return take_command();
    case State::auth: {
      auto line = take_line(server_limits::auth_line_bytes_max);
      if (line) return on_auth(auth_.take(*line));
      return state_ == State::auth ? flush_or_await() : std::nullopt;
    }
    case State::too_long:
      swallow_line();
      return state_ == State::too_long ? flush_or_await() : std::nullopt;
    case State::starttls:
      if (!output_.empty()) return Send{std::exchange(output_, {}), false};
      state_ = State::tls;
      return StartTls{};
    case State::tls:
      break;
    case State::body:
      return take_body();
    case State::closing:
      if (!output_.empty()) return Send{std::exchange(output_, {}), false};
      state_ = State::closed;
      return std::nullopt;
    case State::closed:
      return Closed{};
  }
  POSTERN_ASSERT(false && "next() during the handshake");
  return Closed{};
}

std::optional<ServerStep> ServerSession::flush_or_await() {
  if (!output_.empty()) return Send{std::exchange(output_, {}), false};
  return AwaitInput{state_ == State::body};
}

/// A line without its CRLF, or nothing: not there yet, or refused, and then the state says so.
std::optional<std::string> ServerSession::take_line(std::size_t bytes_max) {
  const auto end = input_.find('\n');
  if (end == std::string::npos && input_.size() <= bytes_max) return std::nullopt;
  if (end == std::string::npos || end + 1 > bytes_max) {
    swallowed_ = 0;
    state_ = State::too_long;
    return std::nullopt;
  }
  std::string line = input_.substr(0, end);
  input_.erase(0, end + 1);
  const bool ended_well = line.ends_with('\r');
  if (ended_well) line.pop_back();
  // A bare CR or LF is how one party is made to see two lines where another sees one.
  if (ended_well && line.find_first_of(std::string_view("\r\0", 2)) == std::string::npos) {
    return line;
  }
  state_ = State::command;
  fail({500, "5.5.2", "Lines end with CRLF, and hold no other CR, LF or NUL"});
  return std::nullopt;
}

void ServerSession::swallow_line() {
  const auto end = input_.find('\n');
  const bool ended = end != std::string::npos;
  swallowed_ += ended ? end + 1 : input_.size();
  input_.erase(0, ended ? end + 1 : std::string::npos);
  if (swallowed_ > server_limits::line_swallowed_max) return close("4.7.0", "Line far too long");
  if (!ended) return;
  state_ = State::command;
  fail({500, "5.5.6", "Line too long"});
}

std::optional<ServerStep> ServerSession::take_command() {
  auto line = take_line(server_limits::command_bytes_max);
  if (!line) {
    // A refused line leaves its reply and an unchanged state: then there may be another line.
    const bool incomplete = input_.find('\n') == std::string::npos;
    const bool await = state_ == State::command && incomplete;
    return await ? flush_or_await() : std::nullopt;
  }
  return obey(parse_command(*line));
}

std::optional<ServerStep> ServerSession::obey(const ServerCommand& command) {
  switch (command.verb) {
    case Verb::helo:
    case Verb::ehlo:
      greet(command);
      return std::nullopt;
    case Verb::mail:
      return begin_mail(command);
    case Verb::rcpt:
      add_recipient(command);
      return std::nullopt;
    case Verb::data:
      return begin_data(command);
    case Verb::rset:
      forget_mail();
      idle({250, "2.0.0", "Ok"});
      return std::nullopt;
    case Verb::noop:
      idle({250, "2.0.0", "Ok"});
      return std::nullopt;
    case Verb::vrfy:
      idle({252, "2.0.0", "Send the mail, and you will see"});
      return std::nullopt;
    case Verb::help:
      idle({214, "2.0.0", "RFC 5321; log in, then MAIL, RCPT, DATA"});
      return std::nullopt;
    case Verb::quit:
      say({221, "2.0.0", "Bye"});
      state_ = State::closing;
      return std::nullopt;
    case Verb::starttls:
      return start_tls(command);
    case Verb::auth:
      return begin_auth(command);
    case Verb::not_ours:
      fail({502, "5.5.1", "Command not implemented"});
      return std::nullopt;
    case Verb::http:
      close("4.7.0", "This is SMTP, not HTTP");
      return std::nullopt;
    case Verb::unknown:
      break;
  }
  fail({500, "5.5.2", "Command not recognized"});
  return std::nullopt;
}

void ServerSession::greet(const ServerCommand& command) {
  const auto& name = command.argument;
  const bool visible = std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (name.empty() || !visible || name.size() > ehlo_name_bytes_max) {
    return fail({501, "5.5.4", "HELO and EHLO want the client's name"});
  }
  forget_mail();
  greeted_ = true;
  extended_ = command.verb == Verb::ehlo;
  if (!extended_) return idle({250, "", settings_.hostname});
  output_ += "250-" + settings_.hostname + "\r\n250-PIPELINING\r\n250-SIZE " +
             std::to_string(settings_.size_bytes_max) +
             "\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n";
  if (tls_active_) output_ += "250-REQUIRETLS\r\n";
  if (settings_.starttls_offered && !tls_active_) output_ += "250-STARTTLS\r\n";
  if (may_log_in()) output_ += "250-AUTH PLAIN LOGIN\r\n";
  output_ += "250-ENHANCEDSTATUSCODES\r\n";
  idle({250, "", "HELP"});
}

/// What is refused here is everything that could make us believe words from before TLS.
std::optional<ServerStep> ServerSession::start_tls(const ServerCommand& command) {
  if (tls_active_) {
    fail({503, "5.5.1", "TLS is active already"});
  } else if (!settings_.starttls_offered) {
    fail({502, "5.5.1", "STARTTLS is not offered here"});
  } else if (!command.argument.empty()) {
    fail({501, "5.5.4", "STARTTLS takes no parameters"});
  } else if (!input_.empty()) {
    // CVE-2011-0411: somebody put commands in front of what the client says under TLS.
    input_.clear();
    say({554, "5.5.1", "Nothing may follow STARTTLS before the handshake"});
    close("4.7.0", "Closing");
  } else {
    say({220, "2.0.0", "Ready to start TLS"});
    state_ = State::starttls;
  }
  return std::nullopt;
}

void ServerSession::tls_begun() {
  POSTERN_ASSERT(state_ == State::tls && input_.empty());
  tls_active_ = true;
  greeted_ = extended_ = false;
  login_.clear();
  forget_mail();
  state_ = State::command;
}

std::optional<ServerStep> ServerSession::begin_auth(const ServerCommand& command) {
  if (!extended_ || mail_begun_ || !login_.empty()) {
    fail({503, "5.5.1",
          login_.empty() ? "AUTH goes behind EHLO and before MAIL" : "Logged in already"});
    return std::nullopt;
  }
  if (!may_log_in()) {
    fail({538, "5.7.11", "Encryption required: say STARTTLS first"});
    return std::nullopt;
  }
  return on_auth(auth_.begin(command.argument));
}

std::optional<ServerStep> ServerSession::on_auth(AuthStep step) {
  state_ = State::command;
  if (const auto* challenge = std::get_if<Challenge>(&step)) {
    say({334, "", challenge->text});
    state_ = State::auth;
    return std::nullopt;
  }
  if (const auto* reply = std::get_if<ServerReply>(&step)) {
    fail(*reply);
    return std::nullopt;
  }
  auto& credentials = std::get<Credentials>(step);
  login_asked_ = credentials.login;
  return ask(Question::login,
             CheckLogin{std::move(credentials.login), std::move(credentials.password)});
}

ServerStep ServerSession::ask(Question question, ServerStep step) {
  question_ = question;
  return step;
}

void ServerSession::accept(std::string_view words) {
  switch (std::exchange(question_, Question::none)) {
    case Question::login:
      login_ = std::exchange(login_asked_, {});
      errors_ = wrong_logins_ = 0;
      return say({235, "2.7.0", "Authentication successful"});
    case Question::sender:
      mail_begun_ = true;
      smtputf8_ = mail_asked_.smtputf8;
      envelope_ = {std::move(mail_asked_.sender), {}};
      wishes_.require_tls = mail_asked_.require_tls;
      wishes_.dsn.returned = mail_asked_.returned;
      wishes_.dsn.envelope_id = std::move(mail_asked_.envelope_id);
      return say({250, "2.1.0", "Ok"});
    case Question::body:
      state_ = State::body;
      return say({354, "", "End data with <CR><LF>.<CR><LF>"});
    case Question::body_end:
      forget_mail();
      idle_commands_ = 0;
      return say({250, "2.0.0", std::string(words)});
    case Question::none:
      break;
  }
  POSTERN_ASSERT(false && "nothing was asked");
}

void ServerSession::refuse(const ServerReply& reply) {
  const auto question = std::exchange(question_, Question::none);
  POSTERN_ASSERT(question != Question::none);
  if (question == Question::body || question == Question::body_end) forget_mail();
  if (reply.code == 421) {
    say(reply);
    state_ = State::closing;
    return;
  }
  fail(reply);
  if (question != Question::login) return;
  login_asked_.clear();
  if (++wrong_logins_ >= server_limits::wrong_logins_max) close("4.7.0", "Too many wrong logins");
}

void ServerSession::fail(const ServerReply& reply) {
  if (state_ == State::closing) return;
  say(reply);
  if (++errors_ >= server_limits::errors_max) close("4.7.0", "Too many errors");
}

/// A command that is well, and brings no mail nearer.
void ServerSession::idle(const ServerReply& reply) {
  say(reply);
  if (++idle_commands_ > server_limits::idle_commands_max)
    close("4.7.0", "Too many commands without a mail");
}

ServerReply ServerSession::closing(std::string_view enhanced, std::string_view why) const {
  return {421, std::string(enhanced), settings_.hostname + " " + std::string(why)};
}

void ServerSession::close(std::string_view enhanced, std::string_view why) {
  if (state_ == State::closing) return;
  say(closing(enhanced, why));
  state_ = State::closing;
}

}  // namespace postern::smtp
