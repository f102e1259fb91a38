// The transactions of a session: groups of commands out, replies in, the body, the result.
#include "smtp/session.hpp"

#include <utility>

namespace postern::smtp {

Result<void> Session::begin(Transaction transaction) {
  POSTERN_ASSERT(ready());
  POSTERN_TRY(check(transaction, extensions_));
  start_mail(std::move(transaction), false);
  return success();
}

Result<void> Session::begin_probe(std::string sender) {
  POSTERN_ASSERT(ready());
  POSTERN_TRY(check_sender(sender, extensions_));
  Transaction transaction;
  transaction.envelope.sender = std::move(sender);
  start_mail(std::move(transaction), true);
  return success();
}

Result<std::string> Session::line_up(Transaction following) {
  POSTERN_ASSERT(state_ == State::body && !dot_left_ && !following_);
  if (!options_.allow_pipelining || !extensions_.pipelining || used_up()) return std::string();
  POSTERN_TRY(check(following, extensions_));
  following.in_one_chunk = following.in_one_chunk && options_.allow_chunking;
  following_.emplace(std::move(following), extensions_, true, false);
  ++mails_said_;
  return following_->take_batch();
}

bool Session::used_up() const {
  return extensions_.limits.mails && mails_said_ >= *extensions_.limits.mails;
}

void Session::start_mail(Transaction transaction, bool probe) {
  transaction.in_one_chunk = transaction.in_one_chunk && options_.allow_chunking;
  mail_.emplace(std::move(transaction), extensions_, options_.allow_pipelining, probe);
  ++mails_said_;
  lined_up_ = false;
  probing_ = probe;
  early_input_ = false;
  state_ = State::mail;
}

/// Writes the next group, or awaits the replies to the last one.
Result<Step> Session::go_on_with_mail() {
  switch (mail_->progress()) {
    case Progress::write:
      if (!input_.empty()) return unexpected_input();
      return send(mail_->take_batch(), State::mail);
    case Progress::await:
      return await_reply();
    case Progress::send_body:
    case Progress::send_chunk:
      state_ = State::body;
      return on_body();
    case Progress::cancel_body: {
      // RFC 2920 §3.1: 354 although nobody was accepted. An empty mail ends it, for nobody.
      mail_->dot_sent();
      return send(".\r\n", State::final_dot);
    }
    case Progress::done:
      return finish_mail(false);
  }
  POSTERN_ASSERT(false && "no such progress");
  return finish_mail(true);
}

/// Takes all replies that are there: a loop, because a server can answer a thousand RCPTs at once.
Result<Step> Session::on_mail(Reply reply) {
  for (;;) {
    auto taken = mail_->take(reply);
    if (!taken) {
      refusal_ = std::move(reply);
      if (lined_up_) mail_->forget();  // a reply too many or too few: whose were the others?
      if (taken.error().code == errc::chunk_not_understood) dot_left_ = false;
      return taken.error();
    }
    if (reply.code == 421) return finish_mail(true);
    if (mail_->progress() != Progress::await) return go_on_with_mail();
    POSTERN_TRY(auto following, take_input());
    if (!following) return await_reply();
    reply = std::move(*following);
  }
}

/// The body is the driver's to write. A reply that comes before its end can be a refusal; it is
/// never believed to be the acceptance of a mail the server has not seen whole.
Result<Step> Session::on_body() {
  POSTERN_TRY(auto reply, take_input());
  if (reply) {
    if (!reply->transient() && !reply->permanent()) {
      return refuse(errc::unexpected_reply, *reply);
    }
    if (mail_->chunk_is_unknown(*reply)) {
      dot_left_ = false;
      return refuse(errc::chunk_not_understood, *reply);
    }
    mail_->refused_during_body(*reply);
    return finish_mail(true);  // the server still reads a body: nothing else can be said to it
  }
  if (ended_) return line_ended();
  if (!input_.empty()) return Step{NeedInput{Stage::body}};
  SendBody body;
  if (mail_->progress() == Progress::send_chunk) body.chunk_command = mail_->chunk_command();
  return Step{std::move(body)};
}

void Session::final_dot_leaving() {
  POSTERN_ASSERT(state_ == State::body);
  dot_left_ = true;
}

void Session::body_sent() {
  POSTERN_ASSERT(state_ == State::body);
  dot_left_ = true;
  early_input_ = !input_.empty();
  mail_->dot_sent();
  state_ = State::final_dot;
}

/// From here the result is final, whatever becomes of the connection. RFC 5321 §4.2.5.
Result<Step> Session::finish_mail(bool connection_ends) {
  POSTERN_ASSERT(mail_->progress() == Progress::done);
  dot_left_ = false;
  reset_due_ = probing_ || !mail_->result().accepted;
  connection_ends_ = connection_ends;
  state_ = State::mail_done;
  return Step{mail_->result()};
}

Result<Step> Session::after_mail() {
  if (connection_ends_) {
    following_.reset();
    state_ = State::closed;
    return Step{Closed{}};
  }
  if (following_) {  // its commands came behind the end of this mail: no RSET came between
    mail_ = std::move(following_);
    following_.reset();
    lined_up_ = true;
    early_input_ = false;
    state_ = State::mail;
    return go_on_with_mail();
  }
  if (reset_due_) {
    reset_due_ = false;
    return send("RSET\r\n", State::reset);
  }
  state_ = State::ready;
  return idle();
}

const TransactionDone& Session::transaction() const {
  static const TransactionDone none;
  return mail_ ? mail_->result() : none;
}

}  // namespace postern::smtp
