// From the greeting to the login: STARTTLS, capabilities, the login itself.
#include "imap/machine.hpp"

#include "core/base64.hpp"
#include "imap/refusal.hpp"

#include <utility>

namespace postern::imap {

// greeting = "*" SP (resp-cond-auth / resp-cond-bye) CRLF
Result<void> Session::Machine::take_greeting(std::string_view text) {
  if (!text.starts_with("* ")) return foreign_greeting(text);
  POSTERN_TRY(const auto response, parse_response(text));
  const auto* status = std::get_if<Status>(&response);
  if (status == nullptr) return failure(errc::malformed, text);
  const bool plain = options_.tls == Tls::must_starttls;
  if (!plain) greeting_ = shown(status->text);
  state_ = plain ? State::plain : State::login;
  switch (status->condition) {
    case Condition::ok:
      if (status->code == Code::capability) take_capabilities(status->words);
      return before_login();
    case Condition::preauth:
      if (plain) return failure(errc::preauth_before_tls, text);
      state_ = State::logged_in;
      if (status->code == Code::capability) take_capabilities(status->words);
      return after_login();
    case Condition::bye:
      return failure(errc::greeting_bye, status->quoted());
    case Condition::no:
    case Condition::bad:
      return failure(errc::malformed, text);
  }
  return success();
}

// Asks for the capabilities unless they were just told. A greeting may tell fewer than there are,
// so the lack of STARTTLS in it is not the last word.
Result<void> Session::Machine::before_login() {
  const bool enough = state_ != State::plain || capabilities_.has("STARTTLS");
  if (capabilities_fresh_ && enough) return start_tls_or_login();
  capabilities_fresh_ = false;
  send(Pending(CommandKind::capability, Command("CAPABILITY")));
  return success();
}

Result<void> Session::Machine::start_tls_or_login() {
  if (state_ == State::plain) {
    if (!capabilities_.has("STARTTLS")) {
      return failure(errc::starttls_not_offered, "CAPABILITY lacks STARTTLS");
    }
    send(Pending(CommandKind::starttls, Command("STARTTLS")));
    return success();
  }
  if (options_.tls == Tls::none && options_.credentials.mechanism != Mechanism::none &&
      !options_.allow_plain_password) {
    return failure(errc::plain_login_forbidden, "");
  }
  POSTERN_TRY(const auto way, choose_login(options_.credentials.mechanism, capabilities_));
  return send_login(way);
}

Result<void> Session::Machine::send_login(LoginWay way) {
  POSTERN_TRY(auto plan, plan_login(way, options_.credentials, capabilities_));
  login_way_ = way;
  login_response_ = std::move(plan.response);
  login_error_answer_ = std::move(plan.error_answer);
  login_challenge_.clear();
  challenges_ = 0;
  capabilities_fresh_ = false;
  Pending pending(CommandKind::login, std::move(plan.command));
  pending.secret = login_response_.empty();
  send(std::move(pending));
  return success();
}

// The first "+" takes the response, unless it went with the command; any other carries an error,
// which must be answered before the tagged NO comes.
Result<void> Session::Machine::answer_challenge(Pending& login, const Continuation& continuation) {
  if (login_way_ == LoginWay::login_command) return count_noise();
  if (!login_response_.empty()) {
    login.secret = true;
    tell(Send{std::exchange(login_response_, {}) + "\r\n", true});
    return success();
  }
  if (++challenges_ > challenges_max) return failure(errc::malformed, "too many login challenges");
  login_challenge_ = shown(from_base64(continuation.text).value_or(""));
  tell(Send{login_error_answer_ + "\r\n", false});
  return success();
}

Result<void> Session::Machine::complete_before_ready(const Pending& pending, const Status& status) {
  if (pending.kind == CommandKind::starttls) return complete_starttls(status);
  if (pending.kind == CommandKind::login) return complete_login(status);
  if (state_ == State::preparing) return complete_preparation(pending, status);
  if (status.condition != Condition::ok) return command_refusal(status);
  if (status.code == Code::capability) take_capabilities(status.words);
  return state_ == State::logged_in ? prepare() : start_tls_or_login();
}

Result<void> Session::Machine::complete_starttls(const Status& status) {
  if (status.condition != Condition::ok) return failure(errc::starttls_refused, status.quoted());
  if (framer_.has_unread()) {
    return failure(errc::bytes_before_tls, "bytes behind the OK to STARTTLS");
  }
  capabilities_ = {};
  capabilities_fresh_ = false;
  state_ = State::handshake;
  tell(StartTls{});
  return success();
}

Result<void> Session::Machine::complete_login(const Status& status) {
  if (status.condition == Condition::ok) {
    state_ = State::logged_in;
    options_.credentials = {};
    if (status.code == Code::capability) take_capabilities(status.words);
    return after_login();
  }
  auto error = login_refusal(status, login_challenge_);
  if (error.code == errc::command_refused) {
    if (const auto way = other_login(*login_way_, capabilities_)) return send_login(*way);
  }
  return error;
}

// RFC 9051 §6.2.2: the capabilities change with the login; Gmail and others tell them unasked.
Result<void> Session::Machine::after_login() {
  if (capabilities_fresh_) return prepare();
  send(Pending(CommandKind::capability, Command("CAPABILITY")));
  return success();
}

void Session::Machine::take_capabilities(const std::vector<std::string>& names) {
  capabilities_ = {};
  for (const auto& name : names) capabilities_.add(name);
  capabilities_fresh_ = true;
}

}  // namespace postern::imap
