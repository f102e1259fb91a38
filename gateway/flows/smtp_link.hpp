// SmtpLink: one SMTP connection of an integration, for many mails. It moves bytes between the
// stream and the engine; what a result means is decided by outbound.
#pragma once

#include "flows/line.hpp"
#include "smtp/session.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace postern::flows {

class SmtpLink {
 public:
  /// What the final dot waits for; an Error keeps it from leaving.
  using FinalDotGate = std::function<net::Task<Result<void>>()>;

  SmtpLink(Context& context, const Outgoing& outgoing, const IntegrationSecrets& secrets);

  net::Task<Result<void>> connect() { return line_.connect(); }

  /// One act of the engine's: Ready, TransactionDone or Closed, or nothing when bytes were moved.
  /// `body` is the mail under way; it lives until the transaction is done.
  net::Task<Result<std::optional<smtp::Step>>> pump(std::string_view body = {});

  /// Until the server waits for a mail.
  net::Task<Result<void>> ready();

  /// One mail. `gate` may be empty. Errors: the gate's, the engine's and the network's; then
  /// outcome_unknown() tells whether the mail may have been taken.
  net::Task<Result<smtp::TransactionDone>> send(Envelope envelope, std::string_view bytes,
                                                FinalDotGate gate);

  /// QUIT, at best effort, and the end of the line.
  net::Task<void> quit();

  bool outcome_unknown() const { return session_.outcome_unknown(); }
  smtp::Session& session() { return session_; }
  Line& line() { return line_; }

 private:
  net::Task<Result<void>> write_body(std::string_view body);
  net::Task<Result<void>> hear_refusal(Error write_error);

  Line line_;
  smtp::Session session_;
  FinalDotGate gate_;  // of the mail under way
};

}  // namespace postern::flows
