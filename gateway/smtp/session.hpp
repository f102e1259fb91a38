// One SMTP connection as a machine without I/O: greeting, EHLO, STARTTLS, login, many transactions.
//
// The driver asks next() what to do, does it, and asks again; it moves bytes and decides nothing.
// The session never retries and knows no clock. RFC 5321, RFC 3207 (STARTTLS), RFC 4954 (AUTH).
//
//   for (;;) { step = session.next();
//     NeedInput       read; receive(bytes), or end_of_input() when the server closed the line
//     Send            write all bytes (secret: never log them)
//     StartTls        handshake, nothing read in between; then next()
//     SendBody        stream the message through DotStuffer, or behind its chunk's command as it
//                     is; final_dot_leaving() before the write that holds the final dot or octet,
//                     body_sent() after it. Where a write fails, one receive() and next() may
//                     still tell the server's words. Before final_dot_leaving() another mail may
//                     be lined up, to be said in the same write
//     Ready           begin(), begin_probe(), noop(), quit(), or leave it and come back
//     TransactionDone this mail's result, final; next() goes on with the mail lined up, or to
//                     Ready, by RSET after a failure
//     Closed          close the line
//   }
//
// An Error of next() is the end of the connection: drop it; outcome_unknown() tells whether the
// mail under way may have been taken.
#pragma once

#include "core/result.hpp"
#include "smtp/auth.hpp"
#include "smtp/command.hpp"
#include "smtp/ehlo.hpp"
#include "smtp/error.hpp"
#include "smtp/reply.hpp"
#include "smtp/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postern::smtp {

enum class TlsMode {
  established,  // TLS is up before the first byte (port 465)
  starttls,     // STARTTLS is demanded, never opportunistic
  none,
};

struct Options {
  std::string ehlo_name;  // a host name or an address literal "[192.0.2.1]"
  TlsMode tls = TlsMode::established;
  Login login;
  bool allow_plain_login = false;  // a credential may go over TlsMode::none
  bool allow_pipelining = true;
  bool allow_chunking = true;
};

struct NeedInput {
  Stage stage;
};
struct Send {
  std::string bytes;
  bool secret = false;
};
struct StartTls {};
struct SendBody {
  std::string chunk_command;  // to be written before the octets of the mail; empty: dot-stuff them
};
struct Ready {};
struct Closed {};
using Step = std::variant<NeedInput, Send, StartTls, SendBody, Ready, TransactionDone, Closed>;

class Session {
 public:
  explicit Session(Options options);

  /// What to do next. After an Error every call gives the same Error.
  ///
  /// Errors: each code of error.hpp but too_large, smtputf8_not_offered and nul_in_message;
  /// bad_address is the ehlo_name here.
  Result<Step> next();

  /// Bytes the server sent. They are looked at by next().
  void receive(std::string_view bytes);
  /// The server closed the line, or reading failed.
  void end_of_input() { ended_ = true; }

  /// Starts a mail. Needs: ready(). On Error nothing was sent and the session is still ready.
  ///
  /// Errors: bad_address, too_large, smtputf8_not_offered, require_tls_not_offered.
  Result<void> begin(Transaction transaction);
  /// What to write right behind the end of the body under way, so that `following` is being said
  /// while this mail's result is awaited; empty where the server offers no PIPELINING, or takes no
  /// more mails on this connection. Its replies are believed only as far as they fit: where they
  /// don't, nothing of it is decided. Needs: next() gave SendBody, and final_dot_leaving() was not
  /// called. Errors: as begin(); then nothing is lined up. Source: RFC 2920 §3.1.
  Result<std::string> line_up(Transaction following);
  /// A mail is lined up behind the one under way, or the one just ended.
  bool lined_up() const { return following_.has_value(); }
  /// The server took as many mails on this connection as it said it takes. RFC 9422 §4.1.
  bool used_up() const;
  /// Asks whether `sender` may send, without sending: MAIL, then RSET. TransactionDone without
  /// recipients tells; `accepted` is that of MAIL. Needs: ready(). Errors: bad_address,
  /// smtputf8_not_offered.
  Result<void> begin_probe(std::string sender);
  /// Asks the server for a sign of life: NOOP, then Ready again. Needs: ready().
  void noop();
  /// Says QUIT where the dialogue stands between two transactions, else only closes. Whatever the
  /// server answers, the end is Closed.
  void quit();

