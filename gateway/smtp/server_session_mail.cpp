// The mails of a session: MAIL, RCPT, DATA, and the message itself.
#include "smtp/server_session.hpp"

#include <algorithm>
#include <utility>

namespace postern::smtp {
namespace {

ServerReply fault_reply(BodyFault fault) {
  const char* text = "The message holds a NUL";
  if (fault == BodyFault::bare_carriage_return) text = "The message holds a CR without its LF";
  if (fault == BodyFault::bare_line_feed) text = "The message holds an LF without its CR";
  return {550, "5.6.0", text};
}

}  // namespace

void ServerSession::forget_mail() {
  mail_begun_ = smtputf8_ = false;
  envelope_ = {};
  wishes_ = {};
  mail_asked_ = {};
}

std::optional<ServerStep> ServerSession::begin_mail(const ServerCommand& command) {
  if (login_.empty()) {
    // RFC 3207 §4 and RFC 4954 §6 have the same code and different words.
    const bool tls_first = settings_.starttls_offered && !may_log_in();
    fail({530, "5.7.0", tls_first ? "Must issue a STARTTLS command first" : "Log in first"});
    return std::nullopt;
  }
  if (!greeted_ || mail_begun_) {
    fail({503, "5.5.1", mail_begun_ ? "A mail is under way: RSET ends it" : "Say EHLO first"});
    return std::nullopt;
  }
  auto parsed = parse_mail(command.argument);
  if (const auto* reply = std::get_if<ServerReply>(&parsed)) {
    fail(*reply);
    return std::nullopt;
  }
  mail_asked_ = std::move(std::get<MailArgument>(parsed));
  if (mail_asked_.size_bytes > settings_.size_bytes_max) {
    fail({552, "5.3.4", "Message too big"});
    return std::nullopt;
  }
  if (mail_asked_.require_tls && !tls_active_) {  // RFC 8689 §3: offered under TLS alone
    fail({555, "5.5.4", "A parameter that was not offered"});
    return std::nullopt;
  }
  return ask(Question::sender, CheckSender{mail_asked_.sender});
}

void ServerSession::add_recipient(const ServerCommand& command) {
  if (!mail_begun_) return fail({503, "5.5.1", "MAIL comes before RCPT"});
  auto parsed = parse_rcpt(command.argument, smtputf8_);
  if (const auto* reply = std::get_if<ServerReply>(&parsed)) return fail(*reply);
  // No error of the client: RFC 5321 §4.5.3.1.10 has it send the rest in another mail.
  if (envelope_.recipients.size() >= server_limits::recipients_max) {
    return say({452, "4.5.3", "Too many recipients"});
  }
  auto& recipient = std::get<RcptArgument>(parsed);
  if (recipient.has_own_words()) {
    auto& own = wishes_.dsn.own;
    const auto at = std::ranges::lower_bound(own, recipient.address, {}, &DsnRecipient::address);
    DsnRecipient words{recipient.address, recipient.notify, std::move(recipient.original)};
    if (at != own.end() && at->address == recipient.address) {
      *at = std::move(words);
    } else {
      own.insert(at, std::move(words));
    }
  }
  envelope_.recipients.push_back(std::move(recipient.address));
  say({250, "2.1.5", "Ok"});
}

std::optional<ServerStep> ServerSession::begin_data(const ServerCommand& command) {
  if (!command.argument.empty()) {
    fail({501, "5.5.4", "DATA takes no parameters"});
  } else if (!mail_begun_) {
    fail({503, "5.5.1", "MAIL and RCPT come before DATA"});
  } else if (envelope_.recipients.empty()) {
    fail({554, "5.5.1", "No valid recipients"});
  } else {
    unstuffer_ = {};
    body_bytes_ = 0;
    body_ended_ = body_refused_ = false;
    return ask(Question::body, BeginBody{});
  }
  return std::nullopt;
}

/// Pieces go out as they come; of a message that is refused nothing more does, but its end is
/// waited for, so that none of it is taken for commands.
std::optional<ServerStep> ServerSession::take_body() {
  if (body_ended_) return end_of_body();
  if (input_.empty() || !output_.empty()) return flush_or_await();
  std::string_view input = input_;
  std::string piece;
  body_ended_ = unstuffer_.take(input, piece);
  input_.erase(0, input_.size() - input.size());
  body_bytes_ += piece.size();
  if (body_bytes_ / 2 > settings_.size_bytes_max) {
    say({552, "5.3.4", "Message too big"});
    close("4.3.0", "Message far too big");
    return std::nullopt;
  }
  const bool fault =
      unstuffer_.fault() != BodyFault::none || body_bytes_ > settings_.size_bytes_max;
  if (fault && !std::exchange(body_refused_, fault)) return DropBody{};
  if (body_refused_ || piece.empty()) return std::nullopt;
  return BodyPiece{std::move(piece)};
}

std::optional<ServerStep> ServerSession::end_of_body() {
  body_ended_ = false;
  state_ = State::command;
  if (!body_refused_) return ask(Question::body_end, EndBody{});
  forget_mail();
  const bool fault = unstuffer_.fault() != BodyFault::none;
  fail(fault ? fault_reply(unstuffer_.fault()) : ServerReply{552, "5.3.4", "Message too big"});
  return std::nullopt;
}

}  // namespace postern::smtp
