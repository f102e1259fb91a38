// SmtpLink: one SMTP connection of an integration, for many mails. It moves bytes between the
// stream and the engine; what a result means is decided by outbound.
#pragma once

#include "core/dsn.hpp"
#include "flows/line.hpp"
#include "flows/patience.hpp"
#include "flows/token_login.hpp"
#include "smtp/session.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace postern::flows {

/// The connection test's name of a stage; a stage without a name belongs to the one before.
std::string_view step_of(smtp::Stage stage);

class SmtpLink {
 public:
  /// What the final dot waits for; an Error keeps it from leaving.
  using FinalDotGate = std::function<net::Task<Result<void>>()>;

  /// Asked right before a mail's end leaves: the bytes of Session::line_up() for the next mail, to
  /// be written behind it, or nothing.
  using LineUp = std::function<std::string()>;

  /// `chunking`: a large mail may go by BDAT.
  SmtpLink(Context& context, const Outgoing& outgoing, const IntegrationSecrets& secrets,
           bool chunking = true);

  /// A token where the login needs one; DNS, TCP and TLS.
  net::Task<Result<void>> connect();
  /// See TokenLogin::renew_after.
  net::Task<Result<bool>> renew_token(Error error) { return token_.renew_after(std::move(error)); }

  /// One act of the engine's: Ready, TransactionDone or Closed, or nothing when bytes were moved.
  /// `body` is the mail under way; it lives until the transaction is done.
  net::Task<Result<std::optional<smtp::Step>>> pump(std::string_view body = {});

  /// Until the server waits for a mail.
  net::Task<Result<void>> ready();

  /// What the engine has to know of a mail. A large one that is as SMTP wants it goes in one chunk
  /// where the server takes chunks: that saves the way to DATA and back, and its octets are neither
  /// looked through nor copied. Smaller ones go by DATA, which is said ahead with PIPELINING.
  static smtp::Transaction transaction_of(Envelope envelope, std::string_view bytes,
                                          const TransportWishes& wishes);

  /// One mail, or the one that was lined up. `gate` and `line_up` may be empty. Errors: the gate's,
  /// the engine's and the network's; then outcome_unknown() tells whether the mail may have been
  /// taken. A mail that demands TLS goes over none whose certificate was not checked (RFC 8689
  /// §4.2.1): require_tls_not_offered.
  net::Task<Result<smtp::TransactionDone>> send(Envelope envelope, std::string_view bytes,
                                                FinalDotGate gate, LineUp line_up = {},
                                                TransportWishes wishes = {});

  /// Whether the server takes a mail of these bytes as they are: it is 7-bit, or 8BITMIME is there.
  /// Also true where the header is beyond ASCII: that is a matter of SMTPUTF8, which send() judges.
  bool takes(std::string_view bytes) const;

  /// QUIT, at best effort, and the end of the line.
  net::Task<void> quit();

  /// `done` without what we told the server: its words are shown to people.
  smtp::TransactionDone unsaid(smtp::TransactionDone done);

  bool outcome_unknown() const { return session_.outcome_unknown(); }
  smtp::Session& session() { return session_; }
  Line& line() { return line_; }

 private:
  net::Task<Result<void>> read(smtp::Stage stage);
  net::Task<Result<void>> write_body(std::string_view body);
  net::Task<Result<void>> write_chunk(std::string_view body, std::string command);
  net::Task<Result<void>> write_end(std::string bytes);
  net::Task<Result<void>> hear_refusal(Error write_error);

  Context& context_;
  const Outgoing& outgoing_;
  const IntegrationSecrets& secrets_;
  const bool chunking_;
  Line line_;
  TokenLogin token_;
  smtp::Session session_;
  bool logged_in_ = false;  // and told so
  Patience patience_;       // with the reply under way
  bool asked_ = true;       // since the last read: it has all the time
  std::uint64_t replies_heard_ = 0;
  FinalDotGate gate_;  // of the mail under way
  LineUp line_up_;
};

}  // namespace postern::flows
