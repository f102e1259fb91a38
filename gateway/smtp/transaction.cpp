#include "smtp/transaction.hpp"

#include <utility>

namespace postern::smtp {

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::greeting:
      return "greeting";
    case Stage::ehlo:
      return "ehlo";
    case Stage::starttls:
      return "starttls";
    case Stage::auth:
      return "auth";
    case Stage::mail:
      return "mail";
    case Stage::rcpt:
      return "rcpt";
    case Stage::data:
      return "data";
    case Stage::body:
      return "body";
    case Stage::end_of_data:
      return "end_of_data";
    case Stage::reset:
      return "reset";
    case Stage::quit:
      return "quit";
  }
  return "unknown";
}

namespace {

bool decided(const RecipientStatus& recipient) {
  return recipient.code != 0 && !recipient.accepted;
}

void decide(RecipientStatus& recipient, const Reply& reply, Stage stage) {
  recipient.accepted = reply.positive();
  recipient.code = reply.code;
  recipient.enhanced_code = reply.enhanced_code;
  recipient.words = reply.words();
  recipient.decided_at = stage;
}

/// RFC 5321 §4.2.4: the command itself is not understood.
bool is_not_implemented(const Reply& reply) {
  return reply.code >= 500 && reply.code <= 504 && reply.code != 503;
}

bool refusal(const Reply& reply) {
  return reply.transient() || reply.permanent();
}

Error unexpected(Stage stage, const Reply& reply) {
  return {errc::unexpected_reply, "at " + std::string(to_string(stage)) + ": " + reply.words()};
}

}  // namespace

MailDialogue::MailDialogue(Transaction transaction, const Extensions& extensions, bool pipelining,
                           bool probe)
    : transaction_(std::move(transaction)),
      extensions_(extensions),
      pipelining_(pipelining && extensions.pipelining),
      probe_(probe),
      chunk_(transaction_.in_one_chunk && extensions.chunking) {
  for (const auto& address : transaction_.envelope.recipients) {
    RecipientStatus status;
    status.address = address;
    result_.recipients.push_back(std::move(status));
  }
}

Stage MailDialogue::stage() const {
  if (progress_ != Progress::await) return Stage::body;
  switch (awaited_[answered_]) {
    case Command::mail:
      return Stage::mail;
    case Command::rcpt:
      return Stage::rcpt;
    case Command::data:
      return Stage::data;
    case Command::dot:
    case Command::chunk:
      return Stage::end_of_data;
  }
  return Stage::end_of_data;
}

/// The command after those already sent. DATA waits for a recipient that may be accepted: one that
/// was, or one whose reply is awaited together with DATA's (RFC 2920 §3.1).
std::optional<MailDialogue::Command> MailDialogue::following() const {
  if (!mail_sent_) return Command::mail;
  if (probe_) return std::nullopt;
  if (rcpt_sent_ < result_.recipients.size()) return Command::rcpt;
  if (!data_sent_ && !chunk_ && (accepted_ > 0 || rcpt_answered_ < rcpt_sent_))
    return Command::data;
  return std::nullopt;
}

std::string MailDialogue::line_of(Command command) const {
  switch (command) {
    case Command::mail:
      return mail_command(transaction_, extensions_);
    case Command::rcpt:
      return rcpt_command(result_.recipients[rcpt_sent_].address, transaction_.dsn, extensions_);
    case Command::data:
      return "DATA\r\n";
    case Command::dot:
      return ".\r\n";
    case Command::chunk:
      return chunk_command();
  }
  return {};
}

std::string MailDialogue::take_batch() {
  POSTERN_ASSERT(progress_ == Progress::write);
  awaited_.clear();
  answered_ = 0;
  std::string batch;
  while (const auto command = following()) {
    const std::string line = line_of(*command);
    const std::size_t batch_bytes_max = pipelining_ ? pipelined_bytes_max : 0;
    if (!batch.empty() && batch.size() + line.size() > batch_bytes_max) break;
    batch += line;
    awaited_.push_back(*command);
    if (*command == Command::mail) mail_sent_ = true;
    if (*command == Command::rcpt) ++rcpt_sent_;
    if (*command == Command::data) data_sent_ = true;
  }
  POSTERN_ASSERT(!awaited_.empty());
  progress_ = Progress::await;
  return batch;
}

