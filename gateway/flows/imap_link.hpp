// ImapLink: one IMAP connection of an integration. It moves bytes between the stream and the
// engine; what the news mean is decided by inbound.
#pragma once

#include "flows/line.hpp"
#include "flows/patience.hpp"
#include "flows/token_login.hpp"
#include "imap/session.hpp"

#include <optional>
#include <string>

namespace postern::flows {

class ImapLink {
 public:
  /// The folder is opened by EXAMINE right after the login: nothing is changed on the server.
  /// `opens_folder` false: none is. `incoming` and `secrets` outlive this.
  ImapLink(Context& context, const Incoming& incoming, const IntegrationSecrets& secrets,
           bool opens_folder = true);

  /// A token where the login needs one; DNS, TCP and TLS. The dialogue begins with the first
  /// next().
  net::Task<Result<void>> connect();
  /// See TokenLogin::renew_after.
  net::Task<Result<bool>> renew_token(Error error) { return token_.renew_after(std::move(error)); }

  /// One act of the engine's: a news step, or nothing when bytes were moved. For IDLE, and where
  /// the caller watches the time: `read_limit` is that of one read.
  net::Task<Result<std::optional<imap::Step>>> pump(Duration read_limit);
  /// pump() in parts, for who waits long: ten thousand idle connections keep each frame between
  /// them and the line. look(), and where that gives nothing: received() of what line().read()
  /// gave when the link reads(), else move_bytes().
  Result<std::optional<imap::Step>> look();
  bool reads() const { return std::holds_alternative<imap::NeedInput>(step_); }
  Result<void> received(const Result<std::optional<std::string_view>>& bytes);
  net::Task<Result<void>> move_bytes(Duration read_limit) { return move_bytes(read_limit, false); }

  /// The next news step, in a frame as small as can be. The answer to what was said last has to
  /// come within `read_limit`, a long one at limits::answer_bytes_per_second, else a timeout ends
  /// it. A FetchedPiece is valid until the next call.
  net::Task<Result<imap::Step>> next(Duration read_limit);

  imap::Session& session() { return session_; }
  Line& line() { return line_; }

 private:
  Result<bool> advance();
  net::Task<Result<void>> move_bytes(Duration read_limit, bool watched);
  net::Task<Result<void>> read(Duration limit);

  Context& context_;
  const Incoming& incoming_;
  const IntegrationSecrets& secrets_;
  const bool opens_folder_;
  Line line_;
  TokenLogin token_;
  imap::Session session_;
  Patience patience_;                    // with the answer under way
  bool asked_ = true;                    // since the last read: it has all the time
  imap::Step step_ = imap::NeedInput{};  // the latest
};

}  // namespace postern::flows
