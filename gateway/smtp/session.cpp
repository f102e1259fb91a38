// The life of a connection: greeting, EHLO, STARTTLS, login, idle, QUIT.
#include "smtp/session.hpp"

#include <utility>

namespace postern::smtp {
namespace {

/// RFC 5321 §4.2.4 and §3.2: these say that EHLO itself is not understood.
bool is_not_implemented(const Reply& reply) {
  return reply.code >= 500 && reply.code <= 504;
}

}  // namespace

Session::Session(Options options) : options_(std::move(options)) {
  tls_active_ = options_.tls == TlsMode::established;
}

Result<Step> Session::next() {
  if (error_) return *error_;
  auto step = advance();
  if (!step) {
    error_ = step.error();
    state_ = State::failed;
  }
  return step;
}

// State      reply, or event            next state
// start      next()                     greeting
// greeting   220                        ehlo (EHLO is sent)
// ehlo       2yz                        starttls if TLS is demanded and not up, else auth or ready
//            5yz                        helo, unless STARTTLS is needed
// helo       2yz                        auth or ready
// starttls   220, nothing behind it     tls_begun
// tls_begun  next() after the handshake ehlo (all is asked anew)
// auth       334                        auth (the next response is sent)
//            2yz                        ready
// ready      begin(), begin_probe()     mail
//            noop(), quit()             nooping, quitting
// mail       all replies of a group     mail (the next group), or mail_done
//            354, or a chunk is due     body; final_dot where nobody was accepted (the lone dot)
// body       body_sent()                final_dot
//            4yz, 5yz                   mail_done, and the connection ends
// final_dot  2yz, 4yz, 5yz              mail_done
// mail_done  next()                     mail where one was lined up, else ready after a success,
//                                       else reset; closed after a 421
//            quit()                     quitting; closed where a mail was lined up
// reset      2yz                        ready
// nooping    next()                     noop
// noop       any                        ready
// quitting   next()                     quit
// quit       any, or the line's end     closed
// every one  421                        failed; in mail, body, final_dot: mail_done, then closed
//            anything else              failed
Result<Step> Session::advance() {
  switch (state_) {
    case State::start:
      return start();
    case State::greeting:
    case State::ehlo:
    case State::helo:
    case State::starttls:
    case State::auth:
    case State::final_dot:
    case State::reset:
    case State::noop:
    case State::quit:
      return await_reply();
    case State::tls_begun:
      return after_handshake();
    case State::ready:
      return idle();
    case State::mail:
      return go_on_with_mail();
    case State::body:
      return on_body();
    case State::mail_done:
      return after_mail();
    case State::nooping:
      return send("NOOP\r\n", State::noop);
    case State::quitting:
      return say_quit();
    case State::closed:
      return Step{Closed{}};
    case State::failed:
      break;
  }
  POSTERN_ASSERT(error_.has_value());
  return *error_;
}

Result<Step> Session::on_reply(const Reply& reply) {
  switch (state_) {
    case State::greeting:
      return on_greeting(reply);
    case State::ehlo:
      return on_ehlo(reply);
    case State::helo:
      return on_helo(reply);
    case State::starttls:
      return on_starttls(reply);
    case State::auth:
      return on_auth(reply);
    case State::mail:
    case State::final_dot:
      return on_mail(reply);
    case State::reset:
    case State::noop:
      return on_reset(reply);
    case State::quit:  // RFC 5321 §4.1.1.10 demands 221; nothing depends on it
      state_ = State::closed;
      return Step{Closed{}};
    case State::start:
    case State::tls_begun:
    case State::ready:
    case State::body:
    case State::mail_done:
    case State::nooping:
    case State::quitting:
    case State::closed:
    case State::failed:
      break;
  }
  POSTERN_ASSERT(false && "a reply in a state that awaits none");
  return refuse(errc::unexpected_reply, reply);
}

Result<Step> Session::start() {
  const bool credential = !std::holds_alternative<std::monostate>(options_.login);
  if (credential && options_.tls == TlsMode::none && !options_.allow_plain_login) {
    return Error{errc::plaintext_auth_refused, "TLS is off for this server"};
  }
  POSTERN_TRY(check_ehlo_name(options_.ehlo_name));
  state_ = State::greeting;
  return await_reply();
}

Result<Step> Session::on_greeting(const Reply& reply) {
  if (reply.transient() || reply.permanent()) return refuse(errc::greeting_refused, reply);
  if (reply.code != 220) return refuse(errc::unexpected_reply, reply);
  return send("EHLO " + options_.ehlo_name + "\r\n", State::ehlo);
}

Result<Step> Session::on_ehlo(const Reply& reply) {
  const bool needs_starttls = options_.tls == TlsMode::starttls && !tls_active_;
  if (reply.positive()) {
    extensions_ = parse_ehlo(reply);
    if (!needs_starttls) return log_in();
    if (!extensions_.starttls) return Error{errc::starttls_not_offered, {}};
    return send("STARTTLS\r\n", State::starttls);
  }
  if (reply.code == 421) return refuse(errc::service_closing, reply);
  if (reply.transient()) return refuse(errc::greeting_refused, reply);
  if (!reply.permanent()) return refuse(errc::unexpected_reply, reply);
  if (!needs_starttls) return send("HELO " + options_.ehlo_name + "\r\n", State::helo);
  return refuse(is_not_implemented(reply) ? errc::starttls_not_offered : errc::greeting_refused,
                reply);
}

Result<Step> Session::on_helo(const Reply& reply) {
  if (reply.positive()) return log_in();
  if (reply.code == 421) return refuse(errc::service_closing, reply);
  if (reply.intermediate()) return refuse(errc::unexpected_reply, reply);
  return refuse(errc::greeting_refused, reply);
}

Result<Step> Session::on_starttls(const Reply& reply) {
  if (reply.code == 421) return refuse(errc::service_closing, reply);
  if (reply.code != 220) return refuse(errc::starttls_refused, reply);
  if (!input_.empty()) return Error{errc::bytes_before_tls, {}};  // CVE-2020-14954, CVE-2021-38371
  state_ = State::tls_begun;
  return Step{StartTls{}};
}

/// RFC 3207 §4.2: what was learned before TLS is forgotten.
Result<Step> Session::after_handshake() {
  if (!input_.empty()) return Error{errc::bytes_before_tls, {}};
  tls_active_ = true;
  extensions_ = Extensions();
  return send("EHLO " + options_.ehlo_name + "\r\n", State::ehlo);
}

Result<Step> Session::log_in() {
  POSTERN_ASSERT(tls_active_ || options_.tls == TlsMode::none);
  if (std::holds_alternative<std::monostate>(options_.login)) {
    state_ = State::ready;
    return idle();
  }
  auth_.emplace(std::move(options_.login));
  options_.login = std::monostate();
  POSTERN_TRY(auto line, auth_->start(extensions_));
  return send(std::move(line), State::auth, true);
}

Result<Step> Session::on_auth(const Reply& reply) {
  auto line = auth_->take(reply);
  if (!line) {
    refusal_ = reply;
    return line.error();
  }
  if (line.value()) return send(std::move(*line.value()), State::auth, true);
  auth_.reset();  // and the credential with it
  state_ = State::ready;
  return idle();
}

Result<Step> Session::on_reset(const Reply& reply) {
  if (reply.code == 421) return refuse(errc::service_closing, reply);
  if (state_ == State::reset && !reply.positive()) return refuse(errc::unexpected_reply, reply);
  state_ = State::ready;
  return idle();
}

Result<Step> Session::idle() {
  if (!input_.empty()) return unexpected_input();
  if (ended_) return line_ended();
  return Step{Ready{}};
}

void Session::noop() {
  POSTERN_ASSERT(ready());
  state_ = State::nooping;
}

void Session::quit() {
  if (state_ == State::failed) return;
  const bool after = state_ == State::mail_done && !connection_ends_ && !following_;
  const bool between = ready() || after;
  state_ = between && !ended_ ? State::quitting : State::closed;
}

Result<Step> Session::say_quit() {
  if (ended_) return closed();
  input_.clear();  // nothing that stands there can matter any more
  return send("QUIT\r\n", State::quit);
}

const std::string& Session::auth_challenge() const {
  static const std::string none;
  return auth_ ? auth_->challenge() : none;
}

}  // namespace postern::smtp
