// Pop3Link: one POP3 connection of an integration. It moves bytes between the stream and the
// engine and lets no answer drip; what the news mean is decided by inbound_pop3.
#pragma once

#include "flows/line.hpp"
#include "flows/patience.hpp"
#include "flows/token_login.hpp"
#include "pop3/session.hpp"

#include <optional>
#include <string_view>

namespace postern::flows {

class Pop3Link {
 public:
  Pop3Link(Context& context, const Incoming& incoming, const IntegrationSecrets& secrets);

  /// A token where the login needs one; DNS, TCP and TLS. The dialogue begins with the first
  /// next().
  net::Task<Result<void>> connect();
  /// See TokenLogin::renew_after.
  net::Task<Result<bool>> renew_token(Error error) { return token_.renew_after(std::move(error)); }

  /// One act of the engine's: a news step, or nothing when bytes were moved. An answer that is
  /// slower than limits::answer_bytes_per_second after limits::pop3_command ends with a timeout.
  net::Task<Result<std::optional<pop3::Step>>> pump();

  /// The next news step. A RetrievedPiece is valid until the next call.
  net::Task<Result<pop3::Step>> next();

  pop3::Session& session() { return session_; }
  const pop3::Session& session() const { return session_; }
  Line& line() { return line_; }

 private:
  net::Task<Result<void>> read();
  net::Task<Result<void>> send(const pop3::Send& send);

  Context& context_;
  const Incoming& incoming_;
  const IntegrationSecrets& secrets_;
  Line line_;
  TokenLogin token_;
  pop3::Session session_;
  Patience patience_;  // with the answer under way
};

}  // namespace postern::flows
