// The life of a connection up to the login.
#include "pop3/session.hpp"

#include "core/base64.hpp"
#include "pop3/refusal.hpp"

#include <utility>

namespace postern::pop3 {

Session::Session(Options options) : options_(std::move(options)) {
  tls_active_ = options_.tls == Tls::established;
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

// State            what comes                 next state
// start            next()                     greeting
// greeting         +OK                        capa (CAPA is sent)
// capa             +OK                        capability_list
//                  -ERR                       as at the end of capability_list, with no list
// capability_list  "."                        stls if TLS is demanded and not up; else utf8 if
//                                             offered, else user or login; after the login ready
// stls             +OK, nothing behind it     tls_begun
// tls_begun        next() after the handshake capa (all is asked anew)
// utf8             +OK, -ERR                  user or login
// user             +OK                        login (PASS is sent)
// login            "+ "                       login (the response is sent)
//                  +OK                        capa if the server knows it, else ready
// ready            quit() and its answer      closed
// every one        anything else              failed
Result<Step> Session::advance() {
  switch (state_) {
    case State::start:
      return start();
    case State::greeting:
    case State::capa:
    case State::capability_list:
    case State::stls:
    case State::utf8:
    case State::user:
    case State::login:
      return await_line();
    case State::tls_begun:
      return after_handshake();
    case State::ready:
      return work();
    case State::closed:
      return Step{Closed{}};
    case State::failed:
      break;
  }
  POSTERN_ASSERT(error_.has_value());
  return *error_;
}

Result<Step> Session::need_input() {
  if (ended_) return failure(errc::connection_closed, framer_.unread());
  return Step{NeedInput{}};
}

Result<Step> Session::await_line() {
  for (;;) {
    const bool greeting = state_ == State::greeting;
    auto taken = framer_.line();
    if (!taken) {
      if (greeting) return foreign_greeting(framer_.unread());
      return std::move(taken).error();
    }
    if (!taken.value()) {
      const bool foreign = greeting && ended_ && framer_.has_unread();
      if (foreign) return foreign_greeting(framer_.unread());
      return need_input();
    }
    POSTERN_TRY(auto step, on_line(*taken.value()));
    if (!std::holds_alternative<NeedInput>(step)) return step;
  }
}

/// NeedInput stands for: look at the next line.
Result<Step> Session::on_line(std::string_view line) {
  if (state_ == State::greeting) return on_greeting(line);
  if (state_ == State::capability_list) return on_capability(line);
  const auto status = parse_status(line);
  if (!status) return failure(errc::malformed, line);
  if (status->indicator == Indicator::challenge && state_ != State::login) {
    return failure(errc::malformed, line);
  }
  switch (state_) {
    case State::capa:
      return on_capa(*status);
    case State::stls:
      return on_stls(*status);
    case State::utf8:  // a server that refuses it goes on in ASCII
      return log_in();
    case State::user:
      return on_user(*status);
    case State::login:
      return on_login(*status);
    case State::start:
    case State::greeting:
    case State::capability_list:
    case State::tls_begun:
    case State::ready:
    case State::closed:
    case State::failed:
      break;
  }
  POSTERN_ASSERT(false && "a line in a state that awaits none");
  return failure(errc::malformed, line);
}

/// In this phase one answer follows one line; what is there before we spoke answers nothing.
Result<Step> Session::say(std::string line, State awaiting, bool secret) {
  if (framer_.has_unread()) return failure(errc::malformed, framer_.unread());
  state_ = awaiting;
  return Step{Send{std::move(line) + "\r\n", secret}};
}

Result<Step> Session::start() {
  const bool credential = options_.credentials.mechanism != Mechanism::none;
  if (credential && options_.tls == Tls::none && !options_.allow_plain_password) {
    return failure(errc::plain_login_forbidden, "TLS is off for this server");
  }
  state_ = State::greeting;
  return await_line();
}

Result<Step> Session::on_greeting(std::string_view line) {
  const auto status = parse_status(line);
  if (!status || status->indicator == Indicator::challenge) return foreign_greeting(line);
  if (status->indicator == Indicator::err) return greeting_refusal(*status);
  greeting_ = shown(status->text);
  return ask_capabilities();
}

Result<Step> Session::ask_capabilities() {
  capabilities_ = Capabilities();
  return say("CAPA", State::capa);
}

Result<Step> Session::on_capa(const Status& status) {
  if (status.indicator == Indicator::err) return after_capabilities();
  capabilities_.set_known();
  state_ = State::capability_list;
  return Step{NeedInput{}};
}

Result<Step> Session::on_capability(std::string_view line) {
  if (line == ".") return after_capabilities();
  if (line.starts_with('.')) line.remove_prefix(1);
  if (capabilities_.size() == Capabilities::lines_max) {
    return failure(errc::flooded, "over 256 capabilities");
  }
  capabilities_.add(line);
  return Step{NeedInput{}};
}

Result<Step> Session::after_capabilities() {
  if (logged_in_) {
    state_ = State::ready;
    return Step{Ready{capabilities_, greeting_}};
  }
  if (options_.tls == Tls::must_stls && !tls_active_) {
    // A server that does not know CAPA may know STLS; one that lists and omits it does not.
    const bool worth_asking = capabilities_.has("STLS") || !capabilities_.known();
    if (!worth_asking) return failure(errc::stls_not_offered, capabilities_.words());
    return say("STLS", State::stls);
  }
  if (capabilities_.has("UTF8")) return say("UTF8", State::utf8);
  return log_in();
}

Result<Step> Session::on_stls(const Status& status) {
  if (status.indicator == Indicator::err) return failure(errc::stls_refused, status.text);
  if (framer_.has_unread()) return failure(errc::bytes_before_tls, "");
  state_ = State::tls_begun;
  return Step{StartTls{}};
}

/// RFC 2595 §4: what was learned before TLS is forgotten.
Result<Step> Session::after_handshake() {
  if (framer_.has_unread()) return failure(errc::bytes_before_tls, "");
  tls_active_ = true;
  return ask_capabilities();
}

Result<Step> Session::log_in() {
  POSTERN_ASSERT(tls_active_ || options_.tls == Tls::none);
  POSTERN_TRY(const auto way, choose_login(options_.credentials.mechanism, capabilities_));
  POSTERN_TRY(plan_, plan_login(way, options_.credentials));
  options_.credentials = Credentials();
  if (plan_.user_pass) return say(plan_.command, State::user);
  return say(plan_.command, State::login, true);
}

Result<Step> Session::on_user(const Status& status) {
  if (status.indicator == Indicator::err) return login_refusal(status, "");
  return say(std::exchange(plan_.response, {}), State::login, true);
}

Result<Step> Session::on_login(const Status& status) {
  if (status.indicator == Indicator::err) return login_refusal(status, challenge_);
  if (status.indicator == Indicator::ok) {
    const bool credential_said = plan_.user_pass || plan_.response_given;
    if (error_answered_ || !credential_said) return failure(errc::malformed, "+OK out of turn");
    plan_ = LoginPlan();  // and the credential with it
    logged_in_ = true;
    if (capabilities_.known()) return ask_capabilities();
    state_ = State::ready;
    return Step{Ready{capabilities_, greeting_}};
  }
  if (plan_.user_pass || error_answered_) {
    return failure(errc::malformed, "a prompt too many: " + status.text);
  }
  // An empty prompt behind an initial response: RFC 1734's AUTH, which has none.
  const bool asked_again = plan_.response_given && status.text.empty();
  if (!plan_.response.empty() && (!plan_.response_given || asked_again)) {
    plan_.response_given = true;
    return say(std::exchange(plan_.response, {}), State::login, true);
  }
  error_answered_ = true;  // the reason comes as a challenge, the refusal after our answer to it
  challenge_ = from_base64(status.text).value_or(status.text);
  return say(plan_.error_answer, State::login, true);
}

}  // namespace postern::pop3