  /// The final dot is about to be written: from here the mail may be the server's.
  void final_dot_leaving();
  /// The whole body with its final dot is written.
  void body_sent();

  /// Whether begin() may be called.
  bool ready() const { return state_ == State::ready; }
  /// Whether the final dot may have reached the server and no valid reply to it has come.
  /// Never false success, never false failure: result 61. Source: RFC 1047, RFC 5321 §4.5.3.2.6.
  bool outcome_unknown() const { return dot_left_; }
  /// What is known of the transaction under way or just ended; recipients with code 0 are
  /// undecided. Of use after an Error, too: a recipient refused with 5yz stays refused.
  const TransactionDone& transaction() const;
  /// The reply behind the last Error of next(), where a reply is its cause.
  const std::optional<Reply>& refusal() const { return refusal_; }
  /// Complete replies taken so far.
  std::uint64_t replies_heard() const { return replies_heard_; }
  /// What the server offers; empty before its EHLO, and again until the EHLO under TLS.
  const Extensions& extensions() const { return extensions_; }
  /// Why the server refused a token, or empty. See AuthDialogue::challenge().
  const std::string& auth_challenge() const;

 private:
  enum class State {
    start,      // nothing has happened
    greeting,   // awaiting 220
    ehlo,       // awaiting the reply to EHLO
    helo,       // awaiting the reply to HELO
    starttls,   // awaiting the 220 to STARTTLS
    tls_begun,  // the driver does the handshake
    auth,       // awaiting a reply of the login
    ready,      // logged in, nothing under way
    mail,       // the MailDialogue has commands to write, or awaits their replies
    body,       // the driver writes the message
    final_dot,  // awaiting the reply to the final dot, or to the lone one
    mail_done,  // TransactionDone was given out; RSET where it is due
    reset,      // awaiting the reply to RSET
    nooping,    // NOOP is to be said
    noop,       // awaiting the reply to NOOP
    quitting,   // QUIT is to be said
    quit,       // awaiting the reply to QUIT, whatever it is
    closed,
    failed,
  };

  // session.cpp: from the greeting to the login, and between transactions
  Result<Step> advance();
  Result<Step> start();
  Result<Step> on_reply(const Reply& reply);
  Result<Step> on_greeting(const Reply& reply);
  Result<Step> on_ehlo(const Reply& reply);
  Result<Step> on_helo(const Reply& reply);
  Result<Step> on_starttls(const Reply& reply);
  Result<Step> after_handshake();
  Result<Step> log_in();
  Result<Step> on_auth(const Reply& reply);
  Result<Step> on_reset(const Reply& reply);
  Result<Step> idle();
  Result<Step> say_quit();

  // session_mail.cpp: a transaction
  void start_mail(Transaction transaction, bool probe);
  Result<Step> go_on_with_mail();
  Result<Step> on_mail(Reply reply);
  Result<Step> on_body();
  Result<Step> finish_mail(bool connection_ends);
  Result<Step> after_mail();

  // session_input.cpp: what has arrived, and what it is refused for
  Result<std::optional<Reply>> take_input();
  Result<Step> await_reply();
  Result<Step> closed();
  Error not_smtp() const;
  Error line_ended() const;
  Result<Step> send(std::string bytes, State awaiting, bool secret = false);
  Error refuse(errc code, const Reply& reply);
  Error unexpected_input();
  Stage stage() const;

  Options options_;
  State state_ = State::start;
  std::string input_;
  bool line_arrived_ = false;  // input_ may hold a complete reply
  bool ended_ = false;         // nothing will be received any more
  bool tls_active_ = false;
  bool dot_left_ = false;
  bool early_input_ = false;  // bytes were there before the body was sent
  bool probing_ = false;
  bool reset_due_ = false;
  bool connection_ends_ = false;  // after this transaction
  bool lined_up_ = false;         // mail_ was said behind the end of another
  std::uint64_t mails_said_ = 0;
  std::uint64_t replies_heard_ = 0;
  Extensions extensions_;
  std::optional<AuthDialogue> auth_;
  std::optional<MailDialogue> mail_;
  std::optional<MailDialogue> following_;  // said already
  std::optional<Reply> refusal_;
  std::optional<Error> error_;
};

}  // namespace postern::smtp
