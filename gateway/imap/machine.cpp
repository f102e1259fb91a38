// Sending, frames, and what a tagged response completes.
#include "imap/machine.hpp"

#include "imap/refusal.hpp"

#include <algorithm>
#include <utility>

namespace postern::imap {

Result<Step> Session::Machine::next() {
  if (failure_) return *failure_;
  auto step = advance();
  if (!step && !goes_on(step.error())) failure_ = step.error();
  return step;
}

// A refused SELECT leaves the session logged in, with no folder selected. RFC 9051 §6.3.2.
bool Session::Machine::goes_on(const Error& error) const {
  return state_ == State::ready && is_refusal(error.code);
}

// Each turn uses up input, or ends with a step.
Result<Step> Session::Machine::advance() {
  for (;;) {
    if (told_next_ < told_.size()) return std::move(told_[told_next_++]);
    told_.clear();
    told_next_ = 0;
    if (state_ == State::closed) return Step{Closed{}};
    if (state_ == State::handshake) {
      state_ = State::login;
      POSTERN_TRY(before_login());
    }
    if (state_ == State::compressing) {
      POSTERN_TRY(become_ready());
    }
    start_queued();
    if (told_.empty()) {
      POSTERN_TRY(turn());
    }
  }
}

Result<void> Session::Machine::turn() {
  // A TLS record has no line end to wait for.
  if (state_ == State::greeting && (first_byte_ == '\x15' || first_byte_ == '\x16')) {
    return foreign_greeting(std::string_view(&*first_byte_, 1));
  }
  POSTERN_TRY(const auto frame, framer_.next());
  if (!std::holds_alternative<NeedBytes>(frame)) return take_frame(frame);
  if (input_ended_) return at_end_of_input();
  if (resting()) framer_.release_memory();
  tell(NeedInput{});
  return success();
}

Result<void> Session::Machine::at_end_of_input() {
  if (logging_out_) {
    state_ = State::closed;
    return success();
  }
  const auto partial = framer_.partial();
  if (state_ == State::greeting && !partial.empty() && partial.front() != '*') {
    return foreign_greeting(partial);
  }
  return failure(errc::connection_closed, state_ == State::greeting ? "before the greeting"
                                          : state_ == State::ready  ? "in the session"
                                                                    : "before the login was over");
}

void Session::Machine::receive(std::string_view bytes) {
  if (!first_byte_ && !bytes.empty()) first_byte_ = bytes.front();
  framer_.receive(bytes);
}

CommandId Session::Machine::queue(Pending pending) {
  pending.id = ++last_id_;
  const auto id = pending.id;
  if (pending.kind == CommandKind::logout) end_idle();
  queue_.push_back(std::move(pending));
  return id;
}

// Nothing is on the way but IDLE: the long wait of most connections.
bool Session::Machine::resting() const {
  return sent_.empty() || sent_.back().idle_waits;
}

void Session::Machine::end_idle() {
  const auto ends = [this](Pending& pending) {
    if (pending.kind != CommandKind::idle || pending.idle_ending) return false;
    pending.idle_ending = true;
    if (pending.idle_waits) tell(Send{"DONE\r\n", false});
    return true;
  };
  if (std::any_of(sent_.begin(), sent_.end(), ends)) return;
  for (auto& pending : queue_) ends(pending);
}

bool Session::Machine::may_start(const Pending& pending) const {
  if (sent_.empty()) return true;
  return pending.kind == CommandKind::fetch && sent_.size() < fetches_max &&
         sent_.back().kind == CommandKind::fetch;
}

void Session::Machine::start_queued() {
  while (state_ == State::ready && !queue_.empty() && may_start(queue_.front())) {
    auto pending = std::move(queue_.front());
    queue_.pop_front();
    send(std::move(pending));
  }
}

void Session::Machine::send(Pending pending) {
  if (pending.id == 0) pending.id = ++last_id_;
  if (pending.kind == CommandKind::logout) logging_out_ = true;
  if (pending.kind == CommandKind::fetch && pending.mails_expected == 0) {
    pending.mails_expected = exists_;
  }
  pending.parts = pending.command.render('A' + std::to_string(pending.id), dialect());
  sent_.push_back(std::move(pending));
  send_part(sent_.back());
}

// The last part of an APPEND is empty when its body had to wait.
void Session::Machine::send_part(Pending& pending) {
  auto part = std::move(pending.parts[pending.parts_sent++]);
  if (!part.empty()) tell(Send{std::move(part), pending.secret});
  if (pending.kind != CommandKind::append || pending.parts_sent < pending.parts.size()) return;
  tell(SendBody{pending.id, pending.body_bytes});
  tell(Send{std::string(pending.command.after_body(dialect())), false});
}

Result<void> Session::Machine::take_frame(const Frame& frame) {
  if (const auto* literal = std::get_if<LiteralBegin>(&frame)) return take_literal(*literal);
  if (const auto* piece = std::get_if<LiteralPiece>(&frame)) {
    if (!body_skipped_ && !piece->bytes.empty()) tell(FetchedPiece{piece->bytes});
    return success();
  }
  const auto text = std::get<WholeResponse>(frame).text;
  if (text.empty()) return count_noise();
  if (state_ == State::greeting) return take_greeting(text);
  const auto names = dialect().utf8 ? MailboxNames::utf8 : MailboxNames::modified_utf7;
  POSTERN_TRY(auto response, parse_response(text, names));
  return take(std::move(response));
}

Result<void> Session::Machine::take(Response response) {
  if (auto* fetch = std::get_if<FetchResponse>(&response)) return take_fetch(*fetch);
  if (const auto* tagged = std::get_if<Tagged>(&response)) return take_tagged(*tagged);
  if (const auto* status = std::get_if<Status>(&response)) return take_status(*status);
  if (const auto* more = std::get_if<Continuation>(&response)) return take_continuation(*more);
  return take_data(response);
}

Result<void> Session::Machine::take_continuation(const Continuation& continuation) {
  for (auto& pending : sent_) {
    if (pending.parts_sent < pending.parts.size()) {
      send_part(pending);
      return success();
    }
    if (pending.kind == CommandKind::login) return answer_challenge(pending, continuation);
    if (pending.kind == CommandKind::idle && !pending.idle_waits) {
      pending.idle_waits = true;
      tell(IdleStarted{pending.id});
      if (pending.idle_ending) tell(Send{"DONE\r\n", false});
      return success();
    }
  }
  return count_noise();
}

Result<void> Session::Machine::take_tagged(const Tagged& tagged) {
  const auto at = std::find_if(sent_.begin(), sent_.end(), [&](const Pending& pending) {
    return tagged.tag == 'A' + std::to_string(pending.id);
  });
  if (at == sent_.end()) return failure(errc::malformed, "an unknown tag: " + tagged.tag);
  auto pending = std::move(*at);
  sent_.erase(at);
  noise_ = 0;
  if (tagged.status.condition == Condition::ok && tagged.status.code == Code::alert && believes()) {
    tell(Alert{shown(tagged.status.text)});
  }
  return complete(pending, tagged.status);
}

Result<void> Session::Machine::complete(Pending& pending, const Status& status) {
  if (state_ != State::ready) return complete_before_ready(pending, status);
  const bool ok = status.condition == Condition::ok;
  std::optional<Error> error;
  if (!ok) error = command_refusal(status);
  switch (pending.kind) {
    case CommandKind::select:
      return complete_select(pending, status);
    case CommandKind::fetch:
      gathering_.flush(told_);
      tell(FetchDone{pending.id, std::move(error)});
      return success();
    case CommandKind::search:
      tell(SearchDone{pending.id, std::move(pending.found), std::move(error)});
      return success();
    case CommandKind::status:
      tell(StatusDone{pending.id, std::move(pending.status), std::move(error)});
      return success();
    case CommandKind::name_spaces:
      pending.spaces.command = pending.id;
      pending.spaces.error = std::move(error);
      tell(std::move(pending.spaces));
      return success();
    case CommandKind::copy:
      complete_copy(pending, status, std::move(error));
      return success();
    case CommandKind::append:
      complete_append(pending, status, std::move(error));
      return success();
    case CommandKind::logout:
      state_ = State::closed;
      return success();
    case CommandKind::capability:
    case CommandKind::starttls:
    case CommandKind::login:
    case CommandKind::server_id:
    case CommandKind::enable:
    case CommandKind::compress:
    case CommandKind::list:
    case CommandKind::idle:
    case CommandKind::other:
      tell(CommandDone{pending.id, std::move(error)});
      return success();
  }
  return success();
}

Result<void> Session::Machine::complete_select(Pending& pending, const Status& status) {
  const bool ok = status.condition == Condition::ok;
  exists_ = ok ? pending.selected.exists : 0;
  if (!ok) return select_refusal(status);
  take_selecting(pending.selected, status);
  pending.selected.command = pending.id;
  tell(std::move(pending.selected));
  return success();
}

// COPY tells the new UIDs with its OK, MOVE before it (RFC 6851 §4.3): what came last counts.
void Session::Machine::complete_copy(Pending& pending, const Status& status,
                                     std::optional<Error> error) {
  take_copied(pending, status);
  tell(CopyDone{pending.id, std::move(pending.copied), std::move(error)});
}

// resp-code-apnd; one message has one UID. RFC 4315 §3.
void Session::Machine::complete_append(const Pending& pending, const Status& status,
                                       std::optional<Error> error) {
  AppendDone done{pending.id, std::nullopt, std::nullopt, std::move(error)};
  if (!done.error && status.code == Code::append_uid) {
    done.uid_validity = static_cast<std::uint32_t>(status.number);
    done.uid = status.destination.at(0);
  }
  tell(std::move(done));
}

Result<void> Session::Machine::count_noise() {
  if (++noise_ <= (state_ == State::ready ? noise_max : noise_before_ready_max)) return success();
  return failure(errc::flooded, "too many responses to one command");
}

}  // namespace postern::imap
