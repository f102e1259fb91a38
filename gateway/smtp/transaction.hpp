// One mail transaction inside a session: MAIL, RCPT, DATA in groups, and who was refused with what.
//
// A dialogue without I/O, driven by session.cpp. RFC 5321 §3.3, RFC 2920 (PIPELINING).
#pragma once

#include "smtp/command.hpp"
#include "smtp/ehlo.hpp"
#include "smtp/error.hpp"
#include "smtp/reply.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::smtp {

/// What a reply is awaited for, so that the driver can take the right limit (RFC 5321 §4.5.3.2).
enum class Stage {
  greeting,
  ehlo,  // and HELO
  starttls,
  auth,
  mail,
  rcpt,
  data,
  body,  // the message itself is being written
  end_of_data,
  reset,  // and NOOP
  quit,
};
std::string_view to_string(Stage stage);

/// What became of one recipient. Untouched code 0: no reply has decided it.
struct RecipientStatus {
  std::string address;
  bool accepted = false;      // at RCPT; once the transaction is done: the mail is the server's
  int code = 0;               // of the reply that decided
  std::string enhanced_code;  // "5.1.1", or empty
  std::string words;          // that reply as text, bounded and escaped
  Stage decided_at = Stage::mail;
};

/// What became of a transaction; final, whatever happens to the connection afterwards.
struct TransactionDone {
  bool accepted = false;  // 2yz after the final dot: the mail is the server's, for ≥ 1 recipient
  Reply reply;  // the one that decided: after the dot, to DATA, to MAIL, or the first RCPT's
  Stage decided_at = Stage::mail;
  std::vector<RecipientStatus> recipients;  // all of the envelope, in its order
};

/// Commands written ahead of their replies are at most this many octets, so that neither side
/// blocks on a full window. RFC 2920 §3.1.
inline constexpr std::size_t pipelined_bytes_max = 16 * 1024;

/// What the session has to do next for the transaction.
enum class Progress { write, await, send_body, send_chunk, cancel_body, done };

class MailDialogue {
 public:
  /// Needs: check(transaction, extensions). A probe ends after the reply to MAIL.
  MailDialogue(Transaction transaction, const Extensions& extensions, bool pipelining, bool probe);

  Progress progress() const { return progress_; }
  /// The stage of the reply that is awaited.
  Stage stage() const;
  /// Commands to write. Needs: progress() is write; then it is await.
  std::string take_batch();
  /// Takes the reply to the oldest command without one, or to the final dot.
  ///
  /// Needs: progress() is await. A 421 ends the transaction: it decides all that is undecided.
  /// Errors: unexpected_reply, chunk_not_understood.
  Result<void> take(const Reply& reply);
  /// Whether this reply to a chunk says that BDAT itself is unknown: nothing is decided by it.
  bool chunk_is_unknown(const Reply& reply) const;
  /// A refusal that came while the body was under way: decides all that is undecided.
  void refused_during_body(const Reply& reply);
  /// The final dot has been written, that of the mail or the lone one; or the last octet of its
  /// chunk. Then it is await.
  void dot_sent();
  /// Undecides all: the replies taken so far were another's.
  void forget();
  /// "BDAT 1234 LAST\r\n". Needs: progress() is send_chunk.
  std::string chunk_command() const;

  const TransactionDone& result() const { return result_; }

 private:
  enum class Command { mail, rcpt, data, dot, chunk };
  void mail_replied(const Reply& reply);
  void rcpt_replied(const Reply& reply);
  void data_replied(const Reply& reply);
  void dot_replied(const Reply& reply);
  void batch_answered();
  /// Gives `reply` to every recipient that is not refused yet, and to the whole.
  void decide_open(const Reply& reply, Stage stage);
  std::optional<Command> following() const;
  std::string line_of(Command command) const;

  Transaction transaction_;
  Extensions extensions_;
  bool pipelining_;
  bool probe_;
  bool chunk_;
  Progress progress_ = Progress::write;
  std::vector<Command> awaited_;  // in the order sent
  std::size_t answered_ = 0;      // of awaited_
  std::size_t rcpt_sent_ = 0;
  std::size_t rcpt_answered_ = 0;
  std::size_t accepted_ = 0;
  bool mail_sent_ = false;
  bool data_sent_ = false;
  bool refused_ = false;  // MAIL or the whole was refused: replies still awaited change nothing
  TransactionDone result_;
};

}  // namespace postern::smtp
