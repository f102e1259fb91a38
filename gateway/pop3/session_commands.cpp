// The commands after the login: queued, sent in order, answered in order.
#include "pop3/refusal.hpp"
#include "pop3/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace postern::pop3 {

CommandId Session::queue(Kind kind, std::string line) {
  queue_.push_back({++last_id_, kind, std::move(line)});
  return last_id_;
}

CommandId Session::stat() {
  return queue(Kind::stat, "STAT");
}
CommandId Session::list() {
  return queue(Kind::list, "LIST");
}
CommandId Session::uidl() {
  return queue(Kind::uidl, "UIDL");
}
CommandId Session::top(std::uint32_t number, std::uint32_t lines) {
  const auto id = queue(Kind::retrieve, fmt::format("TOP {} {}", number, lines));
  queue_.back().any_size = true;  // it is for the header alone
  return id;
}
CommandId Session::retrieve(std::uint32_t number, bool any_size) {
  const auto id = queue(Kind::retrieve, fmt::format("RETR {}", number));
  queue_.back().any_size = any_size;
  return id;
}
CommandId Session::dele(std::uint32_t number) {
  return queue(Kind::simple, fmt::format("DELE {}", number));
}
CommandId Session::noop() {
  return queue(Kind::simple, "NOOP");
}
CommandId Session::rset() {
  return queue(Kind::simple, "RSET");
}

void Session::quit() {
  if (state_ == State::ready) {
    queue(Kind::quit, "QUIT");
  } else if (state_ != State::failed) {
    state_ = State::closed;
  }
}

/// Sends what may be sent, then takes what has come.
Result<Step> Session::work() {
  std::string lines;
  const auto window = capabilities_.has("PIPELINING") ? on_the_way_max : 1;
  while (on_the_way_ < std::min(window, queue_.size())) {
    lines += std::exchange(queue_[on_the_way_++].line, {}) + "\r\n";
  }
  if (!lines.empty()) return Step{Send{std::move(lines)}};
  const bool was_within = within_;
  POSTERN_TRY(auto step, take_answer());
  if (!step && within_ && !was_within) {
    POSTERN_TRY(step, take_answer());  // what follows the status
  }
  if (step) return std::move(*step);
  const bool quitting = !queue_.empty() && queue_.front().kind == Kind::quit;
  if (!quitting || !ended_) return need_input();
  state_ = State::closed;
  return Step{Closed{false, "the line ended before QUIT was answered"}};
}

/// Nothing while more input is needed.
Result<std::optional<Step>> Session::take_answer() {
  if (within_ && queue_.front().kind == Kind::retrieve) return take_mail();
  POSTERN_TRY(const auto line, framer_.line());
  if (!line) return std::optional<Step>();
  if (queue_.empty()) return unasked(*line);
  return within_ ? on_listed(*line) : on_answer(*line);
}

/// A server that hangs up by itself may say why.
Error Session::unasked(std::string_view line) const {
  return failure(line.starts_with("-ERR") ? errc::farewell : errc::malformed, line);
}

Result<std::optional<Step>> Session::take_mail() {
  const auto piece = framer_.mail();
  if (!piece) return std::optional<Step>();
  if (piece->last) return std::optional(done(std::nullopt));
  mail_bytes_ += piece->bytes.size();
  if (mail_bytes_ > options_.body_bytes_max && !queue_.front().any_size) {
    return failure(errc::mail_too_large, fmt::format("over {} bytes", options_.body_bytes_max));
  }
  return std::optional<Step>(RetrievedPiece{piece->bytes});
}

/// The front command is over.
Step Session::done(std::optional<Error> error) {
  const auto command = std::move(queue_.front());
  queue_.pop_front();
  --on_the_way_;
  within_ = false;
  if (command.kind == Kind::retrieve) {
    return RetrieveDone{command.id, std::exchange(mail_bytes_, 0), std::move(error)};
  }
  if (command.kind == Kind::stat) return StatDone{command.id, {}, std::move(error)};
  return CommandDone{command.id, std::move(error)};
}

Result<std::optional<Step>> Session::on_answer(std::string_view line) {
  const auto status = parse_status(line);
  if (!status || status->indicator == Indicator::challenge) return failure(errc::malformed, line);
  const bool refused = status->indicator == Indicator::err;
  const auto kind = queue_.front().kind;
  if (kind == Kind::quit) {
    state_ = State::closed;
    queue_.clear();
    return std::optional<Step>(Closed{!refused, shown(status->text)});
  }
  if (refused) return std::optional(done(command_refusal(*status)));
  switch (kind) {
    case Kind::stat: {
      const auto drop = parse_drop(status->text);
      if (!drop) return failure(errc::malformed, line);
      auto step = done(std::nullopt);
      std::get<StatDone>(step).drop = *drop;
      return std::optional(std::move(step));
    }
    case Kind::retrieve:
      framer_.begin_mail();
      mail_bytes_ = 0;
      within_ = true;
      return std::optional<Step>();
    case Kind::list:
    case Kind::uidl:
      listed_ = 0;
      within_ = true;
      return std::optional<Step>();
    case Kind::simple:
    case Kind::quit:
      break;
  }
  return std::optional(done(std::nullopt));
}

Result<std::optional<Step>> Session::on_listed(std::string_view line) {
  if (line == ".") return std::optional(done(std::nullopt));
  if (++listed_ > listed_max) return failure(errc::flooded, "over 100,000 mails are listed");
  if (queue_.front().kind == Kind::list) {
    const auto entry = parse_size(line);
    if (!entry) return failure(errc::malformed, line);
    return std::optional<Step>(ListedSize{*entry});
  }
  auto entry = parse_uid(line);
  if (!entry) return failure(errc::malformed, line);
  return std::optional<Step>(ListedUid{std::move(*entry)});
}

}  // namespace postern::pop3