Result<void> MailDialogue::take(const Reply& reply) {
  POSTERN_ASSERT(progress_ == Progress::await && answered_ < awaited_.size());
  const Command command = awaited_[answered_];
  const bool fits = command == Command::data ? reply.code == 354 || refusal(reply)
                                             : reply.positive() || refusal(reply);
  if (!fits) return unexpected(stage(), reply);
  if (reply.code == 421) {
    decide_open(reply, stage());
    progress_ = Progress::done;
    return success();
  }
  ++answered_;
  switch (command) {
    case Command::mail:
      mail_replied(reply);
      break;
    case Command::rcpt:
      rcpt_replied(reply);
      break;
    case Command::data:
      data_replied(reply);
      break;
    case Command::chunk:
      if (is_not_implemented(reply)) {
        return Error{errc::chunk_not_understood, reply.words()};
      }
      dot_replied(reply);
      break;
    case Command::dot:
      dot_replied(reply);
      break;
  }
  if (progress_ == Progress::await && answered_ == awaited_.size()) batch_answered();
  return success();
}

void MailDialogue::mail_replied(const Reply& reply) {
  if (probe_) {
    result_.accepted = reply.positive();
    result_.reply = reply;
    result_.decided_at = Stage::mail;
  }
  if (refusal(reply)) decide_open(reply, Stage::mail);
}

void MailDialogue::rcpt_replied(const Reply& reply) {
  RecipientStatus& recipient = result_.recipients[rcpt_answered_++];
  if (refused_) return;  // MAIL was refused; that is what counts
  decide(recipient, reply, Stage::rcpt);
  if (recipient.accepted) {
    ++accepted_;
  } else if (result_.reply.code == 0) {
    result_.reply = reply;
    result_.decided_at = Stage::rcpt;
  }
}

void MailDialogue::data_replied(const Reply& reply) {
  if (reply.intermediate()) {
    progress_ = accepted_ > 0 ? Progress::send_body : Progress::cancel_body;
    return;
  }
  if (accepted_ > 0) decide_open(reply, Stage::data);
  progress_ = Progress::done;
}

void MailDialogue::dot_replied(const Reply& reply) {
  progress_ = Progress::done;
  if (accepted_ == 0) return;  // the lone dot: whatever the server says, nobody gets anything
  if (refusal(reply)) {
    decide_open(reply, Stage::end_of_data);
    return;
  }
  result_.accepted = true;
  result_.reply = reply;
  result_.decided_at = Stage::end_of_data;
  for (auto& recipient : result_.recipients) {
    if (recipient.accepted) decide(recipient, reply, Stage::end_of_data);
  }
}

/// Every reply to what was written ahead is there, and the body is not asked for.
void MailDialogue::batch_answered() {
  const bool body_is_due = chunk_ && rcpt_sent_ == result_.recipients.size() && accepted_ > 0;
  progress_ = Progress::done;
  if (refused_) return;
  if (following()) {
    progress_ = Progress::write;
  } else if (body_is_due) {
    progress_ = Progress::send_chunk;
  }
}

void MailDialogue::decide_open(const Reply& reply, Stage stage) {
  bool decides = result_.recipients.empty();  // a probe
  for (auto& recipient : result_.recipients) {
    if (decided(recipient)) continue;
    decide(recipient, reply, stage);
    decides = true;
  }
  if (decides) {
    result_.reply = reply;
    result_.decided_at = stage;
  }
  result_.accepted = false;
  refused_ = true;
}

bool MailDialogue::chunk_is_unknown(const Reply& reply) const {
  return progress_ == Progress::send_chunk && is_not_implemented(reply);
}

void MailDialogue::refused_during_body(const Reply& reply) {
  decide_open(reply, Stage::body);
  progress_ = Progress::done;
}

void MailDialogue::dot_sent() {
  POSTERN_ASSERT(progress_ == Progress::send_body || progress_ == Progress::cancel_body ||
                 progress_ == Progress::send_chunk);
  awaited_.assign(1, progress_ == Progress::send_chunk ? Command::chunk : Command::dot);
  answered_ = 0;
  progress_ = Progress::await;
}

void MailDialogue::forget() {
  for (auto& recipient : result_.recipients) {
    RecipientStatus open;
    open.address = std::move(recipient.address);
    recipient = std::move(open);
  }
  result_.accepted = false;
  result_.reply = Reply();
}

std::string MailDialogue::chunk_command() const {
  return last_chunk_command(transaction_.size_bytes);
}

}  // namespace postern::smtp
