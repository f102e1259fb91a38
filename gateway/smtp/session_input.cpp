// What has arrived, bounded; and the errors for what should not have.
#include "smtp/session.hpp"
#include "smtp/words.hpp"

#include <utility>

namespace postern::smtp {

void Session::receive(std::string_view bytes) {
  input_ += bytes;
  if (bytes.find('\n') != std::string_view::npos) line_arrived_ = true;
}

/// A reply off the front of the input, or nothing while none is complete.
Result<std::optional<Reply>> Session::take_input() {
  if (!line_arrived_ && input_.size() <= reply_bytes_max) return std::optional<Reply>();
  std::string_view rest = input_;
  POSTERN_TRY(auto reply, take_reply(rest));
  input_.erase(0, input_.size() - rest.size());
  if (reply) ++replies_heard_;
  line_arrived_ = reply && input_.find('\n') != std::string::npos;
  return reply;
}

Result<Step> Session::await_reply() {
  if (early_input_) return Error{errc::unexpected_reply, "a reply before the final dot"};
  auto reply = take_input();
  if (!reply) {
    if (state_ == State::quit) return closed();
    if (state_ == State::greeting && reply.error().code == errc::malformed_reply) {
      return not_smtp();
    }
    return reply.error();
  }
  if (reply.value()) return on_reply(*reply.value());
  if (ended_) return state_ == State::quit ? closed() : line_ended();
  return Step{NeedInput{stage()}};
}

Result<Step> Session::closed() {
  state_ = State::closed;
  return Step{Closed{}};
}

Error Session::not_smtp() const {
  const std::string line = shown(std::string_view(input_).substr(0, input_.find_first_of("\r\n")));
  const std::string_view known = foreign_protocol(input_);
  if (known.empty()) return {errc::not_smtp, line};
  return {errc::not_smtp, "it looks like " + std::string(known) + ": " + line};
}

Error Session::line_ended() const {
  if (state_ == State::greeting && !foreign_protocol(input_).empty()) return not_smtp();
  if (state_ == State::ready) return {errc::closed, "while idle"};
  return {errc::closed, "at " + std::string(to_string(stage()))};
}

/// Bytes are there although nothing was asked: only a 421 may come by itself (RFC 5321 §3.8).
Error Session::unexpected_input() {
  auto taken = take_input();
  if (!taken) return taken.error();
  if (const auto& reply = taken.value()) {
    return refuse(reply->code == 421 ? errc::service_closing : errc::unexpected_reply, *reply);
  }
  return {errc::unexpected_reply, "unasked: " + shown(input_)};
}

/// Gives bytes to write, and waits for their reply. Whatever is in the input now cannot be it.
Result<Step> Session::send(std::string bytes, State awaiting, bool secret) {
  if (!input_.empty()) return unexpected_input();
  if (ended_) return line_ended();
  state_ = awaiting;
  return Step{Send{std::move(bytes), secret}};
}

Error Session::refuse(errc code, const Reply& reply) {
  refusal_ = reply;
  return {code, reply.words()};
}

Stage Session::stage() const {
  switch (state_) {
    case State::start:
    case State::greeting:
      return Stage::greeting;
    case State::ehlo:
    case State::helo:
    case State::tls_begun:
      return Stage::ehlo;
    case State::starttls:
      return Stage::starttls;
    case State::auth:
      return Stage::auth;
    case State::mail:
      return mail_->stage();
    case State::body:
      return Stage::body;
    case State::final_dot:
      return Stage::end_of_data;
    case State::ready:
    case State::mail_done:
    case State::reset:
    case State::nooping:
    case State::noop:
      return Stage::reset;
    case State::quitting:
    case State::quit:
    case State::closed:
    case State::failed:
      return Stage::quit;
  }
  return Stage::quit;
}

}  // namespace postern::smtp
